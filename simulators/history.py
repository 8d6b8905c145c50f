"""The readings that a person's devices said over the weeks before: pure, of person, seed and time."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from simulators.chance import own_seed, uniform
from simulators.courses import Course
from simulators.people import Instrument, Person
from simulators.physiology import days_since_epoch, measured, true_values
from vitals.ids import DeviceId
from vitals.measure import Measure
from vitals.reading import Quality, Reading, reading_id

# Two readings of the cuff a minute apart are what every protocol asks for (AHA/AMA 2020).
_BETWEEN_TWO = timedelta(seconds=75)
_LATENESS_HOURS = 0.6
_BEFORE_EXTRAS_HOURS = 1.0


def courses_of(person: Person, seeded_at: datetime) -> tuple[Course, ...]:
    """The person's illnesses, anchored at the instant of seeding."""
    anchor = days_since_epoch(seeded_at)
    return tuple(
        Course(
            illness=past.illness,
            size=past.size,
            starts=anchor - past.days_ago,
            ramp_days=past.ramp_days,
            ends=math.inf if past.lasts_days is None else anchor - past.days_ago + past.lasts_days,
            fall_days=past.fall_days,
        )
        for past in person.courses
    )


def readings_of(
    person: Person,
    devices: dict[Instrument, DeviceId],
    *,
    since: datetime,
    until: datetime,
    seeded_at: datetime,
    time_zone: ZoneInfo,
    seed: int,
) -> list[Reading]:
    """What the person's devices said from `since` until before `until`, in order of time.

    `seeded_at` is what the person's own history counts back from; it may lie before `until`.
    """
    courses = courses_of(person, seeded_at)
    staged_from = _staged_from(person, seeded_at)
    readings = [
        _planned(person, devices, instrument, at, second, courses, time_zone, seed)
        for at, instrument, second in _plan(person, since, until, seeded_at, time_zone, seed)
        if not staged_from <= at < seeded_at
    ]
    readings += [
        reading
        for reading in _extras(person, devices, seeded_at, time_zone)
        if since <= reading.measured_at < until
    ]
    return sorted(readings, key=lambda reading: (reading.measured_at, reading.reading_id))


def _plan(
    person: Person, since: datetime, until: datetime, seeded_at: datetime, time_zone: ZoneInfo, seed: int
) -> Iterator[tuple[datetime, Instrument, bool]]:
    silent_from = None
    if person.habit.silent_days is not None:
        silent_from = seeded_at - timedelta(days=person.habit.silent_days)
    day = since.astimezone(time_zone).date() - timedelta(days=1)
    while day <= until.astimezone(time_zone).date():
        for hour in person.habit.hours:
            label = f"{person.patient_id}/{day}/{hour}"
            late = _LATENESS_HOURS * uniform(seed, "late", label)
            start = datetime.combine(day, time(), tzinfo=time_zone) + timedelta(hours=hour + late)
            kept = uniform(seed, "adherence", label) < person.habit.adherence
            if not kept or (silent_from is not None and start >= silent_from):
                continue
            for at, instrument, second in _sitting(person.habit.instruments, start):
                if since <= at < until:
                    yield at, instrument, second
        day += timedelta(days=1)


def _sitting(
    instruments: Sequence[Instrument], start: datetime
) -> Iterator[tuple[datetime, Instrument, bool]]:
    """One after another, as they lie on the table; the cuff twice."""
    at = start.replace(microsecond=0)
    for instrument in instruments:
        yield at, instrument, False
        if instrument is Instrument.CUFF:
            at += _BETWEEN_TWO
            yield at, instrument, True
        at += timedelta(minutes=2)


def _planned(
    person: Person,
    devices: dict[Instrument, DeviceId],
    instrument: Instrument,
    at: datetime,
    second: bool,
    courses: tuple[Course, ...],
    time_zone: ZoneInfo,
    seed: int,
) -> Reading:
    truth = true_values(
        person.body, courses, seed=own_seed(seed, person.patient_id), at=at, time_zone=time_zone
    )
    label = f"{devices[instrument]}/{at.isoformat()}"
    values = measured(truth, instrument.measures, seed=seed, label=label, second=second)
    flags: set[Quality] = set()
    if instrument is Instrument.CUFF and person.body.irregular:
        flags.add(Quality.IRREGULAR_PULSE)
    lag = timedelta(seconds=round(2 + 30 * uniform(seed, "lag", label)))
    return _reading(devices[instrument], instrument, at, lag, values, frozenset(flags), time_zone)


def _staged_from(person: Person, seeded_at: datetime) -> datetime:
    """From when until the seeding only the extra readings count, so that no chance one contradicts them."""
    hours = max((extra.hours_ago for extra in person.extras), default=-_BEFORE_EXTRAS_HOURS)
    return seeded_at - timedelta(hours=hours + _BEFORE_EXTRAS_HOURS)


def _extras(
    person: Person, devices: dict[Instrument, DeviceId], seeded_at: datetime, time_zone: ZoneInfo
) -> Iterator[Reading]:
    for extra in person.extras:
        at = (seeded_at - timedelta(hours=extra.hours_ago)).replace(microsecond=0)
        device_id = devices[extra.instrument]
        lag = timedelta(seconds=5)
        yield _reading(device_id, extra.instrument, at, lag, extra.values, frozenset(), time_zone)


def _reading(
    device_id: DeviceId,
    instrument: Instrument,
    at: datetime,
    lag: timedelta,
    values: dict[Measure, float],
    quality: frozenset[Quality],
    time_zone: ZoneInfo,
) -> Reading:
    device_time = at.astimezone(time_zone).replace(tzinfo=None).isoformat()
    return Reading(
        reading_id=reading_id(device_id, b"", device_time, at + lag),
        device_id=device_id,
        profile=instrument.profile,
        measured_at=at,
        received_at=at + lag,
        device_time=device_time,
        values=values,
        quality=quality,
    )
