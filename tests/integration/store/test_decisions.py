"""A person sets a reading right: the original is kept, and the rules are asked again from that instant on."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from store import corrections, decisions, observations, readings
from store.connection import Connection, transaction
from store.decisions import Answer, Says
from store.errors import DataRefused
from store.readings import AdmittedReading
from tests.harness.small_ward import ANNA, BERT, CUFF, HOME
from vitals.ids import PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Reading

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
READING = ReadingId("r1")


@pytest.fixture(autouse=True)
def one_reading(connection: Connection) -> None:
    """Anna's 128/79 at noon, evaluated already."""
    one = AdmittedReading(
        reading=Reading(
            reading_id=READING,
            device_id=CUFF,
            profile="ble_blood_pressure",
            measured_at=NOON,
            received_at=NOON,
            values={Measure.SYSTOLIC: 128.0, Measure.DIASTOLIC: 79.0},
            raw=b"\x16\x80",
        ),
        patient_id=ANNA,
        gateway_id=HOME,
        outbox_epoch="e1",
        outbox_seq=1,
    )
    with transaction(connection):
        readings.store(connection, [one], now=NOON)
    connection.execute("DELETE FROM evaluations_due")


def says(*, patient_id: PatientId = ANNA, by: str = "s-1", reason: str = "asked by phone") -> Says:
    return Says(reading_id=READING, patient_id=patient_id, by=by, reason=reason, at=LATER)


def due(connection: Connection) -> list[tuple[str, datetime]]:
    return connection.execute("SELECT patient_id, earliest_at FROM evaluations_due ORDER BY 1").fetchall()


def values(connection: Connection, patient_id: PatientId) -> list[float]:
    return [o.value for o in observations.history(connection, patient_id, since=NOON)]


def test_an_excluded_reading_counts_for_nothing_and_can_come_back(connection: Connection) -> None:
    assert decisions.exclude(connection, says()) is Answer.DONE
    assert values(connection, ANNA) == []
    assert due(connection) == [(ANNA, NOON)]
    assert decisions.exclude(connection, says(by="s-2")) is Answer.AS_BEFORE
    assert decisions.release(connection, says(reason="it was right")) is Answer.DONE
    assert values(connection, ANNA) == [79.0, 128.0]
    story = [(c.kind, c.author, c.reason) for c in corrections.history(connection, READING)]
    assert story == [
        ("excluded", "s-1", "asked by phone"),
        ("excluded", "s-2", "asked by phone"),
        ("released", "s-1", "it was right"),
    ]


def test_a_held_reading_waits_and_a_release_is_a_persons_word(connection: Connection) -> None:
    assert decisions.hold(connection, says()) is Answer.DONE
    held = observations.of_readings(connection, [READING])
    assert {o.standing for o in held} == {Standing.HELD}
    decisions.release(connection, says())
    words = corrections.words(connection, [ANNA])[ANNA]
    assert [(word.reading_id, word.decided) for word in words] == [
        (READING, Standing.HELD),
        (READING, Standing.ACCEPTED),
    ]
    assert values(connection, ANNA) == [79.0, 128.0]


def test_a_corrected_value_replaces_the_old_one_and_the_old_one_is_kept(connection: Connection) -> None:
    assert decisions.correct(connection, says(), Measure.SYSTOLIC, 138.0) is Answer.DONE
    assert values(connection, ANNA) == [79.0, 138.0]
    (kept,) = corrections.history(connection, READING)
    assert (kept.measure, kept.was, kept.value) == (Measure.SYSTOLIC, 128.0, 138.0)
    assert due(connection) == [(ANNA, NOON)]


def test_a_correction_never_leaves_a_pressure_that_cannot_be(connection: Connection) -> None:
    assert decisions.correct(connection, says(), Measure.SYSTOLIC, 79.0) is Answer.CROSSED
    assert decisions.correct(connection, says(), Measure.DIASTOLIC, 130.0) is Answer.CROSSED
    assert corrections.history(connection, READING) == []
    assert decisions.correct(connection, says(), Measure.DIASTOLIC, 60.0) is Answer.DONE
    assert decisions.correct(connection, says(), Measure.SYSTOLIC, 79.0) is Answer.DONE
    assert values(connection, ANNA) == [60.0, 79.0]


def test_a_corrected_value_that_cannot_be_physiology_changes_nothing(connection: Connection) -> None:
    assert decisions.correct(connection, says(), Measure.SYSTOLIC, 1380.0) is Answer.IMPLAUSIBLE
    assert decisions.correct(connection, says(), Measure.WEIGHT, 80.0) is Answer.NOT_THEIRS
    assert values(connection, ANNA) == [79.0, 128.0]
    assert corrections.history(connection, READING) == []
    assert due(connection) == []


def test_a_reading_given_to_another_patient_is_evaluated_for_both(connection: Connection) -> None:
    assert decisions.give(connection, says(reason="not me"), BERT) is Answer.DONE
    assert (values(connection, ANNA), values(connection, BERT)) == ([], [79.0, 128.0])
    assert due(connection) == [(ANNA, NOON), (BERT, NOON)]
    assert [r.reading_id for r in readings.of_patient(connection, BERT, since=NOON)] == [READING]
    (kept,) = corrections.history(connection, READING)
    assert (kept.patient_id, kept.to_patient_id) == (ANNA, BERT)


def test_who_comes_second_finds_the_reading_gone(connection: Connection) -> None:
    decisions.give(connection, says(), BERT)
    assert decisions.give(connection, says(by="s-2"), BERT) is Answer.NOT_THEIRS
    assert decisions.exclude(connection, says(by="s-2")) is Answer.NOT_THEIRS
    assert decisions.correct(connection, says(by="s-2"), Measure.SYSTOLIC, 130.0) is Answer.NOT_THEIRS
    assert decisions.give(connection, says(patient_id=BERT), BERT) is Answer.AS_BEFORE
    assert len(corrections.history(connection, READING)) == 1


def test_a_patient_who_does_not_exist_changes_nothing(connection: Connection) -> None:
    with pytest.raises(DataRefused), transaction(connection):
        decisions.give(connection, says(), PatientId("nobody"))
    assert values(connection, ANNA) == [79.0, 128.0]


def test_a_replay_of_a_corrected_reading_does_not_bring_the_old_value_back(connection: Connection) -> None:
    decisions.correct(connection, says(), Measure.SYSTOLIC, 138.0)
    decisions.give(connection, says(), BERT)
    again = AdmittedReading(
        reading=Reading(
            reading_id=READING,
            device_id=CUFF,
            profile="ble_blood_pressure",
            measured_at=NOON,
            received_at=LATER,
            values={Measure.SYSTOLIC: 128.0, Measure.DIASTOLIC: 79.0},
        ),
        patient_id=ANNA,
    )
    with transaction(connection):
        assert readings.store(connection, [again], now=LATER) == set()
    assert (values(connection, ANNA), values(connection, BERT)) == ([], [79.0, 138.0])


def test_a_correction_is_never_rewritten(connection: Connection) -> None:
    decisions.exclude(connection, says())
    for statement in ("UPDATE corrections SET reason = 'none'", "DELETE FROM corrections"):
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute(statement)  # type: ignore[arg-type]
