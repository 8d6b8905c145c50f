"""PLX Continuous Measurement, 0x2A5F (Pulse Oximeter Service 1.0.1, section 3.2)."""

import struct
from dataclasses import dataclass

from device_profiles.fields import Fields, number_field
from device_profiles.gatt.ieee_11073 import Number, encode_sfloat, sfloat
from device_profiles.gatt.plx_spot import oximetry
from device_profiles.gatt.plx_status import status_fields
from device_profiles.measurement import Measurement
from device_profiles.refusal import Refusal, truncated
from device_profiles.units import Unit

UUID = "2a5f"
_FAST, _SLOW, _STATUS, _SENSOR, _AMPLITUDE = 0x01, 0x02, 0x04, 0x08, 0x10
_HEAD = struct.Struct("<BHH")
_PAIR = struct.Struct("<HH")
_U16 = struct.Struct("<H")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """SpO2 and pulse of one response speed."""

    spo2: Number
    pulse: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class PlxContinuous:
    """One moment of a running measurement; `status` and `sensor` are the raw bits of `plx_status`."""

    normal: Pair
    fast: Pair | None = None
    slow: Pair | None = None
    status: int | None = None
    sensor: int | None = None
    amplitude: Number | None = None
    trailing: bytes = b""

    def fields(self) -> Fields:
        """SpO2, pulse and what else the frame has."""
        said: Fields = {}
        for pair, suffix in ((self.normal, ""), (self.fast, "_fast"), (self.slow, "_slow")):
            if pair is not None:
                said[f"spo2{suffix}"] = number_field(pair.spo2, Unit.PERCENT)
                said[f"pulse{suffix}"] = number_field(pair.pulse, Unit.PER_MINUTE)
        said |= status_fields(self.status, self.sensor)
        if self.amplitude is not None:
            said["pulse_amplitude_index"] = number_field(self.amplitude, Unit.PERCENT)
        if self.trailing:
            said["trailing_bytes"] = len(self.trailing)
        return said

    def measurements(self) -> tuple[Measurement, ...]:
        """The normal response, behind the gate of the status bits."""
        measured = oximetry(
            spo2=self.normal.spo2,
            pulse=self.normal.pulse,
            amplitude=self.amplitude,
            status=self.status or 0,
            sensor=self.sensor or 0,
        )
        return (measured,)


def decode(frame: bytes) -> PlxContinuous | Refusal:
    """The measurement, or a refusal where a flagged field is not there."""
    length = len(frame)
    if length < _HEAD.size:
        return truncated(length, _HEAD.size)
    flags, spo2, pulse = _HEAD.unpack_from(frame)
    needed = _needed(flags)
    if length < needed:
        return truncated(length, needed)
    fast = slow = status = sensor = amplitude = None
    offset = _HEAD.size
    if flags & _FAST:
        fast = _pair(frame, offset)
        offset += _PAIR.size
    if flags & _SLOW:
        slow = _pair(frame, offset)
        offset += _PAIR.size
    if flags & _STATUS:
        status = _U16.unpack_from(frame, offset)[0]
        offset += 2
    if flags & _SENSOR:
        sensor = int.from_bytes(frame[offset : offset + 3], "little")
        offset += 3
    if flags & _AMPLITUDE:
        amplitude = sfloat(_U16.unpack_from(frame, offset)[0])
        offset += 2
    return PlxContinuous(
        normal=Pair(spo2=sfloat(spo2), pulse=sfloat(pulse)),
        fast=fast,
        slow=slow,
        status=status,
        sensor=sensor,
        amplitude=amplitude,
        trailing=frame[offset:],
    )


def encode(value: PlxContinuous) -> bytes:
    """The frame."""
    flags = 0
    body = b""
    for pair, flag in ((value.fast, _FAST), (value.slow, _SLOW)):
        if pair is not None:
            flags |= flag
            body += _PAIR.pack(encode_sfloat(pair.spo2), encode_sfloat(pair.pulse))
    if value.status is not None:
        flags |= _STATUS
        body += _U16.pack(value.status)
    if value.sensor is not None:
        flags |= _SENSOR
        body += value.sensor.to_bytes(3, "little")
    if value.amplitude is not None:
        flags |= _AMPLITUDE
        body += _U16.pack(encode_sfloat(value.amplitude))
    head = _HEAD.pack(flags, encode_sfloat(value.normal.spo2), encode_sfloat(value.normal.pulse))
    return head + body + value.trailing


def _pair(frame: bytes, offset: int) -> Pair:
    spo2, pulse = _PAIR.unpack_from(frame, offset)
    return Pair(spo2=sfloat(spo2), pulse=sfloat(pulse))


def _needed(flags: int) -> int:
    optional = ((_FAST, 4), (_SLOW, 4), (_STATUS, 2), (_SENSOR, 3), (_AMPLITUDE, 2))
    return _HEAD.size + sum(size for flag, size in optional if flags & flag)
