-- Why: who signs in. Sessions are opaque tokens of which only the hash is kept.

CREATE TABLE staff (
    staff_id      text PRIMARY KEY,
    ward_id       text NOT NULL REFERENCES wards,
    name          text NOT NULL,
    email         text NOT NULL UNIQUE,
    role          text NOT NULL CHECK (role IN ('nurse', 'lead', 'clinician', 'admin')),
    password_hash text NOT NULL,
    disabled_at   timestamptz
);

CREATE TABLE sessions (
    token_sha256 bytea PRIMARY KEY,
    staff_id     text NOT NULL REFERENCES staff,
    created_at   timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL
);
