"""The alert worker on a real database: from a stored reading to an alert, and never two."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from alerts import actions
from alerts.book.rulebook import shipped
from alerts.settings import AlertsSettings
from alerts.worker import Worker, evaluate_patient
from runtime.clock import utc_now
from store import alerts as stored
from store import heartbeats, observations
from store.connection import Connection, connect
from tests.harness.said import oxygen, pressure, said
from tests.harness.small_ward import ANNA
from tests.harness.waiting import wait_until
from vitals.alert import EventKind, Priority
from vitals.alert_event import Woken
from vitals.ids import StaffId
from vitals.measure import Measure
from vitals.observation import Standing

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_confirmed_crisis_becomes_one_alert_that_explains_itself(connection: Connection) -> None:
    said(connection, pressure(186, 104), T0)
    assert evaluate_patient(connection, ANNA, T0 + MINUTE) == []
    repeat = said(connection, pressure(184, 102), T0 + 12 * MINUTE)
    changes = evaluate_patient(connection, ANNA, T0 + 13 * MINUTE)
    alert = changes[0].alert
    assert alert.reason == "Blood pressure 186/104 mmHg, confirmed 12 min later (limit 180)"
    assert alert.priority is Priority.MEDIUM
    assert alert.rule == "bp_crisis"
    assert stored.get(connection, alert.alert_id) == alert
    [event] = stored.events(connection, alert.alert_id)
    assert event.what == changes[0].what
    assert repeat in event.what.breach.reading_ids
    assert evaluate_patient(connection, ANNA, T0 + 14 * MINUTE) == []


def test_a_crisis_that_nobody_repeats_is_raised_unconfirmed(
    connection: Connection,
) -> None:
    said(connection, pressure(186, 104), T0)
    assert evaluate_patient(connection, ANNA, T0 + 29 * MINUTE) == []
    [change] = evaluate_patient(connection, ANNA, T0 + 30 * MINUTE)
    assert not change.alert.confirmed
    assert change.alert.reason == "Blood pressure 186/104 mmHg, not repeated within 30 min (limit 180)"


def test_a_weighing_by_somebody_else_is_held_and_raises_nothing(connection: Connection) -> None:
    for day in range(10):
        said(connection, {Measure.WEIGHT: 80 + day % 2 * 0.3}, T0 - timedelta(days=10 - day))
    other = said(connection, {Measure.WEIGHT: 96.0}, T0)
    assert evaluate_patient(connection, ANNA, T0 + MINUTE) == []
    [held] = observations.of_readings(connection, [other])
    assert held.standing is Standing.HELD
    said(connection, {Measure.WEIGHT: 80.1}, T0 + 5 * MINUTE)
    evaluate_patient(connection, ANNA, T0 + 6 * MINUTE)
    assert observations.of_readings(connection, [other])[0].standing is Standing.HELD


def test_what_arrives_late_is_marked_and_after_a_day_it_raises_nothing(
    connection: Connection,
) -> None:
    said(connection, pressure(128, 76), T0)
    for minutes in (0, 2):
        said(connection, oxygen(84), T0 + minutes * MINUTE, received_after=timedelta(hours=3))
    [change] = evaluate_patient(connection, ANNA, T0 + timedelta(hours=3, minutes=5))
    assert change.alert.late
    for minutes in (0, 2):
        said(connection, pressure(210, 120), T0 + minutes * MINUTE, received_after=timedelta(hours=30))
    assert evaluate_patient(connection, ANNA, T0 + timedelta(hours=31)) == []


def test_a_prompt_repeat_of_a_reading_that_came_late_is_not_late(connection: Connection) -> None:
    said(connection, pressure(182, 104), T0, received_after=20 * MINUTE)
    said(connection, pressure(190, 106), T0 + 25 * MINUTE)
    [change] = evaluate_patient(connection, ANNA, T0 + 26 * MINUTE)
    assert change.alert.confirmed
    assert not change.alert.late


def test_a_snooze_is_over_when_it_ends_though_nothing_new_comes(connection: Connection) -> None:
    for minutes in (0, 2):
        said(connection, pressure(186, 104), T0 + minutes * MINUTE)
    [raised] = evaluate_patient(connection, ANNA, T0 + 3 * MINUTE)
    alert, until = raised.alert, T0 + timedelta(hours=1)
    actions.snooze(
        connection,
        alert.alert_id,
        rev=alert.rev,
        actor=StaffId("s-sara"),
        now=T0 + 4 * MINUTE,
        until=until,
        reason="asked for a repeat",
    )
    now = T0 + 4 * MINUTE
    while now < until:  # from planned look to planned look
        [(planned,)] = connection.execute("SELECT look_at FROM evaluations_planned").fetchall()
        now = max(planned, now + timedelta(seconds=1))
        evaluate_patient(connection, ANNA, now)
    assert until <= now < until + MINUTE
    assert stored.events(connection, alert.alert_id)[-1].what == Woken(why="ended")


def _worker(database_url: str) -> Worker:
    return Worker(AlertsSettings(database_url=database_url, alerts_batch=4), shipped())


def test_the_worker_wakes_on_a_reading_and_beats(connection: Connection, database_url: str) -> None:
    stopping = threading.Event()
    thread = threading.Thread(target=_worker(database_url).run, args=(stopping,))
    thread.start()
    try:
        now = utc_now()
        for minutes in (9, 7):
            said(connection, oxygen(84), now - minutes * MINUTE)
        wait_until(lambda: stored.open_alerts(connection), deadline_s=5, what="the alert is open")
        assert "alerts" in {beat.process for beat in heartbeats.every(connection)}
    finally:
        stopping.set()
        thread.join(10)
    assert not thread.is_alive()


def test_many_evaluations_at_once_open_one_alert(connection: Connection, database_url: str) -> None:
    said(connection, pressure(128, 76), T0)
    for minutes in range(0, 40, 2):
        said(connection, oxygen(84), T0 + minutes * MINUTE)

    def evaluate(minute: int) -> int:
        with connect(database_url, application="test") as own:
            return len(evaluate_patient(own, ANNA, T0 + (40 + minute) * MINUTE))

    with ThreadPoolExecutor(8) as pool:
        changes = sum(pool.map(evaluate, range(24)))
    alerts = stored.of_patient(connection, ANNA)
    assert len(alerts) == 1
    assert changes == 1
    assert [event.kind for event in stored.events(connection, alerts[0].alert_id)] == [EventKind.RAISED]
