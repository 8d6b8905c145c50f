-- Why: every look at the worklist brings the newest urgent alerts that nobody has seen, those that were handed on and
-- those that a colleague just took, so that a screen speaks up whatever part of the list it shows. Each is read from
-- the end of an index.

CREATE INDEX alerts_urgent_unseen ON alerts (due_at, alert_id)
    WHERE closed_at IS NULL AND priority = 'high' AND acknowledged_at IS NULL;
CREATE INDEX alerts_handed_on ON alerts (escalated_at) WHERE closed_at IS NULL AND escalation > 0;
CREATE INDEX alert_events_taken ON alert_events (at) WHERE kind IN ('claimed', 'accepted');
