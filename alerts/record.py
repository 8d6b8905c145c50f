"""Writing what happened: steps become events and rows, in the caller's transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog

from alerts import life
from alerts.book import texts
from alerts.reconcile import Step
from store import alerts as stored
from store.connection import Connection
from vitals.alert import Alert, EventKind
from vitals.alert_event import SYSTEM, AlertEvent, Happening, PriorityRaised, Raised, Worsened
from vitals.errors import HubError
from vitals.ids import AlertId

_log = structlog.get_logger()

_SAID = {
    EventKind.RAISED: "alert raised",
    EventKind.PRIORITY_RAISED: "alert priority raised",
    EventKind.WORSENED: "alert worsened",
}


class AlertOvertaken(HubError):
    """An alert changed between being read and being written: the transaction must start again."""

    def __init__(self, alert_id: AlertId) -> None:
        super().__init__(f"alert {alert_id} was overtaken")
        self.alert_id = alert_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that happened, and the alert after it."""

    alert: Alert
    what: Happening


def record(connection: Connection, steps: Iterable[Step], now: datetime) -> list[Change]:
    """Write the steps, in order. Raises AlertOvertaken.

    A step that would open a second alert for the same problem changes nothing.
    """
    standing: dict[AlertId, Alert] = {}
    changes: list[Change] = []
    for step in steps:
        if isinstance(step.what, Raised):
            opened = _open(connection, step.what, now)
            if opened is not None:
                changes.append(Change(alert=opened, what=step.what))
        elif step.alert is not None:
            alert = standing.get(step.alert.alert_id, step.alert)
            event = AlertEvent(rev=alert.rev + 1, actor=SYSTEM, at=now, what=step.what)
            after = life.apply(alert, event, texts.english)
            if not stored.append(connection, after, event):
                raise AlertOvertaken(alert.alert_id)
            standing[alert.alert_id] = after
            changes.append(Change(alert=after, what=step.what))
    return changes


def _open(connection: Connection, raised: Raised, now: datetime) -> Alert | None:
    alert = life.begin(raised, now, texts.english)
    event = AlertEvent(rev=1, actor=SYSTEM, at=now, what=raised)
    alert_id = stored.open_alert(connection, alert, event)
    return None if alert_id is None else life.begin(raised, now, texts.english, alert_id)


def log(changes: Iterable[Change]) -> None:
    """Say what was raised, rose or worsened; call it once the transaction has been committed."""
    for change in changes:
        if isinstance(change.what, Raised | PriorityRaised | Worsened):
            breach = change.what.breach
            _log.info(
                _SAID[change.what.kind],
                alert_id=change.alert.alert_id,
                patient_id=change.alert.patient_id,
                rule=breach.rule,
                priority=breach.priority.value,
                reading_id=breach.reading_ids[-1] if breach.reading_ids else None,
                late=breach.late,
            )
