"""Heart Rate Measurement, 0x2A37 (Heart Rate Service 1.0, section 3.1). Notified, about once a second."""

import struct
from dataclasses import dataclass

from device_profiles.fields import Field, Fields, amount_field
from device_profiles.measurement import Amount, Measurement
from device_profiles.refusal import Reason, Refusal, truncated
from device_profiles.units import Unit
from vitals.measure import Measure

UUID = "2a37"
_WIDE, _CONTACT, _CONTACT_KNOWN, _ENERGY, _INTERVALS = 0x01, 0x02, 0x04, 0x08, 0x10
_U16 = struct.Struct("<H")
_INTERVALS_PER_SECOND = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class HeartRate:
    """One notification. `contact` is None where the strap cannot tell; `intervals` count 1/1024 s."""

    heart_rate: int
    contact: bool | None = None
    energy_kj: int | None = None
    intervals: tuple[int, ...] = ()
    wide: bool = False

    def fields(self) -> Fields:
        """Heart rate and contact, and energy and RR intervals where the frame has them."""
        said: Fields = {
            "heart_rate": amount_field(self.heart_rate, Unit.PER_MINUTE),
            "sensor_contact": self.contact,
        }
        if self.energy_kj is not None:
            said["energy_expended"] = amount_field(self.energy_kj, Unit.KILOJOULE)
        if self.intervals:
            seconds: list[Field] = [round(raw / _INTERVALS_PER_SECOND, 6) for raw in self.intervals]
            said["rr_intervals_s"] = seconds
        return said

    def measurements(self) -> tuple[Measurement, ...]:
        """The heart rate; a failure where the strap is not worn or counts nothing."""
        failure = None
        if self.contact is False:
            failure = "the strap has no contact"
        elif self.heart_rate == 0:
            failure = "the strap counts no heart beat"
        value = Amount(value=self.heart_rate, unit=Unit.PER_MINUTE)
        return (Measurement(amounts={Measure.HEART_RATE: value}, failure=failure),)


def decode(frame: bytes) -> HeartRate | Refusal:
    """The notification, or a refusal where a flagged field, or half an interval, is not there."""
    if not frame:
        return truncated(0, 2)
    flags = frame[0]
    width = 2 if flags & _WIDE else 1
    fixed = 1 + width + (2 if flags & _ENERGY else 0)
    needed = fixed + (2 if flags & _INTERVALS else 0)
    if len(frame) < needed:
        return truncated(len(frame), needed)
    intervals: tuple[int, ...] = ()
    if flags & _INTERVALS:
        if (len(frame) - fixed) % 2:
            return Refusal(reason=Reason.TRUNCATED, detail="half an RR interval")
        intervals = tuple(raw for (raw,) in _U16.iter_unpack(frame[fixed:]))
    return HeartRate(
        heart_rate=int.from_bytes(frame[1 : 1 + width], "little"),
        contact=bool(flags & _CONTACT) if flags & _CONTACT_KNOWN else None,
        energy_kj=_U16.unpack_from(frame, 1 + width)[0] if flags & _ENERGY else None,
        intervals=intervals,
        wide=bool(flags & _WIDE),
    )


def encode(value: HeartRate) -> bytes:
    """The frame; a rate above 255 is sent wide."""
    wide = value.wide or value.heart_rate > 0xFF
    flags = _WIDE if wide else 0
    if value.contact is not None:
        flags |= _CONTACT_KNOWN | (_CONTACT if value.contact else 0)
    body = value.heart_rate.to_bytes(2 if wide else 1, "little")
    if value.energy_kj is not None:
        flags |= _ENERGY
        body += _U16.pack(value.energy_kj)
    if value.intervals:
        flags |= _INTERVALS
        body += b"".join(_U16.pack(raw) for raw in value.intervals)
    return bytes((flags,)) + body
