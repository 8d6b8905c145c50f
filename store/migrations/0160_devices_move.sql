-- Why: a device that moves to a spare gateway is not overdue there at once. Null: bonded since it was enrolled.

ALTER TABLE devices ADD COLUMN bonded_at timestamptz;
