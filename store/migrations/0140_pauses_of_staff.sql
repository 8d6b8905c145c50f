-- Why: staff plan pauses from the patient's page and end them, take them back or resume them; who did so, when and
-- why stays. A pause's `ends_at` is what those events amount to, and `planned_until` what it was planned for.

ALTER TABLE pauses
    ADD COLUMN kind text NOT NULL DEFAULT 'other' CHECK (kind IN ('holiday', 'hospital', 'other')),
    ADD COLUMN open_ended boolean NOT NULL DEFAULT false,  -- planned for until it is reviewed, on `planned_until`
    ADD COLUMN set_at timestamptz,
    ADD COLUMN planned_until timestamptz;
UPDATE pauses SET set_at = starts_at, planned_until = ends_at;
ALTER TABLE pauses
    ALTER COLUMN set_at SET NOT NULL,
    ALTER COLUMN planned_until SET NOT NULL,
    DROP CONSTRAINT pauses_check,
    ADD CHECK (planned_until > starts_at),
    ADD CHECK (ends_at BETWEEN starts_at AND planned_until);
CREATE INDEX pauses_by_patient ON pauses (patient_id, ends_at);

CREATE TABLE pause_events (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pause_id bigint NOT NULL REFERENCES pauses,
    what     text NOT NULL CHECK (what IN ('ended', 'taken_back', 'resumed')),
    author   text NOT NULL,
    reason   text NOT NULL DEFAULT '',
    at       timestamptz NOT NULL
);
CREATE INDEX pause_events_by_pause ON pause_events (pause_id, event_id);
CREATE TRIGGER pause_events_append_only BEFORE UPDATE OR DELETE ON pause_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
