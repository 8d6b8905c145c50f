-- Why: who is told of an alert, when, by which channel and with what result are rows, so that a crash repeats work
-- and loses none, and a person can read afterwards why somebody was or was not told.

-- How a member of staff is reached, in the order in which it is tried. Channels are named in the channels file.
CREATE TABLE contacts (
    contact_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    staff_id   text NOT NULL REFERENCES staff,
    channel    text NOT NULL,
    address    text NOT NULL,
    position   smallint NOT NULL DEFAULT 1,
    removed_at timestamptz
);
CREATE UNIQUE INDEX contacts_once ON contacts (staff_id, channel, address) WHERE removed_at IS NULL;

-- Who is on which duty. A row with `cover_for` takes that person's place for its time.
CREATE TABLE shifts (
    shift_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ward_id    text NOT NULL REFERENCES wards,
    duty       text NOT NULL CHECK (duty IN ('nurse', 'backup', 'on_call', 'lead')),
    staff_id   text NOT NULL REFERENCES staff,
    cover_for  text REFERENCES staff,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    author     text NOT NULL,
    entered_at timestamptz NOT NULL,
    CHECK (ends_at > starts_at),
    CHECK (cover_for <> staff_id)
);
CREATE INDEX shifts_by_ward ON shifts (ward_id, ends_at);

-- Up to which revision an alert was looked at, and when it must be looked at though nothing happens to it.
CREATE TABLE notification_watches (
    alert_id bigint PRIMARY KEY REFERENCES alerts,
    seen_rev integer NOT NULL,
    look_at  timestamptz
);
CREATE INDEX notification_watches_by_time ON notification_watches (look_at);

-- Every decision with its named reason, once for each event that it is about.
CREATE TABLE notification_decisions (
    decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id    bigint NOT NULL REFERENCES alerts,
    rev         integer NOT NULL,
    reason      text NOT NULL,
    at          timestamptz NOT NULL,
    UNIQUE (alert_id, rev, reason)
);
CREATE TRIGGER notification_decisions_append_only BEFORE UPDATE OR DELETE ON notification_decisions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- One event to one contact by one channel. `subject` and `body` name no patient.
CREATE TABLE deliveries (
    delivery_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    idempotency_key text NOT NULL UNIQUE,
    alert_id        bigint NOT NULL REFERENCES alerts,
    rev             integer NOT NULL,
    contact_id      bigint NOT NULL REFERENCES contacts,
    staff_id        text NOT NULL REFERENCES staff,
    channel         text NOT NULL,
    reason          text NOT NULL,
    subject         text NOT NULL,
    body            text NOT NULL,
    made_at         timestamptz NOT NULL,
    state           text NOT NULL DEFAULT 'waiting'
                    CHECK (state IN ('waiting', 'sending', 'sent', 'dead', 'cancelled')),
    attempts        integer NOT NULL DEFAULT 0,
    next_try_at     timestamptz NOT NULL,     -- of one being sent: when its sender counts as dead
    result          text NOT NULL DEFAULT '',
    ended_at        timestamptz
);
CREATE INDEX deliveries_by_alert ON deliveries (alert_id, rev);
CREATE INDEX deliveries_to_send ON deliveries (next_try_at) WHERE state IN ('waiting', 'sending');

-- A channel that fails is said on the dashboard, and is not hidden in a log.
CREATE TABLE channel_health (
    channel       text PRIMARY KEY,
    failing_since timestamptz,
    failures      integer NOT NULL DEFAULT 0,
    why           text NOT NULL DEFAULT '',
    worked_at     timestamptz
);
