-- Why: the worklist's order in one direction, so that a page further down begins at its place in the index
-- instead of walking there from the top.

DROP INDEX alerts_worklist;
CREATE INDEX alerts_worklist ON alerts (
    (CASE priority WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END), raised_at, alert_id
) WHERE closed_at IS NULL;
