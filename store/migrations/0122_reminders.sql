-- Why: a nurse who has done what can be done now asks to be reminded of an alert. It is theirs alone and leaves
-- the alert where it is; a snooze would take it off everybody's list.

CREATE TABLE reminders (
    reminder_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id    bigint NOT NULL REFERENCES alerts,
    staff_id    text NOT NULL REFERENCES staff,
    remind_at   timestamptz NOT NULL,
    note        text NOT NULL DEFAULT '',
    set_at      timestamptz NOT NULL,
    ended_at    timestamptz             -- dealt with, put off by a later one, or no longer wanted
);
CREATE UNIQUE INDEX reminders_one_each ON reminders (alert_id, staff_id) WHERE ended_at IS NULL;
CREATE INDEX reminders_by_staff ON reminders (staff_id, remind_at) WHERE ended_at IS NULL;
