"""The ends of assignments: who said that a device is nobody's any more, and that this was a mistake."""

from collections.abc import Collection
from datetime import datetime

from store.connection import Connection
from vitals.ids import DeviceId, StaffId

_END = """
    WITH was AS (
        SELECT a.assignment_id, a.ends_at FROM assignments a JOIN patients p USING (patient_id)
        WHERE a.device_id = %(device_id)s AND a.user_slot IS NOT DISTINCT FROM %(user_slot)s
          AND a.starts_at < %(at)s AND (a.ends_at IS NULL OR a.ends_at > %(at)s)
          AND p.ward_id = ANY(%(ward_ids)s)
        FOR UPDATE OF a
    ), ended AS (
        UPDATE assignments a SET ends_at = %(at)s FROM was WHERE a.assignment_id = was.assignment_id
    )
    INSERT INTO assignment_ends (assignment_id, author, at, ended_before)
    SELECT assignment_id, %(author)s, %(at)s, ends_at FROM was
    RETURNING end_id
"""

_UNDO = """
    WITH undone AS (
        UPDATE assignment_ends e SET undone_by = %(author)s, undone_at = %(at)s
        FROM assignments a JOIN patients p USING (patient_id)
        WHERE e.end_id = %(end_id)s AND e.undone_at IS NULL AND a.assignment_id = e.assignment_id
          AND a.device_id = %(device_id)s AND a.ends_at = e.at AND p.ward_id = ANY(%(ward_ids)s)
        RETURNING e.assignment_id, e.ended_before
    )
    UPDATE assignments a SET ends_at = undone.ended_before
    FROM undone WHERE a.assignment_id = undone.assignment_id
"""


def end(
    connection: Connection,
    device_id: DeviceId,
    user_slot: int | None,
    *,
    ward_ids: Collection[str],
    author: StaffId,
    at: datetime,
) -> int | None:
    """End the assignment that is valid now, if it is a patient's of these wards; None where there is none."""
    asked = {
        "device_id": device_id,
        "user_slot": user_slot,
        "ward_ids": list(ward_ids),
        "author": author,
        "at": at,
    }
    row = connection.execute(_END, asked).fetchone()
    return None if row is None else int(row[0])


def undo(
    connection: Connection,
    device_id: DeviceId,
    end_id: int,
    *,
    ward_ids: Collection[str],
    author: StaffId,
    at: datetime,
) -> bool:
    """Let it run on as if it had never ended; False where that was done, or something else came since.

    Raises DataRefused where the device belongs to somebody else by now.
    """
    asked = {
        "device_id": device_id,
        "end_id": end_id,
        "ward_ids": list(ward_ids),
        "author": author,
        "at": at,
    }
    return connection.execute(_UNDO, asked).rowcount == 1
