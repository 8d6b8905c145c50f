"""i-SENS CareSens meters: the clock they want written, and the meal value that marks a ketone.

Source: xDrip, facts only.
"""

from dataclasses import dataclass
from datetime import datetime

from device_profiles.fields import Fields
from device_profiles.gatt import date_time, glucose_context
from device_profiles.gatt.glucose_context import GlucoseContext
from device_profiles.measurement import Companion
from device_profiles.refusal import Refusal, layout, truncated
from device_profiles.report import Report

KETONE_MEAL = 6
_SET_TIME = b"\xc0\x03\x01\x00"


def encode_clock(local: datetime) -> bytes:
    """Sets the clock."""
    return _SET_TIME + date_time.encode_clock(local)


@dataclass(frozen=True, slots=True, kw_only=True)
class CareSensContext:
    """The context of a record, with the meal value that CareSens gives another meaning."""

    context: GlucoseContext

    @property
    def ketone(self) -> bool:
        """Whether the record is a ketone, though it says glucose."""
        return self.context.meal == KETONE_MEAL

    def fields(self) -> Fields:
        """The context, and the other meaning of its meal."""
        meaning = "vendor use: 6 marks a ketone reading" if self.ketone else None
        return self.context.fields() | {"meaning": meaning}

    def measurements(self) -> tuple[()]:
        """A context is no measurement."""
        return ()

    def companion(self) -> Companion:
        """Of the record with the same sequence number; a ketone is never kept as glucose."""
        return Companion(
            sequence=self.context.sequence, withheld="a ketone, not a glucose" if self.ketone else None
        )


def decode_context(frame: bytes) -> CareSensContext | Refusal:
    """The context of a record."""
    context = glucose_context.decode(frame)
    return context if isinstance(context, Refusal) else CareSensContext(context=context)


def decode_command(frame: bytes) -> Report | Refusal:
    """The command that sets the clock."""
    if frame[:4] != _SET_TIME:
        return layout(f"starts with {frame[:4].hex()}")
    if len(frame) < len(_SET_TIME) + date_time.LENGTH:
        return truncated(len(frame), len(_SET_TIME) + date_time.LENGTH)
    time = date_time.read(frame, len(_SET_TIME))
    return Report(said={"set_time": time.text if time.moment else None})
