"""Staff as an administrator sees and changes them: who works on which wards, and how they are reached."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store import contacts
from store.connection import Connection
from store.staff import Role
from vitals.ids import StaffId

NO_PASSWORD = "!"
"""What stands for the hash of somebody who has not chosen a password: no password is right."""

_ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"

_LIST = """
    SELECT s.staff_id, s.name, s.email, s.role, s.language, s.disabled_at,
           s.password_hash <> %(no_password)s AS has_password, i.expires_at AS invited_until,
           ARRAY(SELECT ward_id FROM wards w
                 WHERE w.ward_id = s.ward_id OR EXISTS (
                     SELECT 1 FROM staff_wards o WHERE o.staff_id = s.staff_id AND o.ward_id = w.ward_id)
                 ORDER BY w.ward_id <> s.ward_id, w.ward_id) AS wards,
           ARRAY(SELECT c.channel || '=' || c.address FROM contacts c
                 WHERE c.staff_id = s.staff_id AND c.removed_at IS NULL
                 ORDER BY c.position, c.contact_id) AS contacts
    FROM staff s LEFT JOIN staff_invitations i ON i.staff_id = s.staff_id AND i.expires_at > %(now)s
    WHERE (s.disabled_at IS NULL OR %(with_ended)s)
      AND (%(ward_ids)s::text[] IS NULL OR s.ward_id = ANY(%(ward_ids)s) OR EXISTS (
          SELECT 1 FROM staff_wards o WHERE o.staff_id = s.staff_id AND o.ward_id = ANY(%(ward_ids)s)))
    ORDER BY s.disabled_at IS NOT NULL, s.name, s.staff_id
"""

_ADD = """
    INSERT INTO staff (staff_id, ward_id, name, email, role, language, password_hash)
    VALUES (%(staff_id)s, %(ward_id)s, %(name)s, lower(%(email)s), %(role)s, %(language)s, %(no_password)s)
"""

_CHANGE = """
    UPDATE staff SET name = coalesce(%(name)s, name), email = coalesce(lower(%(email)s), email),
        role = coalesce(%(role)s, role), language = coalesce(%(language)s, language),
        ward_id = coalesce(%(ward_id)s, ward_id)
    WHERE staff_id = %(staff_id)s
"""

_FORGET_CONTACTS = """
    UPDATE contacts SET removed_at = %(now)s
    WHERE staff_id = %(staff_id)s AND removed_at IS NULL AND NOT (contact_id = ANY(%(kept)s))
"""

_LEFT_BEHIND = """
    SELECT (SELECT count(*) FROM alerts WHERE closed_at IS NULL AND owner = %(staff_id)s),
           (SELECT count(*) FROM shifts WHERE staff_id = %(staff_id)s AND ends_at > %(now)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRecord:
    """One member of staff. `wards` begins with their own; `contacts` are `channel=address`, in their order.

    `has_password` is False until the first sign-in; `invited_until`: a link of theirs still works.
    """

    staff_id: StaffId
    name: str
    email: str
    role: str
    language: str
    disabled_at: datetime | None
    has_password: bool
    invited_until: datetime | None
    wards: list[str]
    contacts: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is set of somebody; None leaves it as it is. `wards` begins with their own."""

    name: str | None = None
    email: str | None = None
    role: Role | None = None
    language: str | None = None
    wards: Sequence[str] | None = None
    contacts: Sequence[tuple[str, str]] | None = None


def listed(
    connection: Connection, now: datetime, *, ward_ids: Sequence[str] | None = None, with_ended: bool = False
) -> list[StaffRecord]:
    """Staff by name, those whose time has ended last; `ward_ids` None: of every ward."""
    asked = {
        "now": now,
        "ward_ids": None if ward_ids is None else list(ward_ids),
        "with_ended": with_ended,
        "no_password": NO_PASSWORD,
    }
    with connection.cursor(row_factory=class_row(StaffRecord)) as cursor:
        return cursor.execute(_LIST, asked).fetchall()


def add(connection: Connection, details: Details, now: datetime) -> StaffId:
    """A new member of staff who has no password yet; `details` are complete. Raises DataRefused for an
    e-mail that somebody has already.
    """
    assert details.wards, "a ward of their own"
    staff_id = StaffId("s-" + "".join(secrets.choice(_ID_LETTERS) for _ in range(6)))
    connection.execute(_ADD, _values(staff_id, details) | {"no_password": NO_PASSWORD})
    _put(connection, staff_id, details, now)
    return staff_id


def change(connection: Connection, staff_id: StaffId, details: Details, now: datetime) -> None:
    """Set what `details` say of them. Raises DataRefused for an e-mail that somebody has already."""
    connection.execute(_CHANGE, _values(staff_id, details))
    _put(connection, staff_id, details, now)


def bring_back(connection: Connection, staff_id: StaffId) -> None:
    """Who had ended may sign in again, with a new password."""
    connection.execute(
        "UPDATE staff SET disabled_at = NULL, password_hash = %(no_password)s WHERE staff_id = %(staff_id)s",
        {"staff_id": staff_id, "no_password": NO_PASSWORD},
    )


def left_behind(connection: Connection, staff_id: StaffId, now: datetime) -> tuple[int, int]:
    """How many open alerts are theirs, and how many shifts they still have."""
    row = connection.execute(_LEFT_BEHIND, {"staff_id": staff_id, "now": now}).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def _values(staff_id: StaffId, details: Details) -> dict[str, object]:
    return {
        "staff_id": staff_id,
        "name": details.name,
        "email": details.email,
        "role": details.role,
        "language": details.language,
        "ward_id": details.wards[0] if details.wards else None,
    }


def _put(connection: Connection, staff_id: StaffId, details: Details, now: datetime) -> None:
    if details.wards is not None:
        connection.execute("DELETE FROM staff_wards WHERE staff_id = %(staff_id)s", {"staff_id": staff_id})
        for ward_id in details.wards[1:]:
            connection.execute(
                "INSERT INTO staff_wards (staff_id, ward_id) VALUES (%(staff_id)s, %(ward_id)s)",
                {"staff_id": staff_id, "ward_id": ward_id},
            )
    if details.contacts is not None:
        kept = [
            contacts.add(connection, staff_id, channel, address, position=position)
            for position, (channel, address) in enumerate(details.contacts, start=1)
        ]
        connection.execute(_FORGET_CONTACTS, {"staff_id": staff_id, "now": now, "kept": kept})
