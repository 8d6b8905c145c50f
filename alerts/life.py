"""The life of an alert: its state is the fold of its events. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from vitals.alert import TARGET_TIMES, Alert
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
    Worsened,
)
from vitals.breach import Breach
from vitals.errors import HubError
from vitals.ids import AlertId, StaffId

Say = Callable[[Breach], str]
"""A breach's reason in plain English."""

NO_ID = AlertId(0)
"""The id of an alert that is not stored yet."""

WITHDRAWN = "withdrawn"
"""Why an alert is cleared whose readings were left out, corrected or another's, or whose limit moved."""


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
        reading_ids=breach.reading_ids,
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
        case EvidenceAdded() if what.instead:
            return _restated(alert, what.breach, say)
        case EvidenceAdded():
            return _with_evidence(alert, what.breach, at, say)
        case PriorityRaised():
            risen = replace(alert, priority=what.breach.priority, late=what.breach.late)
            return _to_be_seen_again(_restated(risen, what.breach, say), what.due_at)
        case Worsened():
            worse = replace(_with_evidence(alert, what.breach, at, say), late=what.breach.late)
            return _to_be_seen_again(worse, what.due_at)
        case Escalated():
            return replace(alert, escalation=what.step, escalated_at=at)
        case Woken():
            # Whoever put it aside asked to be called again: it is to be seen anew, and can be acknowledged.
            awake = replace(alert, snoozed_until=None, snooze_reason=None, snoozed_peak=None)
            seen = alert.acknowledged_at is not None
            return _to_be_seen_again(awake, at + TARGET_TIMES[alert.priority] if seen else alert.due_at)
        case Eased():
            return replace(alert, eased_at=what.normal_at)
        case Cleared() if what.why == WITHDRAWN:
            # Nothing is left of it: whatever comes is news, to whoever snoozed or acknowledged it, too.
            nothing = replace(alert, evidence_at=None, reading_ids=(), eased_at=None, cleared_at=at)
            return _at_most(replace(nothing, confirmed=False), 0.0)
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
            return replace(_acknowledged(alert, actor, at), owner=alert.owner if alert.owner else actor)
        case Claimed() | Accepted():
            return replace(
                alert if seen else _acknowledged(alert, actor, at),
                owner=actor,
                accepted_by=actor if isinstance(what, Accepted) else alert.accepted_by,
            )
        case Snoozed():
            return replace(
                alert, snoozed_until=what.until, snooze_reason=what.reason, snoozed_peak=alert.peak
            )
        case Closed():
            # A recovery after an earlier close, which was taken back, says nothing of this one.
            return replace(alert, closed_at=at, closed_by=actor, outcome=what.outcome, rearmed_at=None)
        case _:
            return alert


def _acknowledged(alert: Alert, actor: StaffId, at: datetime) -> Alert:
    return replace(alert, acknowledged_at=at, acknowledged_by=actor, acknowledged_peak=alert.peak)


def _to_be_seen_again(alert: Alert, due_at: datetime) -> Alert:
    """The alert unacknowledged; whoever owns it keeps it."""
    return replace(alert, due_at=due_at, acknowledged_at=None, acknowledged_by=None, acknowledged_peak=None)


def _with_evidence(alert: Alert, breach: Breach, at: datetime, say: Say) -> Alert:
    # Evidence from the future is of a clock that ran ahead: it must not stand before what comes after it.
    known = alert.evidence_at if alert.evidence_at is not None and alert.evidence_at <= at else breach.at
    after = replace(alert, evidence_at=max(known, breach.at), eased_at=None, cleared_at=None)
    if breach.priority is not alert.priority or (alert.confirmed and not breach.confirmed):
        return after
    first_confirmed = breach.confirmed and not alert.confirmed
    if first_confirmed or breach.magnitude >= alert.peak:
        after = replace(after, peak=breach.magnitude, confirmed=breach.confirmed)
        return _led_by(after, breach, say)
    return after


def _restated(alert: Alert, breach: Breach, say: Say) -> Alert:
    """The alert as if this were the evidence that it has."""
    after = replace(alert, evidence_at=breach.at, confirmed=breach.confirmed, eased_at=None, cleared_at=None)
    return _led_by(_at_most(after, breach.magnitude), breach, say)


def _at_most(alert: Alert, peak: float) -> Alert:
    """The alert with this peak, and no greater one remembered from when it was acknowledged or snoozed."""
    seen, snoozed = alert.acknowledged_peak, alert.snoozed_peak
    return replace(
        alert,
        peak=peak,
        acknowledged_peak=None if seen is None else min(seen, peak),
        snoozed_peak=None if snoozed is None else min(snoozed, peak),
    )


def _led_by(alert: Alert, breach: Breach, say: Say) -> Alert:
    """The alert speaking of this breach: a nurse reads the worst that is known."""
    return replace(
        alert,
        rule=breach.rule,
        rule_version=breach.rule_version,
        measure=breach.measure,
        reason=say(breach),
        message=breach.message,
        reading_ids=breach.reading_ids,
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
