"""The patient's words: short, plain, the same in both languages, and kind about mistakes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import textstat

from dashboard.views.me import KINDS, content, fields, target_words, tasks, today_words
from store.population import ChartReading
from vitals.ids import ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ENGLISH = content("en")


def sentences() -> list[str]:
    said = ENGLISH
    asks = [word for one in said.measures.values() for word in (one.ask, one.tip, one.add + ".")]
    signs = [f"Call us if you {sign}." for sign in said.help_now.signs]
    page = [words if words.endswith(".") else words + "." for words in said.page.values() if "{" not in words]
    return [*asks, *signs, said.help_now.close, said.watch.not_watched, *page]


def test_a_child_of_nine_can_read_the_page() -> None:
    words = " ".join(sentences())
    # Both grades count letters and words, and need no dictionary; grade 3 is eight to nine years of age.
    assert textstat.automated_readability_index(words) <= 3
    assert textstat.coleman_liau_index(words) <= 3
    assert textstat.mcalpine_eflaw(words) <= 15


def test_no_sentence_is_long() -> None:
    for text in sentences():
        for sentence in text.split(". "):
            assert len(sentence.split()) <= 20, sentence


def test_both_languages_say_the_same_things() -> None:
    spanish = content("es-MX")
    assert spanish is content("es")
    assert set(spanish.page) == set(ENGLISH.page)
    assert set(spanish.measures) == set(ENGLISH.measures) == set(KINDS)
    for key, words in ENGLISH.page.items():
        places = [part.split("}")[0] for part in words.split("{")[1:]]
        assert sorted(places) == sorted(part.split("}")[0] for part in spanish.page[key].split("{")[1:]), key


def test_an_unknown_language_is_english_and_words_have_an_owner_and_a_version() -> None:
    assert content("pl") is not content("es")
    assert content("pl").page == ENGLISH.page
    assert ENGLISH.version >= 1
    assert ENGLISH.owner


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "Type in your weight as a number, like 72.5."),
        ("heavy", "Type in your weight as a number, like 72.5."),
        ("725", "Check your weight: 725 cannot be right."),
        ("nan", "Check your weight: nan cannot be right."),
    ],
)
def test_a_mistake_is_told_with_what_to_do(typed: str, problem: str) -> None:
    (field,), values = fields("weight", {"weight": typed}, ENGLISH)
    assert field.problem == problem
    assert field.value == typed
    assert values == {}


def test_a_comma_is_a_decimal_point_too() -> None:
    assert fields("weight", {"weight": " 72,5 "}, ENGLISH)[1] == {Measure.WEIGHT: 72.5}


def test_the_bottom_number_must_be_less_than_the_top_number() -> None:
    drawn, values = fields("blood_pressure", {"systolic": "80", "diastolic": "120"}, ENGLISH)
    assert values == {}
    assert drawn[1].problem == "The bottom number must be less than the top number."


def reading(measure: Measure, value: float, hours_ago: float, *flags: Quality) -> ChartReading:
    at = NOW - timedelta(hours=hours_ago)
    return ChartReading(
        measure=measure,
        measured_at=at,
        received_at=at,
        value=value,
        reading_id=ReadingId(f"r-{hours_ago}"),
        quality=frozenset(flags),
        standing=Standing.ACCEPTED,
    )


def test_todays_reading_is_a_receipt_and_yesterdays_is_not() -> None:
    readings = [reading(Measure.WEIGHT, 80.2, 30), reading(Measure.SYSTOLIC, 131, 2, Quality.MANUAL)]
    readings.append(reading(Measure.DIASTOLIC, 79, 2))
    found = {task.key: task for task in tasks(["heart_failure"], readings, {}, ENGLISH, NOW, ZoneInfo("UTC"))}
    assert found["weight"].value is None
    assert (found["blood_pressure"].value, found["blood_pressure"].at) == ("131/79", "10:00")
    assert found["blood_pressure"].typed


def test_targets_are_plain_words() -> None:
    limits = {"systolic_stage2": 160.0, "diastolic_stage2": 100.0, "spo2_low": 92.0, "heart_rate_low": 49.0}
    limits["heart_rate_high"] = 111.0
    assert target_words("blood_pressure", limits, ENGLISH) == "under 160/100"
    assert target_words("spo2", limits, ENGLISH) == "93 or more"
    assert target_words("heart_rate", limits, ENGLISH) == "50 to 110"
    assert target_words("weight", limits, ENGLISH) is None


def test_the_day_is_the_patients_own() -> None:
    late = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    assert today_words(late, ZoneInfo("Europe/Madrid"), "es", content("es")) == "Hoy, miércoles 11 marzo"
