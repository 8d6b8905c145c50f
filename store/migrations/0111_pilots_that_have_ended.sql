-- Why: a pilot that is taken out of the rulebook has ended, and what it found is what it was run for.

-- Every definition of a pilot that was ever asked. `ended_at`: when a worker first ran without it.
CREATE TABLE pilots (
    rule         text NOT NULL,
    fingerprint  text NOT NULL,
    rule_version integer NOT NULL,
    problem      text NOT NULL,
    ended_at     timestamptz,
    PRIMARY KEY (rule, fingerprint)
);

INSERT INTO pilots (rule, fingerprint, rule_version, problem)
SELECT p.rule, p.fingerprint, max(p.rule_version),
       coalesce((SELECT a.state ->> 'problem' FROM pilot_alerts a
                 WHERE a.rule = p.rule AND a.fingerprint = p.fingerprint LIMIT 1), '')
FROM pilot_patients p GROUP BY p.rule, p.fingerprint;
