"""A live ward's thresholds move to its alert budget: the same moves as a backtest's, once, in slices."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from alerts.book.rulebook import shipped
from alerts.gather import gather
from alerts.history import backtest
from alerts.history.replay import History
from alerts.review import budget, calibration
from alerts.settings import AlertsSettings
from alerts.worker import Worker
from simulators.cohort import Task, make
from simulators.cohort_laws import LAW_B
from store import calibration as stored
from store import limits
from store.connection import Connection, connect
from tests.harness.database import Server
from tests.harness.said import said
from tests.harness.simulated_ward import settle
from tests.harness.small_ward import WARD
from vitals.breach import Layer
from vitals.ids import DeviceId
from vitals.measure import Measure

PATIENTS, DAYS = 40, 95
Ward = tuple[str, list[History]]

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def settled(database_server: Server) -> Iterator[Ward]:
    """The database of a ward with more than a hundred patient-months, and its histories."""
    cohort = make(Task.HEART_FAILURE, LAW_B, seed=3, patients=PATIENTS, days=DAYS)
    with database_server.fresh() as url, connect(url, application="test") as connection:
        yield url, settle(connection, cohort)


@pytest.fixture
def connection(settled: Ward) -> Iterator[Connection]:
    """A connection of the test's own, on whose ward nothing was calibrated yet."""
    with connect(settled[0], application="test") as ours:
        ours.execute("ALTER TABLE calibrations DISABLE TRIGGER USER")
        ours.execute("ALTER TABLE calibration_runs DISABLE TRIGGER USER")
        ours.execute("DELETE FROM calibrations")
        ours.execute("DELETE FROM calibration_runs")
        ours.execute("ALTER TABLE calibrations ENABLE TRIGGER USER")
        ours.execute("ALTER TABLE calibration_runs ENABLE TRIGGER USER")
        yield ours


def begun(past: list[History]) -> list[History]:
    return sorted(past, key=lambda history: history.patient.enrolled_at)


def worker_at(url: str, past: list[History], after: timedelta) -> Worker:
    now = begun(past)[0].patient.enrolled_at + after
    return Worker(AlertsSettings(database_url=url), shipped(), clock=lambda: now)


def calibrated(worker: Worker, connection: Connection) -> list[limits.CalibrationRow]:
    """What a worker moves by itself; it must come to an end."""
    for _ in range(PATIENTS * 2):
        if not worker._calibrator.step(connection):
            break
    return limits.calibration_history(connection, WARD)


def test_live_moves_what_a_backtest_moves(settled: Ward, connection: Connection) -> None:
    url, past = settled
    end = max(history.readings[-1].at for history in past)
    moves = backtest.replay(past, shipped(), end=end).moves
    assert moves, "nothing moves: choose another seed"
    rows = calibrated(worker_at(url, past, budget.EVERY + timedelta(hours=5)), connection)
    assert sorted((r.limit_name, r.was, r.value, r.found, r.patient_months, r.base) for r in rows) == sorted(
        (m.limit_name, m.was, m.value, m.found, m.patient_months, m.base) for m in moves
    )
    assert all(r.patient_months >= budget.LEAST_PATIENT_MONTHS for r in rows)
    [run] = stored.runs(connection, WARD)
    assert (run.moved, run.patients, run.author) == (len(moves), PATIENTS, "system")


def test_nothing_is_due_before_ninety_days_and_once_done_not_again(
    settled: Ward, connection: Connection
) -> None:
    url, past = settled
    assert calibrated(worker_at(url, past, budget.EVERY - timedelta(seconds=1)), connection) == []
    first = calibrated(worker_at(url, past, budget.EVERY), connection)
    assert first
    later = worker_at(url, past, budget.EVERY + timedelta(days=4))
    assert calibrated(later, connection) == first
    assert len(stored.runs(connection, WARD)) == 1


def test_two_workers_and_one_that_dies_half_way_move_a_threshold_once(
    settled: Ward, connection: Connection
) -> None:
    url, past = settled
    with connect(url, application="dies") as dying:
        doomed = worker_at(url, past, budget.EVERY)
        for _ in range(5):
            assert doomed._calibrator.step(dying)
        beside = worker_at(url, past, budget.EVERY)
        assert not beside._calibrator.step(connection)
        assert limits.calibration_history(connection, WARD) == []
    rows = calibrated(worker_at(url, past, budget.EVERY), connection)
    assert len({row.limit_name for row in rows}) == len(rows) > 0


def test_a_calibration_is_in_force_until_the_programme_has_another_number(
    settled: Ward, connection: Connection
) -> None:
    url, past = settled
    now = begun(past)[0].patient.enrolled_at + budget.EVERY
    patient_id = past[0].patient.patient_id
    row = calibrated(worker_at(url, past, budget.EVERY), connection)[0]
    used = gather(connection, shipped(), [patient_id], now)[patient_id].view.limits[row.limit_name]
    assert (used.value, used.layer) == (row.value, Layer.SITE)
    limits.calibrate(connection, replace(row, base=(row.base or 0) + 1, at=now))
    used = gather(connection, shipped(), [patient_id], now)[patient_id].view.limits[row.limit_name]
    assert used.layer is Layer.PROGRAMME


def test_news_is_evaluated_between_slices(settled: Ward, connection: Connection) -> None:
    url, past = settled
    worker = worker_at(url, past, budget.EVERY)
    now = begun(past)[0].patient.enrolled_at + budget.EVERY
    connection.execute("DELETE FROM evaluations_due")
    connection.execute("UPDATE evaluations_planned SET look_at = 'infinity'")
    worker._calibrator.step(connection)
    worker._calibrator.step(connection)
    said(
        connection,
        {Measure.SYSTOLIC: 120, Measure.DIASTOLIC: 70},
        now - timedelta(minutes=1),
        patient_id=past[0].patient.patient_id,
        device_id=DeviceId("one"),
    )
    job = worker._calibrator._job
    assert job is not None
    left = len(job.left)
    worker.turn(connection)
    assert connection.execute("SELECT count(*) FROM evaluations_due").fetchone() == (0,)
    assert left - len(job.left) <= calibration.SLICE


def test_a_calibration_leaves_nine_tenths_of_the_time_to_the_readings(
    settled: Ward, connection: Connection
) -> None:
    """By a stopwatch that goes on by a second at each look: a slice takes one, and rests for nine."""
    url, past = settled
    now = begun(past)[0].patient.enrolled_at + budget.EVERY
    seconds = count(0.0, 1.0)
    worker = Worker(
        AlertsSettings(database_url=url), shipped(), clock=lambda: now, stopwatch=lambda: next(seconds)
    )
    connection.execute("DELETE FROM evaluations_due")
    connection.execute("UPDATE evaluations_planned SET look_at = 'infinity'")
    worker.turn(connection)
    job = worker._calibrator._job
    assert job is not None, "the first step claims the ward"
    left = len(job.left)
    assert left > 6, "enough patients that the job is not done before the test is"
    for _ in range(44):
        worker.turn(connection)
    assert 3 <= left - len(job.left) <= 5
