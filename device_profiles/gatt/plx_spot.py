"""PLX Spot-check Measurement, 0x2A5E (Pulse Oximeter Service 1.0.1, section 3.1). Indicated, not notified."""

import struct
from dataclasses import dataclass

from device_profiles.device_time import DeviceTime
from device_profiles.fields import Fields, number_field
from device_profiles.gatt import date_time
from device_profiles.gatt.ieee_11073 import Number, encode_sfloat, sfloat
from device_profiles.gatt.plx_status import judge, status_fields
from device_profiles.measurement import Amount, Measurement, amount
from device_profiles.refusal import Refusal, truncated
from device_profiles.units import Unit
from vitals.measure import Measure

UUID = "2a5e"
_TIME, _STATUS, _SENSOR, _AMPLITUDE, _CLOCK_NOT_SET = 0x01, 0x02, 0x04, 0x08, 0x10
_HEAD = struct.Struct("<BHH")
_U16 = struct.Struct("<H")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlxSpot:
    """One spot check; `status` and `sensor` are the raw bits of `plx_status`, None where not sent."""

    spo2: Number
    pulse: Number
    time: DeviceTime | None = None
    status: int | None = None
    sensor: int | None = None
    amplitude: Number | None = None
    clock_not_set: bool = False
    trailing: bytes = b""

    def fields(self) -> Fields:
        """SpO2, pulse and what else the frame has."""
        said: Fields = {
            "spo2": number_field(self.spo2, Unit.PERCENT),
            "pulse": number_field(self.pulse, Unit.PER_MINUTE),
            "timestamp": None,
            "device_clock_not_set": self.clock_not_set,
        }
        if self.time is not None:
            said |= self.time.fields()
        said |= status_fields(self.status, self.sensor)
        if self.amplitude is not None:
            said["pulse_amplitude_index"] = number_field(self.amplitude, Unit.PERCENT)
        if self.trailing:
            said["trailing_bytes"] = len(self.trailing)
        return said

    def measurements(self) -> tuple[Measurement, ...]:
        """SpO2, pulse and perfusion, behind the gate of the status bits."""
        measured = oximetry(
            spo2=self.spo2,
            pulse=self.pulse,
            amplitude=self.amplitude,
            status=self.status or 0,
            sensor=self.sensor or 0,
            time=self.time,
            clock_unset=self.clock_not_set,
        )
        return (measured,)


def oximetry(
    *,
    spo2: Number,
    pulse: Number,
    amplitude: Number | None,
    status: int,
    sensor: int,
    time: DeviceTime | None = None,
    clock_unset: bool = False,
) -> Measurement:
    """The measurement of either PLX characteristic; a failure where there is no usable SpO2."""
    verdict = judge(status, sensor)
    amounts: dict[Measure, Amount] = {Measure.SPO2: amount(spo2, Unit.PERCENT)}
    if pulse.value:
        amounts[Measure.HEART_RATE] = amount(pulse, Unit.PER_MINUTE)
    if amplitude is not None and amplitude.value is not None:
        amounts[Measure.PERFUSION_INDEX] = amount(amplitude, Unit.PERCENT)
    missing = None if spo2.value else f"no SpO2 ({spo2.special or 'zero'})"
    return Measurement(
        amounts=amounts,
        device_time=time,
        clock_unset=clock_unset,
        quality=verdict.quality,
        # Silence of the status bits says nothing; only a set bit makes it a stored one for certain.
        stored=verdict.stored or None,
        failure=verdict.failure or missing,
        withheld=verdict.withheld,
    )


def decode(frame: bytes) -> PlxSpot | Refusal:
    """The spot check, or a refusal where a flagged field is not there."""
    length = len(frame)
    if length < _HEAD.size:
        return truncated(length, _HEAD.size)
    flags, spo2, pulse = _HEAD.unpack_from(frame)
    needed = _needed(flags)
    if length < needed:
        return truncated(length, needed)
    time = status = sensor = amplitude = None
    offset = _HEAD.size
    if flags & _TIME:
        time = date_time.read(frame, offset)
        offset += date_time.LENGTH
    if flags & _STATUS:
        status = _U16.unpack_from(frame, offset)[0]
        offset += 2
    if flags & _SENSOR:
        sensor = int.from_bytes(frame[offset : offset + 3], "little")
        offset += 3
    if flags & _AMPLITUDE:
        amplitude = sfloat(_U16.unpack_from(frame, offset)[0])
        offset += 2
    return PlxSpot(
        spo2=sfloat(spo2),
        pulse=sfloat(pulse),
        time=time,
        status=status,
        sensor=sensor,
        amplitude=amplitude,
        clock_not_set=bool(flags & _CLOCK_NOT_SET),
        trailing=frame[offset:],
    )


def encode(value: PlxSpot) -> bytes:
    """The frame."""
    flags = _CLOCK_NOT_SET if value.clock_not_set else 0
    body = b""
    if value.time is not None:
        flags |= _TIME
        body += date_time.encode(value.time)
    if value.status is not None:
        flags |= _STATUS
        body += _U16.pack(value.status)
    if value.sensor is not None:
        flags |= _SENSOR
        body += value.sensor.to_bytes(3, "little")
    if value.amplitude is not None:
        flags |= _AMPLITUDE
        body += _U16.pack(encode_sfloat(value.amplitude))
    head = _HEAD.pack(flags, encode_sfloat(value.spo2), encode_sfloat(value.pulse))
    return head + body + value.trailing


def _needed(flags: int) -> int:
    optional = ((_TIME, date_time.LENGTH), (_STATUS, 2), (_SENSOR, 3), (_AMPLITUDE, 2))
    return _HEAD.size + sum(size for flag, size in optional if flags & flag)
