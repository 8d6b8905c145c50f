"""The records in the memory of Omron's body composition scales (HBF): big-endian bit fields.

Source: layout facts of openScale's Omron library.
"""

from device_profiles.device_time import DeviceTime
from device_profiles.refusal import Reason, Refusal, truncated
from device_profiles.report import Body, Report, Terms, kilograms, scale

_WEIGHT_AT = 26


def _bits(record: bytes, offset: int, size: int, lowest: int, width: int) -> int:
    return int.from_bytes(record[offset : offset + size], "big") >> lowest & (1 << width) - 1


def _decode(record: bytes, length: int, levels_per_visceral_step: int) -> Report | Refusal:
    if len(record) < length:
        return truncated(len(record), length)
    if set(record[:length]) in ({0xFF}, {0x00}):
        return Refusal(reason=Reason.EMPTY_SLOT, detail="erased or never written")
    weight = _bits(record, _WEIGHT_AT, 2, 4, 12)
    if weight == 0:
        return Refusal(reason=Reason.EMPTY_SLOT, detail="no weight")
    time = DeviceTime(
        year=2000 + _bits(record, 7, 1, 0, 6),
        month=_bits(record, 11, 1, 0, 4),
        day=_bits(record, 12, 1, 3, 5),
        hour=_bits(record, 12, 2, 6, 5),
        minute=_bits(record, 9, 1, 0, 6),
        second=_bits(record, 13, 1, 0, 6),
    )
    if time.moment is None:
        return Refusal(reason=Reason.OUT_OF_RANGE, detail=f"no time: {time.text}")
    visceral = _bits(record, 2, 2, 0, 6)
    body = Body(
        fat_percent=_tenths(_bits(record, 2, 2, 6, 10)),
        visceral_fat_level=visceral / levels_per_visceral_step or None,
        bmr_kcal=_bits(record, 4, 2, 4, 12) or None,
        skeletal_muscle_percent=_tenths(_bits(record, 6, 2, 6, 10)),
        bmi=_tenths(_bits(record, 8, 2, 6, 10)),
        body_age=_bits(record, 10, 1, 0, 7) or None,
    )
    return scale(kilograms(weight / 20), body=body, terms=Terms(time=time, stored=None))


def decode_48(record: bytes) -> Report | Refusal:
    """HBF-702T: half levels of visceral fat."""
    return _decode(record, 48, levels_per_visceral_step=2)


def decode_32(record: bytes) -> Report | Refusal:
    """HBF-222T to 230T: whole levels of visceral fat."""
    return _decode(record, 32, levels_per_visceral_step=1)


def _tenths(raw: int) -> float | None:
    return raw / 10 if raw else None
