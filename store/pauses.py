"""Planned pauses: times in which a patient's silence is expected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import PatientId

_ADD = """
    INSERT INTO pauses (
        patient_id, kind, reason, author, starts_at, ends_at, planned_until, open_ended, set_at
    ) VALUES (
        %(patient_id)s, %(kind)s, %(reason)s, %(author)s, %(starts_at)s, %(ends_at)s, %(ends_at)s,
        %(open_ended)s, coalesce(%(set_at)s, %(starts_at)s)
    )
    RETURNING pause_id
"""

# One that was taken back has no length, and touches nothing.
_OF_PATIENTS = """
    SELECT pause_id, patient_id, kind, reason, author, starts_at, ends_at FROM pauses
    WHERE patient_id = ANY(%(patient_ids)s) AND ends_at > starts_at
      AND ends_at > %(since)s AND (%(until)s::timestamptz IS NULL OR starts_at < %(until)s)
    ORDER BY patient_id, starts_at
"""

_LISTED = """
    SELECT p.pause_id, p.patient_id, p.kind, p.reason, p.author, p.starts_at, p.ends_at, p.planned_until,
           p.open_ended, p.set_at, e.what AS last_what, e.author AS last_author, e.reason AS last_reason,
           e.at AS last_at
    FROM pauses p
    LEFT JOIN LATERAL (
        SELECT what, author, reason, at FROM pause_events
        WHERE pause_id = p.pause_id ORDER BY event_id DESC LIMIT 1) e ON true
    WHERE p.patient_id = %(patient_id)s
    ORDER BY p.starts_at DESC, p.pause_id DESC LIMIT %(limit)s
"""

_LOCK = "SELECT time_zone FROM patients WHERE patient_id = %(patient_id)s FOR NO KEY UPDATE"

# What each event makes of the end, and from what it can be.
_CHANGES = {
    "ended": ("%(at)s", "starts_at <= %(at)s AND ends_at > %(at)s"),
    "taken_back": ("starts_at", "ends_at > starts_at AND ends_at > %(at)s"),
    "resumed": ("planned_until", "ends_at < planned_until AND planned_until > %(at)s"),
}

_NOTE = """
    INSERT INTO pause_events (pause_id, what, author, reason, at)
    VALUES (%(pause_id)s, %(what)s, %(author)s, %(reason)s, %(at)s)
"""


class PauseKind(StrEnum):
    """Why a patient need not measure."""

    HOLIDAY = "holiday"
    HOSPITAL = "hospital"
    OTHER = "other"


class PauseEvent(StrEnum):
    """What was done to a pause after it was planned."""

    ENDED = "ended"
    TAKEN_BACK = "taken_back"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """From `starts_at` until before `ends_at` the patient need not measure (holiday, hospital)."""

    pause_id: int
    patient_id: PatientId
    kind: str
    reason: str
    author: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRecord(Pause):
    """A pause with what became of it; an open-ended one was planned until its review."""

    planned_until: datetime
    open_ended: bool
    set_at: datetime
    last_what: str | None
    last_author: str | None
    last_reason: str | None
    last_at: datetime | None


def add(
    connection: Connection,
    patient_id: PatientId,
    *,
    reason: str,
    author: str,
    starts_at: datetime,
    ends_at: datetime,
    kind: PauseKind = PauseKind.OTHER,
    open_ended: bool = False,
    set_at: datetime | None = None,
) -> int:
    """Plan a pause; returns its id. Raises DataRefused where it ends before it starts.

    Without `set_at` it was planned when it began.
    """
    row = connection.execute(
        _ADD,
        {
            "patient_id": patient_id,
            "kind": kind,
            "reason": reason,
            "author": author,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "open_ended": open_ended,
            "set_at": set_at,
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


def listed(connection: Connection, patient_id: PatientId, *, limit: int = 20) -> list[PauseRecord]:
    """The patient's pauses with what became of them, the latest first."""
    with connection.cursor(row_factory=class_row(PauseRecord)) as cursor:
        return cursor.execute(_LISTED, {"patient_id": patient_id, "limit": limit}).fetchall()


def lock(connection: Connection, patient_id: PatientId) -> str | None:
    """Let nobody else plan for the patient in this transaction; their time zone, None where there is none."""
    row = connection.execute(_LOCK, {"patient_id": patient_id}).fetchone()
    return None if row is None else str(row[0])


def change(
    connection: Connection, pause_id: int, what: PauseEvent, *, author: str, at: datetime, reason: str = ""
) -> bool:
    """End a running pause now, take it back as if it had never been, or resume it; False: it cannot be."""
    ends_at, condition = _CHANGES[what]
    query = f"UPDATE pauses SET ends_at = {ends_at} WHERE pause_id = %(pause_id)s AND {condition}"
    asked = {"pause_id": pause_id, "what": what, "author": author, "reason": reason, "at": at}
    if connection.execute(query.encode(), asked).rowcount != 1:
        return False
    connection.execute(_NOTE, asked)
    return True
