"""A breach that somebody must look at: it lives until it is closed with an outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vitals.ids import AlertId, PatientId, ReadingId, StaffId
from vitals.measure import Measure
from vitals.message import Message


class Priority(StrEnum):
    """How soon a person must respond (IEC 60601-1-8); shown as Urgent, Soon and Routine."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """Greater is more pressing."""
        return {Priority.LOW: 1, Priority.MEDIUM: 2, Priority.HIGH: 3}[self]


# Time to act in service hours: Urgent within the hour, Soon the same day, Routine by the next day.
TARGET_TIMES: dict[Priority, timedelta] = {
    Priority.HIGH: timedelta(hours=1),
    Priority.MEDIUM: timedelta(hours=8),
    Priority.LOW: timedelta(hours=24),
}


class Kind(StrEnum):
    """Whether the alert is about the patient or about the equipment."""

    PHYSIOLOGICAL = "physiological"
    TECHNICAL = "technical"


class Outcome(StrEnum):
    """What came of an alert: the coded word without which it cannot be closed."""

    ACTED = "acted"
    NO_ACTION = "no_action"
    MEASUREMENT_ERROR = "measurement_error"
    WRONG_PERSON = "wrong_person"
    EXPECTED = "expected"
    UNREACHABLE = "unreachable"


class EventKind(StrEnum):
    """One thing that can happen to an alert. Acknowledge and clear are never merged."""

    RAISED = "raised"
    EVIDENCE = "evidence"
    PRIORITY_RAISED = "priority_raised"
    WORSENED = "worsened"
    ACKNOWLEDGED = "acknowledged"
    CLAIMED = "claimed"
    NOTED = "noted"
    CALLED = "called"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    ESCALATED = "escalated"
    ACCEPTED = "accepted"
    CLEARED = "cleared"
    EASED = "eased"
    REARMED = "rearmed"
    CLOSED = "closed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert as it stands now: the fold of its events.

    `rev` grows by one with each event; an action names the `rev` it saw, and is refused when another came
    first. `peak` is the greatest magnitude seen so far at this priority (1.0 at the limit), of confirmed
    evidence once there is any; `acknowledged_peak` and `snoozed_peak` are what it was then. `reading_ids` are
    those that the alert speaks of. `eased_at` is when the first normal session since the newest evidence was
    seen.
    `rearmed_at` is set on a closed alert once the patient has recovered. `escalation` is the ladder's step
    that it has reached, 0 for none, since `escalated_at`.
    """

    alert_id: AlertId
    patient_id: PatientId
    problem: str
    kind: Kind
    priority: Priority
    rule: str
    rule_version: int
    measure: Measure | None = None
    reason: str
    message: Message | None = None
    raised_at: datetime
    due_at: datetime
    late: bool
    confirmed: bool = True
    peak: float = 1.0
    evidence_at: datetime | None = None
    reading_ids: tuple[ReadingId, ...] = ()
    acknowledged_at: datetime | None
    acknowledged_by: StaffId | None = None
    acknowledged_peak: float | None = None
    owner: StaffId | None
    snoozed_until: datetime | None
    snooze_reason: str | None = None
    snoozed_peak: float | None = None
    escalation: int = 0
    escalated_at: datetime | None = None
    accepted_by: StaffId | None = None
    eased_at: datetime | None = None
    cleared_at: datetime | None
    closed_at: datetime | None
    closed_by: StaffId | None = None
    outcome: Outcome | None
    rearmed_at: datetime | None = None
    rev: int

    @property
    def is_withdrawn(self) -> bool:
        """Whether what it spoke of no longer holds: a reading was left out or corrected, or a limit moved."""
        return self.cleared_at is not None and self.evidence_at is None
