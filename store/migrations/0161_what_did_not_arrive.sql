-- Why: readings that a gateway sent and the hub never got are told to somebody. `gapped_at` is since when no more
-- numbers have been missing; null where none is.

CREATE FUNCTION missing_of(arrived int8multirange) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN upper(arrived) - 1 - (SELECT sum(upper(stretch) - lower(stretch)) FROM unnest(arrived) AS stretch);

ALTER TABLE outbox_receipts ADD COLUMN gapped_at timestamptz;
UPDATE outbox_receipts SET gapped_at = last_at WHERE missing_of(arrived) > 0;
