"""What can happen to an alert: one small record per kind, never changed once written."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeAlias

from vitals.alert import EventKind, Outcome, Priority
from vitals.breach import Breach
from vitals.ids import PatientId

SYSTEM = "system"
"""The actor of what the rules do by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A breach became an alert."""

    kind: ClassVar = EventKind.RAISED
    patient_id: PatientId
    breach: Breach
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAdded:
    """A further breach of the same problem.

    `instead`: what the alert spoke of has been corrected or left out, and this stands in its place.
    """

    kind: ClassVar = EventKind.EVIDENCE
    breach: Breach
    instead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityRaised:
    """A further breach that is more pressing; by itself a priority only ever rises."""

    kind: ClassVar = EventKind.PRIORITY_RAISED
    breach: Breach
    was: Priority
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Worsened:
    """A further breach of the same priority, so much worse than was acknowledged that it is to be seen."""

    kind: ClassVar = EventKind.WORSENED
    breach: Breach
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """A person has seen it and owns it."""

    kind: ClassVar = EventKind.ACKNOWLEDGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A person took it over."""

    kind: ClassVar = EventKind.CLAIMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A person wrote something down."""

    kind: ClassVar = EventKind.NOTED
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A person called somebody about it. `minutes` is how long they spoke."""

    kind: ClassVar = EventKind.CALLED
    whom: str
    reached: bool
    minutes: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Snoozed:
    """A person asked not to be bothered with it until an instant, unless it grows worse."""

    kind: ClassVar = EventKind.SNOOZED
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Woken:
    """A snooze ended: its time came (`ended`) or the patient grew worse (`worse`)."""

    kind: ClassVar = EventKind.WOKEN
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """Its audience grew: the ladder's next `step`, in words whom it went to, and why."""

    kind: ClassVar = EventKind.ESCALATED
    step: int
    to: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A named person answered an escalation: it is theirs now."""

    kind: ClassVar = EventKind.ACCEPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Eased:
    """The first normal session since the newest evidence."""

    kind: ClassVar = EventKind.EASED
    normal_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """The condition is gone, or (`withdrawn`) its readings count no more.

    Nobody has dealt with it yet, unless the alert clears by itself.
    """

    kind: ClassVar = EventKind.CLEARED
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rearmed:
    """After the close: the patient recovered, so that the next breach is a new alert."""

    kind: ClassVar = EventKind.REARMED
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Dealt with, with a coded outcome."""

    kind: ClassVar = EventKind.CLOSED
    outcome: Outcome
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """The person's own event with revision `undone_rev` is taken back; it stays in the history."""

    kind: ClassVar = EventKind.UNDONE
    undone_rev: int


Happening: TypeAlias = (
    Raised | EvidenceAdded | PriorityRaised | Worsened | Acknowledged | Claimed | Noted | Called | Snoozed
    | Woken | Escalated | Accepted | Eased | Cleared | Rearmed | Closed | Undone
)  # fmt: skip

HAPPENINGS: dict[EventKind, type[Happening]] = {
    what.kind: what
    for what in (
        Raised, EvidenceAdded, PriorityRaised, Worsened, Acknowledged, Claimed, Noted, Called, Snoozed,
        Woken, Escalated, Accepted, Eased, Cleared, Rearmed, Closed, Undone,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent:
    """One thing that happened to an alert: the first has `rev` 1, and each later one is one more."""

    rev: int
    actor: str
    at: datetime
    what: Happening

    @property
    def kind(self) -> EventKind:
        """The stored word for what happened."""
        return self.what.kind
