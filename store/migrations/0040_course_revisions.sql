-- Why: a worker that remembers a patient's readings must know, from one short row, whether anything but new readings
-- came about since. Whoever changes what a course is made of counts here, in the same transaction; the row is locked
-- until that commits, so that the counts rise in the order of the commits, whatever the clocks say.

CREATE TABLE course_revisions (
    patient_id text PRIMARY KEY REFERENCES patients,
    added      bigint NOT NULL DEFAULT 0,            -- how often readings were added
    earliest   timestamptz[] NOT NULL DEFAULT '{}',  -- of the last additions, newest first: the earliest `measured_at`
    changed    bigint NOT NULL DEFAULT 0             -- how often anything else happened: then all is read again
) WITH (fillfactor = 50);

CREATE FUNCTION course_changed(VARIADIC patient_ids text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO course_revisions (patient_id, changed)
    SELECT DISTINCT patient_id, 1 FROM unnest(patient_ids) AS patient_id WHERE patient_id IS NOT NULL
    ORDER BY patient_id
    ON CONFLICT (patient_id) DO UPDATE SET changed = course_revisions.changed + 1
$$;

-- A guard over every writer there is and will be, a person with psql included. Who counts additions in the same
-- transaction says so.
CREATE FUNCTION note_course_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM course_changed(NEW.patient_id);
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM course_changed(OLD.patient_id);
    ELSE
        PERFORM course_changed(OLD.patient_id, NEW.patient_id);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION note_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM course_changed(NEW.patient_id, NEW.to_patient_id);
    RETURN NULL;
END $$;
CREATE TRIGGER observations_add_to_course AFTER INSERT ON observations FOR EACH ROW
    WHEN (current_setting('hearthward.additions_are_counted', true) IS DISTINCT FROM 'yes')
    EXECUTE FUNCTION note_course_change();
CREATE TRIGGER observations_change_course AFTER UPDATE OR DELETE ON observations FOR EACH ROW
    EXECUTE FUNCTION note_course_change();
CREATE TRIGGER readings_change_course AFTER UPDATE OF device_id ON readings FOR EACH ROW
    EXECUTE FUNCTION note_course_change();
CREATE TRIGGER readings_leave_course AFTER DELETE ON readings FOR EACH ROW
    EXECUTE FUNCTION note_course_change();
CREATE TRIGGER corrections_change_course AFTER INSERT ON corrections FOR EACH ROW
    EXECUTE FUNCTION note_correction();

-- What was said on readings that came to a patient from another.
CREATE INDEX corrections_by_receiver ON corrections (to_patient_id, correction_id) WHERE to_patient_id IS NOT NULL;

-- An entry of the queue stays until its evaluation commits, and goes then unless newer news came: a worker holds an
-- advisory lock while it evaluates, and no row that ingest would have to wait for.
CREATE SEQUENCE evaluations_due_news;
ALTER TABLE evaluations_due ADD COLUMN news bigint NOT NULL DEFAULT nextval('evaluations_due_news');
ALTER SEQUENCE evaluations_due_news OWNED BY evaluations_due.news;
CREATE INDEX evaluations_due_in_turn ON evaluations_due (due_since);

-- When the look was planned: a clock that went back must not put off what was planned by it before.
ALTER TABLE evaluations_planned ADD COLUMN planned_at timestamptz NOT NULL DEFAULT '-infinity';
