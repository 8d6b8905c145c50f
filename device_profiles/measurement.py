"""What one frame says was measured, before anyone converts, dates or attributes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, runtime_checkable

from device_profiles.device_time import DeviceTime
from device_profiles.fields import Fields
from device_profiles.gatt.ieee_11073 import Number, Special
from device_profiles.units import Unit
from vitals.measure import Measure
from vitals.reading import Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A value in the unit the device gave it in; `special` says why there is none."""

    value: float | None
    unit: Unit
    special: Special | None = None


def amount(number: Number, unit: Unit) -> Amount:
    """An IEEE 11073 number with its unit."""
    return Amount(value=number.value, unit=unit, special=number.special)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One measurement in the device's own words.

    `failure` is set where the device reports that it could not measure; `withheld` where the bytes are a
    measurement's but no reading may come of it (an inflating cuff, a demo, a placeholder). `stored` is None
    where the frame does not say whether it comes out of memory. `age` is set where a device without a clock
    says how long ago it measured. `sequence` numbers a device's records; a companion frame with the same
    number may follow, and unmake it. `raw` is the part of the frame that is this measurement's, where a frame
    has several.
    """

    amounts: Mapping[Measure, Amount] = field(default_factory=dict[Measure, Amount])
    device_time: DeviceTime | None = None
    time_offset: timedelta = timedelta()
    clock_unset: bool = False
    age: timedelta | None = None
    user: int | None = None
    quality: frozenset[Quality] = frozenset()
    final: bool = True
    stored: bool | None = None
    sequence: int | None = None
    awaits_companion: bool = False
    raw: bytes | None = None
    failure: str | None = None
    withheld: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """What a frame says about the measurement with the same sequence number."""

    sequence: int
    withheld: str | None = None


@runtime_checkable
class Accompanies(Protocol):
    """A decoded frame that belongs to a measurement of another frame."""

    def companion(self) -> Companion:
        """Which, and whether it may still become a reading."""
        ...


class Decoded(Protocol):
    """What every codec returns for bytes that it understands."""

    def fields(self) -> Fields:
        """Everything the frame said, by the names and in the units of the captures."""
        ...

    def measurements(self) -> tuple[Measurement, ...]:
        """What was measured: nothing in a control frame, several in a dump of memory."""
        ...
