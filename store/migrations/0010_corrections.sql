-- Why: a reading that is not the patient's, or not right, is set aside or set right by a person with a reason.
-- What the device said stays in `readings.raw` and in `was`; observations hold what the rules may use now.

CREATE TABLE corrections (
    correction_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reading_id    text NOT NULL,
    patient_id    text NOT NULL REFERENCES patients,
    kind          text NOT NULL CHECK (kind IN ('held', 'released', 'excluded', 'corrected', 'reassigned')),
    reason        text NOT NULL,
    author        text NOT NULL,                 -- a staff id, or 'system'
    at            timestamptz NOT NULL,
    measure       text,                          -- of a corrected value
    was           double precision,
    value         double precision,
    to_patient_id text REFERENCES patients,      -- of a reassigned reading
    CHECK ((kind = 'corrected') = (value IS NOT NULL)),
    CHECK ((kind = 'reassigned') = (to_patient_id IS NOT NULL))
);
CREATE INDEX corrections_by_reading ON corrections (reading_id, correction_id);
CREATE INDEX corrections_by_patient ON corrections (patient_id, correction_id);
CREATE TRIGGER corrections_append_only BEFORE UPDATE OR DELETE ON corrections
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What patients answer to check-in questions ("breathless", "swollen"), by their own hand or through a nurse.
CREATE TABLE check_in_answers (
    patient_id text NOT NULL REFERENCES patients,
    question   text NOT NULL,
    at         timestamptz NOT NULL,
    yes        boolean NOT NULL,
    author     text NOT NULL,
    PRIMARY KEY (patient_id, question, at)
);
