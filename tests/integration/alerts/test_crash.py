"""A worker that dies at any statement of its transaction neither misses an alert nor raises two."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from alerts.book.rulebook import Rulebook, shipped
from alerts.settings import AlertsSettings
from alerts.worker import Worker
from store import alerts as stored
from store.connection import Connection, connect
from store.errors import StoreUnavailable
from tests.harness.dying import Died
from tests.harness.piloted import piloted
from tests.harness.said import oxygen, pressure, said
from tests.harness.small_ward import ANNA
from vitals.alert import EventKind

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NOW = T0 + 10 * MINUTE


def turn(
    database_url: str, die: Callable[[Connection, int], None], die_at: int, book: Rulebook | None = None
) -> bool:
    """One turn of a worker that dies at this statement; False where it came to its end before."""
    worker = Worker(AlertsSettings(database_url=database_url), book or shipped(), clock=lambda: NOW)
    with connect(database_url, application="dying") as connection:
        die(connection, die_at)
        try:
            worker.turn(connection)
        except (Died, StoreUnavailable, psycopg.OperationalError):
            return True
    return False


def test_dying_at_every_statement_in_turn_ends_with_one_alert(
    connection: Connection, database_url: str, die: Callable[[Connection, int], None]
) -> None:
    said(connection, pressure(128, 76), T0)
    for minutes in (2, 5):
        said(connection, oxygen(84), T0 + minutes * MINUTE)
    deaths = 0
    for statement in range(1, 200):
        died = turn(database_url, die, statement)
        deaths += died
        assert len(stored.open_alerts(connection)) <= 1
        if not died:
            break
    assert deaths > 10
    [alert] = stored.of_patient(connection, ANNA)
    assert alert.rule == "spo2_crit"
    assert [event.kind for event in stored.events(connection, alert.alert_id)] == [EventKind.RAISED]
    assert not connection.execute("SELECT 1 FROM evaluations_due").fetchall()


def test_dying_at_every_statement_keeps_one_would_be_alert_and_one_line(
    connection: Connection, database_url: str, die: Callable[[Connection, int], None], tmp_path: Path
) -> None:
    book = piloted(tmp_path / "programmes")
    connection.execute("UPDATE devices SET battery_percent = 5")
    for minutes in (0, 5):
        said(connection, pressure(174, 88), T0 + minutes * MINUTE)
    deaths = 0
    for statement in range(1, 200):
        died = turn(database_url, die, statement, book)
        deaths += died
        rows = connection.execute("SELECT count(*) FROM pilot_alerts").fetchone()
        assert rows is not None
        assert rows[0] <= 1
        if not died:
            break
    assert deaths > 15
    assert rows == (1,)
    lines = connection.execute(
        "SELECT rule, days FROM weekly_lines WHERE patient_id = %s", (ANNA,)
    ).fetchall()
    assert lines == [("device_battery", 1)]
    assert "bp_crisis_170" not in {alert.rule for alert in stored.of_patient(connection, ANNA)}


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(hours=30)])
def test_a_clock_that_jumps_raises_neither_twice_nor_never(
    connection: Connection, database_url: str, jump: timedelta
) -> None:
    times = iter([T0 + 3 * MINUTE, T0 + 3 * MINUTE + jump, T0 + 6 * MINUTE, T0 + 7 * MINUTE])
    clock = [T0]
    worker = Worker(AlertsSettings(database_url=database_url), shipped(), clock=lambda: clock[0])
    said(connection, pressure(128, 76), T0)
    said(connection, oxygen(84), T0 + 2 * MINUTE)
    with connect(database_url, application="jumping") as own:
        for number, now in enumerate(times):
            clock[0] = now
            if number == 2:
                said(connection, oxygen(84), T0 + 5 * MINUTE)
            worker.turn(own)
    alerts = [a for a in stored.of_patient(connection, ANNA) if a.problem == "oxygen_low"]
    assert len(alerts) == 1
