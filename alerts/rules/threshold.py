"""Threshold rules: a value beyond a limit, confirmed by a repeat, held for a time, or so often. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from alerts.book.schema import Confirm, ThresholdRule
from alerts.readings.measured import Measured
from alerts.rules import trend_rule
from alerts.rules.breach_of import breach_of
from alerts.rules.hits import Hit, Waiting, any_beyond, beyond_by, counted, holds, sessions, singles
from alerts.rules.threshold_messages import message
from alerts.rules.trials import trials
from alerts.rules.view import FRESH, LATE, NOTHING, Finding, Unrepeated, View
from vitals.breach import Breach


def find(rule: ThresholdRule, view: View, now: datetime) -> Finding:
    """What the rule says of the patient's readings up to now."""
    window = FRESH if rule.count is None else max(FRESH, timedelta(hours=rule.count.within_hours))
    wait = _wait(rule.confirm)
    newest = view.course.last(rule.when[0].measure)
    if newest is None or now - newest.at > window + wait:
        return NOTHING
    # Back from the newest reading and not from now: while nothing new comes, no sitting is cut in two and no
    # trial begins elsewhere because its first reading has grown too old. What was no breach becomes none.
    readings = [
        m
        for m in view.course.usable(rule.when[0].measure, min(newest.at, now) - window - wait)
        if m.at <= now and m.known_at - m.at <= FRESH
    ]
    if not any_beyond(rule, view, readings):
        well = bool(readings) and not readings[-1].doubtful and now - readings[-1].at <= FRESH
        return Finding(normal_at=readings[-1].at) if well else NOTHING
    hits: list[Hit] = []
    look_at: datetime | None = None
    unrepeated: Unrepeated | None = None
    for outcome in _outcomes(rule, view, readings, now):
        if isinstance(outcome, Hit):
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
    return max(repeat, timedelta(hours=confirm.next_hours)) if confirm.may_wait_for_next else repeat


def _unrepeated(rule: ThresholdRule, waiting: Waiting) -> Unrepeated | None:
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
    return view.trends is not None and any(
        trend_rule.holds(bound, view.trends, view.limits) for bound in rule.unless
    )


def _outcomes(
    rule: ThresholdRule, view: View, readings: Sequence[Measured], now: datetime
) -> Iterator[Hit | Waiting]:
    if rule.on == "session":
        return sessions(rule, view, readings, now)
    if rule.confirm is not None:
        return trials(rule, rule.confirm, view, readings, now)
    if rule.hold_minutes > 0:
        return holds(rule, view, readings)
    return singles(rule, view, readings)


def _enough(rule: ThresholdRule, view: View, hits: Sequence[Hit], now: datetime) -> Hit | None:
    """The hit that speaks, if there were as many of them in its time before as the rule wants.

    It is the newest, unless a worse one of the last day was measured before it and came after it.
    """
    if not hits:
        return None
    newest = speaks = hits[-1]
    if rule.count is not None:
        return newest if len(counted(rule, view, hits)) >= rule.count.need else None
    for hit in hits:
        is_late = hit.known_at > newest.known_at and now - hit.last.measured.at <= FRESH
        if is_late and (hit.confirmed, hit.magnitude) > (speaks.confirmed, speaks.magnitude):
            speaks = hit
    return speaks


def _normal_at(
    rule: ThresholdRule, view: View, readings: Sequence[Measured], now: datetime
) -> datetime | None:
    """When the newest reading was measured, if it is fresh, trustworthy and within the limits."""
    newest = readings[-1]
    well = not newest.doubtful and now - newest.at <= FRESH and beyond_by(rule, view, newest) is None
    return newest.at if well else None


def _breach(rule: ThresholdRule, view: View, hit: Hit, hits: Sequence[Hit]) -> Breach:
    evidence = (hit.first.measured, hit.last.measured)
    return breach_of(
        rule,
        rule.priority,
        measure=hit.first.when.measure,
        message=message(rule, view, hit, hits),
        magnitude=hit.magnitude,
        at=hit.last.measured.at,
        reading_ids=tuple(dict.fromkeys(m.reading_id for m in evidence)),
        limits=(view.limits[hit.first.when.limit],),
        confirmed=hit.confirmed,
        # The reading that decides: a first one that came late does not make the prompt repeat late.
        late=hit.last.measured.known_at - hit.last.measured.at > LATE,
    )
