"""The Beurer dialect of 0x2A35: a user byte without its flag, pulse and status with the high byte first.

Source: captures of a BM85 in blood-pressure-monitor-fl.
"""

from dataclasses import replace

from device_profiles.gatt import blood_pressure, date_time
from device_profiles.gatt.blood_pressure import BloodPressure
from device_profiles.gatt.ieee_11073 import Number, encode_sfloat, sfloat
from device_profiles.refusal import Refusal, truncated
from device_profiles.report import Report
from device_profiles.units import Unit

_TIME, _PULSE, _STATUS = 0x02, 0x04, 0x10
_PRESSURES = 7


def decode(frame: bytes) -> Report | Refusal:
    """The measurement; a mean pressure of zero is absent."""
    pressures = blood_pressure.decode(b"\x00" + frame[1:_PRESSURES])
    if isinstance(pressures, Refusal):
        return pressures
    flags = frame[0]
    sizes = ((_TIME, date_time.LENGTH), (_PULSE, 2), (_STATUS, 2))
    needed = _PRESSURES + 1 + sum(size for flag, size in sizes if flags & flag)
    if len(frame) < needed:
        return truncated(len(frame), needed)
    offset = _PRESSURES
    time = pulse = status = None
    if flags & _TIME:
        time = date_time.read(frame, offset)
        offset += date_time.LENGTH
    if flags & _PULSE:
        pulse = sfloat(int.from_bytes(frame[offset : offset + 2], "big"))
        offset += 2
    user = frame[offset]
    offset += 1
    if flags & _STATUS:
        status = int.from_bytes(frame[offset : offset + 2], "big")
        offset += 2
    unit = Unit.KPA if flags & 0x01 else Unit.MMHG
    whole = replace(
        pressures, unit=unit, time=time, pulse=pulse, user=user, status=status, trailing=frame[offset:]
    )
    said = whole.fields() | ({"map": None} if whole.mean == Number() else {})
    return Report(said=said, measured=whole.measurements())


def encode(value: BloodPressure) -> bytes:
    """The frame as a BM85 sends it: every field, and the reserved flag that it always sets."""
    standard = blood_pressure.encode(
        replace(value, time=value.time, pulse=None, user=None, status=None, trailing=b"")
    )
    flags = standard[0] | 0x40 | _PULSE | _STATUS
    pulse = encode_sfloat(value.pulse or Number()).to_bytes(2, "big")
    tail = pulse + bytes((value.user or 0,)) + (value.status or 0).to_bytes(2, "big")
    return bytes((flags,)) + standard[1:] + tail
