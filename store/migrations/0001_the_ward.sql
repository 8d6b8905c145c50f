-- Why: the nouns that every process shares: patients, their devices, and what the devices said.
-- Correct on plain PostgreSQL 15 and later; hypertables come in files marked `requires timescaledb`.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE wards (
    ward_id   text PRIMARY KEY,
    name      text NOT NULL,
    time_zone text NOT NULL
);

CREATE TABLE patients (
    patient_id    text PRIMARY KEY,
    ward_id       text NOT NULL REFERENCES wards,
    given_name    text NOT NULL,
    family_name   text NOT NULL,
    sex           text NOT NULL CHECK (sex IN ('female', 'male', 'other', 'unknown')),
    birth_date    date NOT NULL,
    record_number text NOT NULL UNIQUE,
    time_zone     text NOT NULL,
    language      text NOT NULL DEFAULT 'en',
    interpreter   boolean NOT NULL DEFAULT false,
    phone         text,
    email         text,
    allergies     text[],            -- null: nobody recorded them; empty: none known
    conditions    text[] NOT NULL DEFAULT '{}',
    medicines     text[] NOT NULL DEFAULT '{}',
    enrolled_at   timestamptz NOT NULL,
    discharged_at timestamptz
);
CREATE INDEX patients_by_name ON patients (lower(family_name), lower(given_name), patient_id);

CREATE TABLE programme_enrolments (
    patient_id text NOT NULL REFERENCES patients,
    programme  text NOT NULL,
    starts_on  date NOT NULL,
    ends_on    date,
    PRIMARY KEY (patient_id, programme, starts_on)
);

CREATE TABLE care_team (
    patient_id text NOT NULL REFERENCES patients,
    name       text NOT NULL,
    role       text NOT NULL,
    phone      text,
    PRIMARY KEY (patient_id, role, name)
);

-- A planned pause (holiday, hospital): silence is expected, and no missing-measurement alert is raised.
CREATE TABLE pauses (
    pause_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id text NOT NULL REFERENCES patients,
    reason     text NOT NULL,
    author     text NOT NULL,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    CHECK (ends_at > starts_at)
);

CREATE TABLE gateways (
    gateway_id         text PRIMARY KEY,
    label              text NOT NULL DEFAULT '',
    enrolled_at        timestamptz NOT NULL,
    active             boolean NOT NULL DEFAULT true,
    online             boolean NOT NULL DEFAULT false,
    status_at          timestamptz,
    outbox_waiting     integer NOT NULL DEFAULT 0,
    outbox_quarantined integer NOT NULL DEFAULT 0
);

CREATE TABLE devices (
    device_id       text PRIMARY KEY,
    gateway_id      text REFERENCES gateways,
    profile         text NOT NULL,
    label           text NOT NULL DEFAULT '',
    enrolled_at     timestamptz NOT NULL,
    last_seen_at    timestamptz,
    battery_percent smallint,
    clock_offset_s  double precision,
    needs_pairing   boolean NOT NULL DEFAULT false
);

-- A device, or one user slot of it, belongs to one patient at a time.
CREATE TABLE assignments (
    assignment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    device_id     text NOT NULL REFERENCES devices,
    user_slot     smallint,
    patient_id    text NOT NULL REFERENCES patients,
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz,
    CHECK (ends_at IS NULL OR ends_at > starts_at),
    EXCLUDE USING gist (
        device_id WITH =,
        (coalesce(user_slot, -1)) WITH =,
        tstzrange(starts_at, ends_at) WITH &&
    )
);
CREATE INDEX assignments_by_patient ON assignments (patient_id);

-- What the devices said, once. `reading_id` is made of what the device said, so a replay changes nothing;
-- (gateway_id, outbox_epoch, outbox_seq) has no gaps, so a lost reading would show.
CREATE TABLE readings (
    reading_id   text PRIMARY KEY,
    gateway_id   text REFERENCES gateways,
    outbox_epoch text,
    outbox_seq   bigint,
    device_id    text REFERENCES devices,
    patient_id   text REFERENCES patients,
    profile      text NOT NULL,
    user_slot    smallint,
    device_time  text,
    clock        text NOT NULL CHECK (clock IN ('fine', 'doubtful', 'unset')),
    origin       text NOT NULL CHECK (origin IN ('live', 'stored')),
    measured_at  timestamptz NOT NULL,
    received_at  timestamptz NOT NULL,
    stored_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    quality      text[] NOT NULL DEFAULT '{}',
    failure      text,
    raw          bytea NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX readings_by_outbox ON readings (gateway_id, outbox_epoch, outbox_seq);
CREATE INDEX readings_by_patient ON readings (patient_id, measured_at DESC);

-- One value of one measure of one patient, in the measure's own unit.
CREATE TABLE observations (
    patient_id  text NOT NULL REFERENCES patients,
    measure     text NOT NULL,
    measured_at timestamptz NOT NULL,
    value       double precision NOT NULL,
    reading_id  text NOT NULL,
    received_at timestamptz NOT NULL,
    stored_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    quality     text[] NOT NULL DEFAULT '{}',
    standing    text NOT NULL DEFAULT 'accepted' CHECK (standing IN ('accepted', 'held', 'excluded')),
    PRIMARY KEY (patient_id, measure, measured_at, reading_id)
);
CREATE INDEX observations_by_reading ON observations (reading_id);

-- Which outbox numbers of each gateway have arrived, in whatever way they ended: stored, known already or
-- quarantined. Neighbours melt into one range, so the row stays small and its holes are what is missing.
CREATE TABLE outbox_receipts (
    gateway_id   text NOT NULL REFERENCES gateways,
    outbox_epoch text NOT NULL,
    arrived      int8multirange NOT NULL,
    first_at     timestamptz NOT NULL,
    last_at      timestamptz NOT NULL,
    PRIMARY KEY (gateway_id, outbox_epoch)
);

-- What ingest could not admit, as it came, with the reason, until a person decides. `body` is one reading,
-- or the whole message where no readings could be made out in it.
CREATE TABLE quarantine (
    quarantine_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    scope         text NOT NULL CHECK (scope IN ('reading', 'message')),
    wire_version  integer,
    gateway_id    text,
    outbox_epoch  text,
    outbox_seq    bigint,
    device_id     text,
    reading_id    text,
    reason        text NOT NULL,
    detail        text NOT NULL DEFAULT '',
    body          bytea NOT NULL,
    arrived_at    timestamptz NOT NULL,
    resolved_at   timestamptz,
    resolution    text CHECK (resolution IN ('released', 'reassigned', 'discarded')),
    resolved_by   text,
    resolved_why  text,
    CHECK ((resolved_at IS NULL) = (resolution IS NULL))
);
-- A resent message that was refused before is refused once.
CREATE UNIQUE INDEX quarantine_once ON quarantine (coalesce(gateway_id, ''), md5(body));
CREATE INDEX quarantine_open ON quarantine (arrived_at) WHERE resolved_at IS NULL;

-- The alert worker's queue: a row per patient with something new, written in the transaction that stored it.
-- `earliest_at` is the earliest `measured_at` of what is new or was corrected.
CREATE TABLE evaluations_due (
    patient_id  text PRIMARY KEY REFERENCES patients,
    due_since   timestamptz NOT NULL,
    earliest_at timestamptz,
    reading_id  text
);

-- Every process says that it lives. A monitor that fails silently is worse than none.
CREATE TABLE heartbeats (
    process text PRIMARY KEY,
    beat_at timestamptz NOT NULL,
    detail  text NOT NULL DEFAULT ''
);
