"""The Jumper JPD-500F's frame: pulse, SpO2, perfusion. Built from public write-ups, not from a recording."""

from device_profiles.fields import Fields, amount_field
from device_profiles.refusal import Reason, Refusal, layout, truncated
from device_profiles.report import Report, oximeter
from device_profiles.units import Unit

_VALUES, _PLETH = 0x81, 0x80
_LENGTH = 4


def decode(frame: bytes) -> Report | Refusal:
    """The values; 255, 127 and zero are sentinels."""
    if not frame:
        return truncated(0, _LENGTH)
    if frame[0] == _PLETH:
        return Refusal(reason=Reason.CONTROL_FRAME, detail="a pleth frame")
    if frame[0] != _VALUES:
        return layout(f"starts with 0x{frame[0]:02x}")
    if len(frame) < _LENGTH:
        return truncated(len(frame), _LENGTH)
    pulse = None if frame[1] in (0, 0xFF) else frame[1]
    spo2 = None if frame[2] in (0, 0x7F, 0xFF) else frame[2]
    perfusion = frame[3] / 10 if frame[3] else None
    said: Fields = {"perfusion_index": amount_field(perfusion, Unit.PERCENT)}
    return oximeter(spo2, pulse, perfusion_index=perfusion, said=said)
