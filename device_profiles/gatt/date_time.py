"""Date Time, 0x2A08: the seven bytes in which a device says its own local time."""

import struct
from datetime import datetime

from device_profiles.device_time import DeviceTime, device_time
from device_profiles.refusal import Refusal, truncated

UUID = "2a08"
LENGTH = 7
_LAYOUT = struct.Struct("<HBBBBB")


def decode(frame: bytes) -> DeviceTime | Refusal:
    """The time in the first seven bytes, impossible ones included."""
    if len(frame) < LENGTH:
        return truncated(len(frame), LENGTH)
    return read(frame, 0)


def read(frame: bytes, offset: int) -> DeviceTime:
    """The time at `offset` of a frame that is known to be long enough."""
    year, month, day, hour, minute, second = _LAYOUT.unpack_from(frame, offset)
    return DeviceTime(year=year, month=month, day=day, hour=hour, minute=minute, second=second)


def encode(value: DeviceTime) -> bytes:
    """The seven bytes."""
    return _LAYOUT.pack(value.year, value.month, value.day, value.hour, value.minute, value.second)


def encode_clock(local: datetime) -> bytes:
    """What to write to a device so that its clock shows this wall-clock time."""
    return encode(device_time(local))
