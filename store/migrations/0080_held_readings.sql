-- Why: the quarantine page lists what is held on a ward, newest first, without reading every observation.

CREATE INDEX observations_held ON observations (measured_at DESC, reading_id) WHERE standing = 'held';
