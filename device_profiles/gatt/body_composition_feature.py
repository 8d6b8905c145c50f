"""Body Composition Feature, 0x2A9B (Body Composition Service 1.0, section 3.1)."""

from dataclasses import dataclass

from device_profiles.fields import Fields
from device_profiles.refusal import Refusal, truncated

UUID = "2a9b"
LENGTH = 4
_FEATURES = 0x7FF


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyCompositionFeature:
    """The feature field, raw: eleven features, then the codes of two resolutions."""

    raw: int

    @property
    def mass_resolution(self) -> int:
        """The code of bits 11 to 14; 0 is "not specified"."""
        return self.raw >> 11 & 0xF

    @property
    def height_resolution(self) -> int:
        """The code of bits 15 to 17; 0 is "not specified"."""
        return self.raw >> 15 & 0x7

    def fields(self) -> Fields:
        """The features raw, and the codes of the resolutions."""
        return {
            "features_raw": self.raw & _FEATURES,
            "mass_resolution_code": self.mass_resolution,
            "height_resolution_code": self.height_resolution,
        }

    def measurements(self) -> tuple[()]:
        """A feature is no measurement."""
        return ()


def decode(frame: bytes) -> BodyCompositionFeature | Refusal:
    """The features in the first four bytes."""
    if len(frame) < LENGTH:
        return truncated(len(frame), LENGTH)
    return BodyCompositionFeature(raw=int.from_bytes(frame[:LENGTH], "little"))


def encode(value: BodyCompositionFeature) -> bytes:
    """The four bytes."""
    return value.raw.to_bytes(LENGTH, "little")
