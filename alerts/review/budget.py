"""The alert budget: trend thresholds move, within bounds, to so many alerts per patient-month. No labels.

Absolute limits never move: only limits that say `calibrated`, of trend rules that have a `budget`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.book.rulebook import Rulebook
from alerts.book.schema import LimitSpec, TrendRule

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
    """A threshold moved: from where, to where, and what was found at the old one.

    `base` is the programme's own number: where that is another one later, the move counts no more.
    """

    limit_name: str
    rule: str
    base: float
    was: float
    value: float
    budget: float
    found: float
    patient_months: float
    at: datetime

    @property
    def reason(self) -> str:
        """Why it moved, in one line."""
        return f"{self.found:.2f} alerts per patient-month at {self.was:g}; budget {self.budget:g}"


def budgeted(book: Rulebook) -> list[tuple[TrendRule, LimitSpec]]:
    """The rules whose thresholds may move, each with its limit."""
    found: dict[str, tuple[TrendRule, LimitSpec]] = {}
    for file in book.programmes.values():
        for rule in file.rules:
            if isinstance(rule, TrendRule) and rule.budget is not None and not rule.pilot:
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
        rule=rule.id,
        base=spec.value,
        was=current,
        value=value,
        budget=budget,
        found=round(found, 4),
        patient_months=round(patient_months, 1),
        at=at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the budget says of one rule: what was found at the threshold, and the move, if there is one."""

    rule: str
    limit_name: str
    value: float
    budget: float
    found: float | None
    patients: int
    patient_months: float
    move: Move | None

    @property
    def why(self) -> str:
        """Why it moves, or stays: `too_little`, `near`, `bound`, `too_many`, `too_few`."""
        if self.found is None or self.patient_months < LEAST_PATIENT_MONTHS:
            return "too_little"
        if abs(self.found - self.budget) <= GOOD_ENOUGH * self.budget:
            return "near"
        if self.move is None:
            return "bound"
        return "too_many" if self.found > self.budget else "too_few"


Scores = Mapping[str, Sequence[Sequence[Scored]]]
"""For each budgeted rule, its scores over time of each patient who has the rule."""


def verdicts(scores: Scores, book: Rulebook, values: Mapping[str, float], now: datetime) -> list[Verdict]:
    """What the budget says of each rule, by the ward's scores of the time `EVERY` before `now`.

    `values` are the thresholds as they stand. A patient counts from the first to the last score of that time.
    """
    found: list[Verdict] = []
    since = now - EVERY
    for rule, spec in budgeted(book):
        recent = [[s for s in one if since <= s.at < now] for one in scores.get(rule.id, [])]
        spans = [max(one[-1].at - one[0].at, timedelta(0)) for one in recent if one]
        months = sum(spans, timedelta(0)) / MONTH
        current = values[rule.threshold]
        quiet = timedelta(days=rule.rearm_days)
        alerts = sum(raises(one, current, quiet) for one in recent)
        found.append(
            Verdict(
                rule=rule.id,
                limit_name=rule.threshold,
                value=current,
                budget=rule.budget or 0.0,
                found=alerts / months if months else None,
                patients=len(spans),
                patient_months=months,
                move=move(rule, spec, recent, current, months, now),
            )
        )
    return found


def current_values(book: Rulebook, moves: Iterable[Move]) -> Mapping[str, float]:
    """The calibrated thresholds as they stand after these moves, of the programmes' numbers of today."""
    values = {rule.threshold: spec.value for rule, spec in budgeted(book)}
    bases = dict(values)
    for one in sorted(moves, key=lambda m: m.at):
        if bases.get(one.limit_name) == one.base:
            values[one.limit_name] = one.value
    return values
