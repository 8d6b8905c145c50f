"""Weight Scale Feature, 0x2A9E (Weight Scale Service 1.0.1, section 3.1), and the resolution it announces."""

from dataclasses import dataclass

from device_profiles.fields import Fields
from device_profiles.gatt.weight import STANDARD_STEPS, Steps
from device_profiles.refusal import Refusal, truncated

UUID = "2a9e"
LENGTH = 4
_TIME, _USERS, _BMI = 0x01, 0x02, 0x04
_WEIGHT_CODES = {
    1: Steps(per_kilogram=2, per_pound=1),
    2: Steps(per_kilogram=5, per_pound=2),
    3: Steps(per_kilogram=10, per_pound=5),
    4: Steps(per_kilogram=20, per_pound=10),
    5: Steps(per_kilogram=50, per_pound=20),
    6: Steps(per_kilogram=100, per_pound=50),
    7: Steps(per_kilogram=200, per_pound=100),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightFeature:
    """The feature field, raw."""

    raw: int

    @property
    def weight_resolution(self) -> int:
        """The code of bits 3 to 6; 0 is "not specified"."""
        return self.raw >> 3 & 0xF

    @property
    def height_resolution(self) -> int:
        """The code of bits 7 to 9; 0 is "not specified"."""
        return self.raw >> 7 & 0x7

    @property
    def steps(self) -> Steps:
        """The resolution of the scale's weights, where values come in steps of it.

        Implementations differ on whether 0x2A9D then counts in these steps or always in 0.005 kg; ask for
        them only where a profile says so.
        """
        return _WEIGHT_CODES.get(self.weight_resolution, STANDARD_STEPS)

    def fields(self) -> Fields:
        """What is supported, and the codes of the resolutions."""
        return {
            "timestamp_supported": bool(self.raw & _TIME),
            "multiple_users": bool(self.raw & _USERS),
            "bmi": bool(self.raw & _BMI),
            "weight_resolution_code": self.weight_resolution,
            "height_resolution_code": self.height_resolution,
        }

    def measurements(self) -> tuple[()]:
        """A feature is no measurement."""
        return ()


def decode(frame: bytes) -> WeightFeature | Refusal:
    """The features in the first four bytes."""
    if len(frame) < LENGTH:
        return truncated(len(frame), LENGTH)
    return WeightFeature(raw=int.from_bytes(frame[:LENGTH], "little"))


def encode(value: WeightFeature) -> bytes:
    """The four bytes."""
    return value.raw.to_bytes(LENGTH, "little")
