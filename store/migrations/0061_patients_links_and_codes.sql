-- Why: a patient's personal link says nothing of whose it is, and codes cannot be asked for without end.

-- A link only saves typing: it opens nothing without a code, so it is kept as it is and may be told again.
CREATE TABLE patient_links (
    patient_id text PRIMARY KEY REFERENCES patients,
    link       text NOT NULL UNIQUE,
    made_at    timestamptz NOT NULL
);

-- How many codes were asked for since the hour began, so that guessing gets few of them.
ALTER TABLE patient_codes
    ADD COLUMN hour_from timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN in_hour   integer NOT NULL DEFAULT 1;
