-- Why: an alert lives until a person closes it with an outcome. Its events are append-only and the row is
-- their fold, kept in the same transaction, so that the worklist reads one index.

CREATE TABLE alerts (
    alert_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id      text NOT NULL REFERENCES patients,
    problem         text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('physiological', 'technical')),
    priority        text NOT NULL CHECK (priority IN ('high', 'medium', 'low')),
    rule            text NOT NULL,
    rule_version    integer NOT NULL,
    measure         text,               -- the measure that fired: its chart comes first
    reason          text NOT NULL,      -- plain English; `message` carries what a translation needs
    message         jsonb NOT NULL DEFAULT '{}',
    raised_at       timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    late            boolean NOT NULL DEFAULT false,
    confirmed       boolean NOT NULL DEFAULT true,
    peak            double precision NOT NULL DEFAULT 1,   -- the worst so far; 1 is at the limit
    evidence_at     timestamptz,        -- when the newest evidence was measured
    acknowledged_at timestamptz,
    acknowledged_by text,
    owner           text,
    snoozed_until   timestamptz,
    snooze_reason   text,
    snoozed_peak    double precision,   -- `peak` when the snooze began: what is worse breaks through
    escalation      smallint NOT NULL DEFAULT 0,
    escalated_at    timestamptz,
    accepted_by     text,
    eased_at        timestamptz,        -- the first normal session since the newest evidence
    cleared_at      timestamptz,
    closed_at       timestamptz,
    closed_by       text,
    outcome         text CHECK (outcome IN ('acted', 'no_action', 'measurement_error', 'wrong_person', 'expected', 'unreachable')),
    rearmed_at      timestamptz,        -- of a closed alert: the patient has recovered since
    rev             integer NOT NULL DEFAULT 1,
    CHECK ((closed_at IS NULL) = (outcome IS NULL))
);
-- One open alert per patient and problem, whatever races: the second insert finds the first.
CREATE UNIQUE INDEX alerts_one_open ON alerts (patient_id, problem) WHERE closed_at IS NULL;
CREATE INDEX alerts_worklist ON alerts (
    (CASE priority WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END) DESC, raised_at, alert_id
) WHERE closed_at IS NULL;
CREATE INDEX alerts_by_patient ON alerts (patient_id, raised_at DESC);

CREATE TABLE alert_events (
    event_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id   bigint NOT NULL REFERENCES alerts,
    rev        integer NOT NULL,
    kind       text NOT NULL,
    actor      text NOT NULL,           -- a staff id, or 'system'
    at         timestamptz NOT NULL,
    data       jsonb NOT NULL DEFAULT '{}',
    UNIQUE (alert_id, rev)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER alert_events_append_only BEFORE UPDATE OR DELETE ON alert_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Limits of one patient: their own, or an override that expires. The programme's come from its versioned file.
CREATE TABLE limits (
    limit_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id text NOT NULL REFERENCES patients,
    name       text NOT NULL,           -- as the rulebook names it, e.g. 'systolic_high'
    value      double precision NOT NULL,
    author     text NOT NULL,
    reason     text NOT NULL,
    set_at     timestamptz NOT NULL,
    expires_at timestamptz,             -- null: the patient's own limit; otherwise an override until then
    revoked_at timestamptz
);
CREATE INDEX limits_by_patient ON limits (patient_id, name, set_at DESC);
