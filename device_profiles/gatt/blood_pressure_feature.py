"""Blood Pressure Feature, 0x2A49: what a cuff can notice (Blood Pressure Service 1.1.1, section 3.3)."""

from dataclasses import dataclass
from enum import IntFlag

from device_profiles.fields import Fields
from device_profiles.refusal import Refusal, truncated

UUID = "2a49"
LENGTH = 2


class CuffFeature(IntFlag):
    """The bits of the feature field."""

    BODY_MOVEMENT = 1 << 0
    CUFF_FIT = 1 << 1
    IRREGULAR_PULSE = 1 << 2
    PULSE_RATE_RANGE = 1 << 3
    MEASUREMENT_POSITION = 1 << 4
    MULTIPLE_BOND = 1 << 5
    E2E_CRC = 1 << 6
    USER_DATA_SERVICE = 1 << 7
    USER_FACING_TIME = 1 << 8


@dataclass(frozen=True, slots=True, kw_only=True)
class BloodPressureFeature:
    """The feature field, raw; reserved bits are kept and have no word."""

    raw: int

    def fields(self) -> Fields:
        """The features in words, and raw."""
        words = [flag.name.lower() for flag in CuffFeature if flag.name and self.raw & flag]
        return {"features": [*words], "features_raw": self.raw}

    def measurements(self) -> tuple[()]:
        """A feature is no measurement."""
        return ()


def decode(frame: bytes) -> BloodPressureFeature | Refusal:
    """The features in the first two bytes."""
    if len(frame) < LENGTH:
        return truncated(len(frame), LENGTH)
    return BloodPressureFeature(raw=int.from_bytes(frame[:LENGTH], "little"))


def encode(value: BloodPressureFeature) -> bytes:
    """The two bytes."""
    return value.raw.to_bytes(LENGTH, "little")
