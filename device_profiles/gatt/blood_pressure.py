"""Blood Pressure Measurement, 0x2A35 (Blood Pressure Service 1.1.1, section 3.1)."""

import struct
from dataclasses import dataclass
from enum import IntFlag

from device_profiles.device_time import DeviceTime
from device_profiles.fields import Fields, number_field
from device_profiles.gatt import date_time
from device_profiles.gatt.ieee_11073 import Number, encode_sfloat, sfloat
from device_profiles.measurement import Measurement, amount
from device_profiles.refusal import Refusal, layout, truncated
from device_profiles.units import Unit
from vitals.measure import Measure
from vitals.reading import Quality

UUID = "2a35"
USER_UNKNOWN = 0xFF
_KPA, _TIME, _PULSE, _USER, _STATUS, _RESERVED = 0x01, 0x02, 0x04, 0x08, 0x10, 0xE0
_PRESSURES = struct.Struct("<BHHH")
_U16 = struct.Struct("<H")
# No cuff inflates so far: with reserved flags set, such a pressure was not written in this layout.
_BEYOND_ANY_CUFF_MMHG = 1000.0


class CuffStatus(IntFlag):
    """Measurement Status; two bits of rate range, of which both together are reserved."""

    BODY_MOVEMENT = 1
    CUFF_TOO_LOOSE = 2
    IRREGULAR_PULSE = 4
    PULSE_RATE_ABOVE_RANGE = 8
    PULSE_RATE_BELOW_RANGE = 16
    IMPROPER_POSITION = 32


_QUALITY = {
    CuffStatus.BODY_MOVEMENT: Quality.MOTION,
    CuffStatus.CUFF_TOO_LOOSE: Quality.POOR_CONTACT,
    CuffStatus.IRREGULAR_PULSE: Quality.IRREGULAR_PULSE,
    CuffStatus.PULSE_RATE_ABOVE_RANGE: Quality.RATE_OUT_OF_RANGE,
    CuffStatus.PULSE_RATE_BELOW_RANGE: Quality.RATE_OUT_OF_RANGE,
    CuffStatus.IMPROPER_POSITION: Quality.IMPROPER_POSITION,
}
_RATE_RANGE = CuffStatus.PULSE_RATE_ABOVE_RANGE | CuffStatus.PULSE_RATE_BELOW_RANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class BloodPressure:
    """One measurement as the cuff sent it; `status` is raw, reserved bits and all."""

    unit: Unit
    systolic: Number
    diastolic: Number
    mean: Number
    time: DeviceTime | None = None
    pulse: Number | None = None
    user: int | None = None
    status: int | None = None
    trailing: bytes = b""

    def fields(self) -> Fields:
        """The values in the unit of the frame; optional fields only where the frame has them."""
        said: Fields = {
            "systolic": number_field(self.systolic, self.unit),
            "diastolic": number_field(self.diastolic, self.unit),
            "map": number_field(self.mean, self.unit),
            "unit_flag": self.unit.value,
            "timestamp": None,
        }
        return said | optional_fields(self.time, self.pulse, self.user, self.status, self.trailing)

    def measurements(self) -> tuple[Measurement, ...]:
        """Pressures and pulse; a failure where the cuff gave a special value for a pressure."""
        pressures = (self.systolic, self.diastolic)
        specials = [number.special for number in pressures if number.special]
        amounts = {
            Measure.SYSTOLIC: amount(self.systolic, self.unit),
            Measure.DIASTOLIC: amount(self.diastolic, self.unit),
        }
        if self.mean.value:
            amounts[Measure.MEAN_ARTERIAL_PRESSURE] = amount(self.mean, self.unit)
        if self.pulse is not None and self.pulse.value:
            amounts[Measure.HEART_RATE] = amount(self.pulse, Unit.PER_MINUTE)
        measured = Measurement(
            amounts=amounts,
            device_time=self.time,
            user=self.user,
            quality=cuff_quality(self.status or 0),
            failure=f"the cuff could not measure ({specials[0]})" if specials else None,
        )
        return (measured,)


def optional_fields(
    time: DeviceTime | None, pulse: Number | None, user: int | None, status: int | None, trailing: bytes
) -> Fields:
    """The fields that 0x2A35 and 0x2A36 share, where the frame has them."""
    said: Fields = {}
    if time is not None:
        said |= time.fields()
    if pulse is not None:
        said["pulse"] = number_field(pulse, Unit.PER_MINUTE)
    if user is not None:
        said["user_id"] = user
        said["user"] = "unknown" if user == USER_UNKNOWN else str(user)
    if status is not None:
        said["status_raw"] = status
        said["status"] = [*status_words(status)]
    if trailing:
        said["trailing_bytes"] = len(trailing)
    return said


def status_words(status: int) -> list[str]:
    """The set bits in words, in the order of the bits; reserved bits have none."""
    if status & _RATE_RANGE == _RATE_RANGE:
        words = status_words(status & ~_RATE_RANGE)
        before = sum(1 for flag in (1, 2, 4) if status & flag)
        return [*words[:before], "pulse_rate_range_reserved", *words[before:]]
    return [flag.name.lower() for flag in CuffStatus if flag.name and status & flag]


def cuff_quality(status: int) -> frozenset[Quality]:
    """What a status means for whoever uses the reading."""
    return frozenset(quality for flag, quality in _QUALITY.items() if status & flag)


def _shape(flags: int) -> struct.Struct:
    optional = ((_TIME, "HBBBBB"), (_PULSE, "H"), (_USER, "B"), (_STATUS, "H"))
    return struct.Struct("<BHHH" + "".join(code for flag, code in optional if flags & flag))


# One layout for each combination of flags, so that a frame is unpacked in one step.
_SHAPES = tuple(_shape(flags) for flags in range(256))


def decode(frame: bytes) -> BloodPressure | Refusal:
    """The measurement, or a refusal where a flagged field is not there."""
    length = len(frame)
    if length < _PRESSURES.size:
        return truncated(length, _PRESSURES.size)
    flags = frame[0]
    shape = _SHAPES[flags]
    needed = shape.size
    if length < needed:
        return truncated(length, needed)
    values = shape.unpack_from(frame)
    time = pulse = user = status = None
    at = 4
    if flags & _TIME:
        year, month, day, hour, minute, second = values[4:10]
        time = DeviceTime(year=year, month=month, day=day, hour=hour, minute=minute, second=second)
        at = 10
    if flags & _PULSE:
        pulse = sfloat(values[at])
        at += 1
    if flags & _USER:
        user = values[at]
        at += 1
    if flags & _STATUS:
        status = values[at]
    decoded = BloodPressure(
        unit=Unit.KPA if flags & _KPA else Unit.MMHG,
        systolic=sfloat(values[1]),
        diastolic=sfloat(values[2]),
        mean=sfloat(values[3]),
        time=time,
        pulse=pulse,
        user=user,
        status=status,
        trailing=frame[needed:],
    )
    if flags & _RESERVED and _beyond_any_cuff(decoded):
        return layout(f"reserved flags 0x{flags:02x} and impossible pressures: not the standard layout")
    return decoded


def encode(value: BloodPressure) -> bytes:
    """The frame."""
    flags = _KPA if value.unit == Unit.KPA else 0
    body = b""
    if value.time is not None:
        flags |= _TIME
        body += date_time.encode(value.time)
    if value.pulse is not None:
        flags |= _PULSE
        body += _U16.pack(encode_sfloat(value.pulse))
    if value.user is not None:
        flags |= _USER
        body += bytes((value.user,))
    if value.status is not None:
        flags |= _STATUS
        body += _U16.pack(value.status)
    pressures = (encode_sfloat(number) for number in (value.systolic, value.diastolic, value.mean))
    return _PRESSURES.pack(flags, *pressures) + body + value.trailing


def _beyond_any_cuff(decoded: BloodPressure) -> bool:
    limit = _BEYOND_ANY_CUFF_MMHG * (0.1333 if decoded.unit == Unit.KPA else 1)
    return any((number.value or 0) > limit for number in (decoded.systolic, decoded.diastolic))
