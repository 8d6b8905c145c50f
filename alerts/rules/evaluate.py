"""All rules asked of one patient at one instant. Pure: the same answers live and in a backtest."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

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
from vitals.breach import Breach, LimitUsed


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

    Only for going through one patient's instants in order, under one set of limits.
    """

    def __init__(self) -> None:
        self._limits: Mapping[str, LimitUsed] | None = None
        self._found: dict[str, tuple[Hashable, Finding]] = {}

    def find(self, rule: AnyRule, view: View, now: datetime) -> Finding:
        """What the rule says of the patient now, asked only where the answer can be another."""
        if view.limits is not self._limits:
            self._limits = view.limits
            self._found.clear()
        seen = _seen(rule, view, now)
        if seen is None:
            return find(rule, view, now)
        known = self._found.get(rule.id)
        if known is not None and known[0] == seen:
            finding = known[1]
            if finding.look_at is None or now < finding.look_at:
                stale = finding.normal_at is not None and now - finding.normal_at > FRESH
                return replace(finding, normal_at=None) if stale else finding
        finding = find(rule, view, now)
        if finding.breach is None:
            self._found[rule.id] = (seen, finding)
        else:
            self._found.pop(rule.id, None)
        return finding


def _seen(rule: AnyRule, view: View, now: datetime) -> Hashable:
    """What stays while what the rule looks at stays; None where it looks at more than readings and days."""
    match rule:
        case ThresholdRule() if not rule.asks_trends:
            return view.course.changes(rule.when[0].measure)
        case ThresholdRule() | TrendRule():
            return view.course.changes(None)
        case StaleRule() if not view.breaks:
            return view.course.changes(None), stale.days_up(view, now)
        case _:
            return None


def find(rule: AnyRule, view: View, now: datetime) -> Finding:
    """What one rule says of the patient now."""
    match rule:
        case ThresholdRule():
            return threshold.find(rule, view, now)
        case TrendRule():
            return trend_rule.find(rule, view, now)
        case CompositeRule():
            return composite.find(rule, view, now)
        case News2Rule():
            return news2.find(rule, view, now)
        case StaleRule():
            return stale.find(rule, view, now)
        case TechnicalRule():
            return technical.find(rule, view, now)


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
