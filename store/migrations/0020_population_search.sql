-- Why: a nurse finds one of a hundred thousand patients by a part of the name or of the record number, and pages
-- through the ward by name without counting from the beginning.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE INDEX patients_search ON patients
    USING gin (lower(given_name || ' ' || family_name || ' ' || record_number) gin_trgm_ops);

CREATE INDEX patients_of_ward ON patients (ward_id, lower(family_name), lower(given_name), patient_id);
