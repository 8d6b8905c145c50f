"""Nonin's oximetry frame (3230, 3150), once a second. From the published layout, not from a recording."""

import struct

from device_profiles.fields import Fields, amount_field
from device_profiles.refusal import Refusal, layout, truncated
from device_profiles.report import Report, Terms, oximeter
from device_profiles.units import Unit
from vitals.reading import Quality

_LENGTH = 10
_LAYOUT = struct.Struct(">BBBHHBH")
_ENCRYPTED, _LOW_BATTERY, _BAD_SENSOR, _SEARCHING, _SMART_POINT, _WEAK = 0x40, 0x20, 0x10, 0x08, 0x04, 0x02
_NO_SPO2, _NO_PULSE = 127, 511


def decode(frame: bytes) -> Report | Refusal:
    """The values with state, battery and amplitude; high byte first, unlike the standard."""
    if not frame:
        return truncated(0, _LENGTH)
    if frame[0] != _LENGTH:
        return layout(f"length byte {frame[0]}")
    if len(frame) < _LENGTH:
        return truncated(len(frame), _LENGTH)
    _length, status, battery, amplitude, counter, spo2, pulse = _LAYOUT.unpack_from(frame)
    saturation = None if spo2 in (0, _NO_SPO2) else spo2
    perfusion = amplitude / 100 if saturation is not None else None
    said: Fields = {
        "pulse_amplitude_index": amount_field(amplitude / 100, Unit.PERCENT),
        "battery": amount_field(battery / 10, Unit.VOLT),
        "counter": counter,
        "encrypted": bool(status & _ENCRYPTED),
        "low_battery": bool(status & _LOW_BATTERY),
        "bad_sensor": bool(status & _BAD_SENSOR),
        "searching": bool(status & _SEARCHING),
        "smart_point": bool(status & _SMART_POINT),
        "weak_signal": bool(status & _WEAK),
    }
    quality = frozenset({Quality.LOW_PERFUSION} if status & _WEAK else ())
    failure = "the sensor is not connected" if status & _BAD_SENSOR else None
    return oximeter(
        saturation,
        None if pulse in (0, _NO_PULSE) else pulse,
        perfusion_index=perfusion,
        terms=Terms(quality=quality, failure=failure),
        said=said,
    )
