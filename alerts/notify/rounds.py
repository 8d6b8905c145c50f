"""One round: every due alert is decided about, and what follows is written in one transaction each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from alerts import actions
from alerts.book import texts
from alerts.notify.decide import Decision, Staffing, decide
from alerts.notify.policy import Policy
from alerts.notify.wording import escalation_words, idempotency_key, words
from store import alerts as stored
from store import contacts, deliveries, rota, staff, troubles
from store.connection import Connection, transaction
from store.deliveries import NewDelivery
from store.errors import StoreBusy, StoreUnavailable
from vitals.alert import Alert
from vitals.alert_event import SYSTEM
from vitals.ids import AlertId, StaffId

_SHIFTS_BACK = timedelta(hours=1)
_MOST_STEPS = 12
"""More decisions in a row about one alert than any ladder has steps."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What a round works with: the policy, the channels that exist, and where the dashboard is."""

    policy: Policy
    channels: Collection[str]
    hub_url: str


def round_of(connection: Connection, office: Office, now: datetime) -> int:
    """Decide about all alerts that are due; how many were. One's trouble does not silence the others."""
    due = deliveries.due_alerts(connection, now)
    staffing: dict[str, Staffing] = {}
    for alert_id, ward_id in due:
        if ward_id not in staffing:
            staffing[ward_id] = staffing_of(connection, ward_id, office.channels, now)
        try:
            decided = look(connection, alert_id, office, staffing[ward_id], now)
        except Exception as error:  # logged with the alert's id, and tried again in the next round
            if isinstance(error, StoreUnavailable) and not isinstance(error, StoreBusy):
                raise
            _log.error("notifying failed", alert_id=alert_id, exc_info=True)
            continue
        _say(alert_id, decided)
    return len(due)


def note_staffing(connection: Connection, office: Office, now: datetime, *, works: bool) -> None:
    """Write down for which steps of the ladder nobody of a ward can be reached now: the screens show it.

    Where nobody of any ward can be told (not `works`) the heartbeat says so, and no step is missed.
    """
    for ward_id in rota.time_zones(connection):
        staffing = staffing_of(connection, ward_id, office.channels, now)
        steps = office.policy.ladder if works else ()
        missing = [
            duty.value
            for duty in steps
            if staffing.screens_only or not staffing.people(duty, office.policy, now)
        ]
        with transaction(connection):
            troubles.note_staffing(
                connection, ward_id, missing, nobody=missing == [duty.value for duty in steps], now=now
            )


def look(
    connection: Connection, alert_id: AlertId, office: Office, staffing: Staffing, now: datetime
) -> list[Decision]:
    """Decide about one alert as often as escalating asks for it, and write what follows; what was decided.

    Nothing where somebody has the alert locked: the next round looks again, and no other alert waits for it.
    """
    taken: list[Decision] = []
    with transaction(connection):
        while len(taken) < _MOST_STEPS:
            alert = stored.get_if_free(connection, alert_id)
            if alert is None:
                return taken
            deliveries.lock_watch(connection, alert_id)
            events = stored.events(connection, alert_id)
            told = deliveries.of_alert(connection, alert_id)
            decision = decide(alert, events, told, staffing, office.policy, now)
            taken.append(decision)
            _carry_out(connection, alert, decision, office, staffing, now)
            if decision.escalate_to is None:
                break
    return taken


def _carry_out(
    connection: Connection,
    alert: Alert,
    decision: Decision,
    office: Office,
    staffing: Staffing,
    now: datetime,
) -> None:
    deliveries.note_decision(connection, alert.alert_id, decision.rev, decision.reason, now)
    if decision.stop:
        deliveries.cancel_waiting(connection, alert.alert_id, decision.reason, now)
    for page in decision.pages:
        language = staffing.languages.get(page.contact.staff_id, texts.ENGLISH)
        said = words(alert, page.reason, office.hub_url, language)
        delivery = NewDelivery(
            key=idempotency_key(alert, decision.rev, page.contact.contact_id or page.contact.staff_id),
            alert_id=alert.alert_id,
            rev=decision.rev,
            contact_id=page.contact.contact_id,
            staff_id=page.contact.staff_id,
            channel=page.contact.channel,
            reason=page.reason,
            subject=said.subject,
            body=said.body,
        )
        deliveries.add(connection, delivery, now)
    if decision.escalate_to is not None:
        why = escalation_words(decision.reason)
        to = decision.escalate_to
        actions.escalate(
            connection, alert.alert_id, rev=alert.rev, actor=StaffId(SYSTEM), now=now, to=to, why=why
        )
    elif alert.closed_at is not None:
        deliveries.forget(connection, alert.alert_id)
    else:
        deliveries.watch(connection, alert.alert_id, rev=alert.rev, look_at=decision.look_at, now=now)


def staffing_of(connection: Connection, ward_id: str, channels: Collection[str], now: datetime) -> Staffing:
    """The ward's people as they can be reached now."""
    return Staffing(
        shifts=rota.of_ward(connection, ward_id, since=now - _SHIFTS_BACK),
        contacts=[one for one in contacts.of_ward(connection, ward_id) if one.channel in channels],
        roles={person.staff_id: person.role for person in staff.ward_staff(connection, ward_id)},
        languages=staff.languages(connection, ward_id),
        zone=ZoneInfo(rota.time_zones(connection)[ward_id]),
        failing={trouble.channel for trouble in deliveries.troubles(connection)},
    )


def _say(alert_id: AlertId, decided: list[Decision]) -> None:
    for decision in decided:
        _log.info(
            "notification decided",
            alert_id=alert_id,
            rev=decision.rev,
            reason=decision.reason.value,
            pages=len(decision.pages),
            escalate_to=decision.escalate_to.value if decision.escalate_to else None,
        )
