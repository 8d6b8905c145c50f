"""Temperature Measurement, 0x2A1C (Health Thermometer Service 1.0, section 3.1). Indicated."""

import struct
from dataclasses import dataclass
from enum import IntEnum

from device_profiles.device_time import DeviceTime
from device_profiles.fields import Fields, number_field
from device_profiles.gatt import date_time
from device_profiles.gatt.ieee_11073 import Number, encode_float32, float32
from device_profiles.measurement import Measurement, amount
from device_profiles.refusal import Refusal, truncated
from device_profiles.units import Unit
from vitals.measure import Measure

UUID = "2a1c"
_FAHRENHEIT, _TIME, _SITE = 0x01, 0x02, 0x04
_HEAD = struct.Struct("<BI")


class Site(IntEnum):
    """Where on the body it was measured (Temperature Type)."""

    ARMPIT = 1
    BODY = 2
    EAR = 3
    FINGER = 4
    GASTRO_INTESTINAL = 5
    MOUTH = 6
    RECTUM = 7
    TOE = 8
    TYMPANUM = 9


_SITES = frozenset(Site)


@dataclass(frozen=True, slots=True, kw_only=True)
class Temperature:
    """One measurement; `site` is raw, and may be reserved."""

    temperature: Number
    fahrenheit: bool = False
    time: DeviceTime | None = None
    site: int | None = None
    trailing: bytes = b""

    @property
    def unit(self) -> Unit:
        """Of the frame."""
        return Unit.FAHRENHEIT if self.fahrenheit else Unit.CELSIUS

    def fields(self) -> Fields:
        """Temperature, and time and site where the frame has them."""
        said: Fields = {"temperature": number_field(self.temperature, self.unit), "timestamp": None}
        if self.time is not None:
            said |= self.time.fields()
        if self.site is not None:
            known = self.site in _SITES
            said["temperature_type"] = Site(self.site).name.lower() if known else "reserved"
            said["temperature_type_raw"] = self.site
        if self.trailing:
            said["trailing_bytes"] = len(self.trailing)
        return said

    def measurements(self) -> tuple[Measurement, ...]:
        """The temperature; a failure where the thermometer gave a special value."""
        special = self.temperature.special
        measured = Measurement(
            amounts={Measure.TEMPERATURE: amount(self.temperature, self.unit)},
            device_time=self.time,
            failure=f"the thermometer could not measure ({special})" if special else None,
        )
        return (measured,)


def decode(frame: bytes) -> Temperature | Refusal:
    """The measurement, or a refusal where a flagged field is not there."""
    length = len(frame)
    if length < _HEAD.size:
        return truncated(length, _HEAD.size)
    flags, raw = _HEAD.unpack_from(frame)
    needed = _HEAD.size + (date_time.LENGTH if flags & _TIME else 0) + (1 if flags & _SITE else 0)
    if length < needed:
        return truncated(length, needed)
    time = site = None
    offset = _HEAD.size
    if flags & _TIME:
        time = date_time.read(frame, offset)
        offset += date_time.LENGTH
    if flags & _SITE:
        site = frame[offset]
        offset += 1
    return Temperature(
        temperature=float32(raw),
        fahrenheit=bool(flags & _FAHRENHEIT),
        time=time,
        site=site,
        trailing=frame[offset:],
    )


def encode(value: Temperature) -> bytes:
    """The frame."""
    flags = _FAHRENHEIT if value.fahrenheit else 0
    body = b""
    if value.time is not None:
        flags |= _TIME
        body += date_time.encode(value.time)
    if value.site is not None:
        flags |= _SITE
        body += bytes((value.site,))
    return _HEAD.pack(flags, encode_float32(value.temperature)) + body + value.trailing
