"""What in a patient's readings meets a threshold: one of them, some over a time, whole sittings. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan

from alerts.book.schema import ThresholdRule, When
from alerts.readings import day_values
from alerts.readings.measured import Measured
from alerts.rules.view import View, magnitude
from vitals.measure import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """A reading beyond a limit: which comparison said so, and by how much."""

    measured: Measured
    when: When
    value: float
    limit: float

    @property
    def magnitude(self) -> float:
        """How far beyond: 1 at the limit, 2 one span of the measure beyond."""
        return magnitude(self.when.measure, self.value, self.limit, is_high=self.when.is_high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """The condition was met: from which reading on, by which one at last, and whether that is confirmed."""

    first: Beyond
    last: Beyond
    confirmed: bool
    magnitude: float

    @property
    def known_at(self) -> datetime:
        """When the last of its readings had arrived."""
        return max(self.first.measured.known_at, self.last.measured.known_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A reading beyond the limit that may still be repeated, until then; `first` where it must be."""

    until: datetime
    first: Beyond | None = None


def any_beyond(rule: ThresholdRule, view: View, readings: Sequence[Measured]) -> bool:
    """Whether any reading is beyond a limit: mostly none is, and there is nothing more to ask."""
    for when in rule.when:
        measure = when.measure
        values = [value for m in readings if (value := m.values.get(measure)) is not None]
        worst = max if when.is_high else min
        if values and when.beyond(worst(values), view.limits[when.limit].value):
            return True
    return False


def beyond_by(rule: ThresholdRule, view: View, measured: Measured) -> Beyond | None:
    """How the reading is beyond a limit: by the comparison that it fails worst."""
    worst: Beyond | None = None
    for when in rule.when:
        value = measured.values.get(when.measure)
        limit = view.limits[when.limit].value
        if value is not None and when.beyond(value, limit):
            found = Beyond(measured=measured, when=when, value=value, limit=limit)
            if worst is None or found.magnitude > worst.magnitude:
                worst = found
    return worst


def counted(rule: ThresholdRule, view: View, hits: Sequence[Hit]) -> set[object]:
    """The days, or the moments, of the hits that the rule counts: those in its time before the newest."""
    assert rule.count is not None
    since = hits[-1].last.measured.at - timedelta(hours=rule.count.within_hours)
    recent = [hit.last.measured.at for hit in hits if hit.last.measured.at > since]
    return {view.course.day_of(at) for at in recent} if rule.count.distinct_days else set(recent)


def singles(rule: ThresholdRule, view: View, readings: Sequence[Measured]) -> Iterator[Hit]:
    """Each reading beyond the limit by itself; of those in one sitting the worst."""
    sitting: list[Beyond] = []
    for measured in readings:
        beyond = None if measured.doubtful else beyond_by(rule, view, measured)
        if beyond is None:
            continue
        if sitting and measured.at - sitting[0].measured.at > day_values.SESSION_GAP:
            yield _worst(sitting)
            sitting = []
        sitting.append(beyond)
    if sitting:
        yield _worst(sitting)


def _worst(sitting: Sequence[Beyond]) -> Hit:
    worst = max(sitting, key=lambda beyond: beyond.magnitude)
    return Hit(first=worst, last=worst, confirmed=True, magnitude=worst.magnitude)


def holds(rule: ThresholdRule, view: View, readings: Sequence[Measured]) -> Iterator[Hit]:
    """Readings beyond the limit without one within it between them, for at least the hold."""
    run: list[Beyond] = []
    for measured in readings:
        if measured.doubtful:
            continue
        beyond = beyond_by(rule, view, measured)
        run = [*run, beyond] if beyond else []
        if run and run[-1].measured.at - run[0].measured.at >= timedelta(minutes=rule.hold_minutes):
            least = min(b.magnitude for b in run)
            yield Hit(first=run[0], last=run[-1], confirmed=True, magnitude=least)


def sessions(
    rule: ThresholdRule, view: View, readings: Sequence[Measured], now: datetime
) -> Iterator[Hit | Waiting]:
    """Whole sittings beyond the limit. A reading alone is one once no second can follow, and unconfirmed.

    Where a rule counts days the next day confirms the first.
    """
    for session in day_values.sessions([m for m in readings if not m.doubtful]):
        over_at = session[-1].at + day_values.SESSION_GAP
        pressure = day_values.pressure_of_session(session)
        if pressure is None:
            continue
        values = {Measure.SYSTOLIC: pressure[0]}
        if not isnan(pressure[1]):
            values[Measure.DIASTOLIC] = pressure[1]
        last = session[-1]
        whole = Measured(reading_id=last.reading_id, at=last.at, known_at=last.known_at, values=values)
        beyond = beyond_by(rule, view, whole)
        if beyond is None:
            continue
        repeated = len(session) > 1
        if not repeated and now < over_at:
            yield Waiting(until=over_at, first=beyond)
        else:
            confirmed = repeated or rule.count is not None
            yield Hit(first=beyond, last=beyond, confirmed=confirmed, magnitude=beyond.magnitude)
