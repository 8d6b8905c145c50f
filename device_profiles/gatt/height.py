"""Height, 0x2A8E (User Data Service): of a scale's user, in whole centimetres as the scales send it."""

from dataclasses import dataclass

from device_profiles.fields import Fields, amount_field
from device_profiles.refusal import Refusal, truncated
from device_profiles.units import Unit

UUID = "2a8e"
LENGTH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Height:
    """What somebody entered, not what was measured."""

    centimetres: int

    def fields(self) -> Fields:
        """The height with its unit."""
        return {"height": amount_field(self.centimetres, Unit.CENTIMETRE)}

    def measurements(self) -> tuple[()]:
        """An entered height is no measurement."""
        return ()


def decode(frame: bytes) -> Height | Refusal:
    """The height in the first two bytes."""
    if len(frame) < LENGTH:
        return truncated(len(frame), LENGTH)
    return Height(centimetres=int.from_bytes(frame[:LENGTH], "little"))


def encode(value: Height) -> bytes:
    """The two bytes."""
    return value.centimetres.to_bytes(LENGTH, "little")
