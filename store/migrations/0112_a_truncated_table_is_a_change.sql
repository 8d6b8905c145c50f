-- Why: TRUNCATE passes by the row triggers that tell workers of changes. What a worker remembers would outlive the
-- readings that it was made of. Chunks that TimescaleDB drops fire nothing: docs/deploy.md says what to keep.

CREATE FUNCTION note_truncated_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM course_changed(VARIADIC ARRAY(SELECT patient_id FROM patients));
    RETURN NULL;
END $$;
CREATE TRIGGER observations_truncated AFTER TRUNCATE ON observations FOR EACH STATEMENT
    EXECUTE FUNCTION note_truncated_course();
CREATE TRIGGER readings_truncated AFTER TRUNCATE ON readings FOR EACH STATEMENT
    EXECUTE FUNCTION note_truncated_course();
CREATE TRIGGER corrections_truncated AFTER TRUNCATE ON corrections FOR EACH STATEMENT
    EXECUTE FUNCTION note_truncated_course();
