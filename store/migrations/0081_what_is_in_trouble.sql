-- Why: what keeps the hub from watching, or from telling anybody, shows on every screen while it lasts.

-- The steps of the escalation ladder that nobody can be reached for now, as the notifier found them.
CREATE TABLE unstaffed_wards (
    ward_id text PRIMARY KEY REFERENCES wards,
    duties  text[] NOT NULL,
    nobody  boolean NOT NULL,        -- no step of the ladder has anybody
    since   timestamptz NOT NULL
);

-- The screens ask every few seconds.
CREATE INDEX deliveries_dead ON deliveries (ended_at) WHERE state = 'dead';
CREATE INDEX gateways_offline ON gateways (gateway_id) WHERE active AND NOT online AND status_at IS NOT NULL;
