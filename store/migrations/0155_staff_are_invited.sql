-- Why: staff are added by a command that knows no password of theirs: they choose one at their first sign-in, by a link
-- that works once. And whoever is told of alerts reads them in their own language.

CREATE TABLE staff_invitations (
    staff_id     text PRIMARY KEY REFERENCES staff,
    token_sha256 bytea NOT NULL UNIQUE,
    made_at      timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
ALTER TABLE staff ADD COLUMN language text NOT NULL DEFAULT 'en';
