"""Threshold rules: a value beyond a limit, confirmed by a repeat, held for a time, or so often. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isnan

from alerts.book.schema import Confirm, ThresholdRule, When
from alerts.readings import day_values
from alerts.readings.measured import Measured
from alerts.rules.breach_of import breach_of
from alerts.rules.trend_rule import holds
from alerts.rules.view import FRESH, LATE, NOTHING, Finding, Unrepeated, View, magnitude
from vitals.breach import Breach
from vitals.measure import SPECS, Measure
from vitals.message import Message

_SAME_SITTING = timedelta(hours=2)

LAST_VALUE = "last_value"
"""In a message about two readings: the last one's value, by which a correction of it is noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beyond:
    """A reading beyond a limit: which comparison said so, and by how much."""

    measured: Measured
    when: When
    value: float
    limit: float

    @property
    def magnitude(self) -> float:
        return magnitude(self.when.measure, self.value, self.limit, is_high=self.when.is_high)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    """The condition was met: from which reading on, by which one at last, and whether that is confirmed."""

    first: _Beyond
    last: _Beyond
    confirmed: bool
    magnitude: float

    @property
    def known_at(self) -> datetime:
        return max(self.first.measured.known_at, self.last.measured.known_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    """A reading beyond the limit that may still be repeated, until then; `first` where it must be."""

    until: datetime
    first: _Beyond | None = None


def find(rule: ThresholdRule, view: View, now: datetime) -> Finding:
    """What the rule says of the patient's readings up to now."""
    window = FRESH if rule.count is None else max(FRESH, timedelta(hours=rule.count.within_hours))
    wait = _wait(rule.confirm)
    newest = view.course.last(rule.when[0].measure)
    if newest is None or now - newest.at > window + wait:
        return NOTHING
    readings = [
        m
        for m in view.course.usable(rule.when[0].measure, now - window - wait)
        if m.at <= now and m.known_at - m.at <= FRESH
    ]
    if not _any_beyond(rule, view, readings):
        well = bool(readings) and not readings[-1].doubtful and now - readings[-1].at <= FRESH
        return Finding(normal_at=readings[-1].at) if well else NOTHING
    hits: list[_Hit] = []
    look_at: datetime | None = None
    unrepeated: Unrepeated | None = None
    for outcome in _outcomes(rule, view, readings, now):
        if isinstance(outcome, _Hit):
            hits.append(outcome)
        else:
            look_at = outcome.until
            unrepeated = _unrepeated(rule, outcome)
    normal_at = None if look_at else _normal_at(rule, view, readings, now)
    hit = _enough(rule, view, hits, now)
    if _is_no_news(rule, view):
        return Finding(normal_at=normal_at, look_at=look_at)
    if hit is None or now - hit.last.measured.at > FRESH:
        return Finding(normal_at=normal_at, look_at=look_at, unrepeated=unrepeated)
    breach = _breach(rule, view, hit, hits)
    return Finding(breach=breach, normal_at=normal_at, look_at=look_at, unrepeated=unrepeated)


def _wait(confirm: Confirm | None) -> timedelta:
    """How long before the last reading of a hit its first one may have been."""
    if confirm is None:
        return timedelta(0)
    repeat = timedelta(minutes=confirm.within_minutes)
    waits_for_next = confirm.alone == "next" or confirm.stand_out is not None
    return max(repeat, timedelta(hours=confirm.next_hours)) if waits_for_next else repeat


def _unrepeated(rule: ThresholdRule, waiting: _Waiting) -> Unrepeated | None:
    if waiting.first is None:
        return None
    return Unrepeated(
        rule=rule.id,
        reading_id=waiting.first.measured.reading_id,
        measure=waiting.first.when.measure,
        at=waiting.first.measured.at,
        until=waiting.until,
    )


def _is_no_news(rule: ThresholdRule, view: View) -> bool:
    return view.trends is not None and any(holds(bound, view.trends, view.limits) for bound in rule.unless)


def _any_beyond(rule: ThresholdRule, view: View, readings: Sequence[Measured]) -> bool:
    """Whether any reading is beyond a limit: mostly none is, and there is nothing more to ask."""
    for when in rule.when:
        limit, measure = view.limits[when.limit].value, when.measure
        for measured in readings:
            value = measured.values.get(measure)
            if value is not None and when.beyond(value, limit):
                return True
    return False


def _outcomes(
    rule: ThresholdRule, view: View, readings: Sequence[Measured], now: datetime
) -> Iterator[_Hit | _Waiting]:
    if rule.on == "session":
        return _sessions(rule, view, readings, now)
    if rule.confirm is not None:
        return _trials(rule, rule.confirm, view, readings, now)
    if rule.hold_minutes > 0:
        return _holds(rule, view, readings)
    return _singles(rule, view, readings)


def _beyond(rule: ThresholdRule, view: View, measured: Measured) -> _Beyond | None:
    """How the reading is beyond a limit: by the comparison that it fails worst."""
    worst: _Beyond | None = None
    for when in rule.when:
        value = measured.values.get(when.measure)
        limit = view.limits[when.limit].value
        if value is not None and when.beyond(value, limit):
            found = _Beyond(measured=measured, when=when, value=value, limit=limit)
            if worst is None or found.magnitude > worst.magnitude:
                worst = found
    return worst


def _singles(rule: ThresholdRule, view: View, readings: Sequence[Measured]) -> Iterator[_Hit]:
    """Each reading beyond the limit by itself; of those in one sitting the worst."""
    sitting: list[_Beyond] = []
    for measured in readings:
        beyond = None if measured.doubtful else _beyond(rule, view, measured)
        if beyond is None:
            continue
        if sitting and measured.at - sitting[0].measured.at > day_values.SESSION_GAP:
            yield _worst(sitting)
            sitting = []
        sitting.append(beyond)
    if sitting:
        yield _worst(sitting)


def _worst(sitting: Sequence[_Beyond]) -> _Hit:
    worst = max(sitting, key=lambda beyond: beyond.magnitude)
    return _Hit(first=worst, last=worst, confirmed=True, magnitude=worst.magnitude)


def _holds(rule: ThresholdRule, view: View, readings: Sequence[Measured]) -> Iterator[_Hit]:
    """Readings beyond the limit without one within it between them, for at least the hold."""
    run: list[_Beyond] = []
    for measured in readings:
        if measured.doubtful:
            continue
        beyond = _beyond(rule, view, measured)
        run = [*run, beyond] if beyond else []
        if run and run[-1].measured.at - run[0].measured.at >= timedelta(minutes=rule.hold_minutes):
            least = min(b.magnitude for b in run)
            yield _Hit(first=run[0], last=run[-1], confirmed=True, magnitude=least)


def _sessions(
    rule: ThresholdRule, view: View, readings: Sequence[Measured], now: datetime
) -> Iterator[_Hit | _Waiting]:
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
        beyond = _beyond(rule, view, whole)
        if beyond is None:
            continue
        repeated = len(session) > 1
        if not repeated and now < over_at:
            yield _Waiting(until=over_at, first=beyond)
        else:
            confirmed = repeated or rule.count is not None
            yield _Hit(first=beyond, last=beyond, confirmed=confirmed, magnitude=beyond.magnitude)


def _trials(
    rule: ThresholdRule, confirm: Confirm, view: View, readings: Sequence[Measured], now: datetime
) -> Iterator[_Hit | _Waiting]:
    """Each reading beyond the limit opens a trial, which the readings of the next minutes decide."""
    place = 0
    while place < len(readings):
        first = _beyond(rule, view, readings[place])
        if first is None or _is_artefact(readings[place]):
            place += 1
            continue
        until = first.measured.at + timedelta(minutes=confirm.within_minutes)
        trial = _Trial(confirm)
        while place < len(readings) and readings[place].at <= until and not trial.decided:
            trial.add(readings[place], _beyond(rule, view, readings[place]))
            place += 1
        if trial.confirmed:
            yield _Hit(first=first, last=trial.beyond[-1], confirmed=True, magnitude=trial.magnitude)
        elif not trial.decided and now < until:
            yield _Waiting(until=until, first=first)
        elif not trial.within and confirm.alone != "ignored":
            alone = _alone(rule, confirm, view, first, trial, readings[place:])
            if alone is not None:
                yield alone


def _alone(
    rule: ThresholdRule,
    confirm: Confirm,
    view: View,
    first: _Beyond,
    trial: "_Trial",
    later: Sequence[Measured],
) -> _Hit | None:
    """What a reading that nobody repeated amounts to: enough by itself, or what the next one says."""
    worst = max(trial.all_beyond, key=lambda b: b.magnitude)
    if confirm.alone == "unconfirmed" and _stands_out(confirm, view, worst):
        return _Hit(first=first, last=trial.all_beyond[-1], confirmed=False, magnitude=worst.magnitude)
    following = next((m for m in later if not m.doubtful), None)
    if following is None or following.at - first.measured.at > timedelta(hours=confirm.next_hours):
        return None
    beyond = _beyond(rule, view, following)
    if beyond is None:
        return None
    agreed = min(first.magnitude, beyond.magnitude)
    return _Hit(first=first, last=beyond, confirmed=True, magnitude=agreed)


def _stands_out(confirm: Confirm, view: View, worst: _Beyond) -> bool:
    apart = confirm.stand_out
    usual = view.trends.get(apart.feature) if apart is not None and view.trends is not None else None
    if apart is None or usual is None or not apart.feature.startswith(worst.when.measure.value):
        return True
    return abs(worst.value - usual) >= view.limits[apart.by].value


class _Trial:
    """The readings that confirm or refute a first one. A doubtful reading does neither."""

    def __init__(self, confirm: Confirm) -> None:
        self._confirm = confirm
        self._last: datetime | None = None
        self.beyond: list[_Beyond] = []
        self.all_beyond: list[_Beyond] = []
        self.within = 0

    def add(self, measured: Measured, beyond: _Beyond | None) -> None:
        apart = timedelta(minutes=self._confirm.apart_minutes)
        if self._last is not None and measured.at - self._last < apart:
            return
        self._last = measured.at
        if beyond is not None:
            self.all_beyond.append(beyond)
        if measured.doubtful:
            return
        if beyond is None:
            self.within += 1
        else:
            self.beyond.append(beyond)

    @property
    def confirmed(self) -> bool:
        return len(self.beyond) >= self._confirm.need

    @property
    def decided(self) -> bool:
        return self.confirmed or self.within + len(self.beyond) >= self._confirm.of

    @property
    def magnitude(self) -> float:
        """What the readings agree on: that of the mildest of the worst that are needed."""
        return sorted((b.magnitude for b in self.beyond), reverse=True)[self._confirm.need - 1]


def _is_artefact(measured: Measured) -> bool:
    """An oximeter's value under motion or poor perfusion asks nothing; the rule for poor signal counts it."""
    return measured.doubtful and Measure.SPO2 in measured.values


def _enough(rule: ThresholdRule, view: View, hits: Sequence[_Hit], now: datetime) -> _Hit | None:
    """The hit that speaks, if there were as many of them in its time before as the rule wants.

    It is the newest, unless a worse one of the last day was measured before it and came after it.
    """
    if not hits:
        return None
    newest = speaks = hits[-1]
    if rule.count is not None:
        return newest if len(_counted(rule, view, hits)) >= rule.count.need else None
    for hit in hits:
        is_late = hit.known_at > newest.known_at and now - hit.last.measured.at <= FRESH
        if is_late and (hit.confirmed, hit.magnitude) > (speaks.confirmed, speaks.magnitude):
            speaks = hit
    return speaks


def _counted(rule: ThresholdRule, view: View, hits: Sequence[_Hit]) -> set[object]:
    assert rule.count is not None
    since = hits[-1].last.measured.at - timedelta(hours=rule.count.within_hours)
    recent = [hit.last.measured.at for hit in hits if hit.last.measured.at > since]
    return {view.course.day_of(at) for at in recent} if rule.count.distinct_days else set(recent)


def _normal_at(
    rule: ThresholdRule, view: View, readings: Sequence[Measured], now: datetime
) -> datetime | None:
    """When the newest reading was measured, if it is fresh, trustworthy and within the limits."""
    newest = readings[-1]
    well = not newest.doubtful and now - newest.at <= FRESH and _beyond(rule, view, newest) is None
    return newest.at if well else None


def _breach(rule: ThresholdRule, view: View, hit: _Hit, hits: Sequence[_Hit]) -> Breach:
    evidence = (hit.first.measured, hit.last.measured)
    return breach_of(
        rule,
        rule.priority,
        measure=hit.first.when.measure,
        message=_message(rule, view, hit, hits),
        magnitude=hit.magnitude,
        at=hit.last.measured.at,
        reading_ids=tuple(dict.fromkeys(m.reading_id for m in evidence)),
        limits=(view.limits[hit.first.when.limit],),
        confirmed=hit.confirmed,
        # The reading that decides: a first one that came late does not make the prompt repeat late.
        late=hit.last.measured.known_at - hit.last.measured.at > LATE,
    )


def _message(rule: ThresholdRule, view: View, hit: _Hit, hits: Sequence[_Hit]) -> Message:
    measure = hit.first.when.measure
    shown = hit.first.measured.values
    both = Measure.SYSTOLIC in shown and Measure.DIASTOLIC in shown
    message = rule.message if both or not rule.message.startswith("pressure") else "value"
    values: dict[str, str | float | int] = {
        "measure": f"measure_{measure.value}",
        "value": hit.first.value,
        "unit": SPECS[measure].display_unit,
        "limit": hit.first.limit,
        "systolic": shown.get(Measure.SYSTOLIC, 0.0),
        "diastolic": shown.get(Measure.DIASTOLIC, 0.0),
    }
    if rule.on == "reading" and measure in hit.last.measured.values:
        values[LAST_VALUE] = hit.last.measured.values[measure]
    if rule.count is not None:
        values |= {"n": len(_counted(rule, view, hits)), "window": _window(rule.count.within_hours)}
        return Message(key=f"{message}_count", values=values)
    if rule.confirm is None:
        return Message(key=message, values=values)
    if hit.confirmed:
        apart = hit.last.measured.at - hit.first.measured.at
        if apart > _SAME_SITTING:
            values["hours"] = round(apart / timedelta(hours=1))
            return Message(key=f"{message}_again", values=values)
        values["minutes"] = max(1, round(apart / timedelta(minutes=1)))
        return Message(key=f"{message}_confirmed", values=values)
    values["minutes"] = round(rule.confirm.within_minutes)
    return Message(key=f"{message}_unconfirmed", values=values)


def _window(hours: float) -> str:
    return f"{hours:g} h" if hours < 48 else f"{hours / 24:g} d"
