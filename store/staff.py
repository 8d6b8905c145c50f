"""Who may sign in: staff of a ward, their role, and the hash of their password."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import StaffId

# argon2id in the smallest of OWASP's equal-strength settings: tens of milliseconds and 19 MiB a sign-in.
_HASHER = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody signs in with this")


class Role(StrEnum):
    """What a member of staff may do."""

    NURSE = "nurse"
    LEAD = "lead"
    CLINICIAN = "clinician"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """One member of staff, as every screen and every event names them.

    `ward_id` is the ward that they look at. `wards` is the id and name of each of theirs, where there are
    several; empty for the many who work on one.
    """

    staff_id: StaffId
    ward_id: str
    name: str
    email: str
    role: Role
    wards: tuple[tuple[str, str], ...] = ()

    @property
    def ward_ids(self) -> frozenset[str]:
        """Every ward whose patients they may look at."""
        return frozenset(ward_id for ward_id, _ in self.wards) | {self.ward_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class _StaffRow:
    staff_id: str
    ward_id: str
    name: str
    email: str
    role: str


def _staff(row: _StaffRow) -> Staff:
    return Staff(
        staff_id=StaffId(row.staff_id),
        ward_id=row.ward_id,
        name=row.name,
        email=row.email,
        role=Role(row.role),
    )


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _HASHER.hash(password)


def add_staff(connection: Connection, staff: Staff, *, password_hash: str) -> None:
    """Add or update a member of staff; the caller commits."""
    connection.execute(
        """
        INSERT INTO staff (staff_id, ward_id, name, email, role, password_hash)
        VALUES (%(staff_id)s, %(ward_id)s, %(name)s, lower(%(email)s), %(role)s, %(password_hash)s)
        ON CONFLICT (staff_id) DO UPDATE SET
            ward_id = excluded.ward_id, name = excluded.name, email = excluded.email,
            role = excluded.role, password_hash = excluded.password_hash, disabled_at = NULL
        """,
        {
            "staff_id": staff.staff_id,
            "ward_id": staff.ward_id,
            "name": staff.name,
            "email": staff.email,
            "role": staff.role,
            "password_hash": password_hash,
        },
    )


def add_to_ward(connection: Connection, staff_id: StaffId, ward_id: str) -> None:
    """Let somebody work on this ward, too. Raises DataRefused where there is no such person or ward."""
    connection.execute(
        """
        INSERT INTO staff_wards (staff_id, ward_id) VALUES (%(staff_id)s, %(ward_id)s)
        ON CONFLICT (staff_id, ward_id) DO NOTHING
        """,
        {"staff_id": staff_id, "ward_id": ward_id},
    )


def show_ward(connection: Connection, staff_id: StaffId, ward_id: str) -> bool:
    """From now on they look at this ward, wherever they sign in; False where it is none of theirs."""
    changed = connection.execute(
        """
        UPDATE staff s SET shown_ward_id = %(ward_id)s
        WHERE staff_id = %(staff_id)s AND (ward_id = %(ward_id)s OR EXISTS (
            SELECT 1 FROM staff_wards w WHERE w.staff_id = s.staff_id AND w.ward_id = %(ward_id)s))
        """,
        {"staff_id": staff_id, "ward_id": ward_id},
    )
    return changed.rowcount == 1


def ward_staff(connection: Connection, ward_id: str) -> Sequence[Staff]:
    """The ward's active staff, by name; those who work on other wards as well among them."""
    with connection.cursor(row_factory=class_row(_StaffRow)) as cursor:
        cursor.execute(
            """
            SELECT staff_id, %(ward_id)s::text AS ward_id, name, email, role FROM staff s
            WHERE disabled_at IS NULL AND (ward_id = %(ward_id)s OR EXISTS (
                SELECT 1 FROM staff_wards w WHERE w.staff_id = s.staff_id AND w.ward_id = %(ward_id)s))
            ORDER BY name, staff_id
            """,
            {"ward_id": ward_id},
        )
        return [_staff(row) for row in cursor.fetchall()]


def languages(connection: Connection, ward_id: str) -> dict[StaffId, str]:
    """In which language each of the ward's staff is told of alerts."""
    rows = connection.execute(
        """
        SELECT staff_id, language FROM staff s
        WHERE ward_id = %(ward_id)s OR EXISTS (
            SELECT 1 FROM staff_wards w WHERE w.staff_id = s.staff_id AND w.ward_id = %(ward_id)s)
        """,
        {"ward_id": ward_id},
    ).fetchall()
    return {StaffId(staff_id): language for staff_id, language in rows}


def staff_with_password(connection: Connection, email: str, password: str) -> Staff | None:
    """The active member of staff whose e-mail and password these are; None for any other reason.

    An unknown address costs the same hashing time as a wrong password, so that neither can be told apart.
    """
    row = connection.execute(
        """
        SELECT staff_id, ward_id, name, email, role, password_hash FROM staff
        WHERE email = lower(%(email)s) AND disabled_at IS NULL
        """,
        {"email": email.strip()},
    ).fetchone()
    try:
        _HASHER.verify(_nobodys_hash() if row is None else str(row[5]), password)
    except (VerificationError, InvalidHashError):
        return None
    if row is None:
        return None
    return Staff(staff_id=StaffId(row[0]), ward_id=row[1], name=row[2], email=row[3], role=Role(row[4]))


def staff_names(connection: Connection) -> dict[StaffId, str]:
    """Every member of staff's name by id, the disabled too: history names whoever acted."""
    rows = connection.execute("SELECT staff_id, name FROM staff").fetchall()
    return {StaffId(staff_id): name for staff_id, name in rows}


def disable_staff(connection: Connection, staff_id: StaffId, now: datetime) -> bool:
    """Stop someone from signing in, and end their sessions; False where there is no such active person."""
    changed = connection.execute(
        "UPDATE staff SET disabled_at = %(now)s WHERE staff_id = %(staff_id)s AND disabled_at IS NULL",
        {"now": now, "staff_id": staff_id},
    ).rowcount
    connection.execute("DELETE FROM sessions WHERE staff_id = %(staff_id)s", {"staff_id": staff_id})
    return changed == 1
