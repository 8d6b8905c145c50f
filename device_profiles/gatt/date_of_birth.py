"""Date of Birth, 0x2A85 (User Data Service): read from a scale's user and written back unchanged."""

import struct
from dataclasses import dataclass

from device_profiles.device_time import DeviceTime
from device_profiles.fields import Fields
from device_profiles.refusal import Refusal, truncated

UUID = "2a85"
_LAYOUT = struct.Struct("<HBB")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateOfBirth:
    """A date as the device holds it; zero means "not known"."""

    year: int
    month: int
    day: int

    def fields(self) -> Fields:
        """The date, null where it is unknown or impossible."""
        moment = DeviceTime(year=self.year, month=self.month, day=self.day).moment
        return {"date_of_birth": moment.date().isoformat() if moment else None}

    def measurements(self) -> tuple[()]:
        """A date is no measurement."""
        return ()


def decode(frame: bytes) -> DateOfBirth | Refusal:
    """The date in the first four bytes."""
    if len(frame) < _LAYOUT.size:
        return truncated(len(frame), _LAYOUT.size)
    year, month, day = _LAYOUT.unpack_from(frame)
    return DateOfBirth(year=year, month=month, day=day)


def encode(value: DateOfBirth) -> bytes:
    """The four bytes."""
    return _LAYOUT.pack(value.year, value.month, value.day)
