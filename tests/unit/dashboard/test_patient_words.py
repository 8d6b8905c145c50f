"""A clinic's own words for its patients: used as they are, or refused with every mistake named."""

import shutil
from pathlib import Path

import pytest

from alerts.book import rulebook
from alerts.book.rulebook import Rulebook
from alerts.book.schema import Answer, CompositeRule
from alerts.clinic import patient_words
from alerts.clinic.patient_words import BrokenWords

SHIPPED = Path(patient_words.__file__).parent / "content"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A clinic's directory, copied from the shipped words."""
    for language in ("en", "es"):
        shutil.copy(SHIPPED / f"patient_{language}.toml", tmp_path)
    return tmp_path


def change(directory: Path, old: str, new: str, language: str = "en") -> None:
    path = directory / f"patient_{language}.toml"
    text = path.read_text()
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new))


def test_a_clinics_own_words_are_used(directory: Path) -> None:
    change(
        directory, 'owner = "Hearthward draft: your clinic writes its own"', 'owner = "Riverside Heart Team"'
    )
    change(directory, 'when = "Monday to Friday, 08:00 to 18:00"', 'when = "every day, 7am to 9pm"')
    words = patient_words.load(directory, rulebook.shipped())
    assert words.of("en").owner == "Riverside Heart Team"
    assert words.of("en").watch.when == "every day, 7am to 9pm"
    assert patient_words.shipped().of("en").watch.when == "Monday to Friday, 08:00 to 18:00"


def test_a_clinic_that_speaks_english_alone_answers_everybody_in_english(directory: Path) -> None:
    (directory / "patient_es.toml").unlink()
    words = patient_words.load(directory, rulebook.shipped())
    assert words.of("es") is words.of("en")
    assert words.language_for("es-MX") == "en"


def test_every_mistake_in_both_files_is_named_at_once(directory: Path) -> None:
    change(directory, 'not_watched = "Nobody looks at your readings at night or at weekends."\n', "")
    change(directory, 'breathless = "Are you more out of breath than usual?"\n', "")
    change(
        directory,
        'hello = "Hello {name}"',
        'hello = "Hello {nmae}"',
    )
    change(directory, 'hello = "Hola, {name}"', 'hello = "Hola, {nmae}"', "es")
    change(directory, "bottom_below =", "botom_below =", "es")
    change(directory, 'save = "Guardar"', 'save = " "', "es")
    with pytest.raises(BrokenWords) as refused:
        patient_words.load(directory, rulebook.shipped())
    said = [str(mistake) for mistake in refused.value.mistakes]
    assert said == [
        "patient_en.toml: questions: 'breathless' is missing.",
        "patient_en.toml: watch: 'not_watched' is missing.",
        "patient_en.toml: page / hello: nothing fills {nmae}. Did you mean 'name'?",
        "patient_en.toml: page / hello: the place {name} is missing.",
        "patient_es.toml: page: 'bottom_below' is missing.",
        "patient_es.toml: page / hello: nothing fills {nmae}. Did you mean 'name'?",
        "patient_es.toml: page / hello: the place {name} is missing.",
        "patient_es.toml: page / save: is empty.",
        "patient_es.toml: page / botom_below: unknown word 'botom_below'. Did you mean 'bottom_below'?",
    ]


def test_hours_that_cannot_be_are_named(directory: Path) -> None:
    change(directory, "begin = 08:00:00\nend = 18:00:00", "begin = 18:00:00\nend = 08:00:00")
    change(directory, '"thu", "fri"]', '"thu", "fry"]', "es")
    with pytest.raises(BrokenWords) as refused:
        patient_words.load(directory, rulebook.shipped())
    assert [str(mistake) for mistake in refused.value.mistakes] == [
        "patient_en.toml: watch / hours / 0: end must be later than begin: hours over midnight are two"
        " entries.",
        "patient_es.toml: watch / hours / 0 / days / 4: unknown word 'fry'. Did you mean 'fri'?",
    ]


def test_the_question_that_a_rule_listens_to_must_be_there(directory: Path) -> None:
    change(directory, 'dizzy = "Do you feel dizzy?"\n', "")
    with pytest.raises(BrokenWords, match=r"patient_en.toml: questions: 'dizzy' is missing"):
        patient_words.load(directory, rulebook.shipped())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('version = 0\nowner = "us"', "patient_en.toml: version"),
        ("version = ", "patient_en.toml: file: cannot be read"),
    ],
)
def test_a_file_of_another_form_is_refused(directory: Path, text: str, complaint: str) -> None:
    (directory / "patient_en.toml").write_text(text)
    with pytest.raises(BrokenWords, match=complaint):
        patient_words.load(directory, rulebook.shipped())


def test_a_directory_without_english_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenWords, match=r"patient_en.toml: file: cannot be read"):
        patient_words.load(tmp_path, rulebook.shipped())


def hearing(symptom: str) -> Rulebook:
    """The shipped rulebook, whose first rule about symptoms listens to this one too."""
    book = rulebook.shipped()
    file = book.programmes["heart_failure"]
    index, rule = next((i, r) for i, r in enumerate(file.rules) if isinstance(r, CompositeRule))
    more = (*rule.answers, Answer(question=symptom, within_hours=24))
    rules = [*file.rules]
    rules[index] = rule.model_copy(update={"answers": more})
    changed = file.model_copy(update={"rules": tuple(rules)})
    return Rulebook({**book.programmes, "heart_failure": changed})


def test_each_symptom_that_the_rulebook_in_force_hears_needs_its_question(directory: Path) -> None:
    book = hearing("itchy")
    with pytest.raises(BrokenWords, match="'itchy' is missing"):
        patient_words.load(directory, book)
    for language in ("en", "es"):
        change(directory, "[questions]\n", '[questions]\nitchy = "Does it itch?"\n', language)
    assert patient_words.load(directory, book).of("en").questions["itchy"] == "Does it itch?"
    with pytest.raises(BrokenWords, match="unknown word 'itchy'"):
        patient_words.load(directory, rulebook.shipped())
