"""What speaks up on every screen of a ward, whichever part of the list it shows: two parts of its statement."""

from dataclasses import dataclass
from datetime import datetime

from vitals.ids import AlertId, StaffId
from vitals.message import Message

SHOWN = 20
"""So many of either kind, the newest: more cannot be news at one moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressing:
    """An urgent alert that nobody has seen, or one that waits for a named person (`waits_for`) to accept it."""

    alert_id: AlertId
    given_name: str
    family_name: str
    reason: str
    due_at: datetime
    message: Message | None = None
    waits_for: StaffId | None = None


# The last of what hands an alert on or ends the waiting; what was taken back does not count.
WAITS_FOR = """(
    SELECT CASE WHEN e.kind = 'escalated' THEN t.staff_id END
    FROM alert_events e LEFT JOIN staff t ON t.staff_id = e.data ->> 'to'
    WHERE e.alert_id = {0}.alert_id AND e.kind IN ('escalated', 'accepted', 'claimed') AND NOT EXISTS (
        SELECT 1 FROM alert_events u WHERE u.alert_id = e.alert_id AND u.kind = 'undone'
           AND (u.data ->> 'undone_rev')::int = e.rev)
    ORDER BY e.rev DESC LIMIT 1)"""

_SAYS = "a.alert_id, p.given_name, p.family_name, a.reason, nullif(a.message, '{}') AS message, a.due_at"

PRESSING = f"""
    (SELECT {_SAYS}, NULL AS waits_for
     FROM alerts a JOIN patients p USING (patient_id)
     WHERE a.closed_at IS NULL AND a.priority = 'high' AND a.acknowledged_at IS NULL
       AND p.ward_id = %(ward_id)s
     ORDER BY a.due_at DESC, a.alert_id DESC LIMIT {SHOWN})
    UNION ALL
    SELECT * FROM (
        SELECT {_SAYS}, {WAITS_FOR.format("a")} AS waits_for
        FROM alerts a JOIN patients p USING (patient_id)
        WHERE a.closed_at IS NULL AND a.escalation > 0 AND p.ward_id = %(ward_id)s
        ORDER BY a.escalated_at DESC LIMIT {SHOWN}) AS handed_on
    WHERE waits_for IS NOT NULL
"""
