"""What people do to an alert: each action is one event, and names the revision that the person saw."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts import life
from alerts.book import texts
from store import alert_work
from store import alerts as stored
from store.connection import Connection, transaction
from vitals.alert import Alert, EventKind, Outcome, Priority
from vitals.alert_event import (
    SYSTEM,
    Accepted,
    Acknowledged,
    AlertEvent,
    Called,
    Claimed,
    Closed,
    Escalated,
    Happening,
    Noted,
    Snoozed,
    Undone,
)
from vitals.errors import HubError
from vitals.ids import AlertId, StaffId

LONGEST_SNOOZE = timedelta(hours=72)
UNDO_WITHIN = timedelta(minutes=10)
_MOVES = frozenset(
    {
        EventKind.ACKNOWLEDGED,
        EventKind.CLAIMED,
        EventKind.ACCEPTED,
        EventKind.SNOOZED,
        EventKind.ESCALATED,
        EventKind.CLOSED,
    }
)
_WORDS = frozenset({EventKind.NOTED, EventKind.CALLED})
# The end of a snooze and of the quiet time after a close are looked at when they come.
_MOVES_THE_NEXT_LOOK = frozenset({EventKind.SNOOZED, EventKind.CLOSED, EventKind.UNDONE})


class UnknownAlert(HubError):
    """No alert has this id."""

    def __init__(self, alert_id: AlertId) -> None:
        super().__init__(f"there is no alert {alert_id}")
        self.alert_id = alert_id


class AlertMoved(HubError):
    """Somebody else acted first: who, what and when. Nothing was written."""

    def __init__(self, alert_id: AlertId, by: str, what: EventKind, at: datetime) -> None:
        super().__init__(f"alert {alert_id} has moved: {what} by {by} at {at.isoformat()}")
        self.alert_id = alert_id
        self.by = by
        self.what = what
        self.at = at


class ActionRefused(HubError):
    """The action is not possible on this alert now; `why` is a catalogue key. Nothing was written."""

    def __init__(self, alert_id: AlertId, why: str) -> None:
        super().__init__(f"alert {alert_id}: {why}")
        self.alert_id = alert_id
        self.why = why


def acknowledge(
    connection: Connection, alert_id: AlertId, *, rev: int, actor: StaffId, now: datetime
) -> Alert:
    """A person has seen it; whoever acknowledges first owns it. Raises AlertMoved and ActionRefused."""
    return _act(connection, alert_id, rev, actor, now, Acknowledged())


def claim(connection: Connection, alert_id: AlertId, *, rev: int, actor: StaffId, now: datetime) -> Alert:
    """A person takes it over, from whoever owns it. Raises AlertMoved and ActionRefused."""
    return _act(connection, alert_id, rev, actor, now, Claimed())


def note(
    connection: Connection, alert_id: AlertId, *, rev: int, actor: StaffId, now: datetime, text: str
) -> Alert:
    """A person writes something down, also on a closed alert. Raises AlertMoved and ActionRefused."""
    return _act(connection, alert_id, rev, actor, now, Noted(text=text.strip()))


def call_logged(
    connection: Connection,
    alert_id: AlertId,
    *,
    rev: int,
    actor: StaffId,
    now: datetime,
    whom: str,
    reached: bool,
    minutes: float = 0.0,
    text: str = "",
) -> Alert:
    """A person called the patient or somebody else about it. Raises AlertMoved and ActionRefused."""
    what = Called(whom=whom, reached=reached, minutes=minutes, text=text.strip())
    return _act(connection, alert_id, rev, actor, now, what)


def snooze(
    connection: Connection,
    alert_id: AlertId,
    *,
    rev: int,
    actor: StaffId,
    now: datetime,
    until: datetime,
    reason: str,
) -> Alert:
    """A person puts it aside until an instant; what is worse breaks through. Never for high priority.

    Raises AlertMoved and ActionRefused.
    """
    return _act(connection, alert_id, rev, actor, now, Snoozed(until=until, reason=reason.strip()))


def escalate(
    connection: Connection,
    alert_id: AlertId,
    *,
    rev: int,
    actor: StaffId,
    now: datetime,
    to: str,
    why: str = "",
) -> Alert:
    """A person hands it on to somebody more; it stays open until a named person accepts.

    Raises AlertMoved and ActionRefused.
    """
    with transaction(connection):
        alert = _current(connection, alert_id, rev)
        what = Escalated(step=alert.escalation + 1, to=to, why=why.strip())
        return _do(connection, alert, actor, now, what)


def accept(connection: Connection, alert_id: AlertId, *, rev: int, actor: StaffId, now: datetime) -> Alert:
    """A named person answers an escalation: it is theirs. Raises AlertMoved and ActionRefused."""
    return _act(connection, alert_id, rev, actor, now, Accepted())


def close(
    connection: Connection,
    alert_id: AlertId,
    *,
    rev: int,
    actor: StaffId,
    now: datetime,
    outcome: Outcome,
    note: str = "",
) -> Alert:
    """Dealt with, with a coded outcome. Raises AlertMoved and ActionRefused."""
    return _act(connection, alert_id, rev, actor, now, Closed(outcome=outcome, note=note.strip()))


def undo(
    connection: Connection,
    alert_id: AlertId,
    *,
    rev: int,
    actor: StaffId,
    now: datetime,
    undone_rev: int | None = None,
) -> Alert:
    """Take back an action of the person's own; it stays in the history. `undone_rev` None: the last by `rev`.

    New evidence since `rev` is no hindrance, a colleague's action is: it may rest on what is taken back.
    Raises AlertMoved and ActionRefused, also where a newer alert for the same problem is open by now.
    """
    with transaction(connection):
        alert = stored.get_locked(connection, alert_id)
        if alert is None:
            raise UnknownAlert(alert_id)
        events = stored.events(connection, alert_id)
        seen = [event for event in events if event.rev <= rev]
        wanted = _last_by_a_person(seen) if undone_rev is None else undone_rev
        last = next((event for event in undoable(events, actor, now) if event.rev == wanted), None)
        _refuse_moved(alert, events, actor, rev, last)
        if last is None:
            raise ActionRefused(alert_id, "refused_nothing_to_undo")
        if last.kind is EventKind.CLOSED and _problem_is_open(connection, alert):
            raise ActionRefused(alert_id, "refused_problem_open_again")
        event = AlertEvent(rev=alert.rev + 1, actor=actor, at=now, what=Undone(undone_rev=last.rev))
        after = life.fold([*events, event], texts.english, alert_id)
        return _store(connection, after, event)


def _refuse_moved(
    alert: Alert, events: Sequence[AlertEvent], actor: StaffId, rev: int, last: AlertEvent | None
) -> None:
    """Raises AlertMoved where what came after `rev` may rest on the event `last`."""
    if last is not None and last.kind in _WORDS:
        return  # nothing rests on them
    closed = last is not None and last.kind is EventKind.CLOSED
    for event in reversed([event for event in events if event.rev > rev]):
        # A recovery is told of a closed alert only: it would be of none that is open again.
        if event.actor not in (SYSTEM, actor) or (closed and event.kind is EventKind.REARMED):
            raise AlertMoved(alert.alert_id, event.actor, event.kind, event.at)


def undoable(events: Sequence[AlertEvent], actor: StaffId, now: datetime) -> list[AlertEvent]:
    """What the person can still take back, oldest first.

    Their own words at any time. What changed the alert only while nobody changed it since: within
    `UNDO_WITHIN`, an escalation until somebody answers it.
    """
    by_people = _by_people(events)
    last_move = next((event for event in reversed(by_people) if event.kind in _MOVES), None)
    return [
        event
        for event in by_people
        if event.actor == actor and (event.kind in _WORDS or (event is last_move and _in_time(event, now)))
    ]


def _in_time(event: AlertEvent, now: datetime) -> bool:
    return event.kind is EventKind.ESCALATED or now - event.at <= UNDO_WITHIN


def _by_people(events: Sequence[AlertEvent]) -> list[AlertEvent]:
    undone = {event.what.undone_rev for event in events if isinstance(event.what, Undone)}
    return [
        event
        for event in events
        if event.actor != SYSTEM and event.rev not in undone and not isinstance(event.what, Undone)
    ]


def _last_by_a_person(events: Sequence[AlertEvent]) -> int | None:
    by_people = _by_people(events)
    return by_people[-1].rev if by_people else None


def _problem_is_open(connection: Connection, alert: Alert) -> bool:
    return any(
        other.problem == alert.problem and other.closed_at is None
        for other in stored.of_patient(connection, alert.patient_id)
    )


def _act(
    connection: Connection, alert_id: AlertId, rev: int, actor: StaffId, now: datetime, what: Happening
) -> Alert:
    with transaction(connection):
        return _do(connection, _current(connection, alert_id, rev), actor, now, what)


def _do(connection: Connection, alert: Alert, actor: StaffId, now: datetime, what: Happening) -> Alert:
    why = refusal(alert, what, now)
    if why is not None:
        raise ActionRefused(alert.alert_id, why)
    event = AlertEvent(rev=alert.rev + 1, actor=actor, at=now, what=what)
    return _store(connection, life.apply(alert, event, texts.english), event)


def refusal(alert: Alert, what: Happening, now: datetime) -> str | None:
    """Why this action is not possible on the alert now, as a key of the text catalogues; None where it is."""
    if alert.closed_at is not None and not isinstance(what, Noted | Called):
        return "refused_closed"
    match what:
        case Acknowledged() if alert.acknowledged_at is not None:
            return "refused_acknowledged"
        case Noted() if not what.text:
            return "refused_empty_note"
        case Accepted() if alert.escalation == 0:
            return "refused_not_escalated"
        case Snoozed():
            return _snooze_refusal(alert, what, now)
        case _:
            return None


def _snooze_refusal(alert: Alert, what: Snoozed, now: datetime) -> str | None:
    if alert.priority is Priority.HIGH:
        return "refused_snooze_high"
    if not what.reason:
        return "refused_snooze_reason"
    if not now < what.until <= now + LONGEST_SNOOZE:
        return "refused_snooze_length"
    return None


def _current(connection: Connection, alert_id: AlertId, rev: int) -> Alert:
    alert = stored.get_locked(connection, alert_id)
    if alert is None:
        raise UnknownAlert(alert_id)
    if alert.rev != rev:
        raise _moved(connection, alert_id)
    return alert


def _moved(connection: Connection, alert_id: AlertId) -> AlertMoved:
    last = stored.events(connection, alert_id)[-1]
    return AlertMoved(alert_id, last.actor, last.kind, last.at)


def _store(connection: Connection, after: Alert, event: AlertEvent) -> Alert:
    if not stored.append(connection, after, event):
        raise _moved(connection, after.alert_id)
    if event.kind in _MOVES_THE_NEXT_LOOK:
        alert_work.look_now(connection, after.patient_id, now=event.at)
    return after
