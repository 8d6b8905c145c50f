"""At which instants of a person's history the rules have something to say: those are worth a transaction."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from alerts.book import limits, rulebook
from alerts.book.limits import OwnLimit
from alerts.readings import trend
from alerts.readings.course import Course, Window
from alerts.readings.measured import Measured
from alerts.rules.evaluate import Assessment, assess
from alerts.rules.view import Break, TrendRow, View, Watched
from vitals.reading import Reading

# After a breach the patient eases, clears and recovers: that takes two normal sittings a day apart.
AFTERMATH = timedelta(days=4)
_SITTING = timedelta(minutes=10)
_JUST_AFTER = timedelta(seconds=1)


def instants(
    watched: Watched,
    own_limits: Sequence[OwnLimit],
    breaks: Sequence[Break],
    readings: Sequence[Reading],
    *,
    until: datetime,
) -> list[datetime]:
    """The instants up to `until`, in order, at which rules say something new of a breach or its aftermath."""
    book = rulebook.shipped().for_programmes(watched.programmes)
    course = Course(ZoneInfo(watched.time_zone))
    found: list[datetime] = []
    news = _News()

    def look(now: datetime, row: TrendRow | None) -> Assessment:
        view = View(
            patient=watched,
            rules=book,
            limits=limits.resolve(book, (), own_limits, now),
            course=course,
            trends=row,
            breaks=breaks,
        )
        assessment = assess(book.live, view, now)
        if news.is_in(assessment, now):
            found.append(now)
        return assessment

    sittings = list(_sittings(readings))
    rows = _trend_rows(sittings, ZoneInfo(watched.time_zone))
    for number, sitting in enumerate(sittings):
        for reading in sitting:
            course.add(measured(reading))
        now = max(reading.received_at for reading in sitting) + _JUST_AFTER
        next_at = _start(sittings[number + 1]) if number + 1 < len(sittings) else until
        look_at = look(now, rows[number]).look_at
        while look_at is not None and now < look_at < next_at:
            now = look_at
            look_at = look(now, rows[number]).look_at
    return [at for at in found if at <= until]


class _News:
    """Tells what rules say for the first time from what they say again."""

    def __init__(self) -> None:
        self._breached_at: dict[str, datetime] = {}
        self._said: tuple[frozenset[tuple[str, datetime, bool]], frozenset[tuple[str, datetime]]] | None = (
            None
        )

    def is_in(self, assessment: Assessment, now: datetime) -> bool:
        """Whether there is a breach, or a sign of recovery soon after one, that was not there just before."""
        for breach in assessment.breaches:
            self._breached_at[breach.rule] = now
        well = frozenset(
            (rule, at)
            for rule, at in assessment.normal.items()
            if rule in self._breached_at and now - self._breached_at[rule] <= AFTERMATH
        )
        ill = frozenset((breach.rule, breach.at, breach.confirmed) for breach in assessment.breaches)
        before, self._said = self._said, (ill, well)
        return bool(ill or well) and before != self._said


def _sittings(readings: Sequence[Reading]) -> Iterator[list[Reading]]:
    """Readings that were received within minutes of each other."""
    sitting: list[Reading] = []
    for reading in sorted(readings, key=lambda r: (r.received_at, r.reading_id)):
        if sitting and reading.received_at - sitting[-1].received_at > _SITTING:
            yield sitting
            sitting = []
        sitting.append(reading)
    if sitting:
        yield sitting


def _start(sitting: Sequence[Reading]) -> datetime:
    return min(reading.received_at for reading in sitting)


def measured(reading: Reading) -> Measured:
    """The reading as the rules see it, known as soon as it was received."""
    return Measured(
        reading_id=reading.reading_id,
        at=reading.measured_at,
        known_at=reading.received_at,
        values=reading.values,
        quality=reading.quality,
        device_id=reading.device_id,
    )


def _trend_rows(sittings: Sequence[Sequence[Reading]], zone: ZoneInfo) -> list[TrendRow | None]:
    """The trends after each sitting; all at once, because one by one costs most of the time."""
    course = Course(zone)
    windows: list[Window | None] = []
    for sitting in sittings:
        for reading in sitting:
            course.add(measured(reading))
        windows.append(course.window())
    known = [window for window in windows if window is not None]
    if not known:
        return [None for _ in windows]
    features = trend.features(np.stack([window.values for window in known]))
    numbers = iter(range(len(known)))
    return [
        None
        if window is None
        else TrendRow(features=features, row=next(numbers), day=window.day, at=window.at)
        for window in windows
    ]
