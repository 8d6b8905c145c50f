"""How far a device's clock is from the wall clock at home."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from device_profiles.device_time import DeviceTime
from device_profiles.gatt import current_time, date_time
from device_profiles.refusal import Refusal
from device_profiles.uuids import full_uuid

# Less than this is the way of the bytes and the device's rounding, not its clock.
NEGLIGIBLE = timedelta(seconds=30)


def _current_time(data: bytes) -> DeviceTime | Refusal:
    decoded = current_time.decode(data)
    return decoded if isinstance(decoded, Refusal) else decoded.time


_READERS: Mapping[str, Callable[[bytes], DeviceTime | Refusal]] = {
    full_uuid(date_time.UUID): date_time.decode,
    full_uuid(current_time.UUID): _current_time,
}


def can_read(characteristic: str) -> bool:
    """Whether the characteristic tells the time in a form that is known."""
    return full_uuid(characteristic) in _READERS


def offset(characteristic: str, data: bytes, local: datetime) -> timedelta | None:
    """What must be added to the device's time to get `local`, the wall clock now; None where it says none."""
    reader = _READERS.get(full_uuid(characteristic))
    said = reader(data) if reader else None
    if not isinstance(said, DeviceTime) or said.moment is None:
        return None
    return local.replace(tzinfo=None) - said.moment
