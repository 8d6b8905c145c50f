"""The alert budget: trend thresholds move, within bounds, to so many alerts per patient-month. No labels.

Absolute limits never move: only limits that say `calibrated`, of trend rules that have a `budget`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.rulebook import Rulebook
from alerts.schema import LimitSpec, TrendRule

EVERY = timedelta(days=90)
LEAST_PATIENT_MONTHS = 100
"""Every 90 days, from 100 patient-months on (project review 7.6)."""

LEAST_FACTOR, MOST_FACTOR = 0.7, 1.5
STEP = 0.02
MOST_AT_ONCE = 0.1
"""One season's luck must not throw a threshold about: at most a tenth of its first value at once."""

GOOD_ENOUGH = 0.1
"""A rate within a tenth of the budget is left alone: a threshold that never rests cannot be trusted."""

MONTH = timedelta(days=30.4375)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A rule's score for one patient at one instant; only where everything else that the rule wants holds."""

    at: datetime
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A threshold moved: from where, to where, and what was found at the old one."""

    limit_name: str
    was: float
    value: float
    budget: float
    found: float
    patient_months: float
    at: datetime


def budgeted(book: Rulebook) -> list[tuple[TrendRule, LimitSpec]]:
    """The rules whose thresholds may move, each with its limit."""
    found: dict[str, tuple[TrendRule, LimitSpec]] = {}
    for file in book.programmes.values():
        for rule in file.rules:
            if isinstance(rule, TrendRule) and rule.budget is not None:
                spec = file.limits.get(rule.threshold) or book.limit(rule.threshold)
                if spec is not None and spec.calibrated:
                    found[rule.id] = (rule, spec)
    return list(found.values())


def raises(scores: Sequence[Scored], threshold: float, quiet: timedelta) -> int:
    """How many alerts one patient's scores would have raised at this threshold."""
    count, until = 0, None
    for one in scores:
        if one.score >= threshold and (until is None or one.at >= until):
            count += 1
            until = one.at + quiet
    return count


def move(
    rule: TrendRule,
    spec: LimitSpec,
    scores: Iterable[Sequence[Scored]],
    current: float,
    patient_months: float,
    at: datetime,
) -> Move | None:
    """Where the threshold should go, given the ward's scores over these months; None: it may stay."""
    if rule.budget is None or patient_months < LEAST_PATIENT_MONTHS:
        return None
    budget = rule.budget
    everybody = [list(one) for one in scores]
    quiet = timedelta(days=rule.rearm_days)

    def rate(threshold: float) -> float:
        return sum(raises(one, threshold, quiet) for one in everybody) / patient_months

    found = rate(current)
    if abs(found - budget) <= GOOD_ENOUGH * budget:
        return None
    once = MOST_AT_ONCE * spec.value
    least = max(spec.value * LEAST_FACTOR, spec.safe[0], current - once)
    most = min(spec.value * MOST_FACTOR, spec.safe[1], current + once)
    if least >= most:
        return None
    steps = max(1, round((most - least) / (spec.value * STEP)))
    candidates = [least + step * (most - least) / steps for step in range(steps + 1)]
    too_many = found > budget

    def regret(candidate: float) -> tuple[float, float]:
        """How far it would miss the budget; of equals the one that goes furthest against too many alerts."""
        return abs(rate(candidate) - budget), -candidate if too_many else abs(candidate - current)

    value = round(min(candidates, key=regret), 3)
    if value == current:
        return None
    return Move(
        limit_name=rule.threshold,
        was=current,
        value=value,
        budget=budget,
        found=round(found, 4),
        patient_months=round(patient_months, 1),
        at=at,
    )


def current_values(book: Rulebook, moves: Iterable[Move]) -> Mapping[str, float]:
    """The calibrated thresholds as they stand after these moves."""
    values = {spec_rule.threshold: spec.value for spec_rule, spec in budgeted(book)}
    for one in sorted(moves, key=lambda m: m.at):
        values[one.limit_name] = one.value
    return values
