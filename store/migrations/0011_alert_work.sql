-- Why: the alert worker acts on a clock too, and what it learns about a ward's thresholds must be shown.

-- When a patient must be looked at though nothing new came: a repeat that did not come, a silence, a snooze's end.
CREATE TABLE evaluations_planned (
    patient_id text PRIMARY KEY REFERENCES patients,
    look_at    timestamptz NOT NULL
);
CREATE INDEX evaluations_planned_by_time ON evaluations_planned (look_at);

-- Trend thresholds moved to a ward's alert budget, each move kept with what led to it.
CREATE TABLE calibrations (
    calibration_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ward_id         text NOT NULL REFERENCES wards,
    limit_name      text NOT NULL,
    was             double precision NOT NULL,
    value           double precision NOT NULL,
    budget          double precision NOT NULL,   -- alerts per patient-month that were aimed at
    found           double precision NOT NULL,   -- alerts per patient-month at the old threshold
    patient_months  double precision NOT NULL,
    at              timestamptz NOT NULL
);
CREATE INDEX calibrations_by_ward ON calibrations (ward_id, limit_name, at DESC);
CREATE TRIGGER calibrations_append_only BEFORE UPDATE OR DELETE ON calibrations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a rule in its silent pilot would have raised: compared with what happened, shown to nobody on the worklist.
CREATE TABLE pilot_alerts (
    pilot_alert_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id     text NOT NULL REFERENCES patients,
    rule           text NOT NULL,
    rule_version   integer NOT NULL,
    problem        text NOT NULL,
    priority       text NOT NULL CHECK (priority IN ('high', 'medium', 'low')),
    reason         text NOT NULL,
    magnitude      double precision NOT NULL,
    evidence_at    timestamptz NOT NULL,
    raised_at      timestamptz NOT NULL,
    quiet_until    timestamptz NOT NULL
);
CREATE INDEX pilot_alerts_by_patient ON pilot_alerts (patient_id, rule, raised_at DESC);

-- What the hub asks of a patient: to measure again, or whether a reading is theirs. For the patient's own page.
CREATE TABLE asks (
    ask_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id  text NOT NULL REFERENCES patients,
    kind        text NOT NULL CHECK (kind IN ('repeat', 'is_this_you', 'measure', 'check_in')),
    subject     text NOT NULL,                   -- a reading id, or the measure that is wanted
    asked_at    timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    answered_at timestamptz,
    answer      text,
    UNIQUE (patient_id, kind, subject)
);
CREATE INDEX asks_open ON asks (patient_id) WHERE answered_at IS NULL;
