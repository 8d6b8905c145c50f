"""The Yonker YK-IBPA1's frame of fifteen bytes, date before time, day before month.

Source: a capture in blood-pressure-monitor-fl. Its service is one digit away from Jumper's.
"""

from device_profiles.device_time import DeviceTime
from device_profiles.refusal import Refusal, layout, truncated
from device_profiles.report import Report, Terms, cuff

_MARK = 0x81
_LENGTH = 15


def decode(frame: bytes) -> Report | Refusal:
    """The reading."""
    if len(frame) < _LENGTH:
        return truncated(len(frame), _LENGTH)
    if frame[0] != _MARK:
        return layout(f"starts with 0x{frame[0]:02x}")
    systolic, diastolic, pulse = frame[1:4]
    day, month, year, hour, minute = frame[6:11]
    time = DeviceTime(year=2000 + year, month=month, day=day, hour=hour, minute=minute, seconds_known=False)
    return cuff(systolic, diastolic, pulse, terms=Terms(time=time))
