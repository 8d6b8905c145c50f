"""The ledger's rows on a real database: what was raised, when people acted, how long people were watched."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts import actions, record
from alerts.reconcile import Step
from runtime.clock import utc_now
from store import alerts, burden, pauses, reports
from store.connection import Connection, transaction
from tests.harness.notified import breach
from tests.harness.processes import RunningCommand
from tests.harness.small_ward import ANNA, BERT, ENROLLED, WARD
from vitals.alert import Outcome, Priority
from vitals.alert_event import PriorityRaised, Raised
from vitals.ids import AlertId, StaffId
from vitals.message import Message

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NURSE = StaffId("nurse-1")


def raised(connection: Connection, at: datetime, rule: str = "spo2_low") -> AlertId:
    said = replace(breach(at=at), rule=rule, problem=rule, message=Message(key="device_pairing"))
    what = Raised(patient_id=ANNA, breach=said, due_at=at)
    with transaction(connection):
        [change] = record.record(connection, [Step(alert=None, what=what)], at)
    return change.alert.alert_id


def test_a_row_says_when_a_person_first_acted_and_what_came_of_it(connection: Connection) -> None:
    alert_id = raised(connection, T0)
    actions.acknowledge(connection, alert_id, rev=1, actor=NURSE, now=T0 + 5 * MINUTE)
    actions.escalate(connection, alert_id, rev=2, actor=StaffId("system"), now=T0 + 6 * MINUTE, to="lead")
    actions.note(connection, alert_id, rev=3, actor=NURSE, now=T0 + 9 * MINUTE, text="called")
    actions.close(connection, alert_id, rev=4, actor=NURSE, now=T0 + DAY, outcome=Outcome.EXPECTED)
    raised(connection, T0 + 2 * DAY)
    raised(connection, T0 - DAY, "before")
    first, second = burden.rows(connection, WARD, T0, T0 + 30 * DAY)
    assert first.acknowledged_at == T0 + 5 * MINUTE
    assert first.acted_at == T0 + 9 * MINUTE
    assert (first.outcome, first.closed_by_person) == (Outcome.EXPECTED, True)
    assert (second.acted_at, second.outcome, second.closed_by_person) == (None, None, False)
    assert burden.rows(connection, "elsewhere", T0, T0 + 30 * DAY) == []


def test_an_alert_that_grew_worse_was_seen_when_it_was_first_seen_unless_that_was_undone(
    connection: Connection,
) -> None:
    alert_id = raised(connection, T0)
    actions.acknowledge(connection, alert_id, rev=1, actor=NURSE, now=T0 + 2 * MINUTE)
    actions.undo(connection, alert_id, rev=2, actor=NURSE, now=T0 + 3 * MINUTE)
    actions.acknowledge(connection, alert_id, rev=3, actor=NURSE, now=T0 + 5 * MINUTE)
    actions.note(connection, alert_id, rev=4, actor=NURSE, now=T0 + 9 * MINUTE, text="called")
    said = Message(key="device_pairing")
    worse = replace(breach(at=T0 + 20 * MINUTE), rule="spo2_low", problem="spo2_low", message=said)
    grown = PriorityRaised(breach=worse, was=Priority.MEDIUM, due_at=T0 + 30 * MINUTE)
    [open_one] = alerts.of_patient(connection, ANNA)
    with transaction(connection):
        record.record(connection, [Step(alert=open_one, what=grown)], T0 + 20 * MINUTE)
    actions.acknowledge(connection, alert_id, rev=6, actor=NURSE, now=T0 + 60 * MINUTE)
    [row] = burden.rows(connection, WARD, T0, T0 + DAY)
    assert (row.acknowledged_at, row.acted_at) == (T0 + 5 * MINUTE, T0 + 9 * MINUTE)
    [line] = reports.by_rule(connection, WARD, T0, T0 + DAY)
    assert line.median_to_seen == 5 * MINUTE


def test_patients_count_from_their_enrolment_and_not_while_they_pause(connection: Connection) -> None:
    since = ENROLLED - 10 * DAY
    assert burden.patient_days(connection, WARD, since, ENROLLED + 5 * DAY) == pytest.approx(10)
    for patient_id, begin, end in ((ANNA, 1, 3), (ANNA, 2, 4), (BERT, -3, 1), (BERT, 4, 9)):
        pauses.add(
            connection,
            patient_id,
            reason="holiday",
            author="nurse-1",
            starts_at=ENROLLED + begin * DAY,
            ends_at=ENROLLED + end * DAY,
        )
    assert burden.patient_days(connection, WARD, since, ENROLLED + 5 * DAY) == pytest.approx(2 + 3)
    assert burden.patient_days(connection, WARD, since, ENROLLED - DAY) == 0


def test_the_command_prints_the_ledger_and_names_the_limits_to_review(
    connection: Connection, database_url: str, start_command: Callable[..., RunningCommand]
) -> None:
    now = utc_now()
    for days in (20, 12, 3):
        at = now - days * DAY
        alert_id = raised(connection, at, "copd_trend")
        actions.close(connection, alert_id, rev=1, actor=NURSE, now=at + DAY, outcome=Outcome.NO_ACTION)
    command = start_command("burden", environment={"HEARTHWARD_DATABASE_URL": database_url})
    assert command.process.wait(timeout=30) == 0
    assert "3 alerts in" in command.log
    assert f"patient {ANNA}: copd_trend opened 3 times" in command.log
    assert "Ashdown" not in command.log
