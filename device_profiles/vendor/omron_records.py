"""The blood pressure records in the memory of Omron's EEPROM cuffs, by their four layouts.

Sources: hass-omron (MIT) for the layouts, omblepy for which model has which.
"""

from dataclasses import dataclass

from device_profiles.device_time import DeviceTime
from device_profiles.fields import Fields
from device_profiles.refusal import Reason, Refusal, truncated
from device_profiles.report import Report, Terms, cuff
from vitals.reading import Quality

_LARGEST_PRESSURE = 0xE1  # a greater byte was never written as a systolic pressure
_SYSTOLIC_BASE = 25
_ERROR_AT = 17
_CLOCK_AT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flags:
    movement: int
    irregular: int
    loose_cuff: int
    battery: int
    position: int

    def quality(self) -> frozenset[Quality]:
        marks = (
            (self.movement, Quality.MOTION),
            (self.irregular, Quality.IRREGULAR_PULSE),
            (self.position, Quality.IMPROPER_POSITION),
        )
        return frozenset(quality for mark, quality in marks if mark)

    def fields(self) -> Fields:
        return {
            "body_movement": self.movement,
            "irregular_heartbeat": self.irregular,
            "cuff_flag": self.loose_cuff,
            "battery_flag": self.battery,
            "position_flag": self.position,
        }


def _empty(record: bytes) -> Refusal | None:
    if set(record) == {0xFF}:
        return Refusal(reason=Reason.EMPTY_SLOT, detail="erased slot")
    if set(record) == {0x00}:
        return Refusal(reason=Reason.EMPTY_SLOT, detail="never written")
    return None


def _record(
    pressures: tuple[int, int, int], time: DeviceTime, flags: _Flags, more: Fields | None = None
) -> Report | Refusal:
    systolic, diastolic, pulse = pressures
    if systolic > _LARGEST_PRESSURE:
        return Refusal(reason=Reason.EMPTY_SLOT, detail=f"pressure byte 0x{systolic:02x}")
    return cuff(
        systolic + _SYSTOLIC_BASE,
        diastolic,
        pulse,
        terms=Terms(time=time, quality=flags.quality()),
        said=flags.fields() | (more or {}),
    )


def _classic(record: bytes, length: int, record_id_at: int | None) -> Report | Refusal:
    """Little-endian: pressures, pulse, year, then hour to month and second to minute in two words."""
    if len(record) < length:
        return truncated(len(record), length)
    empty = _empty(record[:length])
    if empty:
        return empty
    date = int.from_bytes(record[4:6], "little")
    clock = int.from_bytes(record[6:8], "little")
    time = DeviceTime(
        year=2000 + (record[3] & 0x3F),
        month=date >> 10 & 0xF,
        day=date >> 5 & 0x1F,
        hour=date & 0x1F,
        minute=min(clock >> 6 & 0x3F, 59),
        second=min(clock & 0x3F, 59),
    )
    flags = _Flags(
        movement=date >> 15,
        irregular=date >> 14 & 1,
        loose_cuff=clock >> 12 & 1,
        battery=clock >> 13 & 1,
        position=clock >> 14,
    )
    more: Fields = {}
    if record_id_at is not None:
        more["record_id"] = int.from_bytes(record[record_id_at : record_id_at + 2], "little")
    return _record((record[0], record[1], record[2]), time, flags, more)


def decode_classic_14(record: bytes) -> Report | Refusal:
    """HEM-7142T2 and its like: the record's number is in the last two bytes."""
    return _classic(record, 14, record_id_at=12)


def decode_classic_16(record: bytes) -> Report | Refusal:
    """HEM-7361T, 7342T, 7155T, 7150T: the same head, two bytes longer; what numbers it is not known."""
    return _classic(record, 16, record_id_at=None)


def decode_heart_guide_24(record: bytes) -> Report | Refusal:
    """HEM-9601T and 9700T: with an error code, which is not zero where the measurement failed."""
    if len(record) < 24:
        return truncated(len(record), 24)
    empty = _empty(record[:24])
    if empty:
        return empty
    if record[_ERROR_AT]:
        return Refusal(reason=Reason.DEVICE_ERROR, detail=f"measurement error 0x{record[_ERROR_AT]:02x}")
    return _classic(record, 24, record_id_at=10)


def _packed(record: bytes, *, movement_first: bool) -> Report | Refusal:
    """Big-endian bits: diastolic before systolic, then two words of flags, date and time."""
    if len(record) < 14:
        return truncated(len(record), 14)
    empty = _empty(record[:14])
    if empty:
        return empty
    date = int.from_bytes(record[4:6], "big")
    clock = int.from_bytes(record[6:8], "big")
    first, second = date >> 15, date >> 14 & 1
    time = DeviceTime(
        year=2000 + (record[2] & 0x3F),
        month=date >> 10 & 0xF,
        day=date >> 5 & 0x1F,
        hour=date & 0x1F,
        minute=min(clock >> 6 & 0x3F, 59),
        second=min(clock & 0x3F, 59),
    )
    flags = _Flags(
        movement=first if movement_first else second,
        irregular=second if movement_first else first,
        loose_cuff=clock >> 12 & 1,
        battery=clock >> 13 & 1,
        position=clock >> 14,
    )
    return _record((record[1], record[0], record[3]), time, flags)


def decode_packed_14(record: bytes) -> Report | Refusal:
    """HEM-7322T, 7600T."""
    return _packed(record, movement_first=True)


def decode_packed_14_swapped(record: bytes) -> Report | Refusal:
    """HEM-6232T and 7530T: movement and irregular pulse change places."""
    return _packed(record, movement_first=False)


def decode_clock(block: bytes) -> Report | Refusal:
    """The device's clock in its settings block: year to second from the ninth byte."""
    if len(block) < _CLOCK_AT + 6:
        return truncated(len(block), _CLOCK_AT + 6)
    year, month, day, hour, minute, second = block[_CLOCK_AT : _CLOCK_AT + 6]
    time = DeviceTime(year=2000 + year, month=month, day=day, hour=hour, minute=minute, second=second)
    if time.moment is None:
        return Refusal(reason=Reason.OUT_OF_RANGE, detail=f"no time: {time.text}")
    return Report(said={"device_time": time.text})
