"""How staff are reached: addresses by channel, in the order in which they are tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import StaffId

_ADD = """
    INSERT INTO contacts (staff_id, channel, address, position)
    VALUES (%(staff_id)s, %(channel)s, %(address)s, %(position)s)
    ON CONFLICT (staff_id, channel, address) WHERE removed_at IS NULL
        DO UPDATE SET position = excluded.position
    RETURNING contact_id
"""

_OF_WARD = """
    SELECT c.contact_id, c.staff_id, c.channel, c.address, c.position
    FROM contacts c JOIN staff s USING (staff_id)
    WHERE s.disabled_at IS NULL AND c.removed_at IS NULL
      AND (s.ward_id = %(ward_id)s OR EXISTS (
        SELECT 1 FROM staff_wards w WHERE w.staff_id = s.staff_id AND w.ward_id = %(ward_id)s))
    ORDER BY c.staff_id, c.position, c.contact_id
"""

_REMOVE_OTHERS = """
    UPDATE contacts SET removed_at = %(now)s
    WHERE removed_at IS NULL AND NOT (contact_id = ANY(%(kept)s))
      AND staff_id IN (SELECT staff_id FROM staff WHERE ward_id = %(ward_id)s)
"""

_USED = """
    SELECT DISTINCT channel FROM contacts c JOIN staff s USING (staff_id)
    WHERE c.removed_at IS NULL AND s.disabled_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One way to reach one member of staff; the lowest `position` is tried first.

    One without an id stands for a person whom nothing can be sent to.
    """

    contact_id: int | None
    staff_id: StaffId
    channel: str
    address: str
    position: int = 1


def add(connection: Connection, staff_id: StaffId, channel: str, address: str, *, position: int = 1) -> int:
    """Add a contact, or move a known one; returns its id. Raises DataRefused for an unknown person."""
    row = connection.execute(
        _ADD, {"staff_id": staff_id, "channel": channel, "address": address, "position": position}
    ).fetchone()
    assert row is not None
    return row[0]


def of_ward(connection: Connection, ward_id: str) -> list[Contact]:
    """The contacts of the ward's active staff, in each person's order."""
    with connection.cursor(row_factory=class_row(Contact)) as cursor:
        return cursor.execute(_OF_WARD, {"ward_id": ward_id}).fetchall()


def keep_only(connection: Connection, ward_id: str, contact_ids: Sequence[int], now: datetime) -> None:
    """Remove all contacts of the ward's staff but these."""
    connection.execute(_REMOVE_OTHERS, {"ward_id": ward_id, "kept": list(contact_ids), "now": now})


def channels_used(connection: Connection) -> set[str]:
    """The channels by which anybody of any ward wants to be reached."""
    return {row[0] for row in connection.execute(_USED).fetchall()}
