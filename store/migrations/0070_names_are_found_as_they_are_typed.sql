-- Why: a nurse types "munoz" and means Muñoz. Names and record numbers are kept folded (no accents, small letters) beside
-- themselves, so that a search and a page in any order read an index, with a hundred thousand patients too.
-- Needs the contrib extensions unaccent and pg_trgm, both trusted: a database's owner may create them.

CREATE EXTENSION IF NOT EXISTS unaccent;

-- unaccent() is not immutable because its dictionary could be exchanged; ours is named, and is not.
CREATE FUNCTION fold(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
$$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, words)) COLLATE "C" $$;

-- Collation "C": one order for sorting, for "begins with" and for "after this row".
ALTER TABLE patients
    ADD COLUMN family_sort text COLLATE "C" NOT NULL GENERATED ALWAYS AS (fold(family_name)) STORED,
    ADD COLUMN given_sort  text COLLATE "C" NOT NULL GENERATED ALWAYS AS (fold(given_name)) STORED,
    ADD COLUMN record_sort text COLLATE "C" NOT NULL GENERATED ALWAYS AS (fold(record_number)) STORED,
    -- Begins with a space: " ab" is then the beginning of any word.
    ADD COLUMN search_text text COLLATE "C" NOT NULL
        GENERATED ALWAYS AS (fold(' ' || given_name || ' ' || family_name || ' ' || record_number)) STORED;

DROP INDEX patients_by_name, patients_search, patients_of_ward;
CREATE INDEX patients_search ON patients USING gin (search_text gin_trgm_ops);
CREATE INDEX patients_by_name ON patients (ward_id, family_sort, given_sort, patient_id) WHERE discharged_at IS NULL;
CREATE INDEX patients_by_record ON patients (ward_id, record_sort, patient_id) WHERE discharged_at IS NULL;
CREATE INDEX patients_by_enrolment ON patients (ward_id, enrolled_at, patient_id) WHERE discharged_at IS NULL;
