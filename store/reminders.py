"""Reminders: when a member of staff wants to hear of an open alert again. Theirs alone; the alert stays."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.channels import WARD_CHANGED
from store.connection import Connection
from vitals.ids import AlertId, PatientId, StaffId

_END = """
    UPDATE reminders SET ended_at = %(now)s
    WHERE alert_id = %(alert_id)s AND staff_id = %(staff_id)s AND ended_at IS NULL
"""

_ADD = """
    INSERT INTO reminders (alert_id, staff_id, remind_at, note, set_at)
    SELECT alert_id, %(staff_id)s, %(remind_at)s, %(note)s, %(now)s FROM alerts
    WHERE alert_id = %(alert_id)s AND closed_at IS NULL
"""

# The list shows it, on each of the person's screens.
_TELL = """
    SELECT pg_notify(%(channel)s, 'alert:' || alert_id || ':' || patient_id || ':' || ward_id)
    FROM alerts JOIN patients USING (patient_id) WHERE alert_id = %(alert_id)s
"""

_OF_STAFF = """
    SELECT r.alert_id, a.patient_id, p.given_name, p.family_name, a.reason, r.remind_at, r.note
    FROM reminders r JOIN alerts a USING (alert_id) JOIN patients p USING (patient_id)
    WHERE r.staff_id = %(staff_id)s AND r.ended_at IS NULL AND a.closed_at IS NULL
      AND (%(alert_id)s::bigint IS NULL OR r.alert_id = %(alert_id)s)
    ORDER BY r.remind_at, r.reminder_id LIMIT 100
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One that waits: of which alert and whose, when, and what the person wrote to themselves."""

    alert_id: AlertId
    patient_id: PatientId
    given_name: str
    family_name: str
    reason: str
    remind_at: datetime
    note: str


def remind(
    connection: Connection,
    alert_id: AlertId,
    staff_id: StaffId,
    *,
    remind_at: datetime,
    note: str,
    now: datetime,
) -> bool:
    """Remind the person then, and no more at any earlier time; False where the alert is not open."""
    asked = {"alert_id": alert_id, "staff_id": staff_id, "remind_at": remind_at, "note": note, "now": now}
    connection.execute(_END, asked)
    added = connection.execute(_ADD, asked).rowcount == 1
    connection.execute(_TELL, {"channel": WARD_CHANGED, "alert_id": alert_id})
    return added


def end(connection: Connection, alert_id: AlertId, staff_id: StaffId, *, now: datetime) -> bool:
    """The person wants to hear no more of it; False where nothing waited."""
    asked = {"alert_id": alert_id, "staff_id": staff_id, "now": now}
    ended = connection.execute(_END, asked).rowcount == 1
    connection.execute(_TELL, {"channel": WARD_CHANGED, "alert_id": alert_id})
    return ended


def of_staff(connection: Connection, staff_id: StaffId, alert_id: AlertId | None = None) -> list[Reminder]:
    """What the person wants to be reminded of, the soonest first: of one alert, or of all that are open."""
    with connection.cursor(row_factory=class_row(Reminder)) as cursor:
        return cursor.execute(_OF_STAFF, {"staff_id": staff_id, "alert_id": alert_id}).fetchall()
