"""Current Time, 0x2A2B: the ten bytes of the Current Time Service, for reading and for setting a clock."""

import struct
from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag

from device_profiles.device_time import DeviceTime, device_time
from device_profiles.fields import Fields
from device_profiles.gatt import date_time
from device_profiles.refusal import Refusal, truncated

UUID = "2a2b"
LENGTH = 10
_TAIL = struct.Struct("<BBB")


class Adjustment(IntFlag):
    """Why the clock was changed (Current Time Service 1.1, 3.1.2.1)."""

    NONE = 0
    MANUAL = 1
    EXTERNAL_REFERENCE = 2
    TIME_ZONE = 4
    DAYLIGHT_SAVING = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentTime:
    """Date and time with day of week (Monday 1, unknown 0), 1/256 seconds and the reason of a change."""

    time: DeviceTime
    weekday: int = 0
    fractions: int = 0
    adjustment: Adjustment = Adjustment.NONE

    def fields(self) -> Fields:
        """The time, and the rest raw."""
        return self.time.fields() | {
            "day_of_week": self.weekday,
            "fractions256": self.fractions,
            "adjust_reason_raw": int(self.adjustment),
        }

    def measurements(self) -> tuple[()]:
        """A time alone measures nothing."""
        return ()


def decode(frame: bytes) -> CurrentTime | Refusal:
    """The current time in the first ten bytes."""
    if len(frame) < LENGTH:
        return truncated(len(frame), LENGTH)
    weekday, fractions, adjustment = _TAIL.unpack_from(frame, date_time.LENGTH)
    return CurrentTime(
        time=date_time.read(frame, 0),
        weekday=weekday,
        fractions=fractions,
        adjustment=Adjustment(adjustment),
    )


def encode(value: CurrentTime) -> bytes:
    """The ten bytes."""
    return date_time.encode(value.time) + _TAIL.pack(value.weekday, value.fractions, value.adjustment)


def encode_clock(local: datetime) -> bytes:
    """What to write to a device so that its clock shows this wall-clock time."""
    current = CurrentTime(
        time=device_time(local),
        weekday=local.isoweekday(),
        adjustment=Adjustment.EXTERNAL_REFERENCE,
    )
    return encode(current)
