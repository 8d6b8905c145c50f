"""After its close a problem stays quiet: how long, and what makes it an alert again before. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from alerts.book.schema import AnyRule, ThresholdRule, TrendRule
from alerts.rules.evaluate import Assessment
from vitals.alert import Alert, Outcome
from vitals.alert_event import SYSTEM
from vitals.breach import Breach

REARM_STEP = 0.5
"""A closed problem is raised again at once when it is half as bad again, by the rule that had raised it.

The magnitudes of two rules do not compare: a week's mean that is half above its limit is no worse than the
three days' mean that a nurse saw yesterday.
"""

REMEMBER = timedelta(days=91)
"""How long a closed alert keeps its problem in mind: longer than any rule may keep quiet."""

NEVER_WAS = frozenset({Outcome.MEASUREMENT_ERROR, Outcome.WRONG_PERSON})
"""What was closed so was no trouble of the patient's, and keeps none of theirs quiet."""


def evidence_until(alert: Alert, now: datetime) -> datetime | None:
    """Up to when the alert knows what was measured; None where its evidence is of a clock that ran ahead."""
    return alert.evidence_at if alert.evidence_at is not None and alert.evidence_at <= now else None


def quiet_until(closed: Alert, breach: Breach, rules: Mapping[str, AnyRule]) -> datetime:
    """Until when the closed alert keeps quiet a breach of its problem that is no worse.

    Only what a person has closed as the patient's own does: nobody has seen what closed by itself.
    """
    if closed.closed_at is None:
        raise ValueError(f"alert {closed.alert_id} is not closed")
    if closed.closed_by == SYSTEM or closed.outcome in NEVER_WAS:
        return closed.closed_at
    rule = rules.get(breach.rule)
    return closed.closed_at + timedelta(days=rule.rearm_days if rule is not None else 0)


def may_be_raised_again(closed: Alert, breach: Breach, rules: Mapping[str, AnyRule], now: datetime) -> bool:
    """Whether the breach of a closed problem is an alert again.

    What is more pressing or markedly worse is one even if it was measured before the close and came late.
    """
    worse = breach.magnitude >= closed.peak + REARM_STEP and (breach.confirmed or not closed.confirmed)
    if breach.priority.rank > closed.priority.rank or (breach.rule == closed.rule and worse):
        return True
    known_at = evidence_until(closed, now)
    if known_at is not None and breach.at <= known_at:
        return False
    rule = rules.get(breach.rule)
    recovered = closed.rearmed_at is not None and (rule is None or rule.rearm_on_recovery)
    first_confirmed = breach.confirmed and not closed.confirmed
    return recovered or first_confirmed or now >= quiet_until(closed, breach, rules)


def has_recovered(
    closed: Alert,
    breach: Breach | None,
    assessment: Assessment,
    rules: Mapping[str, AnyRule],
    now: datetime,
) -> bool:
    """Whether the patient is well again since the close, which is told once.

    By the rule that spoke and by every other limit on the same measure: from 84 % a saturation of 89 % is no
    recovery. A `breach` that the alert knew is no hindrance; a newer one is.
    """
    known_at = evidence_until(closed, now)
    if closed.rearmed_at is not None or (breach is not None and (known_at is None or breach.at > known_at)):
        return False
    watching = {rule.id for rule in rules.values() if _watches(rule, closed)} | {closed.rule}
    normal = [assessment.normal.get(rule_id) for rule_id in watching]
    return all(at is not None and (known_at is None or at > known_at) for at in normal)


def _watches(rule: AnyRule, closed: Alert) -> bool:
    """Whether it is a limit on the alert's measure, or a trend of the same problem, which must be over too.

    A single pressure below the limit of a crisis is no recovery while the week's mean is still up.
    """
    if isinstance(rule, TrendRule) and rule.problem == closed.problem:
        return rule.rearm_on_recovery
    if not isinstance(rule, ThresholdRule) or rule.problem != closed.problem:
        return False
    return any(when.measure == closed.measure for when in rule.when)
