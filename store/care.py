"""What the ward does besides alerts: time spent on a patient, and messages to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import PatientId, StaffId

_ADD_TIME = """
    INSERT INTO care_time (patient_id, staff_id, seconds, ended_at)
    SELECT patient_id, %(staff_id)s, %(seconds)s, %(now)s FROM patients
    WHERE patient_id = %(patient_id)s AND ward_id = %(ward_id)s
"""

# A call that was logged counts with its minutes, less what the caller's own screen counted while it lasted:
# whoever talks for ten minutes with the patient's page open spent ten minutes, not twenty.
_TIME = """
    WITH calls AS (
        SELECT e.actor, e.at, coalesce((e.data->>'minutes')::float8, 0) * 60 AS seconds
        FROM alert_events e JOIN alerts a USING (alert_id)
        WHERE a.patient_id = %(patient_id)s AND e.kind = 'called' AND e.at >= %(since)s
          AND NOT EXISTS (
            SELECT 1 FROM alert_events u
            WHERE u.alert_id = e.alert_id AND u.kind = 'undone' AND (u.data->>'undone_rev')::int = e.rev))
    SELECT (coalesce((SELECT sum(seconds) FROM care_time
                      WHERE patient_id = %(patient_id)s AND ended_at >= %(since)s), 0)
          + coalesce((SELECT sum(greatest(0, c.seconds - coalesce((
                          SELECT sum(t.seconds) FROM care_time t
                          WHERE t.patient_id = %(patient_id)s AND t.staff_id = c.actor
                            AND t.ended_at > c.at - c.seconds * interval '1 second'
                            AND t.ended_at <= c.at + interval '1 minute'), 0)))
                      FROM calls c), 0))::int
"""

_SEND = """
    INSERT INTO messages (patient_id, author, body, sent_at)
    SELECT patient_id, %(author)s, %(body)s, %(now)s FROM patients
    WHERE patient_id = %(patient_id)s AND ward_id = %(ward_id)s
    RETURNING message_id
"""

_MESSAGES = """
    SELECT m.message_id, m.patient_id, m.author, s.name AS author_name, m.body, m.sent_at, m.read_at,
           m.withdrawn_at
    FROM messages m JOIN staff s ON s.staff_id = m.author
    WHERE m.patient_id = %(patient_id)s AND (%(withdrawn)s OR m.withdrawn_at IS NULL)
    ORDER BY m.sent_at DESC, m.message_id DESC LIMIT %(limit)s
"""

_READ = """
    UPDATE messages SET read_at = %(now)s
    WHERE patient_id = %(patient_id)s AND read_at IS NULL AND sent_at <= %(now)s AND withdrawn_at IS NULL
    RETURNING message_id
"""

_WITHDRAW = """
    UPDATE messages SET withdrawn_at = %(now)s, withdrawn_by = %(author)s
    WHERE message_id = %(message_id)s AND patient_id = %(patient_id)s AND author = %(author)s
      AND read_at IS NULL AND withdrawn_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message from the ward to a patient. `read_at` is when their page first showed it.

    `withdrawn_at` is when its author took it back, before that.
    """

    message_id: int
    patient_id: PatientId
    author: str
    author_name: str
    body: str
    sent_at: datetime
    read_at: datetime | None
    withdrawn_at: datetime | None = None


def add_care_time(
    connection: Connection,
    patient_id: PatientId,
    ward_id: str,
    staff_id: StaffId,
    *,
    seconds: int,
    now: datetime,
) -> bool:
    """Count time that somebody spent on the patient until now; False where the ward has no such patient."""
    asked = {
        "patient_id": patient_id,
        "ward_id": ward_id,
        "staff_id": staff_id,
        "seconds": seconds,
        "now": now,
    }
    return connection.execute(_ADD_TIME, asked).rowcount == 1


def care_seconds(connection: Connection, patient_id: PatientId, since: datetime) -> int:
    """How long all of the ward together spent on the patient since then, on the screen and on the phone."""
    row = connection.execute(_TIME, {"patient_id": patient_id, "since": since}).fetchone()
    return int(row[0]) if row else 0


def send_message(
    connection: Connection, patient_id: PatientId, ward_id: str, author: StaffId, *, body: str, now: datetime
) -> int | None:
    """Leave a message for the patient; its id, or None where the ward has no such patient."""
    asked = {"patient_id": patient_id, "ward_id": ward_id, "author": author, "body": body, "now": now}
    row = connection.execute(_SEND, asked).fetchone()
    return None if row is None else row[0]


def withdraw_message(
    connection: Connection, patient_id: PatientId, author: StaffId, message_id: int, *, now: datetime
) -> bool:
    """Take one's own message back; False where it is not theirs, was read, or was taken back before."""
    asked = {"patient_id": patient_id, "author": author, "message_id": message_id, "now": now}
    return connection.execute(_WITHDRAW, asked).rowcount == 1


def messages_to(
    connection: Connection, patient_id: PatientId, *, limit: int = 20, withdrawn: bool = False
) -> Sequence[SentMessage]:
    """The messages to the patient, newest first; with `withdrawn` those too that were taken back."""
    asked = {"patient_id": patient_id, "limit": limit, "withdrawn": withdrawn}
    with connection.cursor(row_factory=class_row(SentMessage)) as cursor:
        return cursor.execute(_MESSAGES, asked).fetchall()


def mark_read(connection: Connection, patient_id: PatientId, *, now: datetime) -> frozenset[int]:
    """The patient's page shows every message sent so far; which of them it shows for the first time.

    Said before the messages are read: what is shown can then no longer be taken back.
    """
    rows = connection.execute(_READ, {"patient_id": patient_id, "now": now}).fetchall()
    return frozenset(message_id for (message_id,) in rows)
