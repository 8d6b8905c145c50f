"""Stale rules: a scheduled measurement that does not come, on the patient's local days. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.book.schema import Rung, ScheduleSpec, StaleRule
from alerts.rules.breach_of import breach_of
from alerts.rules.trend_rule import holds
from alerts.rules.view import Break, Finding, View
from vitals.measure import SPECS, Measure
from vitals.message import Message

_DAY = timedelta(days=1)

REMIND_AFTER = timedelta(hours=2)
"""A patient is reminded this long after the time by which they measure (project review, section 4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A scheduled measure that has not come for so many days, and when the last of those days was up."""

    measure: Measure
    days: int
    since: date
    up_at: datetime


def find(rule: StaleRule, view: View, now: datetime) -> Finding:
    """What the rule says of the patient's silence up to now."""
    look_at = _next_change(rule, view, now)
    if _in_break(view.breaks, now):
        return Finding(look_at=look_at)
    missing = missing_measures(view, now)
    if not missing:
        return Finding(look_at=look_at)
    alarming = [m for m in missing if _alarm(rule, view, m) is not None]
    worst = max(alarming or missing, key=lambda m: m.days)
    rung = rung_of(rule, view, worst, now, partial=_is_partial(missing))
    if rung is None or rung.priority is None:
        whole = all(m.days == 0 for m in missing)
        newest = [m.at for m in map(view.course.last, view.course.measures()) if m is not None]
        return Finding(normal_at=max(newest) if whole and newest else None, look_at=look_at)
    if rung.step != "nurse" and _equipment_is_down(view):
        return Finding(look_at=look_at)
    breach = breach_of(
        rule,
        rung.priority,
        measure=worst.measure,
        message=_message(rule, view, missing, worst, rung),
        magnitude=_magnitude(rule, rung),
        at=worst.up_at,
    )
    return Finding(breach=breach, look_at=look_at)


def _message(rule: StaleRule, view: View, missing: Sequence[Missing], worst: Missing, rung: Rung) -> Message:
    values: dict[str, str | float | int] = {"measure": f"noun_{worst.measure.value}", "days": worst.days}
    alarm = _alarm(rule, view, worst)
    if alarm is not None:
        measure, value = alarm
        values |= {"value": value, "unit": SPECS[measure].display_unit}
        return Message(key=f"{rule.message}_alarming", values=values)
    if len(missing) > 1 and all(m.days == worst.days for m in missing):
        values["measure"] = "noun_anything"
    return Message(key=f"{rule.message}_{rung.step}", values=values)


def _alarm(rule: StaleRule, view: View, missing: Missing) -> tuple[Measure, float] | None:
    """What the last reading before this silence said beyond a limit, where that makes it a nurse's early.

    A lone value may wait for the next one to confirm it; a patient who sends none must not wait as long.
    """
    last = view.course.last(missing.measure)
    if last is None or missing.days < rule.alarming_day:
        return None
    for when in rule.alarming:
        value = last.values.get(when.measure)
        if value is None or not when.beyond(value, view.limits[when.limit].value):
            continue
        trends = view.trends
        if trends is None or not any(holds(bound, trends, view.limits) for bound in when.unless):
            return when.measure, value
    return None


def missing_measures(view: View, now: datetime) -> list[Missing]:
    """For each scheduled measure that the patient has ever taken, how many days it has been missing.

    A patient who never measured anything is silent in every one of them; an instrument that never came into
    use while the others did is no silence.
    """
    return [_missing(entry, view, now) for entry in _expected(view)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """What is missing on a silent day, since which day, and how far up the ladder the silence has come."""

    missing: Sequence[Missing]
    since: date
    step: str


def reminder(rule: StaleRule, view: View, now: datetime) -> Reminder | None:
    """What the patient is to be reminded of today, from two hours after their time on; None for nothing.

    Nobody is reminded in a pause, for trouble with equipment, or once the silence is a nurse's.
    """
    if _in_break(view.breaks, now) or _equipment_is_down(view):
        return None
    today = view.course.day_of(now)
    reached: list[tuple[Missing, Rung]] = []
    everything = missing_measures(view, now)
    if not any(missing.days for missing in everything):
        return None
    for missing in everything:
        rung = rung_of(rule, view, missing, now, partial=_is_partial(everything))
        if rung is not None and view.course.day_of(missing.up_at) == today:
            reached.append((missing, rung))
    if not reached or now < max(missing.up_at for missing, _ in reached) + REMIND_AFTER:
        return None
    worst, rung = max(reached, key=lambda one: one[0].days)
    if rung.step == "nurse":
        return None
    return Reminder(missing=[missing for missing, _ in reached], since=worst.since, step=rung.step)


def _expected(view: View) -> Sequence[ScheduleSpec]:
    known = [entry for entry in view.rules.schedule if view.course.last(entry.measure) is not None]
    return known or view.rules.schedule


def _missing(entry: ScheduleSpec, view: View, now: datetime) -> Missing:
    start = view.course.day_of(view.course.last_taken(entry.measure) or view.patient.enrolled_at)
    zone = ZoneInfo(view.patient.time_zone)
    end = _day_up(entry, view, zone, now)
    counted = (end - start).days - (entry.every_days - 1) - _paused_days(view, start, end)
    return Missing(
        measure=entry.measure, days=max(0, counted), since=start, up_at=_deadline(end, entry.by, zone)
    )


def days_up(view: View, now: datetime) -> tuple[date, ...]:
    """For each scheduled measure the last local day that is up: while they stay, no silence grows."""
    zone = ZoneInfo(view.patient.time_zone)
    return tuple(_day_up(entry, view, zone, now) for entry in view.rules.schedule)


def _day_up(entry: ScheduleSpec, view: View, zone: ZoneInfo, now: datetime) -> date:
    today = view.course.day_of(now)
    return today if now >= _deadline(today, entry.by, zone) else today - _DAY


def rung_of(
    rule: StaleRule, view: View, missing: Missing, now: datetime, *, partial: bool = False
) -> Rung | None:
    """The highest rung of the ladder that so many silent days reach.

    `partial`: other scheduled measures came, so the patient is not silent.
    """
    if _alarm(rule, view, missing) is not None:
        return rule.ladder[-1]
    if missing.days < max(1, rule.ladder[0].day - rule.earlier_days):
        return None
    early = _is_early(rule, view, now)
    # The habit as it was when the day was up: until the next one is, a silence is what it was.
    habit = view.course.usual_gap(missing.measure, missing.up_at)
    later = 0 if early else min(rule.habit_days, habit)
    later += rule.partial_days if partial else 0
    earlier = rule.earlier_days if early else 0
    reached = [rung for rung in rule.ladder if missing.days >= _day_of(rule, rung, earlier, later)]
    return reached[-1] if reached else None


def _day_of(rule: StaleRule, rung: Rung, earlier: int, later: int) -> int:
    """From which silent day on the rung is reached; nobody is waited for beyond the latest day."""
    day = max(1, rung.day - earlier)
    return max(day, min(day + later, rule.latest_day)) if rule.latest_day else day + later


def _is_partial(missing: Sequence[Missing]) -> bool:
    return any(one.days == 0 for one in missing)


def _is_early(rule: StaleRule, view: View, now: datetime) -> bool:
    began = view.patient.programmes.get("post_discharge")
    if began is None or rule.earlier_for_days == 0:
        return False
    return (view.course.day_of(now) - began).days <= rule.earlier_for_days


def _magnitude(rule: StaleRule, rung: Rung) -> float:
    """How high on the ladder. Not how long: an answered silence must not call a nurse again every day."""
    return 1 + rule.ladder.index(rung) / 10


def _deadline(day: date, by: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, by, tzinfo=zone)


def _next_change(rule: StaleRule, view: View, now: datetime) -> datetime | None:
    """The next instant at which going on in silence could reach another rung, or count another day."""
    zone = ZoneInfo(view.patient.time_zone)
    today = view.course.day_of(now)
    earlier = rule.earlier_days if _is_early(rule, view, now) else 0
    looks: list[datetime] = []
    for entry in _expected(view):
        start = view.course.day_of(view.course.last_taken(entry.measure) or view.patient.enrolled_at)
        counts = {max(1, rung.day - earlier) for rung in rule.ladder}
        counts |= {rule.alarming_day} if rule.alarming else set[int]()
        days = [start + (entry.every_days - 1 + count) * _DAY for count in sorted(counts)]
        waits = rule.habit_days or rule.partial_days
        if view.breaks or (days[0] <= today and waits) or days[-1] <= today:
            days += [today, today + _DAY]
        for day in sorted(days):
            up = _deadline(day, entry.by, zone)
            if up + REMIND_AFTER > now:
                looks.append(up if up > now else up + REMIND_AFTER)
                break
    return min(looks) if looks else None


def _in_break(breaks: Sequence[Break], now: datetime) -> bool:
    return any(b.starts_at <= now < b.ends_at for b in breaks)


def _paused_days(view: View, start: date, end: date) -> int:
    """How many of the local days after `start` up to `end` a break touches; to midnight is not into a day."""
    paused: set[date] = set()
    for one in view.breaks:
        day = max(view.course.day_of(one.starts_at), start + _DAY)
        last = min(view.course.day_of(one.ends_at - datetime.resolution), end)
        while day <= last:
            paused.add(day)
            day += _DAY
    return len(paused)


def _equipment_is_down(view: View) -> bool:
    """Whether the silence has a technical cause, which has its own alert and its own owner."""
    gateways = view.equipment.gateways
    offline = bool(gateways) and not any(gateway.online for gateway in gateways)
    return offline or any(device.needs_pairing for device in view.equipment.devices)
