-- Why: a patient reaches their own page with a code that is sent to them or that a nurse reads out. Of codes and
-- of sessions only the hash is kept; a code dies of age, of use and of guessing.

CREATE TABLE patient_codes (
    patient_id  text PRIMARY KEY REFERENCES patients,
    code_sha256 bytea NOT NULL,
    made_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    tries       integer NOT NULL DEFAULT 0
);

CREATE TABLE patient_sessions (
    token_sha256 bytea PRIMARY KEY,
    patient_id   text NOT NULL REFERENCES patients,
    created_at   timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL
);
