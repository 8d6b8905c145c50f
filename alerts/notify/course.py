"""What an alert's events amount to for those who tell people: what calls, and who has answered. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vitals.alert import Priority
from vitals.alert_event import (
    SYSTEM,
    Accepted,
    Acknowledged,
    AlertEvent,
    Claimed,
    Escalated,
    EvidenceAdded,
    PriorityRaised,
    Raised,
    Undone,
    Woken,
    Worsened,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Where telling people of an alert stands.

    `trigger` is what calls, by its `priority`: the raise, a risen priority, what is markedly worse than was
    acknowledged, the first fresh evidence after late ones, the end of a snooze. `escalations` came since.
    `answered` names who has acknowledged, claimed or accepted it; an escalation by a person must be answered
    anew. `late`: all evidence of the trigger's came late.
    """

    trigger: AlertEvent
    priority: Priority
    late: bool
    answered: str | None = None
    escalations: tuple[AlertEvent, ...] = ()
    worse: bool = False

    @property
    def called(self) -> AlertEvent:
        """The event that people must be told of now: the last escalation, or else the trigger."""
        return self.escalations[-1] if self.escalations else self.trigger

    @property
    def by_person(self) -> bool:
        """Whether a person called somebody, which no policy holds back."""
        return any(event.actor != SYSTEM for event in self.escalations)


def course(events: Sequence[AlertEvent]) -> Course:
    """Where it stands after these events, of which the first is the raise; what was undone is left out."""
    undone = {event.what.undone_rev for event in events if isinstance(event.what, Undone)}
    standing = _begun(events[0], events[0].what) if isinstance(events[0].what, Raised) else None
    if standing is None:
        raise ValueError("an alert's first event is its raise")
    for event in events[1:]:
        if event.rev not in undone:
            standing = _after(standing, event)
    return standing


def _begun(event: AlertEvent, what: Raised | PriorityRaised | Worsened) -> Course:
    return Course(trigger=event, priority=what.breach.priority, late=what.breach.late)


def _after(course: Course, event: AlertEvent) -> Course:
    match event.what:
        case PriorityRaised() | Worsened():
            return _called_anew(course, event, event.what)
        case EvidenceAdded():
            return _with_evidence(course, event, event.what)
        case Acknowledged() | Claimed() | Accepted():
            return replace(course, answered=event.actor)
        case Escalated():
            answered = course.answered if event.actor == SYSTEM else None
            return replace(course, escalations=(*course.escalations, event), answered=answered)
        case Woken() if event.what.why == "worse":
            return replace(course, worse=True)
        case Woken():
            return replace(course, trigger=event, answered=None, escalations=())
        case _:
            return course


def _called_anew(course: Course, event: AlertEvent, what: PriorityRaised | Worsened) -> Course:
    """What is more pressing or markedly worse calls anew. If it came late, no call that goes on stops."""
    calls = not course.late and not course.worse and course.answered is None
    if what.breach.late and calls:
        return replace(course, priority=what.breach.priority)
    return _begun(event, what)


def _with_evidence(course: Course, event: AlertEvent, what: EvidenceAdded) -> Course:
    """Evidence calls by itself where it broke a snooze, or where all before it was too late to call."""
    if course.worse:
        return replace(
            course, trigger=event, late=what.breach.late, answered=None, escalations=(), worse=False
        )
    is_fresh_and_new = course.late or what.breach.priority.rank > course.priority.rank
    if what.breach.late or not is_fresh_and_new:
        return course
    called = course.trigger if course.escalations else event  # a call that goes on is not begun anew
    return replace(course, trigger=called, priority=what.breach.priority, late=False)
