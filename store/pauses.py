"""Planned pauses: times in which a patient's silence is expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import PatientId

_ADD = """
    INSERT INTO pauses (patient_id, reason, author, starts_at, ends_at)
    VALUES (%(patient_id)s, %(reason)s, %(author)s, %(starts_at)s, %(ends_at)s)
    RETURNING pause_id
"""

_OF_PATIENTS = """
    SELECT pause_id, patient_id, reason, author, starts_at, ends_at FROM pauses
    WHERE patient_id = ANY(%(patient_ids)s)
      AND ends_at > %(since)s AND (%(until)s::timestamptz IS NULL OR starts_at < %(until)s)
    ORDER BY patient_id, starts_at
"""

# A pause that has not begun keeps an instant of length, for the table keeps no empty ones.
_END = """
    UPDATE pauses SET ends_at = greatest(%(ends_at)s, starts_at + interval '1 microsecond')
    WHERE pause_id = %(pause_id)s AND ends_at > %(ends_at)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """From `starts_at` until before `ends_at` the patient need not measure (holiday, hospital)."""

    pause_id: int
    patient_id: PatientId
    reason: str
    author: str
    starts_at: datetime
    ends_at: datetime


def add(
    connection: Connection,
    patient_id: PatientId,
    *,
    reason: str,
    author: str,
    starts_at: datetime,
    ends_at: datetime,
) -> int:
    """Plan a pause; returns its id. Raises DataRefused where it ends before it starts."""
    row = connection.execute(
        _ADD,
        {
            "patient_id": patient_id,
            "reason": reason,
            "author": author,
            "starts_at": starts_at,
            "ends_at": ends_at,
        },
    ).fetchone()
    assert row is not None
    return row[0]


def of_patients(
    connection: Connection,
    patient_ids: Sequence[PatientId],
    *,
    since: datetime,
    until: datetime | None = None,
) -> list[Pause]:
    """The pauses that touch the time from `since` until before `until`, or later without one."""
    asked = {"patient_ids": list(patient_ids), "since": since, "until": until}
    with connection.cursor(row_factory=class_row(Pause)) as cursor:
        return cursor.execute(_OF_PATIENTS, asked).fetchall()


def end(connection: Connection, pause_id: int, *, ends_at: datetime) -> bool:
    """End a pause earlier than planned; False where it had ended by then or does not exist."""
    return connection.execute(_END, {"pause_id": pause_id, "ends_at": ends_at}).rowcount == 1
