-- Why: how long somebody cared for a patient is counted while they do it, and what the ward tells a patient is
-- kept with who said it and whether it was read.

CREATE TABLE care_time (
    care_time_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id   text NOT NULL REFERENCES patients,
    staff_id     text NOT NULL REFERENCES staff,
    seconds      integer NOT NULL CHECK (seconds BETWEEN 1 AND 3600),
    ended_at     timestamptz NOT NULL
);
CREATE INDEX care_time_by_patient ON care_time (patient_id, ended_at);

CREATE TABLE messages (
    message_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id text NOT NULL REFERENCES patients,
    author     text NOT NULL REFERENCES staff,
    body       text NOT NULL CHECK (length(body) BETWEEN 1 AND 2000),
    sent_at    timestamptz NOT NULL,
    read_at    timestamptz
);
CREATE INDEX messages_by_patient ON messages (patient_id, sent_at DESC);
