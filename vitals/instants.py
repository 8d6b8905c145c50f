"""When a reading was really measured, as far as three clocks can tell."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vitals.reading import ClockState, Quality

# Clinical data quality: a device's time is used unless it lies this far in the future ...
FUTURE = timedelta(minutes=5)
# ... or before there were such devices: then its clock was never set ...
NEVER_SET_BEFORE = datetime(2015, 1, 1, tzinfo=UTC)
# ... and what comes later than this is history: kept, shown, and not a reason to call anybody.
LATE = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instants:
    """The times of a reading in UTC, corrected where they cannot be, and the flags that say so."""

    measured_at: datetime
    received_at: datetime
    clock: ClockState
    flags: frozenset[Quality]


def corrected(
    measured_at: datetime,
    received_at: datetime,
    clock: ClockState,
    *,
    sent_at: datetime | None,
    arrived_at: datetime,
) -> Instants:
    """The reading's times by the hub's clock; all four arguments aware.

    A gateway that sends from the future has its clock ahead: both of its times are set back by as much, so
    that a backlog keeps its order. A device that measured after it was received has no usable time.
    """
    flags: set[Quality] = set()
    measured_at, received_at = _utc(measured_at), _utc(received_at)
    if sent_at is not None and sent_at > arrived_at + FUTURE:
        ahead = sent_at - arrived_at
        measured_at, received_at = _earlier(measured_at, ahead), _earlier(received_at, ahead)
        flags.add(Quality.CLOCK_DOUBTFUL)
    if received_at > arrived_at + FUTURE or received_at < NEVER_SET_BEFORE:
        received_at = arrived_at
        flags.add(Quality.CLOCK_DOUBTFUL)
    if measured_at < NEVER_SET_BEFORE:
        measured_at = received_at
        flags.add(Quality.CLOCK_UNSET)
    elif measured_at > received_at + FUTURE:
        measured_at = received_at
        flags.add(Quality.CLOCK_DOUBTFUL)
    if arrived_at - measured_at > LATE:
        flags.add(Quality.LATE)
    return Instants(
        measured_at=measured_at, received_at=received_at, clock=_clock(clock, flags), flags=frozenset(flags)
    )


def _utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:  # within a day of the end of the calendar, which no clock that is set shows
        return datetime.min.replace(tzinfo=UTC)


def _earlier(instant: datetime, by: timedelta) -> datetime:
    try:
        return instant - by
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC)


def _clock(said: ClockState, flags: set[Quality]) -> ClockState:
    if Quality.CLOCK_UNSET in flags or said is ClockState.UNSET:
        return ClockState.UNSET
    if Quality.CLOCK_DOUBTFUL in flags:
        return ClockState.DOUBTFUL
    return said
