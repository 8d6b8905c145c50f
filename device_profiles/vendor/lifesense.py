"""Transtek and LifeSense scales, protocols A2 and A3: the frames of a measurement.

Sources: the HCI capture and protocol notes of openble-lifesense (MIT), openScale; facts only.
"""

import struct
from datetime import datetime

from device_profiles.device_time import DeviceTime, seconds_since
from device_profiles.fields import Fields, number_field
from device_profiles.gatt.ieee_11073 import Number, float32, sfloat
from device_profiles.refusal import Reason, Refusal, truncated
from device_profiles.report import Body, Report, Terms, kilograms, scale

# The clock counts the seconds of the phone's local time.
EPOCH = datetime(2010, 1, 1)  # noqa: DTZ001  # device time has no zone
WEIGHT_A2, WEIGHT_A3, COMPOSITION = "8a21", "8a24", "8a22"
_TIME, _FIRST, _SECOND, _USER, _STATUS = 0x01, 0x02, 0x04, 0x08, 0x10
_DISPLAY_UNITS = ("kg", "lb", "st", "kg")
_NOBODY = 0xFF
_HEAD = 5
_STABLE, _MORE_FOLLOWS = 0x01, 0x10


def _time(frame: bytes, at: int) -> DeviceTime:
    return seconds_since(EPOCH, int.from_bytes(frame[at : at + 4], "little"))


def decode_weight(frame: bytes) -> Report | Refusal:
    """The weight in kilograms, whatever the display shows; time, impedance, user and status by the flags.

    In A2 the second value is a first resistance, in A3 a difference of weights; the third is the impedance.
    """
    if len(frame) < _HEAD:
        return truncated(len(frame), _HEAD)
    flags = frame[0]
    sizes = ((_TIME, 4), (_FIRST, 4), (_SECOND, 4), (_USER, 1), (_STATUS, 1))
    needed = _HEAD + sum(size for flag, size in sizes if flags & flag)
    if len(frame) < needed:
        return truncated(len(frame), needed)
    at: dict[int, int] = {}
    offset = _HEAD
    for flag, size in sizes:
        if flags & flag:
            at[flag] = offset
            offset += size
    weight = float32(int.from_bytes(frame[1:5], "little"))
    if weight.value is None or weight.value < 0:
        return Refusal(reason=Reason.OUT_OF_RANGE, detail="no weight")
    status = frame[at[_STATUS]] if _STATUS in at else None
    user = frame[at[_USER]] if _USER in at else None
    said: Fields = {"display_unit": _DISPLAY_UNITS[flags >> 5 & 0x03], "status_raw": status}
    if user is not None:
        said["user_id"] = user
    impedance = float32(_u32(frame, at[_SECOND])).value if _SECOND in at else None
    time = _time(frame, at[_TIME]) if _TIME in at else None
    return scale(
        kilograms(weight.value),
        body=Body(impedance_ohm=impedance),
        terms=Terms(time=time, user=user, final=status is None or bool(status & _STABLE)),
        said=said,
    )


def decode_composition(frame: bytes) -> Report | Refusal:
    """Metabolism, fat, water, visceral fat, muscle and bone by the flags; its time is that of the weight."""
    if len(frame) < _HEAD:
        return truncated(len(frame), _HEAD)
    flags = frame[0]
    count = (flags >> 1 & 0x3F).bit_count()
    values_at = _HEAD + (flags & 1)
    if len(frame) < values_at + 2 * count:
        return truncated(len(frame), values_at + 2 * count)
    raw = iter(struct.unpack_from(f"<{count}H", frame, values_at))
    values: list[int | None] = [next(raw) if flags & 1 << bit else None for bit in range(1, 7)]
    metabolism, fat, water, visceral, muscle, bone = values
    user = frame[_HEAD] if flags & 1 else None
    body = Body(
        bmr_kcal=metabolism,
        fat_percent=_decimal(fat),
        water_percent=_decimal(water),
        visceral_fat_level=_decimal(visceral),
        muscle_percent=_decimal(muscle),
        bone_kg=_decimal(bone),
    )
    return scale(None, body=body, terms=Terms(time=_time(frame, 1), user=user))


def decode_vendor_sfloat(frame: bytes) -> Report | Refusal:
    """A 16-bit number as LifeSense's software reads it, with a sign bit in the mantissa, and as IEEE has it.

    Real values are never negative, so that the two differ only where a value is invalid.
    """
    if len(frame) < 2:
        return truncated(len(frame), 2)
    raw = int.from_bytes(frame[:2], "little")
    exponent = (raw >> 12) - 16 if raw & 0x8000 else raw >> 12
    magnitude = raw & 0x07FF
    mantissa = -magnitude if raw & 0x0800 else magnitude
    vendor = Number(mantissa=mantissa, exponent=exponent)
    return Report(
        said={"number_vendor": number_field(vendor, "1"), "number_ieee": number_field(sfloat(raw), "1")}
    )


def _u32(frame: bytes, at: int) -> int:
    return int.from_bytes(frame[at : at + 4], "little")


def _decimal(raw: int | None) -> float | None:
    return None if raw is None else sfloat(raw).value
