"""What people are told: the alert's number and where it waits, and nothing that says whose it is."""

import uuid
from dataclasses import dataclass

from alerts.notify.decide import Reason
from vitals.alert import Alert, Priority
from vitals.ids import AlertId, StaffId

NO_CHANNEL = "nobody is notified: no channel is configured"
NO_CONTACT = "nobody is notified: no member of staff has a contact on a configured channel"
"""Why the notifier has nothing to do, as its heartbeat says it."""

_SHOWN = {Priority.HIGH: "Urgent", Priority.MEDIUM: "Soon", Priority.LOW: "Routine"}
_WHY = {
    Reason.NOTIFY_ESCALATED: " was escalated to you: nobody has accepted it yet.",
    Reason.NOTIFY_HAND_OVER: " comes to you with the duty: nobody has acknowledged it yet.",
}
_KEYS = uuid.UUID("6b6f2c1e-5d7c-5f0e-9a52-5e2c9b2f8f0d")
"""The namespace of the idempotency keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The subject and the body of what is sent."""

    subject: str
    body: str


def words(alert: Alert, reason: Reason, hub_url: str) -> Words:
    """What to say of the alert: ids only."""
    subject = f"{_SHOWN[alert.priority]} alert {alert.alert_id}"
    why = _WHY.get(reason, " waits on the worklist.")
    return Words(subject=subject, body=f"{subject}{why}\n{alert_address(alert.alert_id, hub_url)}")


def alert_address(alert_id: AlertId, hub_url: str) -> str:
    """Where the alert is on the dashboard."""
    return f"{hub_url.rstrip('/')}/app/alerts/{alert_id}"


def idempotency_key(alert: Alert, rev: int, contact: int | StaffId) -> str:
    """The same for the same event and contact, or person without one, whoever asks again.

    The raise tells two databases apart.
    """
    return str(uuid.uuid5(_KEYS, f"{alert.alert_id}:{alert.raised_at.isoformat()}:{rev}:{contact}"))


def escalation_words(reason: Reason) -> str:
    """Why the hub escalated, for the alert's history."""
    return {
        Reason.ESCALATE_UNANSWERED: "nobody acknowledged it in time",
        Reason.ESCALATE_UNREACHABLE: "nobody could be reached",
        Reason.ESCALATE_NO_CONTACT: "nobody on duty can be reached",
    }.get(reason, "still nobody has accepted it")
