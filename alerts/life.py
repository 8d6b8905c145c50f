"""The life of an alert: its state is the fold of its events. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from vitals.alert import Alert
from vitals.alert_event import (
    Accepted,
    Acknowledged,
    AlertEvent,
    Claimed,
    Cleared,
    Closed,
    Eased,
    Escalated,
    EvidenceAdded,
    Happening,
    PriorityRaised,
    Raised,
    Rearmed,
    Snoozed,
    Undone,
    Woken,
)
from vitals.breach import Breach
from vitals.errors import HubError
from vitals.ids import AlertId, StaffId

Say = Callable[[Breach], str]
"""A breach's reason in plain English."""

NO_ID = AlertId(0)
"""The id of an alert that is not stored yet."""


class BrokenHistory(HubError):
    """Events that cannot be an alert's history: not begun by being raised, or with a gap."""

    def __init__(self, alert_id: AlertId, rev: int) -> None:
        super().__init__(f"the history of alert {alert_id} breaks at revision {rev}")
        self.alert_id = alert_id
        self.rev = rev


def begin(raised: Raised, at: datetime, say: Say, alert_id: AlertId = NO_ID) -> Alert:
    """The alert that a breach becomes."""
    breach = raised.breach
    return Alert(
        alert_id=alert_id,
        patient_id=raised.patient_id,
        problem=breach.problem,
        kind=breach.kind,
        priority=breach.priority,
        rule=breach.rule,
        rule_version=breach.rule_version,
        measure=breach.measure,
        reason=say(breach),
        message=breach.message,
        raised_at=at,
        due_at=raised.due_at,
        late=breach.late,
        confirmed=breach.confirmed,
        peak=breach.magnitude,
        evidence_at=breach.at,
        acknowledged_at=None,
        owner=None,
        snoozed_until=None,
        cleared_at=None,
        closed_at=None,
        outcome=None,
        rev=1,
    )


def apply(alert: Alert, event: AlertEvent, say: Say) -> Alert:
    """The alert after one more event. An undo cannot be applied this way: it needs the whole `fold`."""
    if event.rev != alert.rev + 1 or isinstance(event.what, Raised | Undone):
        raise BrokenHistory(alert.alert_id, event.rev)
    return replace(_after(alert, event.what, event.actor, event.at, say), rev=event.rev)


def _after(alert: Alert, what: Happening, actor: str, at: datetime, say: Say) -> Alert:
    match what:
        case EvidenceAdded():
            return _with_evidence(alert, what.breach, say)
        case PriorityRaised():
            # A worse alert must be seen again; whoever owns it keeps it.
            return replace(
                _led_by(_with_evidence(alert, what.breach, say), what.breach, say),
                priority=what.breach.priority,
                due_at=what.due_at,
                late=what.breach.late,
                acknowledged_at=None,
                acknowledged_by=None,
            )
        case Escalated():
            return replace(alert, escalation=what.step, escalated_at=at)
        case Woken():
            return replace(alert, snoozed_until=None, snooze_reason=None, snoozed_peak=None)
        case Eased():
            return replace(alert, eased_at=what.normal_at)
        case Cleared():
            return replace(alert, cleared_at=at)
        case Rearmed():
            return replace(alert, rearmed_at=at)
        case _:
            return _after_person(alert, what, StaffId(actor), at)


def _after_person(alert: Alert, what: Happening, actor: StaffId, at: datetime) -> Alert:
    seen = alert.acknowledged_at is not None
    match what:
        case Acknowledged():
            return replace(
                alert, acknowledged_at=at, acknowledged_by=actor, owner=alert.owner if alert.owner else actor
            )
        case Claimed() | Accepted():
            return replace(
                alert,
                owner=actor,
                acknowledged_at=alert.acknowledged_at if seen else at,
                acknowledged_by=alert.acknowledged_by if seen else actor,
                accepted_by=actor if isinstance(what, Accepted) else alert.accepted_by,
            )
        case Snoozed():
            return replace(
                alert, snoozed_until=what.until, snooze_reason=what.reason, snoozed_peak=alert.peak
            )
        case Closed():
            return replace(alert, closed_at=at, closed_by=actor, outcome=what.outcome)
        case _:
            return alert


def _with_evidence(alert: Alert, breach: Breach, say: Say) -> Alert:
    newest = breach.at if alert.evidence_at is None else max(alert.evidence_at, breach.at)
    after = replace(
        alert,
        evidence_at=newest,
        peak=max(alert.peak, breach.magnitude),
        confirmed=alert.confirmed or breach.confirmed,
        eased_at=None,
        cleared_at=None,
    )
    worse = breach.priority == alert.priority and breach.magnitude >= alert.peak
    worse = worse and (breach.confirmed or not alert.confirmed)
    return _led_by(after, breach, say) if worse else after


def _led_by(alert: Alert, breach: Breach, say: Say) -> Alert:
    """The alert speaking of this breach: a nurse reads the worst that is known."""
    return replace(
        alert,
        rule=breach.rule,
        rule_version=breach.rule_version,
        measure=breach.measure,
        reason=say(breach),
        message=breach.message,
    )


def fold(events: Sequence[AlertEvent], say: Say, alert_id: AlertId = NO_ID) -> Alert:
    """The alert that its events add up to; what was undone is left out. Raises BrokenHistory."""
    undone = {event.what.undone_rev for event in events if isinstance(event.what, Undone)}
    if not events or events[0].rev != 1 or not isinstance(events[0].what, Raised):
        raise BrokenHistory(alert_id, 1)
    alert = begin(events[0].what, events[0].at, say, alert_id)
    for event in events[1:]:
        if event.rev != alert.rev + 1:
            raise BrokenHistory(alert_id, event.rev)
        if event.rev in undone or isinstance(event.what, Undone):
            alert = replace(alert, rev=event.rev)
        else:
            alert = apply(alert, event, say)
    return alert
