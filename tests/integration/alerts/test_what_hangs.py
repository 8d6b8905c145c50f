"""A process that hangs and does not die: its rows and its patients hold up nobody else's alerts."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from alerts import worker as alert_worker
from alerts.book.rulebook import shipped
from alerts.settings import AlertsSettings
from alerts.worker import Worker
from runtime.clock import utc_now
from store import alerts as stored
from store.connection import Connection, connect, transaction
from tests.harness.said import oxygen, said
from tests.harness.small_ward import ANNA, BERT
from tests.harness.waiting import wait_until
from vitals.ids import PatientId

MINUTE = timedelta(minutes=1)


@contextmanager
def working(database_url: str, clock: Callable[[], datetime] = utc_now) -> Iterator[threading.Thread]:
    stopping = threading.Event()
    settings = AlertsSettings(database_url=database_url, alerts_tick_seconds=0.1)
    thread = threading.Thread(target=Worker(settings, shipped(), clock).run, args=(stopping,))
    thread.start()
    try:
        yield thread
    finally:
        stopping.set()
        thread.join(20)
    assert not thread.is_alive()


def low_twice(connection: Connection, patient_id: PatientId) -> None:
    for minutes in (5, 2):
        said(connection, oxygen(80), utc_now() - minutes * MINUTE, patient_id=patient_id)


def has_alert(connection: Connection, patient_id: PatientId) -> bool:
    return "oxygen_low" in {alert.problem for alert in stored.of_patient(connection, patient_id)}


def test_an_alert_that_somebody_holds_keeps_no_other_patient_waiting(
    connection: Connection, database_url: str
) -> None:
    low_twice(connection, ANNA)
    with working(database_url):
        wait_until(lambda: has_alert(connection, ANNA), deadline_s=20)
        [alert] = [a for a in stored.open_alerts(connection) if a.problem == "oxygen_low"]
        with connect(database_url, application="holds") as holder, transaction(holder):
            stored.get_locked(holder, alert.alert_id)
            for seconds in (90, 30):
                said(connection, oxygen(70), utc_now() - timedelta(seconds=seconds))
            low_twice(connection, BERT)
            wait_until(lambda: has_alert(connection, BERT), deadline_s=20, what="Bert's alert is raised")
            held = stored.get(connection, alert.alert_id)
            assert held is not None
            assert held.rev == alert.rev
        wait_until(
            lambda: stored.events(connection, alert.alert_id)[-1].rev > alert.rev,
            deadline_s=20,
            what="Anna's is looked at again",
        )


def test_a_worker_that_hangs_in_its_transaction_is_cut_off_and_another_takes_its_patients(
    connection: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_worker, "HANGS_FOR", timedelta(seconds=1))
    hangs, released = threading.Event(), threading.Event()
    whole = stored.in_play

    def hanging(own: Connection, *asked: object) -> object:
        if not hangs.is_set() and ANNA in asked[0]:  # pyright: ignore[reportOperatorIssue]
            hangs.set()
            released.wait(60)
        return whole(own, *asked)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(stored, "in_play", hanging)
    low_twice(connection, ANNA)
    try:
        with working(database_url):
            assert hangs.wait(20)
            with working(database_url):
                wait_until(
                    lambda: has_alert(connection, ANNA), deadline_s=20, what="the other one has raised it"
                )
            released.set()
            wait_until(
                lambda: connection.execute("SELECT 1 FROM evaluations_due").fetchone() is None, deadline_s=20
            )
    finally:
        released.set()
    assert [a.problem for a in stored.of_patient(connection, ANNA)].count("oxygen_low") == 1
