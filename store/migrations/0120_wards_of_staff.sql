-- Why: a nurse may work on several wards. They look at one of them at a time, and which one is kept; the ward in
-- `staff` is the one of whoever works on one only, and the first that anybody is shown.

CREATE TABLE staff_wards (
    staff_id text NOT NULL REFERENCES staff,
    ward_id  text NOT NULL REFERENCES wards,
    PRIMARY KEY (staff_id, ward_id)
);
CREATE INDEX staff_wards_by_ward ON staff_wards (ward_id);
ALTER TABLE staff ADD COLUMN shown_ward_id text REFERENCES wards;
