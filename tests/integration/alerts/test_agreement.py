"""Live and backtest agree, alert for alert, on a simulated ward of ninety days."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from alerts import actions
from alerts.book.rulebook import Rulebook
from alerts.history import backtest
from alerts.history.replay import History
from alerts.history.track import Call as ReplayCall
from alerts.worker import evaluate_patient
from simulators.cohort import Task, make
from simulators.cohort_laws import LAW_B
from store import alerts as stored
from store import pilots, weekly
from store.connection import Connection, connect
from tests.harness.piloted import piloted
from tests.harness.simulated_ward import settle
from tests.harness.small_ward import WARD
from vitals.alert import Outcome
from vitals.alert_event import PriorityRaised, Raised
from vitals.ids import PatientId, StaffId
from vitals.message import Message

DAYS = 90
ANSWERED_AFTER = timedelta(days=1)
NURSE = StaffId("nurse")

PILOTS = """
[[pilots]]
id = "fall_10"
of = "bp_low_trend"
limits = { systolic_fall = 12 }
source = "The agreement of live and backtest"
author = "Test"

[[pilots]]
id = "rise_quick"
of = "bp_high_3d"
limits = { systolic_rise = 11 }
change = { rearm_days = 2 }
source = "The agreement of live and backtest"
author = "Test"
"""

Call = tuple[str, str, datetime, str, str]


@pytest.fixture
def ward(database_url: str) -> Iterator[Connection]:
    with connect(database_url, application="test") as connection:
        yield connection


@pytest.mark.parametrize(
    ("task", "seed"), [(Task.HEART_FAILURE, 4), (Task.BLOOD_PRESSURE, 5), (Task.COPD, 5)]
)
def test_live_and_backtest_agree_alert_for_alert(
    ward: Connection, task: Task, seed: int, tmp_path: Path
) -> None:
    book = piloted(tmp_path / "programmes", PILOTS, "pressure_trends")
    [history] = settle(ward, make(task, LAW_B, seed=seed, patients=1, days=DAYS))
    end = history.readings[-1].at
    result = _backtested(history, end, book)
    expected = _calls(result.calls)
    assert len(expected) >= 3, "a quiet cohort proves nothing: choose another seed"
    assert _lived(ward, history, end, book) == expected
    assert _would_be(ward, book) == sorted(
        (call.breach.rule, call.at) for _, call in result.pilots if call.is_new
    )
    assert _lines(ward) == [(line.week, line.rule, line.days, line.message) for line in result.lines]
    if task is Task.BLOOD_PRESSURE:
        assert len(result.pilots) >= 2, "no pilot spoke: choose another seed"
        assert len(result.lines) >= 3, "nothing was on the weekly list: choose another seed"


def _calls(calls: Sequence[tuple[PatientId, ReplayCall]]) -> list[Call]:
    return [
        (str(patient_id), call.breach.rule, call.at, call.breach.priority.value, call.alert.reason)
        for patient_id, call in calls
    ]


def _would_be(connection: Connection, book: Rulebook) -> list[tuple[str, datetime]]:
    return sorted(
        (one.rule, one.alert.raised_at)
        for pilot in book.pilots()
        for one in pilots.raised(connection, WARD, pilot.rule.id, pilot.fingerprint)
    )


def _lines(connection: Connection) -> list[tuple[date, str, int, Message]]:
    return [
        (week.week, line.rule, line.days, line.said)
        for week in reversed(weekly.weeks(connection, WARD))
        for line in weekly.listed(connection, WARD, week.week)
    ]


def _backtested(history: History, end: datetime, book: Rulebook) -> backtest.Result:
    return backtest.replay(
        [history], book, end=end, calibrate=False, answered_after=ANSWERED_AFTER, beside=True
    )


def _lived(connection: Connection, history: History, end: datetime, book: Rulebook) -> list[Call]:
    """The same readings out of the database, evaluated as the worker does, with the same played nurse."""
    who = history.patient
    calls: list[Call] = []
    arrivals = [m.at for m in history.readings]
    look = who.enrolled_at
    while True:
        now = min([look, *arrivals[:1]])
        if now > end:
            return calls
        arrivals = [at for at in arrivals if at > now]
        _play_the_nurse(connection, who.patient_id, now)
        for change in evaluate_patient(connection, who.patient_id, now, book):
            if isinstance(change.what, Raised | PriorityRaised):
                breach = change.what.breach
                calls.append((who.patient_id, breach.rule, now, breach.priority.value, change.alert.reason))
        row = connection.execute("SELECT look_at FROM evaluations_planned").fetchone()
        assert row is not None
        look = row[0]


def _play_the_nurse(connection: Connection, patient_id: PatientId, now: datetime) -> None:
    for alert in stored.of_patient(connection, patient_id):
        if alert.closed_at is None and now >= alert.raised_at + ANSWERED_AFTER:
            actions.close(
                connection, alert.alert_id, rev=alert.rev, actor=NURSE, now=now, outcome=Outcome.ACTED
            )
