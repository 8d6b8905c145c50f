"""What people are told: the alert's number and where it waits, and nothing that says whose it is."""

import uuid
from dataclasses import dataclass

from alerts.book import texts
from alerts.notify.decide import Reason
from vitals.alert import Alert
from vitals.ids import AlertId, StaffId

NO_CHANNEL = "nobody is notified: no channel is configured"
NO_CONTACT = "nobody is notified: no member of staff has a contact on a configured channel"
"""Why the notifier has nothing to do, as its heartbeat says it."""

_WHY = {Reason.NOTIFY_ESCALATED: "notice_escalated", Reason.NOTIFY_HAND_OVER: "notice_hand_over"}
_KEYS = uuid.UUID("6b6f2c1e-5d7c-5f0e-9a52-5e2c9b2f8f0d")
"""The namespace of the idempotency keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The subject and the body of what is sent."""

    subject: str
    body: str


def words(alert: Alert, reason: Reason, hub_url: str, language: str = texts.ENGLISH) -> Words:
    """What to say of the alert in the reader's language, with what to do: ids only."""
    subject = texts.text(f"notice_{alert.priority.value}", {"number": str(alert.alert_id)}, language)
    what = texts.text(_WHY.get(reason, "notice_waits"), {}, language)
    return Words(subject=subject, body=f"{subject}. {what}\n{alert_address(alert.alert_id, hub_url)}")


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
