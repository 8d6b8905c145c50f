"""Glucose Measurement, 0x2A18 (Glucose Service 1.0.1, section 3.1). Notified, asked for with 0x2A52."""

import struct
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import IntEnum

from device_profiles.device_time import DeviceTime
from device_profiles.fields import Fields, amount_field, number_field
from device_profiles.gatt import date_time
from device_profiles.gatt.ieee_11073 import Number, Special, encode_sfloat, sfloat
from device_profiles.measurement import Amount, Measurement, amount
from device_profiles.refusal import Refusal, truncated
from device_profiles.units import Unit
from vitals.measure import Measure
from vitals.reading import Quality

UUID = "2a18"
_OFFSET, _CONCENTRATION, _MOLAR, _STATUS, _CONTEXT = 0x01, 0x02, 0x04, 0x08, 0x10
_HEAD = struct.Struct("<BH")
_FIXED = _HEAD.size + date_time.LENGTH
# The frame counts kg/L or mol/L; these powers of ten make mg/dL or mmol/L of them, exactly.
_TO_MG_DL, _TO_MMOL_L = 5, 3
_TOO_HIGH, _TOO_LOW = 0x0020, 0x0040
_SENSOR_FAULTS = 0x0FFE & ~(_TOO_HIGH | _TOO_LOW)  # every status bit but "battery low" and these two
# What HI and LO say at least, mg/dL: a meter measures from 20 to 600 (ISO 15197). Either is an emergency, and
# so a value that rules can see, and no failure.
_HI_MG_DL, _LO_MG_DL = 600.0, 20.0


class SampleType(IntEnum):
    """What was measured in; control solution is a test of the meter, not of a person."""

    CAPILLARY_WHOLE_BLOOD = 1
    CAPILLARY_PLASMA = 2
    VENOUS_WHOLE_BLOOD = 3
    VENOUS_PLASMA = 4
    ARTERIAL_WHOLE_BLOOD = 5
    ARTERIAL_PLASMA = 6
    UNDETERMINED_WHOLE_BLOOD = 7
    UNDETERMINED_PLASMA = 8
    INTERSTITIAL_FLUID = 9
    CONTROL_SOLUTION = 10


_SAMPLE_TYPES = frozenset(SampleType)


@dataclass(frozen=True, slots=True, kw_only=True)
class Glucose:
    """One record; `concentration` is in kg/L, or mol/L where `molar`. Type and location come with it, raw."""

    sequence: int
    time: DeviceTime
    offset_minutes: int | None = None
    concentration: Number | None = None
    molar: bool = False
    sample_type: int = 0
    location: int = 0
    status: int | None = None
    context_follows: bool = False
    trailing: bytes = b""

    @property
    def unit(self) -> Unit:
        """The everyday unit of the concentration."""
        return Unit.MMOL_L if self.molar else Unit.MG_DL

    @property
    def glucose(self) -> Number | None:
        """The concentration in `unit`."""
        if self.concentration is None or self.concentration.special is not None:
            return self.concentration
        power = _TO_MMOL_L if self.molar else _TO_MG_DL
        return replace(self.concentration, exponent=self.concentration.exponent + power)

    def fields(self) -> Fields:
        """The record with its glucose in `unit`; optional fields only where the frame has them."""
        said: Fields = {
            "sequence": self.sequence,
            "base_time": self.time.fields()["timestamp"],
            "base_time_raw": self.time.text,
            "context_follows": self.context_follows,
        }
        if self.offset_minutes is not None:
            said["time_offset"] = amount_field(self.offset_minutes, Unit.MINUTE)
        moment = self.time.moment
        if moment is not None:
            shifted = moment + timedelta(minutes=self.offset_minutes or 0) if moment.year < 9999 else moment
            said["user_facing_time"] = shifted.isoformat()
        glucose = self.glucose
        if glucose is not None:
            known = self.sample_type in _SAMPLE_TYPES
            said["glucose"] = number_field(glucose, self.unit)
            said["type"] = SampleType(self.sample_type).name.lower() if known else "reserved"
            said["type_raw"] = self.sample_type
            said["sample_location_raw"] = self.location
        if self.status is not None:
            said["sensor_status_raw"] = self.status
        if self.trailing:
            said["trailing_bytes"] = len(self.trailing)
        return said

    def measurements(self) -> tuple[Measurement, ...]:
        """The glucose, at the end of the meter's range for HI and LO; a failure where it showed an error.

        Nothing of control solution.
        """
        measured = Measurement(
            amounts={Measure.GLUCOSE: self._amount()},
            device_time=self.time,
            time_offset=timedelta(minutes=self.offset_minutes or 0),
            quality=self._quality(),
            sequence=self.sequence,
            awaits_companion=self.context_follows,
            failure=None if self.beyond_range is not None else _failure(self.glucose),
            withheld=(
                "control solution: a test of the meter"
                if self.sample_type == SampleType.CONTROL_SOLUTION
                else None
            ),
        )
        return (measured,)

    @property
    def beyond_range(self) -> float | None:
        """The end of the meter's range, mg/dL, that the glucose is beyond: it showed HI or LO."""
        special = None if self.glucose is None else self.glucose.special
        told = (self.status or 0) if self.glucose is None or self.glucose.value is None else 0
        if special is Special.POSITIVE_INFINITY or told & _TOO_HIGH:
            return _HI_MG_DL
        if special is Special.NEGATIVE_INFINITY or told & _TOO_LOW:
            return _LO_MG_DL
        return None

    def _amount(self) -> Amount:
        if self.beyond_range is not None:
            return Amount(value=self.beyond_range, unit=Unit.MG_DL)
        return Amount(value=None, unit=self.unit) if self.glucose is None else amount(self.glucose, self.unit)

    def _quality(self) -> frozenset[Quality]:
        flags = {Quality.QUESTIONABLE} if (self.status or 0) & _SENSOR_FAULTS else set[Quality]()
        return frozenset(flags if self.beyond_range is None else flags | {Quality.BEYOND_RANGE})


def _failure(glucose: Number | None) -> str | None:
    if glucose is None:
        return "the meter gave no concentration"
    if glucose.special is None:
        return None
    return f"the meter could not measure ({glucose.special})"


def decode(frame: bytes) -> Glucose | Refusal:
    """The record, or a refusal where a flagged field is not there."""
    length = len(frame)
    if length < _FIXED:
        return truncated(length, _FIXED)
    flags, sequence = _HEAD.unpack_from(frame)
    needed = _needed(flags)
    if length < needed:
        return truncated(length, needed)
    record = Glucose(
        sequence=sequence,
        time=date_time.read(frame, _HEAD.size),
        molar=bool(flags & _MOLAR),
        context_follows=bool(flags & _CONTEXT),
        trailing=frame[needed:],
    )
    offset = _FIXED
    if flags & _OFFSET:
        minutes = int.from_bytes(frame[offset : offset + 2], "little", signed=True)
        record = replace(record, offset_minutes=minutes)
        offset += 2
    if flags & _CONCENTRATION:
        record = replace(
            record,
            concentration=sfloat(int.from_bytes(frame[offset : offset + 2], "little")),
            sample_type=frame[offset + 2] & 0x0F,
            location=frame[offset + 2] >> 4,
        )
        offset += 3
    if flags & _STATUS:
        record = replace(record, status=int.from_bytes(frame[offset : offset + 2], "little"))
    return record


def encode(value: Glucose) -> bytes:
    """The frame."""
    flags = (_MOLAR if value.molar else 0) | (_CONTEXT if value.context_follows else 0)
    body = b""
    if value.offset_minutes is not None:
        flags |= _OFFSET
        body += value.offset_minutes.to_bytes(2, "little", signed=True)
    if value.concentration is not None:
        flags |= _CONCENTRATION
        body += encode_sfloat(value.concentration).to_bytes(2, "little")
        body += bytes((value.location << 4 | value.sample_type,))
    if value.status is not None:
        flags |= _STATUS
        body += value.status.to_bytes(2, "little")
    return _HEAD.pack(flags, value.sequence) + date_time.encode(value.time) + body + value.trailing


def _needed(flags: int) -> int:
    optional = ((_OFFSET, 2), (_CONCENTRATION, 3), (_STATUS, 2))
    return _FIXED + sum(size for flag, size in optional if flags & flag)
