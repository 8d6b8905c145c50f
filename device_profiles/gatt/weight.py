"""Weight Measurement, 0x2A9D (Weight Scale Service 1.0.1, section 3.2)."""

import struct
from dataclasses import dataclass

from device_profiles.device_time import DeviceTime
from device_profiles.fields import Fields, amount_field
from device_profiles.gatt import date_time
from device_profiles.measurement import Amount, Measurement
from device_profiles.refusal import Refusal, truncated
from device_profiles.units import Unit
from vitals.measure import Measure

UUID = "2a9d"
UNSUCCESSFUL = 0xFFFF
USER_UNKNOWN = 0xFF
_IMPERIAL, _TIME, _USER, _BMI_AND_HEIGHT = 0x01, 0x02, 0x04, 0x08
_HEAD = struct.Struct("<BH")
_BMI_HEIGHT = struct.Struct("<HH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """How many steps of the scale's resolution make one kilogram, or one pound."""

    per_kilogram: int = 200
    per_pound: int = 100


STANDARD_STEPS = Steps()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """One weighing as the scale sent it; the raw steps are kept, so that nothing is rounded twice.

    `bmi_raw` counts tenths of kg/m²; `height_raw` millimetres, or tenths of an inch where `imperial`.
    """

    weight_raw: int
    imperial: bool = False
    steps: Steps = STANDARD_STEPS
    time: DeviceTime | None = None
    user: int | None = None
    bmi_raw: int | None = None
    height_raw: int | None = None
    trailing: bytes = b""

    @property
    def unit(self) -> Unit:
        """Kilograms or pounds, as the frame says."""
        return Unit.POUND if self.imperial else Unit.KILOGRAM

    @property
    def weight(self) -> float | None:
        """In `unit`; None where the measurement was unsuccessful."""
        if self.weight_raw == UNSUCCESSFUL:
            return None
        return self.weight_raw / (self.steps.per_pound if self.imperial else self.steps.per_kilogram)

    @property
    def height(self) -> Amount | None:
        """None where the frame has no height or a zero in its place."""
        if not self.height_raw:
            return None
        if self.imperial:
            return Amount(value=self.height_raw / 10, unit=Unit.INCH)
        return Amount(value=self.height_raw / 1000, unit=Unit.METRE)

    def fields(self) -> Fields:
        """The values in the unit of the frame; optional fields only where the frame has them."""
        said: Fields = {"weight": amount_field(self.weight, self.unit), "timestamp": None}
        if self.weight is None:
            said["unsuccessful"] = True
        if self.time is not None:
            said |= self.time.fields()
        if self.user is not None:
            said["user_id"] = self.user
            said["user"] = "unknown" if self.user == USER_UNKNOWN else str(self.user)
        if self.bmi_raw:
            said["bmi"] = amount_field(self.bmi_raw / 10, Unit.BODY_MASS_INDEX)
        if self.height is not None:
            said["height"] = amount_field(self.height.value, self.height.unit)
        if self.trailing:
            said["trailing_bytes"] = len(self.trailing)
        return said

    def measurements(self) -> tuple[Measurement, ...]:
        """Weight, and what the scale computed with it; a failure where it was unsuccessful."""
        amounts = {Measure.WEIGHT: Amount(value=self.weight, unit=self.unit)}
        if self.bmi_raw:
            amounts[Measure.BODY_MASS_INDEX] = Amount(value=self.bmi_raw / 10, unit=Unit.BODY_MASS_INDEX)
        if self.height is not None:
            amounts[Measure.HEIGHT] = self.height
        measured = Measurement(
            amounts=amounts,
            device_time=self.time,
            user=self.user,
            failure="the scale could not measure" if self.weight is None else None,
        )
        return (measured,)


def decode(frame: bytes, *, steps: Steps = STANDARD_STEPS) -> Weight | Refusal:
    """The weighing, or a refusal where a flagged field is not there.

    `steps` is the scale's resolution: the standard's 0.005 kg and 0.01 lb, unless a profile knows better.
    """
    length = len(frame)
    if length < _HEAD.size:
        return truncated(length, _HEAD.size)
    flags, raw = _HEAD.unpack_from(frame)
    needed = _needed(flags)
    if length < needed:
        return truncated(length, needed)
    time = user = bmi = height = None
    offset = _HEAD.size
    if flags & _TIME:
        time = date_time.read(frame, offset)
        offset += date_time.LENGTH
    if flags & _USER:
        user = frame[offset]
        offset += 1
    if flags & _BMI_AND_HEIGHT:
        bmi, height = _BMI_HEIGHT.unpack_from(frame, offset)
        offset += _BMI_HEIGHT.size
    return Weight(
        weight_raw=raw,
        imperial=bool(flags & _IMPERIAL),
        steps=steps,
        time=time,
        user=user,
        bmi_raw=bmi,
        height_raw=height,
        trailing=frame[offset:],
    )


def encode(value: Weight) -> bytes:
    """The frame."""
    flags = _IMPERIAL if value.imperial else 0
    body = b""
    if value.time is not None:
        flags |= _TIME
        body += date_time.encode(value.time)
    if value.user is not None:
        flags |= _USER
        body += bytes((value.user,))
    if value.bmi_raw is not None or value.height_raw is not None:
        flags |= _BMI_AND_HEIGHT
        body += _BMI_HEIGHT.pack(value.bmi_raw or 0, value.height_raw or 0)
    return _HEAD.pack(flags, value.weight_raw) + body + value.trailing


def kilograms(value: float) -> int:
    """The raw steps of a weight in kilograms at the standard's resolution."""
    return round(value * STANDARD_STEPS.per_kilogram)


def _needed(flags: int) -> int:
    optional = ((_TIME, date_time.LENGTH), (_USER, 1), (_BMI_AND_HEIGHT, _BMI_HEIGHT.size))
    return _HEAD.size + sum(size for flag, size in optional if flags & flag)
