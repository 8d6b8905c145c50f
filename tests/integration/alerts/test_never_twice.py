"""Whatever races, dies or jumps: one open alert for each patient and problem, and none missed."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from alerts.book.rulebook import shipped
from alerts.settings import AlertsSettings
from alerts.worker import Worker
from runtime.clock import utc_now
from store import alerts as stored
from store import patients, readings
from store.connection import Connection, connect, transaction
from store.errors import StoreUnavailable
from store.readings import AdmittedReading
from tests.harness.dying import Died
from tests.harness.said import oxygen, pressure, said
from tests.harness.small_ward import ANNA, ENROLLED, patient
from tests.harness.waiting import wait_until
from vitals.alert import EventKind
from vitals.ids import DeviceId, PatientId, ReadingId
from vitals.reading import Reading

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
READINGS = 1_000


def _serve(database_url: str) -> None:
    """An alert worker in a process of its own, until it is terminated."""
    Worker(AlertsSettings(database_url=database_url), shipped()).run(threading.Event())


@contextmanager
def running_workers(database_url: str, count: int) -> Iterator[None]:
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_serve, args=(database_url,), daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
            process.join()


@pytest.mark.parametrize("whom", [1, 50])
def test_two_workers_and_a_thousand_readings_at_once_leave_one_open_alert(
    connection: Connection, database_url: str, whom: int
) -> None:
    everybody = [PatientId(f"p-{number:03}") for number in range(whom)]
    with transaction(connection):
        for patient_id in everybody:
            patients.add(connection, patient(patient_id, "Any", "Body"), enrolled_at=ENROLLED)
    begin = utc_now() - 40 * MINUTE
    with running_workers(database_url, 2):
        wait_until(lambda: _workers(connection) == 2, deadline_s=60, what="both workers are connected")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda part: _pour(database_url, everybody, begin, part), range(4)))
        wait_until(lambda: _idle(connection), deadline_s=90, what="everything is evaluated")
    low = {
        row[0]: row[1:]
        for row in connection.execute(
            "SELECT patient_id, count(*), count(*) FILTER (WHERE closed_at IS NULL) FROM alerts"
            " WHERE problem = 'oxygen_low' GROUP BY patient_id"
        )
    }
    assert low == dict.fromkeys(everybody, (1, 1))
    assert connection.execute("SELECT count(*) FROM readings").fetchone() == (READINGS,)


def _pour(database_url: str, everybody: list[PatientId], begin: datetime, part: int) -> None:
    """A quarter of the readings, each in a transaction of its own, patient by patient in turn."""
    with connect(database_url, application="test") as own:
        for number in range(part, READINGS, 4):
            at = begin + number * 2 * timedelta(seconds=1)
            reading = Reading(
                reading_id=ReadingId(f"r{number}"),
                device_id=DeviceId("cuff-1"),
                profile="test",
                measured_at=at,
                received_at=at,
                values=oxygen(84 - number % 3),
            )
            one = AdmittedReading(reading=reading, patient_id=everybody[number // 4 % len(everybody)])
            with transaction(own):
                readings.store(own, [one], now=utc_now())


def _workers(connection: Connection) -> int:
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'hearthward-alerts-listen'"
    ).fetchone()
    assert row is not None
    return row[0]


def _idle(connection: Connection) -> bool:
    return connection.execute("SELECT 1 FROM evaluations_due LIMIT 1").fetchone() is None


def _worker(database_url: str, now: list[datetime]) -> Worker:
    return Worker(AlertsSettings(database_url=database_url), shipped(), clock=lambda: now[0])


def _oxygen_alerts(connection: Connection) -> list[list[EventKind]]:
    alerts = [a for a in stored.of_patient(connection, ANNA) if a.problem == "oxygen_low"]
    return [[event.kind for event in stored.events(connection, alert.alert_id)] for alert in alerts]


def test_a_warm_worker_dies_at_each_statement_and_a_stale_one_takes_over(
    connection: Connection, database_url: str, die: Callable[[Connection, int], None]
) -> None:
    """Both have the patient in memory; one dies, a statement later each time; the other knows older news."""
    now = [T0]
    dying, other = _worker(database_url, now), _worker(database_url, now)
    said(connection, pressure(128, 76), T0 - HOUR)
    with connect(database_url, application="first") as first, connect(database_url, application="o") as own:
        other.turn(own)
        dying.turn(first)
    deaths = 0
    for statement in range(1, 200):
        now[0] += 10 * MINUTE
        said(connection, pressure(127, 76), now[0] - MINUTE)  # the dying worker folds it in first
        if statement == 1:
            for minutes in (5, 2):
                said(connection, oxygen(84), now[0] - minutes * MINUTE)
        with connect(database_url, application="dying") as line:
            die(line, statement)
            died = _dies(dying, line)
        deaths += died
        assert len(_oxygen_alerts(connection)) <= 1
        if not died:
            break
        if statement % 5 == 0:
            with connect(database_url, application="other") as own:
                other.turn(own)
            assert len(_oxygen_alerts(connection)) == 1, "the stale worker saw what the dead one saw"
    assert deaths > 10
    with connect(database_url, application="other") as own:
        other.turn(own)
    [kinds] = _oxygen_alerts(connection)
    assert kinds[0] is EventKind.RAISED
    assert kinds.count(EventKind.RAISED) == 1
    assert not connection.execute("SELECT 1 FROM evaluations_due").fetchall()


def _dies(worker: Worker, line: Connection) -> bool:
    try:
        worker.turn(line)
    except (Died, StoreUnavailable, psycopg.OperationalError):
        return True
    return False


@pytest.mark.parametrize("jump", [3 * DAY, 9 * DAY, -3 * HOUR])
def test_a_clock_that_jumps_and_comes_back_misses_and_doubles_nothing(
    connection: Connection, database_url: str, jump: timedelta
) -> None:
    now = [T0]
    worker = _worker(database_url, now)
    said(connection, pressure(128, 76), T0 - HOUR)
    with connect(database_url, application="jumping") as own:
        worker.turn(own)
        said(connection, oxygen(84), T0 + MINUTE)
        now[0] = T0 + 2 * MINUTE
        worker.turn(own)  # one low value: it waits for a second
        now[0] += jump
        worker.turn(own)
        now[0] = T0 + 4 * MINUTE
        said(connection, oxygen(84), T0 + 3 * MINUTE)
        worker.turn(own)
        now[0] += 5 * MINUTE
        worker.turn(own)
    assert _oxygen_alerts(connection) == [[EventKind.RAISED]]


def test_a_look_that_was_planned_by_a_clock_in_the_future_is_not_put_off(
    connection: Connection, database_url: str
) -> None:
    """An unconfirmed crisis is told after half an hour, though the clock was days ahead for a moment."""
    now = [T0]
    worker = _worker(database_url, now)
    said(connection, pressure(128, 76), T0 - DAY)
    with connect(database_url, application="jumping") as own:
        worker.turn(own)
        said(connection, pressure(186, 104), T0)
        now[0] = T0 + 6 * DAY
        worker.turn(own)
        [[look_at]] = connection.execute(
            "SELECT look_at FROM evaluations_planned WHERE patient_id = %s", (ANNA,)
        ).fetchall()
        assert look_at > T0 + 5 * DAY
        now[0] = T0 + 5 * MINUTE
        worker.turn(own)
        now[0] = T0 + 31 * MINUTE
        worker.turn(own)
    crises = [a for a in stored.of_patient(connection, ANNA) if a.rule == "bp_crisis"]
    assert len(crises) == 1
    assert not crises[0].confirmed
