"""Who is on which duty: shifts, and those who take somebody's place."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import StaffId

_ADD = """
    INSERT INTO shifts (ward_id, duty, staff_id, cover_for, starts_at, ends_at, author, entered_at)
    VALUES (%(ward_id)s, %(duty)s, %(staff_id)s, %(cover_for)s, %(starts_at)s, %(ends_at)s, %(author)s,
            %(entered_at)s)
    RETURNING shift_id
"""

_OF_WARD = """
    SELECT shift_id, duty, staff_id, cover_for, starts_at, ends_at FROM shifts
    WHERE ward_id = %(ward_id)s AND ends_at > %(since)s ORDER BY starts_at, shift_id
"""

_FORGET = "DELETE FROM shifts WHERE ward_id = %(ward_id)s AND ends_at > %(now)s"


class Duty(StrEnum):
    """The steps of the escalation ladder, as a rota names them."""

    NURSE = "nurse"
    BACKUP = "backup"
    ON_CALL = "on_call"
    LEAD = "lead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """From `starts_at` until before `ends_at` a person is on duty; with `cover_for`, in that one's place."""

    shift_id: int
    duty: Duty
    staff_id: StaffId
    cover_for: StaffId | None = None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    shift_id: int
    duty: str
    staff_id: str
    cover_for: str | None
    starts_at: datetime
    ends_at: datetime


def add(
    connection: Connection,
    ward_id: str,
    duty: Duty,
    staff_id: StaffId,
    *,
    starts_at: datetime,
    ends_at: datetime,
    author: str,
    now: datetime,
    cover_for: StaffId | None = None,
) -> int:
    """Enter a shift, or (with `cover_for`) that somebody takes another's place. Raises DataRefused."""
    row = connection.execute(
        _ADD,
        {
            "ward_id": ward_id,
            "duty": duty,
            "staff_id": staff_id,
            "cover_for": cover_for,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "author": author,
            "entered_at": now,
        },
    ).fetchone()
    assert row is not None
    return row[0]


def hand_over(
    connection: Connection,
    ward_id: str,
    duty: Duty,
    *,
    giver: StaffId,
    taker: StaffId,
    until: datetime,
    author: str,
    now: datetime,
) -> int:
    """From now until an instant `taker` has `giver`'s duty; what waits unanswered is told to them anew."""
    return add(
        connection,
        ward_id,
        duty,
        taker,
        starts_at=now,
        ends_at=until,
        author=author,
        now=now,
        cover_for=giver,
    )


def of_ward(connection: Connection, ward_id: str, *, since: datetime) -> list[Shift]:
    """The ward's shifts that end after an instant, by their beginning."""
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        rows = cursor.execute(_OF_WARD, {"ward_id": ward_id, "since": since}).fetchall()
    return [
        Shift(
            shift_id=row.shift_id,
            duty=Duty(row.duty),
            staff_id=StaffId(row.staff_id),
            cover_for=StaffId(row.cover_for) if row.cover_for else None,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
        )
        for row in rows
    ]


def forget_coming(connection: Connection, ward_id: str, now: datetime) -> None:
    """Remove the ward's shifts that have not ended, before a new rota is entered."""
    connection.execute(_FORGET, {"ward_id": ward_id, "now": now})


def time_zones(connection: Connection) -> dict[str, str]:
    """Each ward's time zone, by the ward's id."""
    return dict(connection.execute("SELECT ward_id, time_zone FROM wards").fetchall())
