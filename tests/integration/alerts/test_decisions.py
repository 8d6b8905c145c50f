"""What a person decides on a reading is what the rules see of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.worker import evaluate_patient
from store import alerts, corrections, decisions, readings
from store.connection import Connection
from store.decisions import Answer, Says
from tests.harness.said import pressure, said
from tests.harness.small_ward import ANNA, BERT
from vitals.ids import ReadingId, StaffId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def word(reading_id: ReadingId) -> Says:
    return Says(
        reading_id=reading_id,
        patient_id=ANNA,
        by=StaffId("s-1"),
        reason="asked by phone",
        at=T0 + 13 * MINUTE,
    )


def crisis(connection: Connection) -> list[ReadingId]:
    """A high pressure of Anna's and its repeat: together they would raise an alert."""
    for patient_id in (ANNA, BERT):  # so that neither is silent
        said(connection, pressure(126, 76), T0 - timedelta(hours=1), patient_id=patient_id)
    return [said(connection, pressure(186, 104), T0), said(connection, pressure(184, 102), T0 + 12 * MINUTE)]


each_decision = pytest.mark.parametrize(
    "decide",
    [
        decisions.exclude,
        decisions.hold,
        lambda connection, says: decisions.give(connection, says, BERT),
        lambda connection, says: decisions.correct(connection, says, Measure.SYSTOLIC, 124.0),
    ],
    ids=["excluded", "held", "given away", "corrected"],
)


@each_decision
def test_what_a_person_took_back_raises_nothing(
    connection: Connection, decide: Callable[[Connection, Says], Answer]
) -> None:
    for reading_id in crisis(connection):
        assert decide(connection, word(reading_id)) is Answer.DONE
    assert evaluate_patient(connection, ANNA, T0 + 40 * MINUTE) == []


@pytest.mark.parametrize(
    "decide",
    [
        decisions.exclude,
        lambda connection, says: decisions.give(connection, says, BERT),
        lambda connection, says: decisions.correct(connection, says, Measure.SYSTOLIC, 124.0),
    ],
    ids=["excluded", "given away", "corrected"],
)
def test_an_open_alert_says_that_its_readings_were_taken_back_and_speaks_of_what_comes_then(
    connection: Connection, decide: Callable[[Connection, Says], Answer]
) -> None:
    pair = crisis(connection)
    [raised] = evaluate_patient(connection, ANNA, T0 + 13 * MINUTE)
    for reading_id in pair:
        assert decide(connection, word(reading_id)) is Answer.DONE
    [cleared] = evaluate_patient(connection, ANNA, T0 + 40 * MINUTE)
    assert cleared.alert.alert_id == raised.alert.alert_id
    stored = alerts.get(connection, raised.alert.alert_id)
    assert stored is not None
    assert stored.is_withdrawn
    assert stored.closed_at is None
    assert evaluate_patient(connection, ANNA, T0 + 41 * MINUTE) == []
    for minute in (50, 55):
        said(connection, pressure(191, 104), T0 + minute * MINUTE)
    [again] = evaluate_patient(connection, ANNA, T0 + 56 * MINUTE)
    assert "191/104" in again.alert.reason
    assert not again.alert.is_withdrawn


def test_an_open_alert_speaks_of_the_value_that_was_set_right(connection: Connection) -> None:
    pair = crisis(connection)
    [raised] = evaluate_patient(connection, ANNA, T0 + 13 * MINUTE)
    assert decisions.correct(connection, word(pair[0]), Measure.SYSTOLIC, 224.0) is Answer.DONE
    [change] = evaluate_patient(connection, ANNA, T0 + 40 * MINUTE)
    stored = alerts.get(connection, raised.alert.alert_id)
    assert stored == change.alert
    assert "224/104" in stored.reason


def test_what_a_person_released_counts_again_and_what_nobody_doubted_always_did(
    connection: Connection,
) -> None:
    for reading_id in crisis(connection):
        decisions.hold(connection, word(reading_id))
        decisions.release(connection, word(reading_id))
    [change] = evaluate_patient(connection, ANNA, T0 + 40 * MINUTE)
    assert change.alert.rule == "bp_crisis"


def test_a_device_that_no_recording_proves_raises_only_what_a_nurse_confirmed(connection: Connection) -> None:
    said(connection, pressure(126, 76), T0 - timedelta(hours=1))
    unproven = frozenset({Quality.EXPERIMENTAL})
    high = [
        said(connection, pressure(186, 104), at, quality=unproven, standing=Standing.HELD)
        for at in (T0, T0 + 12 * MINUTE)
    ]
    assert evaluate_patient(connection, ANNA, T0 + 40 * MINUTE) == []
    for reading_id in high:
        assert decisions.release(connection, word(reading_id)) is Answer.DONE
    [change] = evaluate_patient(connection, ANNA, T0 + 41 * MINUTE)
    assert change.alert.rule == "bp_crisis"


def test_a_reading_given_to_another_patient_counts_there(connection: Connection) -> None:
    for reading_id in crisis(connection):
        decisions.give(connection, word(reading_id), BERT)
    [change] = evaluate_patient(connection, BERT, T0 + 40 * MINUTE)
    assert change.alert.patient_id == BERT
    assert len(readings.of_patient(connection, BERT, since=T0)) == 2


@each_decision
def test_a_decision_that_was_taken_back_leaves_the_original_and_its_alert(
    connection: Connection, decide: Callable[[Connection, Says], Answer]
) -> None:
    reading_ids = crisis(connection)
    before = observed(connection)
    for reading_id in reading_ids:
        assert decide(connection, word(reading_id)) is Answer.DONE
    assert observed(connection) != before
    assert evaluate_patient(connection, ANNA, T0 + 40 * MINUTE) == []
    for reading_id in reading_ids:
        assert decisions.undo(connection, word(reading_id)) is Answer.DONE
        assert decisions.undo(connection, word(reading_id)) is Answer.NOT_LAST
    assert observed(connection) == before
    [change] = evaluate_patient(connection, ANNA, T0 + 41 * MINUTE)
    assert change.alert.rule == "bp_crisis"


def test_only_the_last_word_on_a_reading_is_taken_back(connection: Connection) -> None:
    first, _ = crisis(connection)
    assert decisions.hold(connection, word(first)) is Answer.DONE
    held = corrections.history(connection, first)[-1].correction_id
    other = replace(word(first), by=StaffId("s-2"))
    assert decisions.exclude(connection, other) is Answer.DONE
    assert decisions.undo(connection, word(first), held) is Answer.NOT_LAST
    assert decisions.undo(connection, word(first)) is Answer.NOT_LAST  # the last is somebody else's
    assert decisions.undo(connection, other) is Answer.DONE
    assert decisions.undo(connection, word(first), held) is Answer.DONE
    assert [one.kind for one in corrections.history(connection, first)] == [
        "held", "excluded", "undone", "undone",
    ]  # fmt: skip


def observed(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute(
        "SELECT reading_id, patient_id, measure, value, standing FROM observations ORDER BY 1, 3"
    ).fetchall()
