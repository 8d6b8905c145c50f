"""What a device said, once: the values of one measurement with its times and its quality."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from vitals.ids import DeviceId, ReadingId
from vitals.measure import Measure


class Quality(StrEnum):
    """A flag on a reading: something that whoever uses the value must know."""

    MOTION = "motion"
    POOR_CONTACT = "poor_contact"
    IRREGULAR_PULSE = "irregular_pulse"
    IMPROPER_POSITION = "improper_position"
    RATE_OUT_OF_RANGE = "rate_out_of_range"
    BEYOND_RANGE = "beyond_range"
    LOW_PERFUSION = "low_perfusion"
    QUESTIONABLE = "questionable"
    CLOCK_UNSET = "clock_unset"
    CLOCK_DOUBTFUL = "clock_doubtful"
    LATE = "late"
    MANUAL = "manual"
    UNCONFIRMED_SOURCE = "unconfirmed_source"
    EXPERIMENTAL = "experimental"


class Origin(StrEnum):
    """Where in the device the reading came from: measured in this session, or out of its memory."""

    LIVE = "live"
    STORED = "stored"


class ClockState(StrEnum):
    """How far the device's own time can be trusted."""

    FINE = "fine"
    DOUBTFUL = "doubtful"
    UNSET = "unset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One measurement as the gateway keeps it and the hub stores it.

    `measured_at` is the device's time corrected for its clock, or `received_at` where the clock cannot be
    used. `device_time` is what the device said, verbatim ISO 8601 without offset; None where it said nothing.
    `values` are in each measure's own unit. `failure` is set, and `values` empty, where the device reported
    that the measurement failed. `raw` is the frame as it came.
    """

    reading_id: ReadingId
    device_id: DeviceId
    profile: str
    measured_at: datetime
    received_at: datetime
    device_time: str | None = None
    clock: ClockState = ClockState.FINE
    origin: Origin = Origin.LIVE
    user_slot: int | None = None
    values: Mapping[Measure, float] = field(default_factory=dict[Measure, float])
    quality: frozenset[Quality] = frozenset()
    failure: str | None = None
    raw: bytes = b""


def reading_id(device_id: DeviceId, raw: bytes, device_time: str | None, received_at: datetime) -> ReadingId:
    """The id of what the device said: the same frame from the same device is the same reading.

    A frame without a device time is told from its twin by when it was received; with one, a resend after a
    lost link gives the same id whenever it arrives.
    """
    said_at = device_time if device_time is not None else received_at.isoformat()
    digest = hashlib.sha256(b"\x1f".join((device_id.encode(), said_at.encode(), raw)))
    return ReadingId(digest.hexdigest()[:32])
