-- Why: what somebody did by mistake is taken back with who and why, and stays to be seen. A decision on a reading
-- keeps how the reading stood before, so that exactly that comes back.

ALTER TABLE corrections
    DROP CONSTRAINT corrections_kind_check,
    ADD CONSTRAINT corrections_kind_check
        CHECK (kind IN ('held', 'released', 'excluded', 'corrected', 'reassigned', 'undone')),
    ADD COLUMN stood jsonb,             -- each measure's standing before; null in rows older than the column
    ADD COLUMN undoes bigint UNIQUE REFERENCES corrections,
    ADD CONSTRAINT corrections_undoes_check CHECK ((kind = 'undone') = (undoes IS NOT NULL));

-- A limit that was taken back no longer counts from `limits.revoked_at` on; what counted before counts again.
CREATE TABLE limit_revocations (
    limit_id bigint PRIMARY KEY REFERENCES limits,
    author   text NOT NULL,
    reason   text NOT NULL,
    at       timestamptz NOT NULL
);
CREATE TRIGGER limit_revocations_append_only BEFORE UPDATE OR DELETE ON limit_revocations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Only while nobody has read it; the patient's page does not show it any more, the ward's history does.
ALTER TABLE messages
    ADD COLUMN withdrawn_at timestamptz,
    ADD COLUMN withdrawn_by text REFERENCES staff,
    ADD CONSTRAINT messages_unread_when_withdrawn CHECK (withdrawn_at IS NULL OR read_at IS NULL);
