-- Why: who ended the assignment of a device, and when, is on record; one that was ended by mistake runs on as if
-- nothing had been. Readings that came meanwhile wait in quarantine.

CREATE TABLE assignment_ends (
    end_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    assignment_id bigint NOT NULL REFERENCES assignments,
    author        text NOT NULL,
    at            timestamptz NOT NULL,
    ended_before  timestamptz,            -- until when it would have run; null: without an end
    undone_by     text,
    undone_at     timestamptz,
    CHECK ((undone_by IS NULL) = (undone_at IS NULL))
);
CREATE INDEX assignment_ends_by_assignment ON assignment_ends (assignment_id);
