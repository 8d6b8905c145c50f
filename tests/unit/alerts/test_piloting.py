"""The pilot's text of a tryout: whatever limit was tried, `hearthward rules check` takes it as it is."""

from pathlib import Path

from alerts.book import rulebook
from alerts.book.compared import limits_of
from alerts.book.piloting import mistakes_with, pilot_text
from tests.harness.piloted import LOOSER, piloted

BOOK = rulebook.shipped()


def with_text(directory: Path, text: str) -> Path:
    """The shipped files with each part of the text at the end of the file that it names."""
    rulebook.copy_shipped(directory)
    for part in text.split("# For ")[1:]:
        name, _, tables = part.partition("\n")
        path = directory / name
        path.write_text(path.read_text("utf-8") + tables, "utf-8")
    return directory


def test_the_text_of_every_limit_passes_the_check_and_pilots_every_live_rule_that_compares_with_it() -> None:
    silent = set()
    for programme, file in BOOK.programmes.items():
        rules = BOOK.for_programmes([programme]).live
        for name, spec in file.limits.items():
            text = pilot_text(BOOK, programme, name, spec.safe[0])
            assert "hearthward rules check" not in text, (programme, name)
            compared = [rule.id for rule in rules if name in dict(limits_of(rule))]
            assert all(f'of = "{rule}"' in text for rule in compared), (programme, name)
            if not text:
                silent.add(name)
    weekly = {limit for rule in BOOK.for_programmes(["hypertension"]).weekly for limit, _ in limits_of(rule)}
    assert silent <= weekly, "only what the weekly list alone compares with has nothing to pilot"


def test_added_to_the_files_that_it_names_it_is_a_rulebook_with_those_pilots(tmp_path: Path) -> None:
    text = pilot_text(BOOK, "everyone", "two_days", 3)
    assert "# For pressure_trends.toml" in text, "a shared file's own rules compare with everyone's number"
    book = rulebook.load(with_text(tmp_path / "a", text))
    assert {pilot.rule.id for pilot in book.pilots()} >= {"spo2_drop_3", "bp_high_3d_3"}
    assert all(pilot.limits == {"two_days": 3} for pilot in book.pilots())


def test_a_programmes_own_number_is_piloted_in_its_own_file(tmp_path: Path) -> None:
    text = pilot_text(BOOK, "post_partum", "systolic_crisis", 150)
    assert text.startswith("# For post_partum.toml\n")
    assert text.count("# For ") == 1
    assert rulebook.check(with_text(tmp_path / "a", text)) == []


def test_a_pilot_that_is_there_already_does_not_lend_its_id(tmp_path: Path) -> None:
    book = piloted(tmp_path / "book", LOOSER)
    text = pilot_text(book, "everyone", "systolic_crisis", 170)
    assert 'id = "bp_crisis_170_2"' in text
    assert "hearthward rules check" not in text


def test_what_the_check_would_say_of_the_text_is_said_in_it() -> None:
    text = pilot_text(BOOK, "everyone", "systolic_crisis", 400)
    assert text.startswith(
        "# hearthward rules check: everyone.toml: pilot bp_crisis_400: limit systolic_crisis 400 "
    )
    assert "outside safe 150 to 200" in text
    broken = {"everyone": ["[[pilots]]", 'id = "a"', 'of = "bp_crysis"', 'source = "abc"', 'autor = "abc"']}
    said = [str(mistake) for mistake in mistakes_with(BOOK, broken)]
    assert said == [
        "everyone.toml: pilot a / autor: unknown word 'autor'. Did you mean 'author'?",
        "everyone.toml: pilot a: no rule 'bp_crysis'. Did you mean 'bp_crisis'?",
    ]
