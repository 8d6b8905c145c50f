"""Breaches and a patient's alerts, reconciled: what must happen to which alert. Pure.

One open alert per patient and problem; evidence appends; a priority only rises; what was closed stays quiet
until the patient recovered, grew worse, or long enough went by.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import evidence, rearm
from alerts.book.schema import AnyRule, StaleRule, TechnicalRule
from alerts.life import WITHDRAWN
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
    Worsened,
)
from vitals.breach import Breach
from vitals.ids import PatientId

WORSE_STEP = 0.25
"""A snooze breaks when the patient grows this much worse: 10 mmHg, 1.5 % SpO2, a quarter of a score."""

APART = timedelta(hours=24)
"""Two normal sessions this far apart clear a routine alert (project review, section 6)."""

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
    for breach in leading(b for b in assessment.breaches if _is_new_alert(b, alerts, rules, now)).values():
        steps.append(Step(alert=None, what=_raised(patient_id, breach, now)))
    newest = {breach.problem: breach for breach in sorted(assessment.breaches, key=lambda b: b.at)}
    for problem, alert in alerts.closed.items():
        if problem not in alerts.open and rearm.has_recovered(
            alert, newest.get(problem), assessment, rules, now
        ):
            steps.append(Step(alert=alert, what=Rearmed(why="recovered")))
    return steps


def _is_new_alert(breach: Breach, alerts: InPlay, rules: Mapping[str, AnyRule], now: datetime) -> bool:
    """Whether no alert, open or closed, answers for it; each breach for itself: none hides another."""
    closed = alerts.closed.get(breach.problem)
    if breach.problem in alerts.open:
        return False
    return closed is None or rearm.may_be_raised_again(closed, breach, rules, now)


def next_look(
    assessment: Assessment, alerts: InPlay, rules: Mapping[str, AnyRule], now: datetime
) -> datetime:
    """When a patient must be looked at again though nothing new comes."""
    looks = [now + LOOK_AT_LEAST]
    if assessment.look_at is not None:
        looks.append(assessment.look_at)
    looks += [a.snoozed_until for a in alerts.open.values() if a.snoozed_until and a.snoozed_until > now]
    for breach in assessment.breaches:
        closed = alerts.closed.get(breach.problem)
        if closed is not None and breach.problem not in alerts.open:
            quiet_until = rearm.quiet_until(closed, breach, rules)
            looks += [quiet_until] if quiet_until > now else []
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
    what = None if breach is None else _evidence(alert, breach, assessment, rules, now)
    happenings: list[Happening] = []
    if alert.snoozed_until is not None:
        if what is not None and breach is not None and _breaks_through(alert, breach):
            happenings.append(Woken(why="worse"))
        elif now >= alert.snoozed_until:
            happenings.append(Woken(why="ended"))
    if what is not None:
        happenings.append(what)
    elif breach is None and _is_over(alert, assessment, rules, now):
        happenings.append(Cleared(why=WITHDRAWN))
    else:
        happenings += _easing(alert, assessment, rules, now)
    return [Step(alert=alert, what=what) for what in happenings]


def _is_over(alert: Alert, assessment: Assessment, rules: Mapping[str, AnyRule], now: datetime) -> bool:
    """Whether nothing is left of what it spoke of: readings were left out or set right, or a limit moved."""
    return evidence.is_withdrawn(alert, assessment, rules, now) or evidence.is_within_now(alert, assessment)


def _evidence(
    alert: Alert, breach: Breach, assessment: Assessment, rules: Mapping[str, AnyRule], now: datetime
) -> Happening | None:
    """What the breach is to an open alert; None for nothing that it has not said already."""
    if breach.priority.rank > alert.priority.rank:
        return PriorityRaised(breach=breach, was=alert.priority, due_at=now + TARGET_TIMES[breach.priority])
    instead = evidence.says_otherwise(alert, breach, rules) or evidence.is_withdrawn(
        alert, assessment, rules, now
    )
    if not instead and not _is_news(alert, breach, now):
        return None
    if _must_be_seen_again(alert, breach):
        return Worsened(breach=breach, due_at=now + TARGET_TIMES[breach.priority])
    return EvidenceAdded(breach=breach, instead=instead)


def _is_news(alert: Alert, breach: Breach, now: datetime) -> bool:
    if breach.kind is Kind.TECHNICAL:
        # Equipment that worked again, and fails again, is in trouble again.
        return alert.cleared_at is not None or breach.magnitude >= alert.peak + rearm.REARM_STEP
    known_at = rearm.evidence_until(alert, now)
    newer = breach.at != alert.evidence_at if known_at is None else breach.at > known_at
    return newer or _is_worse(alert, breach)


def _is_worse(alert: Alert, breach: Breach) -> bool:
    """Whether it is the first that is confirmed, or beyond all that is known, whenever it was measured."""
    if breach.priority is not alert.priority or (alert.confirmed and not breach.confirmed):
        return False
    return (breach.confirmed and not alert.confirmed) or breach.magnitude > alert.peak


def _must_be_seen_again(alert: Alert, breach: Breach) -> bool:
    """Whether it is as much worse than was acknowledged as a closed problem must be to be raised again."""
    if alert.acknowledged_at is None or breach.priority is not alert.priority or not breach.confirmed:
        return False
    peak = alert.peak if alert.acknowledged_peak is None else alert.acknowledged_peak
    return breach.magnitude >= peak + rearm.REARM_STEP


def _breaks_through(alert: Alert, breach: Breach) -> bool:
    if breach.priority.rank > alert.priority.rank or (breach.confirmed and not alert.confirmed):
        return True
    peak = alert.peak if alert.snoozed_peak is None else alert.snoozed_peak
    return breach.magnitude >= peak + WORSE_STEP


def _easing(
    alert: Alert, assessment: Assessment, rules: Mapping[str, AnyRule], now: datetime
) -> list[Happening]:
    """What a normal reading does to an open alert: by its priority and kind, and never by age."""
    normal_at = assessment.normal.get(alert.rule)
    if normal_at is None or alert.cleared_at is not None:
        return []
    known_at = rearm.evidence_until(alert, now)
    if known_at is not None and normal_at <= known_at:
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
