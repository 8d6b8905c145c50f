"""Every text of the staff's screens has its Spanish, and both sides have the same places."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import dashboard
from alerts.clinic.patient_words import shipped
from dashboard.numbers import number, short_number
from dashboard.views.targets import in_words
from dashboard.views.weekly import weekly_csv
from dashboard.words import LANGUAGE, catalogue, say
from store.weekly import ListedLine
from vitals.ids import PatientId
from vitals.measure import Measure

FOLDER = Path(dashboard.__file__).parent
SPANISH = catalogue("es")
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
# Names, which are the same everywhere.
_NO_TEXT = {"Hearthward", "English", "Español"}


def script_texts() -> set[str]:
    """What the scripts show: what goes through t(), and every literal that reads like a text."""
    found: set[str] = set()
    for file in [*(FOLDER / "components").glob("*.js"), FOLDER / "assets" / "live.js"]:
        source = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.S)
        found |= set(re.findall(r'\bt\(\s*"((?:[^"\\]|\\.)*)"', source))
        for text in _LITERAL.findall(source):
            if re.match(r"[A-Z][a-z]", text) and not re.search(r"[<>/=;]", text):
                found.add(text)
    return found - _NO_TEXT


def python_texts() -> set[str]:
    """What goes through say() as a literal."""
    found: set[str] = set()
    for file in FOLDER.rglob("*.py"):
        found |= set(re.findall(r'\bsay\(\s*"((?:[^"\\]|\\.)*)"', file.read_text()))
    return found


def test_every_text_has_its_spanish() -> None:
    texts = script_texts() | python_texts()
    assert len(texts) > 250
    assert sorted(text for text in texts if text not in SPANISH) == []


def test_both_sides_have_the_same_places() -> None:
    for english, spanish in SPANISH.items():
        assert sorted(re.findall(r"\{(\w+)\}", english)) == sorted(re.findall(r"\{(\w+)\}", spanish)), english


def test_a_text_is_said_in_the_readers_language_and_stays_english_where_there_is_none() -> None:
    assert say("{n} days", n=3) == "3 days"
    reader = LANGUAGE.set("es")
    try:
        assert say("{n} days", n=3) == "3 días"
        assert say("Never translated") == "Never translated"
    finally:
        LANGUAGE.reset(reader)


# docs/vocabulary.md, "In Spanish": what stands for these in the staff's screens and alerts.
_STAFF_NOT = r"(?i)\b(medici[oó]n(es)?|tensi[oó]n(es)?|metas?|dispositivos?|apartad[ao]s?|barriga|la caja)\b"
_PATIENT_NOT = (
    r"(?i)\b(medici[oó]n(es)?|presi[oó]n arterial|frecuencia card[ií]aca|objetivos?|dispositivos?|barriga)\b"
)


def test_spanish_has_one_term_per_thing() -> None:
    alerts = tomllib.loads((FOLDER.parent / "alerts" / "catalogues" / "es.toml").read_text())
    read_out = alerts.pop("asks")
    staff = [*SPANISH.values(), *(text for part in alerts.values() for text in part.values())]
    said = shipped().of("es")
    patients = [
        *read_out.values(),
        *said.letters.model_dump().values(),
        *said.page.values(),
        *said.asks.values(),
    ]
    patients += [text for words in said.measures.values() for text in words.model_dump().values()]
    assert [text for text in staff if re.search(_STAFF_NOT, text)] == []
    assert [text for text in patients if re.search(_PATIENT_NOT, text)] == []


def test_people_read_the_decimal_mark_of_their_language_and_a_minus_sign() -> None:
    assert (number(-0.25, 1), short_number(2.5), short_number(160.0)) == ("−0.2", "2.5", "160")
    assert (number(72.5, 1, "es"), short_number(2.5, "es-MX"), number(72.5, 1, "pl")) == (
        "72,5",
        "2,5",
        "72.5",
    )
    reader = LANGUAGE.set("es")
    try:
        assert number(1234.5, 1) == "1234,5"
        assert in_words((35.4, 38.0), Measure.TEMPERATURE) == "35,5–37,9 °C"
    finally:
        LANGUAGE.reset(reader)


def test_a_file_for_programs_has_a_point_whoever_reads() -> None:
    at = datetime(2026, 3, 4, 12, tzinfo=UTC)
    line = ListedLine(
        line_id=1, patient_id=PatientId("p-1"), given_name="Anna", family_name="Ashdown", rule="hf_week",
        rule_version=1, problem="fluid", measure="weight", week=at.date(), days=1, first_at=at,
        evidence_at=at, magnitude=1.0, deed=None, marked_by=None, marked_by_name=None, marked_at=None,
        message={"key": "weight_week", "values": {"change": 2.5, "usual": 80.2}},
    )  # fmt: skip
    reader = LANGUAGE.set("es")
    try:
        assert "2.5 kg" in weekly_csv([line])
    finally:
        LANGUAGE.reset(reader)
