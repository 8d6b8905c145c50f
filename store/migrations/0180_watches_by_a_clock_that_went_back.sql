-- Why: when an alert was looked at by the notifier's clock. A clock that went back must not put off who is to be told,
-- nor keep to what it decided of a day that has not come yet.

ALTER TABLE notification_watches ADD COLUMN seen_at timestamptz NOT NULL DEFAULT '-infinity';
