"""What the quarantine page says of held and refused readings."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alerts.readings.measured import HeldFor
from dashboard.views import quarantine
from dashboard.views.quarantine import (
    REASONS,
    Show,
    Waiting,
    held_after,
    held_item,
    refused_after,
    values_in_words,
)
from dashboard.words import catalogue
from ingest.rejection import Reason
from store.corrections import SYSTEM
from store.held import HeldReading
from vitals.ids import DeviceId, PatientId, ReadingId, StaffId
from vitals.measure import Measure

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


def held(reason: str | None, author: str | None) -> HeldReading:
    return HeldReading(
        reading_id=ReadingId("r-1"), patient_id=PatientId("p-1"), given_name="Dorothy", family_name="Rahman",
        record_number="MRN-1", measured_at=NOW, received_at=NOW, measured={Measure.WEIGHT: 98.4},
        before={Measure.WEIGHT: 80.2}, device_id=DeviceId("d-1"), reason=reason, author=author, held_at=NOW,
    )  # fmt: skip


def test_every_reason_has_words_and_advice_in_both_languages() -> None:
    assert set(REASONS) == set(Reason)
    assert set(quarantine._HELD) == set(HeldFor)
    said = [text for pair in (*REASONS.values(), *quarantine._HELD.values()) for text in pair]
    assert [text for text in said if text not in catalogue("es")] == []


def test_a_check_speaks_in_words_and_a_person_in_their_own() -> None:
    assert held_item(held("unit_flip", SYSTEM), {})["reason"] == "Perhaps pounds instead of kilograms"
    own = held_item(held("Ask him on Monday", "s-1"), {StaffId("s-1"): "Sara Lind"})
    assert (own["reason"], own["detail"]) == ("Held by a person", "Sara Lind: Ask him on Monday")
    assert held_item(held(None, None), {})["reason"] == "Held for a check"


def test_the_patients_own_word_stands_with_the_reading() -> None:
    """Who decides about it must not overlook that the patient has said whose it is."""
    doubted = held("implausible_jump", SYSTEM)
    asked = replace(doubted, asked_at=NOW)
    assert held_item(doubted, {})["patient_says"] is None
    unanswered = "The patient was asked whether this was them: not answered yet"
    assert held_item(asked, {})["patient_says"] == unanswered
    assert held_item(replace(asked, answer="yes"), {})["patient_says"] == "The patient says: this was me"
    assert held_item(replace(asked, answer="no"), {})["patient_says"] == "The patient says: not me"
    assert held_item(replace(asked, answer="settled"), {})["patient_says"] is None


def test_values_have_names_and_units_and_the_pressures_stay_together() -> None:
    values = {Measure.HEART_RATE: 71.0, Measure.DIASTOLIC: 82.0, Measure.SYSTOLIC: 128.0}
    assert values_in_words(values) == ["Blood pressure 128/82 mmHg", "Heart rate 71 bpm"]
    assert values_in_words({Measure.SYSTOLIC: 128.0}) == ["Systolic pressure 128 mmHg"]


@pytest.mark.parametrize(
    ("waiting", "wanted", "opened"),
    [
        (Waiting(held=2, refused={"empty": 1}), None, Show.HELD),
        (Waiting(held=0, refused={"empty": 1}), None, Show.REFUSED),
        (Waiting(held=0, refused={}), None, Show.HELD),
        (Waiting(held=0, refused={"empty": 1}), "held", Show.HELD),
        (Waiting(held=2, refused={}), "nonsense", Show.HELD),
    ],
)
def test_the_half_in_which_something_waits_is_open(waiting: Waiting, wanted: object, opened: Show) -> None:
    assert waiting.opened(wanted) is opened


@pytest.mark.parametrize(
    "cursor", [None, [], ["yesterday", 3], ["2026-11-25T09:30:00+00:00"], [3, "r-1"], "x"]
)
def test_a_cursor_that_is_none_begins_at_the_first_page(cursor: object) -> None:
    assert refused_after(cursor) is None
    assert held_after(cursor) is None
