"""Breaches and a patient's alerts, reconciled: what must happen to which alert. Pure.

One open alert per patient and problem; evidence appends; a priority only rises; what was closed stays quiet
until the patient recovered, grew worse, or long enough went by.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.book.schema import AnyRule, StaleRule, TechnicalRule, TrendRule
from alerts.rules.evaluate import Assessment
from vitals.alert import TARGET_TIMES, Alert, Kind, Outcome, Priority
from vitals.alert_event import (
    Cleared,
    Closed,
    Eased,
    EvidenceAdded,
    Happening,
    PriorityRaised,
    Raised,
    Rearmed,
    Woken,
)
from vitals.breach import Breach
from vitals.ids import PatientId

WORSE_STEP = 0.25
"""A snooze breaks when the patient grows this much worse: 10 mmHg, 1.5 % SpO2, a quarter of a score."""

REARM_STEP = 0.5
"""A closed problem is raised again at once when it is half as bad again, by the rule that had raised it.

The magnitudes of two rules do not compare: a week's mean that is half above its limit is no worse than the
three days' mean that a nurse saw yesterday.
"""

APART = timedelta(hours=24)
"""Two normal sessions this far apart clear a routine alert (project review, section 6)."""

REMEMBER = timedelta(days=91)
"""How long a closed alert keeps its problem in mind: longer than any rule may keep quiet."""


LOOK_AT_LEAST = timedelta(days=1)
"""A patient of whom nothing is expected is looked at once a day all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that must happen, to an alert or (None) as the beginning of one."""

    alert: Alert | None
    what: Happening


@dataclass(frozen=True, slots=True, kw_only=True)
class InPlay:
    """A patient's open alerts and the last closed one of each other problem, by problem."""

    open: Mapping[str, Alert]
    closed: Mapping[str, Alert]


def in_play(alerts: Iterable[Alert]) -> InPlay:
    """The alerts sorted for `reconcile`."""
    open_: dict[str, Alert] = {}
    closed: dict[str, Alert] = {}
    for alert in sorted(alerts, key=lambda a: a.alert_id):
        (open_ if alert.closed_at is None else closed)[alert.problem] = alert
    return InPlay(open=open_, closed=closed)


def leading(breaches: Iterable[Breach]) -> dict[str, Breach]:
    """For each problem the breach that speaks for it: the most pressing, then the worst."""
    leads: dict[str, Breach] = {}
    for breach in breaches:
        known = leads.get(breach.problem)
        if known is None or _weight(breach) > _weight(known):
            leads[breach.problem] = breach
    return leads


def _weight(breach: Breach) -> tuple[int, bool, float]:
    return breach.priority.rank, breach.confirmed, breach.magnitude


def reconcile(
    patient_id: PatientId,
    alerts: InPlay,
    assessment: Assessment,
    rules: Mapping[str, AnyRule],
    now: datetime,
) -> list[Step]:
    """What must happen now, in order. Asked again with the same facts and the outcome, it says nothing."""
    leads = leading(assessment.breaches)
    steps: list[Step] = []
    for problem, alert in alerts.open.items():
        steps += _open(alert, leads.get(problem), assessment, rules, now)
    for problem, breach in leads.items():
        if problem in alerts.open:
            continue
        closed = alerts.closed.get(problem)
        if closed is None or _may_be_raised_again(closed, breach, rules, now):
            steps.append(Step(alert=None, what=_raised(patient_id, breach, now)))
    for problem, alert in alerts.closed.items():
        if problem not in leads and problem not in alerts.open:
            steps += _recovered(alert, assessment, rules)
    return steps


def next_look(assessment: Assessment, alerts: InPlay, now: datetime) -> datetime:
    """When a patient must be looked at again though nothing new comes."""
    looks = [now + LOOK_AT_LEAST]
    if assessment.look_at is not None:
        looks.append(assessment.look_at)
    looks += [a.snoozed_until for a in alerts.open.values() if a.snoozed_until and a.snoozed_until > now]
    return min(looks)


def _raised(patient_id: PatientId, breach: Breach, now: datetime) -> Raised:
    return Raised(patient_id=patient_id, breach=breach, due_at=now + TARGET_TIMES[breach.priority])


def _open(
    alert: Alert,
    breach: Breach | None,
    assessment: Assessment,
    rules: Mapping[str, AnyRule],
    now: datetime,
) -> list[Step]:
    happenings: list[Happening] = []
    fresh = breach is not None and _is_news(alert, breach)
    if alert.snoozed_until is not None:
        if fresh and breach is not None and _breaks_through(alert, breach):
            happenings.append(Woken(why="worse"))
        elif now >= alert.snoozed_until:
            happenings.append(Woken(why="ended"))
    if fresh and breach is not None:
        happenings.append(_evidence(alert, breach, now))
    else:
        happenings += _easing(alert, assessment, rules)
    return [Step(alert=alert, what=what) for what in happenings]


def _is_news(alert: Alert, breach: Breach) -> bool:
    if breach.priority.rank > alert.priority.rank:
        return True
    if breach.kind is Kind.TECHNICAL:
        return breach.magnitude >= alert.peak + REARM_STEP
    newer = alert.evidence_at is None or breach.at > alert.evidence_at
    return newer or (breach.confirmed and not alert.confirmed)


def _breaks_through(alert: Alert, breach: Breach) -> bool:
    peak = alert.peak if alert.snoozed_peak is None else alert.snoozed_peak
    return breach.priority.rank > alert.priority.rank or breach.magnitude >= peak + WORSE_STEP


def _evidence(alert: Alert, breach: Breach, now: datetime) -> Happening:
    if breach.priority.rank <= alert.priority.rank:
        return EvidenceAdded(breach=breach)
    due_at = now + TARGET_TIMES[breach.priority]
    return PriorityRaised(breach=breach, was=alert.priority, due_at=due_at)


def _easing(alert: Alert, assessment: Assessment, rules: Mapping[str, AnyRule]) -> list[Happening]:
    """What a normal reading does to an open alert: by its priority and kind, and never by age."""
    normal_at = assessment.normal.get(alert.rule)
    if normal_at is None or alert.cleared_at is not None:
        return []
    if alert.evidence_at is not None and normal_at <= alert.evidence_at:
        return []
    if clears_by_itself_at_once(rules.get(alert.rule)):
        cured: list[Happening] = [Cleared(why="cured")]
        if alert.owner is None:
            cured.append(Closed(outcome=Outcome.NO_ACTION, note=""))
        return cured
    if alert.eased_at is None:
        return [Eased(normal_at=normal_at)]
    if alert.priority is Priority.LOW and normal_at >= alert.eased_at + APART:
        return [Cleared(why="two_normal_sessions")]
    return []


def clears_by_itself_at_once(rule: AnyRule | None) -> bool:
    """Whether the trouble is over when it is over: a silence that ends, equipment that works again."""
    return isinstance(rule, StaleRule | TechnicalRule)


def _may_be_raised_again(closed: Alert, breach: Breach, rules: Mapping[str, AnyRule], now: datetime) -> bool:
    if closed.closed_at is None:
        return False
    if closed.evidence_at is not None and breach.at <= closed.evidence_at:
        return False
    rule = rules.get(breach.rule)
    recovered = closed.rearmed_at is not None and (rule is None or rule.rearm_on_recovery)
    if recovered or breach.priority.rank > closed.priority.rank:
        return True
    quiet = timedelta(days=rule.rearm_days if rule is not None else 0)
    worse = breach.rule == closed.rule and breach.magnitude >= closed.peak + REARM_STEP
    return now >= closed.closed_at + quiet or worse


def _recovered(alert: Alert, assessment: Assessment, rules: Mapping[str, AnyRule]) -> list[Step]:
    """Whether the problem is over: by the rule that spoke, and by every trend that watches the same.

    A single pressure below the limit of a crisis is no recovery while the week's mean is still up.
    """
    watching = {
        rule.id
        for rule in rules.values()
        if rule.problem == alert.problem and isinstance(rule, TrendRule) and rule.rearm_on_recovery
    }
    normal = [assessment.normal.get(rule_id) for rule_id in {alert.rule, *watching}]
    well = all(at is not None and (alert.evidence_at is None or at > alert.evidence_at) for at in normal)
    if not well or alert.rearmed_at is not None:
        return []
    return [Step(alert=alert, what=Rearmed(why="recovered"))]
