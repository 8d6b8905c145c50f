"""The patient's words: short, plain, the same in both languages, and kind about mistakes."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import textstat

import dashboard
from alerts.book import texts
from alerts.clinic.patient_words import Content, shipped
from dashboard.views.me import KINDS, paused_words, target_words, tasks, today_words
from dashboard.views.me_asks import next_step
from dashboard.views.me_fields import fields
from dashboard.views.me_typed_in import receipt_of, taken_back_words
from store.population import ChartReading, PatientFile
from store.typed_in import TypedIn
from vitals.ask import Ask, AskKind, Wanted
from vitals.ids import PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
WORDS = shipped()
ENGLISH = WORDS.of("en")
PATIENT_FILE = PatientFile(
    patient_id="p",
    given_name="Anna",
    family_name="Ashdown",
    sex="female",
    birth_date=date(1945, 1, 1),
    record_number="1",
    time_zone="Europe/London",
    language="en",
    interpreter=False,
    phone=None,
    email=None,
    allergies=None,
    conditions=[],
    medicines=[],
    enrolled_at=NOW,
    discharged_at=None,
    programmes=[],
    pause_reason=None,
    pause_ends_at=None,
)


def every_text(content: Content) -> dict[str, str]:
    """All that a patient can read, by its place in the file; what only names the file's owner is left out."""

    def walk(tree: object, place: str) -> Iterator[tuple[str, str]]:
        if isinstance(tree, dict):
            for name, inner in tree.items():
                yield from walk(inner, f"{place}.{name}" if place else str(name))
        elif isinstance(tree, tuple | list):
            for number, inner in enumerate(tree):
                if isinstance(inner, str):
                    yield f"{place}.{number}", f"Call if you {inner}."
        elif isinstance(tree, str):
            yield place, tree

    not_read = ("owner", "approved_by", "language", "clinic.phone", "page.other_language")
    return {place: text for place, text in walk(content.model_dump(), "") if place not in not_read}


def sentences(group: str, language: str = "en") -> list[str]:
    """Each text of a group as a sentence, its places filled as on the page.

    `page`: the patient's own page. `asks`: what a nurse reads out to them. `letters`: what is mailed or
    texted to them, or to who cares for them.
    """
    if group == "asks":
        said = [text for key, text in texts.catalogue(language).items() if key.startswith("ask_")]
    else:
        every = every_text(WORDS.of(language))
        said = [text for place, text in every.items() if place.startswith("letters.") is (group == "letters")]
    filled = [re.sub(r"\{\w+\}", "12", text) for text in said]
    return [text if text[-1] in ".?!:" else f"{text}." for text in filled]


GROUPS = ("page", "asks", "letters")


@pytest.mark.parametrize("group", GROUPS)
def test_a_child_of_nine_can_read_it(group: str) -> None:
    words = " ".join(sentences(group))
    # Both grades count letters and words, and need no dictionary; grade 3 is eight to nine years of age.
    assert textstat.automated_readability_index(words) <= 3
    # Of a few lines this one is too rough: "Hearthward" and "message" weigh a grade each.
    assert textstat.coleman_liau_index(words) <= (3 if len(words.split()) > 100 else 5)
    assert textstat.mcalpine_eflaw(words) <= 15


@pytest.fixture
def in_spanish() -> Iterator[None]:
    textstat.set_lang("es")
    yield
    textstat.set_lang("en_US")


@pytest.mark.usefixtures("in_spanish")
@pytest.mark.parametrize("group", GROUPS)
def test_in_spanish_it_is_very_easy_too(group: str) -> None:
    # Fernández Huerta (1959): from 90 "very easy", the fourth year of school, which is nine years of age.
    assert textstat.fernandez_huerta(" ".join(sentences(group, "es"))) >= 90


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_no_sentence_is_long(group: str, language: str) -> None:
    for text in sentences(group, language):
        for sentence in re.split(r"[.?!:] ", text):
            assert len(sentence.split()) <= (16 if language == "en" else 20), sentence


def test_the_longer_texts_are_as_easy_each_by_itself() -> None:
    """A hard text must not hide among easy ones; one text alone is short, and so may be a grade harder."""
    longer = [text for text in (*sentences("page"), *sentences("asks")) if len(text.split()) >= 12]
    assert len(longer) >= 12
    hard = {text: grade for text in longer if (grade := textstat.automated_readability_index(text)) > 4}
    assert hard == {}


def test_what_is_asked_speaks_to_the_patient() -> None:
    """A nurse reads it out as it stands: it is a question, and of them, not about them."""
    for language in texts.LANGUAGES:
        for text in sentences("asks", language):
            assert text.endswith("?"), text
            assert not re.search(r"\b(the patient|el paciente)\b", text, re.IGNORECASE), text


def test_both_languages_say_the_same_things() -> None:
    spanish = WORDS.of("es-MX")
    assert spanish is WORDS.of("es")
    assert set(spanish.page) == set(ENGLISH.page)
    assert set(spanish.measures) == set(ENGLISH.measures) == set(KINDS)
    for key, words in ENGLISH.page.items():
        places = [part.split("}")[0] for part in words.split("{")[1:]]
        assert sorted(places) == sorted(part.split("}")[0] for part in spanish.page[key].split("{")[1:]), key


def test_an_unknown_language_is_english_and_words_have_an_owner_and_a_version() -> None:
    assert WORDS.of("pl") is not WORDS.of("es")
    assert WORDS.of("pl").page == ENGLISH.page
    assert ENGLISH.version >= 1
    assert ENGLISH.owner


@pytest.mark.parametrize(
    ("key", "typed", "problem"),
    [
        ("weight", "", "Type in your weight as a number, like 72.5."),
        ("weight", "heavy", "Type in your weight as a number, like 72.5."),
        ("weight", "nan", "Type in your weight as a number, like 72.5."),
        ("weight", "1e2", "Check your weight: you typed 1e2. Use numbers only, like 72.5."),
        ("weight", "7O kg", "Check your weight: you typed 7O kg. Use numbers only, like 72.5."),
        ("weight", "70 stone", "Check your weight: you typed 70 stone. Use numbers only, like 72.5."),
        ("weight", "725", "Check your weight: 725 cannot be right. It must be from 20 to 350 kg."),
        ("weight", "1,5", "Check your weight: 1,5 cannot be right. It must be from 20 to 350 kg."),
        ("weight", "154 lb", "Type in your weight in kg. You typed 154 lb. That is 69.9 kg."),
        ("temperature", "98.6 F", "Type in your temperature in °C. You typed 98.6 F. That is 37.0 °C."),
        (
            "glucose",
            "5.5 mmol/L",
            "Type in your blood sugar in mg/dL. You typed 5.5 mmol/L. That is 99 mg/dL.",
        ),
    ],
)
def test_a_mistake_is_told_with_what_to_do(key: str, typed: str, problem: str) -> None:
    (field,), values = fields(key, {key: typed}, ENGLISH)
    assert field.problem == problem
    assert field.value == typed
    assert values == {}


@pytest.mark.parametrize(
    ("typed", "value"),
    [(" 72,5 ", 72.5), ("72.5", 72.5), ("70 kg", 70.0), ("70kg.", 70.0), ("70 Kilos", 70.0)],
)
def test_a_number_is_read_as_people_write_it(typed: str, value: float) -> None:
    assert fields("weight", {"weight": typed}, ENGLISH)[1] == {Measure.WEIGHT: value}


def test_mistakes_are_told_in_spanish_with_the_spanish_decimal_mark() -> None:
    (field,), _ = fields("weight", {"weight": "154 lb"}, WORDS.of("es"))
    assert field.problem == "Escriba su peso en kg. Escribió 154 lb. Eso son 69,9 kg."
    assert field.hint == "Como 72,5"


def test_both_pressures_in_the_first_field_are_two_numbers() -> None:
    pair = {Measure.SYSTOLIC: 128.0, Measure.DIASTOLIC: 79.0}
    assert fields("blood_pressure", {"systolic": "128/79", "diastolic": ""}, ENGLISH)[1] == pair
    drawn, values = fields("blood_pressure", {"systolic": "12o/80", "diastolic": ""}, ENGLISH)
    assert values == {}
    assert drawn[0].problem == "Check your top number: you typed 12o/80. Use numbers only, like 130."
    assert drawn[1].problem == "Type in your bottom number as a number, like 80."
    assert fields("blood_pressure", {"systolic": "128/79", "diastolic": "80"}, ENGLISH)[1] == {}


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


def typed_in(hours_ago: float, *, taken_back: bool = False) -> TypedIn:
    return TypedIn(
        reading_id=ReadingId(f"r-{hours_ago}"),
        received_at=NOW - timedelta(hours=hours_ago),
        is_taken_back=taken_back,
        is_open=not taken_back,
    )


def test_the_receipt_says_what_was_understood_and_what_was_taken_back_does_not_look_lost() -> None:
    readings = [reading(Measure.SYSTOLIC, 131, 0.01), reading(Measure.DIASTOLIC, 79, 0.01)]
    receipt = receipt_of([typed_in(0.01)], readings, ENGLISH, NOW)
    assert receipt is not None
    assert (receipt.reading_id, receipt.words) == ("r-0.01", "Blood pressure: 131/79 mmHg")
    assert receipt_of([typed_in(2)], [reading(Measure.WEIGHT, 154, 2)], ENGLISH, NOW) is None
    assert receipt_of([typed_in(0.01, taken_back=True)], readings, ENGLISH, NOW) is None
    back = [typed_in(2, taken_back=True), typed_in(13, taken_back=True)]
    weights = [reading(Measure.WEIGHT, 154, 2), reading(Measure.WEIGHT, 153, 13)]
    said = taken_back_words(back, weights, WORDS.of("es"), NOW, ZoneInfo("UTC"))
    assert said == ["Usted quitó esta: Peso: 154,0 kg, de las 10:00."], "only today's"


def test_nobody_is_told_that_they_are_done_while_the_rules_still_look() -> None:
    done = tasks(["copd"], [reading(Measure.SPO2, 95, 1)], {}, ENGLISH, NOW, ZoneInfo("UTC"))
    assert [task.key for task in done if task.value is None] == []
    step = next_step([], done, [], ENGLISH, ZoneInfo("UTC"), rules_look=True)
    assert (step.kind, step.title) == ("wait", ENGLISH.page["still_looking"])
    assert next_step([], done, [], ENGLISH, ZoneInfo("UTC")).title == ENGLISH.page["all_done"]
    assert next_step([], [], [], ENGLISH, ZoneInfo("UTC")).title == ENGLISH.page["nothing_to_do"]


def test_a_reading_that_was_taken_back_answers_no_question() -> None:
    ask = Ask(
        ask_id=1,
        patient_id=PatientId("p"),
        wanted=Wanted(
            kind=AskKind.REPEAT,
            subject="first",
            because="bp_crisis",
            since=NOW - timedelta(minutes=10),
            expires_at=NOW + timedelta(minutes=20),
            measures=(Measure.SYSTOLIC,),
        ),
        asked_at=NOW - timedelta(minutes=10),
        answered_at=None,
        answer=None,
    )
    came = reading(Measure.SYSTOLIC, 820, 0.1)
    assert next_step([ask], [], [came], ENGLISH, ZoneInfo("UTC")).kind == "done"
    back = replace(came, standing=Standing.EXCLUDED)
    assert next_step([ask], [], [back], ENGLISH, ZoneInfo("UTC")).kind == "measure"


def test_the_pages_say_nothing_but_the_clinics_words() -> None:
    """A sentence in a template would escape the translation, the reading age and the clinic."""
    for file in sorted((Path(dashboard.__file__).parent / "templates").glob("me*.html")):
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", " ", file.read_text(), flags=re.S)
        assert set(re.findall(r"[^\W\d_]{2,}", text)) <= {"Hearthward"}, file.name


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
    assert target_words("blood_pressure", limits, ENGLISH) == "under 135/85"
    assert target_words("spo2", limits, ENGLISH) == "94 to 98"
    assert target_words("heart_rate", limits, ENGLISH) == "50 to 110"
    assert target_words("weight", limits, ENGLISH) is None


def test_the_day_is_the_patients_own() -> None:
    late = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)
    assert today_words(late, ZoneInfo("Europe/Madrid"), "es", WORDS.of("es")) == "Hoy, miércoles 11 de marzo"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (80.0, 82.7, "2.7 kg more than 3 days ago."),
        (80.0, 79.4, "0.6 kg less than 3 days ago."),
        (80.0, 80.04, "The same as 3 days ago."),
    ],
)
def test_a_weight_is_compared_with_three_days_before(before: float, after: float, words: str) -> None:
    readings = [reading(Measure.WEIGHT, before, 72), reading(Measure.WEIGHT, after, 1)]
    [weight, *_] = tasks(["heart_failure"], readings, {}, ENGLISH, NOW, ZoneInfo("UTC"))
    assert weight.change == words
    [weight, *_] = tasks(["heart_failure"], readings[1:], {}, ENGLISH, NOW, ZoneInfo("UTC"))
    assert weight.change is None


def test_days_are_drawn_from_left_to_right_and_a_gap_stays_a_gap() -> None:
    readings = [reading(Measure.WEIGHT, 80 + day / 10, 24 * day + 1) for day in (0, 1, 4, 5, 20)]
    [weight, *_] = tasks(["heart_failure"], readings, {}, ENGLISH, NOW, ZoneInfo("UTC"))
    assert weight.picture is not None
    assert [len(line.split()) for line in weight.picture.lines] == [2, 2]
    across = [float(point.split(",")[0]) for line in weight.picture.lines for point in line.split()]
    assert across == sorted(across)
    assert weight.picture.last[0] == across[-1]


def test_a_paused_patient_is_told_until_when_and_when_to_begin_again() -> None:
    zone = ZoneInfo("Europe/London")
    ends_at = datetime(2026, 3, 14, tzinfo=UTC)
    file = replace(PATIENT_FILE, pause_kind="hospital", pause_reason="", pause_ends_at=ends_at)
    assert paused_words(PATIENT_FILE, zone, "en", ENGLISH) is None
    assert paused_words(file, zone, "en", ENGLISH) == (
        "Your nurse has paused your readings until Friday 13 March. Please start again on Saturday 14 March."
    )
    reviewed = paused_words(replace(file, pause_open_ended=True), zone, "es", WORDS.of("es"))
    assert reviewed is not None
    assert "sábado 14 de marzo" in reviewed
    step = next_step([], [], [], ENGLISH, zone, paused=True)
    assert (step.kind, step.title) == ("done", ENGLISH.page["paused_rest"])
