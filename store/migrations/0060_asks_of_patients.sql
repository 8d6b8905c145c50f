-- Why: what is asked of a patient says of which measures and since when, who is asked, and goes out by the channel
-- that the patient or their carer has, as a delivery like those to staff.

ALTER TABLE asks
    ADD COLUMN audience  text NOT NULL DEFAULT 'patient' CHECK (audience IN ('patient', 'carer')),
    ADD COLUMN because   text NOT NULL,              -- the rule that asks, or why a reading is held
    ADD COLUMN since     timestamptz NOT NULL,       -- readings measured after it answer
    ADD COLUMN measures  text[] NOT NULL DEFAULT '{}',
    ADD COLUMN questions text[] NOT NULL DEFAULT '{}',
    ADD COLUMN value     double precision,           -- a doubted weighing, kg, and what the patient mostly weighs
    ADD COLUMN usual     double precision,
    ADD CHECK (answer IN ('measured', 'yes', 'no', 'settled')),
    ADD CHECK ((answered_at IS NULL) = (answer IS NULL));
CREATE INDEX asks_by_patient ON asks (patient_id, asked_at DESC);
DROP INDEX asks_open;
CREATE INDEX asks_open ON asks (expires_at) WHERE answered_at IS NULL;

-- How a patient, or the partner or carer whom they named, wants to be reached, in the order in which it is tried.
CREATE TABLE patient_contacts (
    contact_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id text NOT NULL REFERENCES patients,
    audience   text NOT NULL CHECK (audience IN ('patient', 'carer')),
    channel    text NOT NULL,
    address    text NOT NULL,
    position   smallint NOT NULL DEFAULT 1,
    removed_at timestamptz
);
CREATE UNIQUE INDEX patient_contacts_once ON patient_contacts (patient_id, audience, channel, address)
    WHERE removed_at IS NULL;

-- A delivery is about an alert and goes to a member of staff, or is about an ask and goes to an address.
ALTER TABLE deliveries
    ALTER COLUMN alert_id DROP NOT NULL,
    ALTER COLUMN rev DROP NOT NULL,
    ALTER COLUMN contact_id DROP NOT NULL,
    ALTER COLUMN staff_id DROP NOT NULL,
    ADD COLUMN ask_id bigint REFERENCES asks,
    ADD COLUMN address text,
    ADD CHECK ((ask_id IS NULL AND address IS NULL AND alert_id IS NOT NULL AND rev IS NOT NULL
                AND contact_id IS NOT NULL AND staff_id IS NOT NULL)
            OR (ask_id IS NOT NULL AND address IS NOT NULL AND alert_id IS NULL AND contact_id IS NULL));
CREATE INDEX deliveries_by_ask ON deliveries (ask_id) WHERE ask_id IS NOT NULL;
