"""Intermediate Cuff Pressure, 0x2A36: the cuff as it inflates. The layout of 0x2A35; never a reading."""

from dataclasses import dataclass

from device_profiles.fields import Fields, number_field
from device_profiles.gatt import blood_pressure
from device_profiles.gatt.blood_pressure import BloodPressure, optional_fields
from device_profiles.gatt.ieee_11073 import Number
from device_profiles.measurement import Measurement
from device_profiles.refusal import Refusal

UUID = "2a36"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntermediateCuff:
    """One moment of inflation: of the three pressures only the first has a meaning."""

    frame: BloodPressure

    @property
    def cuff_pressure(self) -> Number:
        """In the unit of the frame."""
        return self.frame.systolic

    def fields(self) -> Fields:
        """The cuff pressure, and the optional fields that the frame has."""
        said: Fields = {
            "cuff_pressure": number_field(self.cuff_pressure, self.frame.unit),
            "unit_flag": self.frame.unit.value,
            "timestamp": None,
        }
        frame = self.frame
        return said | optional_fields(frame.time, frame.pulse, frame.user, frame.status, frame.trailing)

    def measurements(self) -> tuple[Measurement, ...]:
        """Understood, and withheld: a cuff that inflates has measured nothing."""
        return (Measurement(withheld="the cuff is inflating"),)


def decode(frame: bytes) -> IntermediateCuff | Refusal:
    """The cuff pressure, or a refusal where a flagged field is not there."""
    decoded = blood_pressure.decode(frame)
    return decoded if isinstance(decoded, Refusal) else IntermediateCuff(frame=decoded)


def encode(value: IntermediateCuff) -> bytes:
    """The frame."""
    return blood_pressure.encode(value.frame)
