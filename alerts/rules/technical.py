"""Technical rules: the equipment's own troubles, and readings that cannot be believed. Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta

from alerts.book.schema import TechnicalRule
from alerts.readings.measured import HeldFor
from alerts.readings.quality import looks_typed_in
from alerts.rules.breach_of import breach_of
from alerts.rules.view import FRESH, NOTHING, Finding, View
from vitals.breach import Breach
from vitals.ids import ReadingId
from vitals.measure import Measure
from vitals.message import Message

_Values = dict[str, str | float | int]


def find(rule: TechnicalRule, view: View, now: datetime) -> Finding:
    """What the rule says of the patient's equipment now."""
    return _FINDERS[rule.what](rule, view, now)


def _breach(
    rule: TechnicalRule,
    view: View,
    at: datetime,
    far: float,
    values: _Values,
    *,
    measure: Measure | None = None,
    readings: tuple[ReadingId, ...] = (),
) -> Breach:
    return breach_of(
        rule,
        rule.priority,
        measure=measure,
        message=Message(key=rule.message, values=values),
        magnitude=far,
        at=at,
        reading_ids=readings,
        limits=(view.limits[rule.limit],),
    )


def _gateway_silent(rule: TechnicalRule, view: View, now: datetime) -> Finding:
    gateways = view.equipment.gateways
    if any(g.online for g in gateways):
        return Finding(normal_at=now)
    return _overdue(rule, view, max((g.since for g in gateways if g.since is not None), default=None), now)


def _overdue(
    rule: TechnicalRule, view: View, since: datetime | None, now: datetime, *, far: float = 1.0, **values: int
) -> Finding:
    """Whether it has lasted for the hours that the rule's limit allows; None: nothing is waited for."""
    if since is None:
        return NOTHING
    allowed = timedelta(hours=view.limits[rule.limit].value)
    if now < since + allowed:
        return Finding(look_at=since + allowed)
    hours = (now - since) / timedelta(hours=1)
    return Finding(breach=_breach(rule, view, since + allowed, far, {"hours": hours, **values}))


def _gateway_never_heard(rule: TechnicalRule, view: View, now: datetime) -> Finding:
    """None of the patient's gateways has said a word since it was to: it is no outage, it never worked."""
    gateways = view.equipment.gateways
    if any(g.online or g.since is not None for g in gateways):
        return Finding(normal_at=now)
    expected = (g.expected_from for g in gateways if g.expected_from is not None)
    return _overdue(rule, view, min(expected, default=None), now)


def _gap(rule: TechnicalRule, view: View, now: datetime) -> Finding:
    """Readings that have not come though later ones have; a gateway that is offline may still hold them."""
    online = [g for g in view.equipment.gateways if g.online]
    since = max((g.missing_since for g in online if g.missing_since is not None), default=None)
    if since is None:
        return Finding(normal_at=now) if online else NOTHING
    missing = sum(g.missing for g in online)
    return _overdue(rule, view, since, now, far=float(missing), n=missing)


def _pairing(rule: TechnicalRule, view: View, now: datetime) -> Finding:
    lost = [d for d in view.equipment.devices if d.needs_pairing]
    if not lost:
        return Finding(normal_at=now) if view.equipment.devices else NOTHING
    return Finding(breach=_breach(rule, view, now, float(len(lost)), {}))


def _battery(rule: TechnicalRule, view: View, now: datetime) -> Finding:
    levels = [d.battery_percent for d in view.equipment.devices if d.battery_percent is not None]
    limit = view.limits[rule.limit].value
    if not levels or min(levels) >= limit:
        return Finding(normal_at=now) if levels else NOTHING
    values: _Values = {"value": min(levels), "limit": limit}
    return Finding(breach=_breach(rule, view, now, limit / max(min(levels), 1.0), values))


def _clock(rule: TechnicalRule, view: View, now: datetime) -> Finding:
    offsets = [abs(d.clock_offset_s) for d in view.equipment.devices if d.clock_offset_s is not None]
    limit = view.limits[rule.limit].value
    if not offsets or max(offsets) <= limit:
        return Finding(normal_at=now) if offsets else NOTHING
    return Finding(breach=_breach(rule, view, now, max(offsets) / limit, {"minutes": max(offsets) / 60}))


def _held_readings(rule: TechnicalRule, view: View, now: datetime) -> Finding:
    since = now - timedelta(days=rule.within_days)
    held = view.course.held_since(since)
    limit = view.limits[rule.limit].value
    if len(held) < limit:
        return NOTHING
    values: _Values = {"n": len(held), "days": rule.within_days}
    ids = tuple(m.reading_id for m in held)
    return Finding(breach=_breach(rule, view, held[-1].at, len(held) / limit, values, readings=ids))


def _poor_signal(rule: TechnicalRule, view: View, now: datetime) -> Finding:
    """Low saturation that nobody may believe, and nobody may forget either."""
    critical = view.limits["spo2_critical"].value
    readings = view.course.usable(Measure.SPO2, now - timedelta(days=rule.within_days))
    if readings and not readings[-1].doubtful:
        return Finding(normal_at=readings[-1].at)
    low = [m for m in readings if m.doubtful and m.values[Measure.SPO2] <= critical]
    limit = view.limits[rule.limit].value
    if len(low) < limit:
        return NOTHING
    worst = min(m.values[Measure.SPO2] for m in low)
    values: _Values = {"value": worst, "n": len(low), "days": rule.within_days}
    ids = tuple(m.reading_id for m in low)
    far = len(low) / limit
    breach = _breach(rule, view, low[-1].at, far, values, measure=Measure.SPO2, readings=ids)
    return Finding(breach=breach)


def _typed_in(rule: TechnicalRule, view: View, now: datetime) -> Finding:
    """Pressures that end in 0 too often, or repeat themselves; of no other measure would that be strange."""
    readings = view.course.usable(Measure.SYSTOLIC, now - timedelta(days=rule.within_days))
    share = view.limits[rule.limit].value / 100
    if not looks_typed_in([m.values[Measure.SYSTOLIC] for m in readings], share):
        return NOTHING
    values: _Values = {"n": len(readings), "days": rule.within_days}
    last = readings[-1]
    breach = _breach(rule, view, last.at, 1.0, values, measure=Measure.SYSTOLIC, readings=(last.reading_id,))
    return Finding(breach=breach)


def _late_readings(rule: TechnicalRule, view: View, now: datetime) -> Finding:
    """A home whose readings all come too late for any rule: nobody is silent there, and nobody is watched."""
    newest = [m for measure in view.course.measures() if (m := view.course.last(measure)) is not None]
    if not newest:
        return NOTHING
    in_time = [m.at for m in newest if m.known_at - m.at <= FRESH]
    if in_time and now - max(in_time) <= timedelta(days=rule.within_days):
        return Finding(normal_at=max(in_time))
    since = now - timedelta(days=rule.within_days)
    late = {
        m.reading_id: m
        for one in view.course.measures()
        for m in view.course.usable(one, since)
        if m.at <= now
    }
    limit = view.limits[rule.limit].value
    if len(late) < limit or any(m.known_at - m.at <= FRESH for m in late.values()):
        return NOTHING
    last = max(late.values(), key=lambda m: m.at)
    values: _Values = {"n": len(late), "days": rule.within_days}
    return Finding(breach=_breach(rule, view, last.at, 1.0, values, readings=(last.reading_id,)))


def _pounds(rule: TechnicalRule, view: View, now: datetime) -> Finding:
    """A scale that shows the other unit for good: every weighing is held, and nobody's weight is watched."""
    held = view.course.held_since(now - timedelta(days=rule.within_days))
    flips = [m for m in held if view.course.held.get(m.reading_id) is HeldFor.UNIT_FLIP]
    last = view.course.last(Measure.WEIGHT)
    if last is None:
        return NOTHING
    flips = [m for m in flips if m.at > last.at]
    limit = view.limits[rule.limit].value
    if len(flips) < limit:
        return Finding(normal_at=last.at) if not flips and now - last.at <= FRESH else NOTHING
    ids = tuple(m.reading_id for m in flips)
    at = flips[-1].at
    breach = _breach(rule, view, at, 1.0, {"n": len(flips)}, measure=Measure.WEIGHT, readings=ids)
    return Finding(breach=breach)


_FINDERS: dict[str, Callable[[TechnicalRule, View, datetime], Finding]] = {
    "gateway_silent": _gateway_silent,
    "gateway_never_heard": _gateway_never_heard,
    "gap": _gap,
    "pairing": _pairing,
    "battery": _battery,
    "clock": _clock,
    "held_readings": _held_readings,
    "poor_signal": _poor_signal,
    "typed_in": _typed_in,
    "late_readings": _late_readings,
    "pounds": _pounds,
}
