"""What a patient typed in and takes back, on a real database: it counts no longer, and is not lost."""

from datetime import UTC, datetime, timedelta

from alerts import typed_in
from alerts.typed_in import BACK_WITHIN, SAYS_WRONG
from alerts.worker import evaluate_patient
from store import alerts as stored_alerts
from store import asks, corrections, decisions
from store import typed_in as stored
from store.connection import Connection
from tests.harness.said import pressure, said
from tests.harness.small_ward import ANNA, BERT
from vitals.ids import ReadingId, StaffId
from vitals.measure import Measure

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def type_in(connection: Connection, systolic: float, diastolic: float, at: datetime) -> ReadingId:
    return stored.add(connection, ANNA, {Measure.SYSTOLIC: systolic, Measure.DIASTOLIC: diastolic}, at)


def standings(connection: Connection, reading_id: ReadingId) -> set[str]:
    rows = connection.execute("SELECT standing FROM observations WHERE reading_id = %s", (reading_id,))
    return {row[0] for row in rows.fetchall()}


def test_what_is_taken_back_counts_no_longer_and_its_question_waits_again(connection: Connection) -> None:
    said(connection, pressure(186, 104), T0)
    evaluate_patient(connection, ANNA, T0 + MINUTE)
    [asked] = asks.open_of(connection, ANNA, T0 + 2 * MINUTE)
    slip = type_in(connection, 141, 84, T0 + 5 * MINUTE)
    evaluate_patient(connection, ANNA, T0 + 6 * MINUTE)
    assert asks.open_of(connection, ANNA, T0 + 6 * MINUTE) == []
    assert typed_in.take_back(connection, ANNA, slip, T0 + 7 * MINUTE)
    evaluate_patient(connection, ANNA, T0 + 8 * MINUTE)
    assert [one.ask_id for one in asks.open_of(connection, ANNA, T0 + 9 * MINUTE)] == [asked.ask_id]
    assert standings(connection, slip) == {"excluded"}
    [word] = corrections.history(connection, slip)
    assert (word.author, word.kind, word.reason) == ("patient", "excluded", SAYS_WRONG)
    again = type_in(connection, 141, 84, T0 + 7 * MINUTE + timedelta(seconds=20))
    assert again != slip, "the same numbers, typed anew, are meant"
    evaluate_patient(connection, ANNA, T0 + 10 * MINUTE)
    assert asks.open_of(connection, ANNA, T0 + 11 * MINUTE) == []


def test_an_alert_of_what_is_taken_back_holds_no_longer_but_waits_for_the_nurse(
    connection: Connection,
) -> None:
    slips = [type_in(connection, 195, 118, T0), type_in(connection, 196, 119, T0 + 6 * MINUTE)]
    evaluate_patient(connection, ANNA, T0 + 7 * MINUTE)
    raised = [one for one in stored_alerts.of_patient(connection, ANNA) if one.rule == "bp_crisis"]
    assert [alert.cleared_at for alert in raised] == [None]
    for slip in slips:
        assert typed_in.take_back(connection, ANNA, slip, T0 + 8 * MINUTE)
    evaluate_patient(connection, ANNA, T0 + 9 * MINUTE)
    [alert] = [one for one in stored_alerts.of_patient(connection, ANNA) if one.rule == "bp_crisis"]
    assert alert.cleared_at is not None
    assert alert.closed_at is None
    undo = decisions.Says(
        reading_id=slips[0], patient_id=ANNA, by=StaffId("s-sara"), reason="She rang", at=T0 + 10 * MINUTE
    )
    [word] = corrections.history(connection, slips[0])
    assert decisions.undo(connection, undo, word.correction_id) is decisions.Answer.DONE
    assert standings(connection, slips[0]) == {"accepted"}
    assert not typed_in.take_back(connection, ANNA, slips[0], T0 + 11 * MINUTE), "the nurse's word stands"


def test_only_what_they_typed_in_lately_themselves_is_a_patients_to_take_back(connection: Connection) -> None:
    measured = said(connection, pressure(141, 84), T0)
    typed = type_in(connection, 142, 85, T0 + 2 * MINUTE)
    assert not typed_in.take_back(connection, ANNA, measured, T0 + 3 * MINUTE)
    assert not typed_in.take_back(connection, BERT, typed, T0 + 3 * MINUTE)
    assert not typed_in.take_back(connection, ANNA, typed, T0 + 2 * MINUTE + BACK_WITHIN)
    [one] = typed_in.lately(connection, ANNA, T0 + 3 * MINUTE)
    assert (one.reading_id, one.is_open, one.is_taken_back) == (typed, True, False)
    right = decisions.Says(
        reading_id=typed, patient_id=ANNA, by=StaffId("s-sara"), reason="Asked", at=T0 + 4 * MINUTE
    )
    decisions.release(connection, right)
    assert not typed_in.take_back(connection, ANNA, typed, T0 + 5 * MINUTE)
    assert standings(connection, measured) == standings(connection, typed) == {"accepted"}
