"""What speaks up on every screen of a ward, whichever part of the list it shows: a part of its statement."""

from dataclasses import dataclass
from datetime import datetime

from vitals.ids import AlertId, StaffId
from vitals.message import Message

SHOWN = 20
"""So many of either kind, the newest: more cannot be news at one moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressing:
    """An urgent alert that nobody has seen, or one that a person must hear of: it waits for them to accept it
    (`waits_for`), or was theirs (`taken_from`) until a colleague (`taken_by`, a name) took it at `at`.
    """

    alert_id: AlertId
    given_name: str
    family_name: str
    reason: str
    due_at: datetime
    message: Message | None = None
    waits_for: StaffId | None = None
    taken_from: StaffId | None = None
    taken_by: str | None = None
    at: datetime | None = None


_UNDONE = """EXISTS (
        SELECT 1 FROM alert_events u WHERE u.alert_id = {0}.alert_id AND u.kind = 'undone'
           AND (u.data ->> 'undone_rev')::int = {0}.rev)"""
# The last of what hands an alert on or ends the waiting; what was taken back does not count.
WAITS_FOR = f"""(
    SELECT CASE WHEN e.kind = 'escalated' THEN t.staff_id END
    FROM alert_events e LEFT JOIN staff t ON t.staff_id = e.data ->> 'to'
    WHERE e.alert_id = {{0}}.alert_id AND e.kind IN ('escalated', 'accepted', 'claimed')
      AND NOT {_UNDONE.format("e")}
    ORDER BY e.rev DESC LIMIT 1)"""

_SAYS = "a.alert_id, p.given_name, p.family_name, a.reason, nullif(a.message, '{}') AS message, a.due_at"

PRESSING = f"""
    (SELECT {_SAYS}, NULL AS waits_for, NULL AS taken_from, NULL AS taken_by, NULL::timestamptz AS at
     FROM alerts a JOIN patients p USING (patient_id)
     WHERE a.closed_at IS NULL AND a.priority = 'high' AND a.acknowledged_at IS NULL
       AND p.ward_id = %(ward_id)s
     ORDER BY a.due_at DESC, a.alert_id DESC LIMIT {SHOWN})
    UNION ALL
    SELECT handed_on.*, NULL, NULL, NULL FROM (
        SELECT {_SAYS}, {WAITS_FOR.format("a")} AS waits_for
        FROM alerts a JOIN patients p USING (patient_id)
        WHERE a.closed_at IS NULL AND a.escalation > 0 AND p.ward_id = %(ward_id)s
        ORDER BY a.escalated_at DESC LIMIT {SHOWN}) AS handed_on
    WHERE waits_for IS NOT NULL
    UNION ALL
    SELECT {_SAYS}, NULL, owned.actor, s.name, e.at
    FROM alert_events e JOIN staff s ON s.staff_id = e.actor
    JOIN alerts a USING (alert_id) JOIN patients p USING (patient_id)
    JOIN LATERAL (
        SELECT o.actor FROM alert_events o
        WHERE o.alert_id = e.alert_id AND o.rev < e.rev AND o.kind IN ('acknowledged', 'claimed', 'accepted')
          AND NOT {_UNDONE.format("o")}
        ORDER BY o.rev DESC LIMIT 1) AS owned ON owned.actor <> e.actor
    WHERE e.kind IN ('claimed', 'accepted') AND e.at > %(now)s - interval '5 minutes'
      AND NOT {_UNDONE.format("e")} AND p.ward_id = %(ward_id)s
"""
