"""The past of a seeded ward: the rules asked again at every instant that mattered, and what nurses did."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

from alerts import actions
from alerts.book.limits import OwnLimit
from alerts.rules.view import Break, Watched
from alerts.worker import evaluate_patient
from simulators.courses import Course
from simulators.desk import Deed, Desk
from simulators.people import Person
from simulators.replay import instants
from store import alerts as stored
from store.connection import Connection
from vitals.alert_event import Acknowledged, Called, Closed, Noted, PriorityRaised, Raised, Worsened
from vitals.ids import AlertId
from vitals.reading import Reading

_Task = tuple[datetime, int, Deed, AlertId]


def relive(
    connection: Connection,
    person: Person,
    readings: Sequence[Reading],
    courses: Sequence[Course],
    desk: Desk,
) -> None:
    """Raise the alerts of the person's stored history, one instant after the other, and let nurses act.

    The present itself is left to the caller, who can ask about everybody at once.
    """
    now, time_zone = desk.seeded_at, desk.time_zone
    todo: list[_Task] = []
    number = 0
    moments = instants(
        watched(person, now, time_zone), own_limits(person, now), breaks(person, now), readings, until=now
    )
    for moment in moments:
        _work_off(connection, todo, moment)
        for change in evaluate_patient(connection, person.patient_id, moment):
            if isinstance(change.what, Raised | PriorityRaised | Worsened):
                later = moment - max(change.alert.raised_at, change.what.breach.at)
                for deed in desk.deeds(change.alert, person, courses):
                    # A reading that was waited for a repeat of is evidence of half an hour ago.
                    deed = replace(deed, at=deed.at + max(later, timedelta(0)))
                    number += 1
                    heappush(todo, (deed.at, number, deed, change.alert.alert_id))
    _work_off(connection, todo, now)


def _work_off(connection: Connection, todo: list[_Task], until: datetime) -> None:
    while todo and todo[0][0] <= until:
        _, _, deed, alert_id = heappop(todo)
        _do(connection, deed, alert_id)


def _do(connection: Connection, deed: Deed, alert_id: AlertId) -> None:
    """Act, unless somebody did so before."""
    alert = stored.get(connection, alert_id)
    if alert is None or actions.refusal(alert, deed.what, deed.at) is not None:
        return
    if deed.once_cleared and alert.cleared_at is None:
        return
    rev, actor, at = alert.rev, deed.actor, deed.at
    match deed.what:
        case Acknowledged():
            actions.acknowledge(connection, alert_id, rev=rev, actor=actor, now=at)
        case Called(whom=whom, reached=reached, minutes=minutes, text=text):
            actions.call_logged(
                connection,
                alert_id,
                rev=rev,
                actor=actor,
                now=at,
                whom=whom,
                reached=reached,
                minutes=minutes,
                text=text,
            )
        case Noted(text=text):
            actions.note(connection, alert_id, rev=rev, actor=actor, now=at, text=text)
        case Closed(outcome=outcome, note=note):
            actions.close(connection, alert_id, rev=rev, actor=actor, now=at, outcome=outcome, note=note)
        case _:
            raise AssertionError(f"no nurse of the demo does {deed.what}")


def watched(person: Person, now: datetime, time_zone: ZoneInfo) -> Watched:
    """The person as the rules know them."""
    enrolled_at = now - timedelta(days=person.enrolled_days_ago)
    return Watched(
        patient_id=person.patient_id,
        time_zone=time_zone.key,
        birth_date=person.birth_date,
        enrolled_at=enrolled_at,
        programmes={programme.value: enrolled_at.date() for programme in person.programmes},
    )


def own_limits(person: Person, now: datetime) -> list[OwnLimit]:
    """The person's own limits, anchored at the seeding."""
    return [
        OwnLimit(
            name=limit.name,
            value=limit.value,
            author=limit.author,
            reason=limit.reason,
            set_at=now - timedelta(days=limit.days_ago),
            expires_at=None
            if limit.for_days is None
            else now - timedelta(days=limit.days_ago - limit.for_days),
        )
        for limit in person.limits
    ]


def breaks(person: Person, now: datetime) -> list[Break]:
    """The person's planned pauses, anchored at the seeding."""
    if person.pause is None:
        return []
    starts_at = now - timedelta(days=person.pause.from_days_ago)
    return [Break(starts_at=starts_at, ends_at=now - timedelta(days=person.pause.until_days_ago))]
