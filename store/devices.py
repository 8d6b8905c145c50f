"""Devices and whose they are: the instruments, what is known of each, and their assignments over time."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import DeviceId, GatewayId, PatientId
from vitals.patient import Assignment

_COLUMNS = """
    device_id, gateway_id, profile, label, enrolled_at, last_seen_at, battery_percent, clock_offset_s,
    needs_pairing
"""

_LIST = f"""
    SELECT {_COLUMNS} FROM devices
    WHERE (%(gateway_id)s::text IS NULL OR gateway_id = %(gateway_id)s)
      AND (%(device_ids)s::text[] IS NULL OR device_id = ANY(%(device_ids)s))
    ORDER BY device_id
"""

_OF_PATIENT = f"""
    SELECT {_COLUMNS} FROM devices d
    WHERE EXISTS (
        SELECT 1 FROM assignments a
        WHERE a.device_id = d.device_id AND a.patient_id = %(patient_id)s
          AND a.starts_at <= %(at)s AND (a.ends_at IS NULL OR a.ends_at > %(at)s)
    )
    ORDER BY device_id
"""

_ADD = """
    INSERT INTO devices (device_id, gateway_id, profile, label, enrolled_at)
    VALUES (%(device_id)s, %(gateway_id)s, %(profile)s, %(label)s, %(enrolled_at)s)
"""

_MOVE = """
    UPDATE devices SET gateway_id = %(gateway_id)s, bonded_at = %(at)s WHERE device_id = %(device_id)s
"""

_NOTE = """
    UPDATE devices SET
        last_seen_at = greatest(last_seen_at, least(%(last_seen_at)s::timestamptz, %(now)s)),
        battery_percent = coalesce(%(battery_percent)s, battery_percent),
        clock_offset_s = coalesce(%(clock_offset_s)s, clock_offset_s),
        needs_pairing = %(needs_pairing)s
    WHERE device_id = %(device_id)s AND gateway_id = %(gateway_id)s
"""

_SEEN = """
    UPDATE devices d SET last_seen_at = greatest(d.last_seen_at, least(s.at, %(now)s))
    FROM unnest(%(device_ids)s::text[], %(instants)s::timestamptz[]) AS s (device_id, at)
    WHERE d.device_id = s.device_id
"""

_ASSIGN = """
    INSERT INTO assignments (device_id, user_slot, patient_id, starts_at, ends_at)
    VALUES (%(device_id)s, %(user_slot)s, %(patient_id)s, %(starts_at)s, %(ends_at)s)
"""

_END_ASSIGNMENT = """
    UPDATE assignments SET ends_at = %(ends_at)s
    WHERE device_id = %(device_id)s AND user_slot IS NOT DISTINCT FROM %(user_slot)s
      AND starts_at < %(ends_at)s AND (ends_at IS NULL OR ends_at > %(ends_at)s)
"""

_ASSIGNMENTS = """
    SELECT device_id, patient_id, user_slot, starts_at, ends_at FROM assignments
    WHERE (%(device_ids)s::text[] IS NULL OR device_id = ANY(%(device_ids)s))
      AND (%(patient_id)s::text IS NULL OR patient_id = %(patient_id)s)
    ORDER BY device_id, user_slot, starts_at
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One instrument, bonded to at most one gateway. `clock_offset_s` is its clock minus the gateway's."""

    device_id: DeviceId
    gateway_id: GatewayId | None
    profile: str
    label: str
    enrolled_at: datetime
    last_seen_at: datetime | None
    battery_percent: int | None
    clock_offset_s: float | None
    needs_pairing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSaid:
    """What a gateway knows of one of its devices; None: nothing new."""

    device_id: DeviceId
    gateway_id: GatewayId
    last_seen_at: datetime | None = None
    battery_percent: int | None = None
    clock_offset_s: float | None = None
    needs_pairing: bool = False


def listed(
    connection: Connection,
    *,
    gateway_id: GatewayId | None = None,
    device_ids: Sequence[DeviceId] | None = None,
) -> list[Device]:
    """The devices of one gateway, or those of the ids that exist, or all."""
    asked = {
        "gateway_id": gateway_id,
        "device_ids": None if device_ids is None else list(device_ids),
    }
    with connection.cursor(row_factory=class_row(Device)) as cursor:
        return cursor.execute(_LIST, asked).fetchall()


def of_patient(connection: Connection, patient_id: PatientId, *, at: datetime) -> list[Device]:
    """The devices that are assigned to the patient, wholly or by a user slot, at that instant."""
    with connection.cursor(row_factory=class_row(Device)) as cursor:
        return cursor.execute(_OF_PATIENT, {"patient_id": patient_id, "at": at}).fetchall()


def add(
    connection: Connection,
    device_id: DeviceId,
    *,
    gateway_id: GatewayId | None,
    profile: str,
    label: str = "",
    enrolled_at: datetime,
) -> None:
    """Enrol a device. Raises DataRefused where the id is taken or the gateway unknown."""
    connection.execute(
        _ADD,
        {
            "device_id": device_id,
            "gateway_id": gateway_id,
            "profile": profile,
            "label": label,
            "enrolled_at": enrolled_at,
        },
    )


def move(connection: Connection, device_id: DeviceId, gateway_id: GatewayId | None, *, at: datetime) -> bool:
    """Bond the device to another gateway, or to none, from `at` on; False where there is no such device."""
    asked = {"device_id": device_id, "gateway_id": gateway_id, "at": at}
    return connection.execute(_MOVE, asked).rowcount == 1


def note(connection: Connection, said: DeviceSaid, *, now: datetime) -> bool:
    """Keep what the gateway says of the device; False where the device is not one of that gateway's."""
    return connection.execute(_NOTE, {**asdict(said), "now": now}).rowcount == 1


def seen(connection: Connection, received_at: Mapping[DeviceId, datetime], *, now: datetime) -> None:
    """The devices' readings were received then; what was seen later stays, and nothing was seen after now."""
    asked = {"device_ids": list(received_at), "instants": list(received_at.values()), "now": now}
    connection.execute(_SEEN, asked)


def assign(connection: Connection, assignment: Assignment) -> None:
    """Give a device, or one user slot of it, to a patient for a time.

    A whole device (no slot) is the patient's for every reading whose slot is not assigned by itself. Raises
    DataRefused where it belongs to somebody in that time already: end that assignment first.
    """
    connection.execute(_ASSIGN, asdict(assignment))


def end_assignment(
    connection: Connection, device_id: DeviceId, user_slot: int | None, *, ends_at: datetime
) -> bool:
    """End the assignment that is valid at `ends_at`; the instant itself belongs to it no more.

    False where there is none.
    """
    asked = {"device_id": device_id, "user_slot": user_slot, "ends_at": ends_at}
    return connection.execute(_END_ASSIGNMENT, asked).rowcount == 1


def assignments(
    connection: Connection,
    *,
    device_ids: Sequence[DeviceId] | None = None,
    patient_id: PatientId | None = None,
) -> list[Assignment]:
    """Assignments past, present and to come, of these devices or of this patient; without either, all."""
    asked = {"device_ids": None if device_ids is None else list(device_ids), "patient_id": patient_id}
    with connection.cursor(row_factory=class_row(Assignment)) as cursor:
        return cursor.execute(_ASSIGNMENTS, asked).fetchall()


def assigned_patient(
    assigned: Sequence[Assignment], device_id: DeviceId, user_slot: int | None, at: datetime
) -> PatientId | None:
    """Whose the device was at that instant; None where it was nobody's.

    The reading's own user slot decides; a device that is assigned as a whole counts for every other slot.
    """
    valid = [
        a
        for a in assigned
        if a.device_id == device_id and a.starts_at <= at and (a.ends_at is None or at < a.ends_at)
    ]
    if user_slot is not None:
        for assignment in valid:
            if assignment.user_slot == user_slot:
                return assignment.patient_id
    whole = (assignment.patient_id for assignment in valid if assignment.user_slot is None)
    return next(whole, None)
