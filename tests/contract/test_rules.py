"""What must hold of every rule, limit and text that comes with Hearthward."""

from pathlib import Path

import pytest

from alerts.book import texts
from alerts.book.problems import PROBLEMS
from alerts.book.reference import page
from alerts.book.rulebook import check, shipped
from alerts.book.schema import EVERYONE, TrendRule
from alerts.rules import trend_messages
from vitals.patient import Programme

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_rulebook_has_no_mistakes() -> None:
    assert [str(mistake) for mistake in check()] == []


def test_the_problems_that_are_ours_are_those_of_the_rules() -> None:
    assert {rule.problem for file in shipped().programmes.values() for rule in file.rules} == PROBLEMS


def test_every_programme_has_its_file() -> None:
    assert {*Programme, EVERYONE} <= set(shipped().programmes)


def test_the_page_for_clinicians_is_what_the_rulebook_says() -> None:
    assert PAGE.read_text("utf-8") == page(shipped()), "run: hearthward rules page > docs/rules.md"


def test_every_number_on_the_page_has_a_source_and_an_author() -> None:
    for file in shipped().programmes.values():
        for part in (*file.limits.values(), *file.schedule, *file.rules):
            assert part.source
            assert part.author


def test_trend_rules_speak_with_messages_that_know_their_numbers() -> None:
    rules = [rule for file in shipped().programmes.values() for rule in file.rules]
    assert {rule.message for rule in rules if isinstance(rule, TrendRule)} <= trend_messages.KEYS


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_language_says_everything_with_the_same_places(language: str) -> None:
    english, other = texts.catalogue(texts.ENGLISH), texts.catalogue(language)
    assert english.keys() == other.keys()
    assert {k for k in english if texts.places(english[k]) != texts.places(other[k])} == set()


def test_every_rule_and_limit_has_a_name_of_its_own() -> None:
    known = texts.catalogue(texts.ENGLISH)
    files = shipped().programmes.values()
    wanted = {f"rule_{rule.id}" for file in files for rule in file.rules}
    wanted |= {f"limit_{name}" for file in files for name in file.limits}
    assert len(wanted) > 60
    assert sorted(wanted - known.keys()) == []
    names = [known[key] for key in sorted(wanted)]
    assert len(names) == len(set(names)), "two of them could not be told apart"
