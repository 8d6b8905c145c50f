"""Pilots in a rulebook: what may be written, every mistake at once, and which limits they compare with."""

from pathlib import Path

import pytest

from alerts.book import rulebook
from alerts.book.limits import Calibration, OwnLimit, resolve
from alerts.book.rulebook import BrokenRulebook, DirectoryTaken
from alerts.book.schema import ThresholdRule
from alerts.review import pilots
from tests.harness.piloted import LOOSER, piloted, write_book
from tests.unit.alerts.test_rulebook import NOW
from vitals.breach import Layer


def test_a_pilot_is_its_rule_with_changes_and_asked_of_nobody_as_an_alert(tmp_path: Path) -> None:
    book = piloted(tmp_path / "book")
    rules = book.for_programmes(["hypertension"])
    [pilot] = rules.pilots
    assert isinstance(pilot.rule, ThresholdRule)
    assert (pilot.rule.id, pilot.rule.problem, pilot.rule.pilot) == ("bp_crisis_170", "pressure_high", True)
    assert "bp_crisis_170" not in {rule.id for rule in (*rules.live, *rules.weekly)}
    assert {rule.id for rule in rules.live} == {
        rule.id for rule in rulebook.shipped().for_programmes(["hypertension"]).live
    }


def test_a_patients_own_limit_stays_in_force_and_a_calibration_does_not(tmp_path: Path) -> None:
    extra = LOOSER.replace("bp_crisis", "bp_high_3d").replace("systolic_crisis = 170", "systolic_rise = 14")
    rules = piloted(tmp_path / "book", extra, "pressure_trends").for_programmes(["hypertension"])
    [pilot] = rules.pilots
    moved = Calibration(limit_name="systolic_rise", value=18, at=NOW, reason="budget")
    calibrated = pilots.limits_of(pilot, resolve(rules, [moved], (), NOW))["systolic_rise"]
    assert (calibrated.value, calibrated.layer) == (14, Layer.PROGRAMME)
    mine = OwnLimit(name="systolic_rise", value=20, author="dr", reason="why", set_at=NOW)
    assert pilots.limits_of(pilot, resolve(rules, (), [mine], NOW))["systolic_rise"].value == 20


def test_the_fingerprint_changes_with_the_meaning_only(tmp_path: Path) -> None:
    def of(name: str, extra: str) -> str:
        return piloted(tmp_path / name, extra).pilots()[0].fingerprint

    first = of("a", LOOSER)
    assert of("b", LOOSER.replace("Dr Test", "Dr Other")) == first
    assert of("c", LOOSER.replace("170", "165")) != first
    assert of("d", LOOSER + "change = { rearm_days = 3 }\n") != first


def test_every_mistake_in_a_pilot_is_said_with_what_was_meant(tmp_path: Path) -> None:
    extra = (
        LOOSER.replace('of = "bp_crisis"', 'of = "bp_crysis"')
        + LOOSER.replace("bp_crisis_170", "second").replace("systolic_crisis", "systolic_crissis")
        + LOOSER.replace("bp_crisis_170", "third").replace("170", "400")
        + LOOSER.replace("bp_crisis_170", "fourth")
        + 'change = { rearm_day = 3, id = "other" }\n'
        + LOOSER.replace("bp_crisis_170", "bp_stage2")
    )
    mistakes = [str(one) for one in rulebook.check(write_book(tmp_path / "book", extra))]
    assert any("no rule 'bp_crysis'" in m and "Did you mean 'bp_crisis'" in m for m in mistakes)
    assert any("pilot second" in m and "Did you mean 'systolic_crisis'" in m for m in mistakes)
    assert any("pilot third" in m and "outside safe" in m for m in mistakes)
    assert any("pilot fourth" in m and "may not change 'id'" in m for m in mistakes)
    assert any("pilot fourth" in m and "rearm_day" in m for m in mistakes)
    assert any("pilot bp_stage2: has the id of another rule" in m for m in mistakes)
    with pytest.raises(BrokenRulebook):
        rulebook.load(tmp_path / "book")


def test_shipped_files_are_not_copied_over_others(tmp_path: Path) -> None:
    rulebook.copy_shipped(tmp_path / "mine")
    assert rulebook.load(tmp_path / "mine").programmes == rulebook.shipped().programmes
    with pytest.raises(DirectoryTaken):
        rulebook.copy_shipped(tmp_path / "mine")


def test_a_calibration_of_another_number_of_the_programme_counts_no_more() -> None:
    rules = rulebook.shipped().for_programmes(["hypertension"])
    name, base = next((n, one.spec.value) for n, one in rules.limits.items() if one.spec.calibrated)
    ours = Calibration(limit_name=name, value=base * 1.1, at=NOW, reason="", base=base)
    assert resolve(rules, [ours], (), NOW)[name].value == pytest.approx(base * 1.1)
    older = Calibration(limit_name=name, value=base * 1.1, at=NOW, reason="", base=base + 1)
    assert resolve(rules, [older], (), NOW)[name].value == base
