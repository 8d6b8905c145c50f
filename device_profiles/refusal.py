"""Why bytes were not decoded: a refusal is a value, never an exception."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """What was wrong with the bytes."""

    TRUNCATED = "truncated"
    LENGTH = "length"
    CHECKSUM = "checksum"
    LAYOUT = "layout"
    EMPTY_SLOT = "empty_slot"
    DEVICE_ERROR = "device_error"
    CONTROL_FRAME = "control_frame"
    OUT_OF_RANGE = "out_of_range"
    NO_KEY = "no_key"
    WRONG_KEY = "wrong_key"
    NO_CODEC = "no_codec"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The bytes mean nothing that we can vouch for; `detail` says what was seen, for a log or a developer."""

    reason: Reason
    detail: str


def truncated(length: int, needed: int) -> Refusal:
    """The refusal of a frame of `length` bytes whose flags or layout promise `needed`."""
    return Refusal(reason=Reason.TRUNCATED, detail=f"{length} of {needed} bytes")


def layout(detail: str) -> Refusal:
    """The refusal of a frame that some other protocol or message must have written."""
    return Refusal(reason=Reason.LAYOUT, detail=detail)


def checksum(detail: str = "checksum does not match") -> Refusal:
    """The refusal of a frame whose checksum, CRC or XOR does not match its bytes."""
    return Refusal(reason=Reason.CHECKSUM, detail=detail)
