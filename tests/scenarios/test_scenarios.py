"""Every scenario file says what the rules do, and every rule has scenarios on both sides."""

from pathlib import Path

import pytest

from alerts.book.rulebook import shipped
from alerts.book.schema import TechnicalRule
from tests.harness.scenario import Scenario, scenarios

ALL = list(scenarios(Path(__file__).parent))
LEAST = 60
EQUIPMENT = {"gateway_silent", "gateway_never_heard", "gap", "pairing", "battery", "clock"}
"""Technical rules that look at equipment, which a series of readings has none of: see the unit tests."""


@pytest.mark.parametrize("scenario", ALL, ids=lambda s: f"{s.file}: {s.title}")
def test_the_series_raises_what_the_file_says(scenario: Scenario) -> None:
    assert scenario.play() == scenario.expected


@pytest.mark.parametrize(
    "scenario", [s for s in ALL if s.lists is not None], ids=lambda s: f"{s.file}: {s.title}"
)
def test_the_weekly_list_has_the_lines_that_the_file_says(scenario: Scenario) -> None:
    assert scenario.play_list() == scenario.lists


def test_every_rule_of_the_weekly_list_has_a_series_that_lists_it_and_one_that_does_not() -> None:
    missing: list[str] = []
    for file in shipped().programmes.values():
        for rule in file.rules:
            if rule.weekly and not (isinstance(rule, TechnicalRule) and rule.what in EQUIPMENT):
                listed = {bool(s.lists) for s in ALL if s.about == rule.id and s.lists is not None}
                missing += [
                    f"{rule.id} {'listed' if way else 'not listed'}" for way in {True, False} - listed
                ]
    assert not missing


def test_every_rule_has_a_series_that_raises_it_and_one_that_does_not() -> None:
    missing: list[str] = []
    for file in shipped().programmes.values():
        for rule in file.rules:
            if rule.weekly or (isinstance(rule, TechnicalRule) and rule.what in EQUIPMENT):
                continue
            theirs = [s for s in ALL if s.about == rule.id]
            raised = {any(r.rule == rule.id for r in s.expected) for s in theirs}
            missing += [f"{rule.id} {'raised' if way else 'quiet'}" for way in {True, False} - raised]
    assert not missing


def test_there_are_enough_of_them_and_no_two_have_one_name() -> None:
    assert len(ALL) >= LEAST
    assert len({(s.file, s.title) for s in ALL}) == len(ALL)
