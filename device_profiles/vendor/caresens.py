"""i-SENS CareSens meters: the clock they want written, and the meal value that marks a ketone.

Source: xDrip, facts only.
"""

from datetime import datetime

from device_profiles.gatt import date_time, glucose_context
from device_profiles.refusal import Refusal, layout, truncated
from device_profiles.report import Report

KETONE_MEAL = 6
_SET_TIME = b"\xc0\x03\x01\x00"


def encode_clock(local: datetime) -> bytes:
    """Sets the clock."""
    return _SET_TIME + date_time.encode_clock(local)


def decode_context(frame: bytes) -> Report | Refusal:
    """The context of a record, with the meal value that CareSens gives another meaning."""
    context = glucose_context.decode(frame)
    if isinstance(context, Refusal):
        return context
    ketone = context.meal == KETONE_MEAL
    meaning = "vendor use: 6 marks a ketone reading" if ketone else None
    return Report(said=context.fields() | {"meaning": meaning})


def decode_command(frame: bytes) -> Report | Refusal:
    """The command that sets the clock."""
    if frame[:4] != _SET_TIME:
        return layout(f"starts with {frame[:4].hex()}")
    if len(frame) < len(_SET_TIME) + date_time.LENGTH:
        return truncated(len(frame), len(_SET_TIME) + date_time.LENGTH)
    time = date_time.read(frame, len(_SET_TIME))
    return Report(said={"set_time": time.text if time.moment else None})
