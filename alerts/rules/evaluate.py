"""All rules asked of one patient at one instant. Pure: the same answers live and in a backtest."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from alerts.book.schema import (
    AnyRule,
    CompositeRule,
    News2Rule,
    StaleRule,
    TechnicalRule,
    ThresholdRule,
    TrendRule,
)
from alerts.readings.course import Course
from alerts.rules import composite, news2, stale, technical, threshold, trend_rule
from alerts.rules.view import FRESH, Finding, Unrepeated, View
from vitals.breach import Breach


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What all rules say now.

    Breaches, the rules that find the patient well, when to look again, and what ought to be repeated.
    `course` is what they were asked of.
    """

    breaches: tuple[Breach, ...]
    normal: Mapping[str, datetime]
    look_at: datetime | None
    unrepeated: tuple[Unrepeated, ...] = ()
    course: Course | None = None


class Memo:
    """Findings that still hold: of rules that found no breach, and have seen no news since.

    For one patient. What every rule may look at beside the readings is the same until it is another: the
    limits, the programmes, the equipment; or until time goes back. Then all is asked anew.
    """

    def __init__(self) -> None:
        self._view: View | None = None
        self._now = _FIRST
        self._found: dict[str, tuple[Hashable, Finding]] = {}

    def find(self, rule: AnyRule, view: View, now: datetime) -> Finding:
        """What the rule says of the patient now, asked only where the answer can be another."""
        if view is not self._view or now < self._now:
            self._turn(view, now)
        self._now = now
        seen = _seen(rule, view, now)
        if seen is None:
            return find(rule, view, now)
        known = self._found.get(rule.id)
        if known is not None and known[0] == seen:
            finding = known[1]
            if finding.look_at is None or now < finding.look_at:
                aged = _aged(rule, finding, now)
                if aged is not finding:
                    self._found[rule.id] = (seen, aged)  # until time goes back, when all is forgotten
                return aged
        finding = find(rule, view, now)
        if finding.breach is None:
            self._found[rule.id] = (seen, finding)
        else:
            self._found.pop(rule.id, None)
        return finding

    def _turn(self, view: View, now: datetime) -> None:
        """Look at the patient as they are now, and forget what was found if more than readings changed."""
        before = self._view
        if before is None or now < self._now or not _alike(view, before):
            self._found.clear()
        self._view = view


_FIRST = datetime.min.replace(tzinfo=UTC)


def _aged(rule: AnyRule, finding: Finding, now: datetime) -> Finding:
    """What is left of a finding by now: of values, evidence of a day ago says no more that they are well."""
    normal_at = finding.normal_at
    if normal_at is None or now - normal_at <= FRESH or isinstance(rule, StaleRule):
        return finding
    return replace(finding, normal_at=None)


def _alike(view: View, before: View) -> bool:
    return (
        view.course is before.course
        and view.rules is before.rules
        and (view.limits is before.limits or view.limits == before.limits)
        and view.patient == before.patient
        and view.equipment == before.equipment
    )


def _seen(rule: AnyRule, view: View, now: datetime) -> Hashable:
    """What stays while what the rule looks at stays; None where it looks at more than readings and days."""
    told = _TELLS.get(type(rule))
    return None if told is None else told(rule, view, now)


def _of_threshold(rule: ThresholdRule, view: View, _now: datetime) -> Hashable:
    measures = view.rules.measures.get(rule.id)
    return view.course.changes(measures[0] if measures else None)


def _of_trend(rule: TrendRule, view: View, _now: datetime) -> Hashable:
    measures = view.rules.measures.get(rule.id)
    if measures is None or view.trends is None:
        return view.course.changes(None)
    return view.trends.day, *map(view.course.changes, measures)


def _of_silence(_rule: StaleRule, view: View, now: datetime) -> Hashable:
    if view.breaks:
        return None
    return view.course.changes(None), view.course.day_of(now), stale.days_up(view, now)


# By the very type: asking a pydantic class whether something is one of it costs more than most rules do.
_TELLS: Mapping[type[AnyRule], Callable[[Any, View, datetime], Hashable]] = {
    ThresholdRule: _of_threshold,
    TrendRule: _of_trend,
    StaleRule: _of_silence,
}
_FINDERS: Mapping[type[AnyRule], Callable[[Any, View, datetime], Finding]] = {
    ThresholdRule: threshold.find,
    TrendRule: trend_rule.find,
    CompositeRule: composite.find,
    News2Rule: news2.find,
    StaleRule: stale.find,
    TechnicalRule: technical.find,
}


def find(rule: AnyRule, view: View, now: datetime) -> Finding:
    """What one rule says of the patient now."""
    return _FINDERS[type(rule)](rule, view, now)


def assess(rules: Iterable[AnyRule], view: View, now: datetime, memo: Memo | None = None) -> Assessment:
    """What these rules say of the patient now."""
    ask = find if memo is None else memo.find
    breaches: list[Breach] = []
    normal: dict[str, datetime] = {}
    looks: list[datetime] = []
    unrepeated: list[Unrepeated] = []
    for rule in rules:
        finding = ask(rule, view, now)
        if finding.breach is not None:
            breaches.append(finding.breach)
        if finding.normal_at is not None:
            normal[rule.id] = finding.normal_at
        if finding.look_at is not None:
            looks.append(finding.look_at)
        if finding.unrepeated is not None:
            unrepeated.append(finding.unrepeated)
    return Assessment(
        breaches=tuple(breaches),
        normal=normal,
        look_at=min(looks) if looks else None,
        unrepeated=tuple(unrepeated),
        course=view.course,
    )
