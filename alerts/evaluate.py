"""All rules asked of one patient at one instant. Pure: the same answers live and in a backtest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts import composite, news2, stale, technical, threshold, trend_rule
from alerts.schema import (
    AnyRule,
    CompositeRule,
    News2Rule,
    StaleRule,
    TechnicalRule,
    ThresholdRule,
    TrendRule,
)
from alerts.view import Finding, View
from vitals.breach import Breach


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What all rules say now: breaches, the rules that find the patient well, and when to look again."""

    breaches: tuple[Breach, ...]
    normal: Mapping[str, datetime]
    look_at: datetime | None


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


def assess(rules: Iterable[AnyRule], view: View, now: datetime) -> Assessment:
    """What these rules say of the patient now."""
    breaches: list[Breach] = []
    normal: dict[str, datetime] = {}
    looks: list[datetime] = []
    for rule in rules:
        finding = find(rule, view, now)
        if finding.breach is not None:
            breaches.append(finding.breach)
        if finding.normal_at is not None:
            normal[rule.id] = finding.normal_at
        if finding.look_at is not None:
            looks.append(finding.look_at)
    return Assessment(breaches=tuple(breaches), normal=normal, look_at=min(looks) if looks else None)
