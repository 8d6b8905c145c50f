-- Why: a nurse must see on an open alert that the readings which it speaks of were corrected or left out, and an
-- acknowledged alert must be seen again where the patient has grown markedly worse since.

ALTER TABLE alerts
    ADD COLUMN reading_ids text[] NOT NULL DEFAULT '{}',      -- those of the breach that leads it
    ADD COLUMN acknowledged_peak double precision;            -- `peak` when it was acknowledged
