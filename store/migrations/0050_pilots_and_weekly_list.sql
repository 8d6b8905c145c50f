-- Why: hidden rules and the weekly list are evaluated now. The table for pilots that came with 0011, which no
-- release has written to, could not hold what re-arming a would-be alert needs.

DROP TABLE pilot_alerts;

-- Since when a pilot is asked of a patient. Another definition of the pilot has another fingerprint.
CREATE TABLE pilot_patients (
    rule         text NOT NULL,
    fingerprint  text NOT NULL,
    patient_id   text NOT NULL REFERENCES patients,
    rule_version integer NOT NULL,
    since        timestamptz NOT NULL,
    PRIMARY KEY (rule, fingerprint, patient_id)
);

-- What a pilot would have raised. `state` is the whole would-be alert as it stands; the columns beside it are
-- what is searched for. No alert, no worklist, no notification reads this.
CREATE TABLE pilot_alerts (
    pilot_alert_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule           text NOT NULL,
    fingerprint    text NOT NULL,
    patient_id     text NOT NULL REFERENCES patients,
    raised_at      timestamptz NOT NULL,
    closed_at      timestamptz,
    state          jsonb NOT NULL
);
CREATE UNIQUE INDEX pilot_alerts_one_open ON pilot_alerts (patient_id, rule, fingerprint) WHERE closed_at IS NULL;
CREATE INDEX pilot_alerts_by_patient ON pilot_alerts (patient_id, rule, fingerprint, raised_at DESC);

-- One line of the weekly list: a rule, a patient, and the week of the patient's own days that begins on `week`.
CREATE TABLE weekly_lines (
    line_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id   text NOT NULL REFERENCES patients,
    rule         text NOT NULL,
    rule_version integer NOT NULL,
    problem      text NOT NULL,
    measure      text,
    week         date NOT NULL,
    days         integer NOT NULL,               -- on how many local days of the week it was so
    first_at     timestamptz NOT NULL,
    evidence_at  timestamptz NOT NULL,
    magnitude    double precision NOT NULL,
    message      jsonb NOT NULL,
    UNIQUE (patient_id, rule, week)
);
CREATE INDEX weekly_lines_by_week ON weekly_lines (week, patient_id);

-- Who has seen a line, or talked about it, and when. The newest mark says how the line stands.
CREATE TABLE weekly_marks (
    mark_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    line_id  bigint NOT NULL REFERENCES weekly_lines,
    deed     text NOT NULL CHECK (deed IN ('seen', 'discussed', 'reopened')),
    staff_id text NOT NULL REFERENCES staff,
    at       timestamptz NOT NULL
);
CREATE INDEX weekly_marks_by_line ON weekly_marks (line_id, mark_id DESC);
CREATE TRIGGER weekly_marks_append_only BEFORE UPDATE OR DELETE ON weekly_marks
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- When a ward's thresholds were last compared with its alert budget, whether or not one moved.
CREATE TABLE calibration_runs (
    run_id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ward_id        text NOT NULL REFERENCES wards,
    as_of          timestamptz NOT NULL,         -- the history that it looked at ends here
    done_at        timestamptz NOT NULL,
    author         text NOT NULL,                -- 'system', or who asked for it
    patients       integer NOT NULL,
    moved          integer NOT NULL,
    UNIQUE (ward_id, as_of)
);
CREATE TRIGGER calibration_runs_append_only BEFORE UPDATE OR DELETE ON calibration_runs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The programme's own number when a threshold moved: a clinic that changes it begins anew.
ALTER TABLE calibrations ADD COLUMN base double precision;
ALTER TABLE calibrations ADD COLUMN rule text;
