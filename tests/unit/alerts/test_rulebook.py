"""The rulebook: every mistake at once, the right word where one is near, and limits that resolve in order."""

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from alerts.book import limits, rulebook, texts
from alerts.book.limits import Calibration, OwnLimit, refusal, resolve
from vitals.breach import Layer
from vitals.message import Message

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
EVERYONE = (files("alerts") / "programmes" / "everyone.toml").read_text("utf-8")


def said(directory: Path, changed: str) -> list[str]:
    (directory / "everyone.toml").write_text(changed, "utf-8")
    return [str(mistake) for mistake in rulebook.check(directory)]


def test_several_mistakes_are_reported_at_once_each_with_its_place_and_what_was_meant(tmp_path: Path) -> None:
    changed = (
        EVERYONE.replace('priority = "high"', 'priority = "hihg"', 1)
        .replace('measure = "spo2", at_or_below', 'measure = "sp02", at_or_below', 1)
        .replace("rearm_days = 28", "rearm_day = 28", 1)
        .replace("rearm_days = 90", "rearm_day = 90", 1)
        .replace("value = 131", "value = 500", 1)
    )
    mistakes = said(tmp_path, changed)
    assert any(
        "rule bp_crisis_symptoms" in m and "'hihg'" in m and "Did you mean 'high'" in m for m in mistakes
    )
    assert any("'sp02'" in m and "Did you mean 'spo2'" in m for m in mistakes)
    assert any("rule bp_stage2" in m and "'rearm_day'" in m and "'rearm_days'" in m for m in mistakes)
    assert any("limit heart_rate_very_high" in m and "outside safe" in m for m in mistakes)


def test_names_that_lead_nowhere_are_mistakes(tmp_path: Path) -> None:
    changed = EVERYONE.replace('at_or_above = "systolic_crisis" }', 'at_or_above = "sistolic_crisis" }', 1)
    changed = changed.replace('asks = ["ask_chest_pain"', 'asks = ["ask_chestpain"', 1)
    mistakes = said(tmp_path, changed)
    assert any("no limit 'sistolic_crisis'" in m and "'systolic_crisis'" in m for m in mistakes)
    assert any("unknown ask 'ask_chestpain'" in m and "'ask_chest_pain'" in m for m in mistakes)


def test_a_limit_in_another_unit_is_a_mistake(tmp_path: Path) -> None:
    changed = EVERYONE.replace('value = 88\nunit = "%"', 'value = 88\nunit = "kg"', 1)
    assert any("compares spo2 in % with limit 'spo2_critical' in kg" in m for m in said(tmp_path, changed))


def test_a_limit_that_a_trend_is_compared_with_has_the_unit_of_its_measure(tmp_path: Path) -> None:
    heart_failure = (files("alerts") / "programmes" / "heart_failure.toml").read_text("utf-8")
    changed = heart_failure.replace('value = 2.3\nunit = "kg"', 'value = 5\nunit = "lb"', 1)
    changed = changed.replace('value = 1.1\nunit = "kg"', 'value = 1.1\nunit = "days"', 1)
    (tmp_path / "heart_failure.toml").write_text(changed, "utf-8")
    mistakes = said(tmp_path, EVERYONE.replace('value = 6\nunit = "h"', 'value = 6\nunit = "min"', 1))
    for what in (
        "rule hf_week: compares weight_week in kg with limit 'weight_gain_week' in lb",
        "rule hf_week: compares weight_macd in kg with limit 'weight_drift_up' in days",
        "rule gateway_silent: compares gateway_silent in h with limit 'gateway_silent' in min",
    ):
        assert any(what in mistake for mistake in mistakes), mistakes


def test_what_is_no_toml_says_so_and_the_rest_is_still_checked(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("this is [not", "utf-8")
    mistakes = said(tmp_path, EVERYONE.replace('priority = "high"', 'priority = "hihg"', 1))
    assert any(m.startswith("broken.toml: line 1: is not TOML") for m in mistakes)
    assert any("'hihg'" in m for m in mistakes)


def test_a_broken_rulebook_is_refused_whole(tmp_path: Path) -> None:
    said(tmp_path, EVERYONE.replace('priority = "high"', 'priority = "hihg"', 1))
    with pytest.raises(rulebook.BrokenRulebook):
        rulebook.load(tmp_path)


def test_a_programme_overrides_everyone_and_of_two_programmes_the_more_cautious_wins() -> None:
    book = rulebook.shipped()
    assert book.for_programmes([]).limits["spo2_critical"].spec.value == 88
    assert book.for_programmes(["copd"]).limits["spo2_critical"].spec.value == 88
    assert book.for_programmes(["copd", "hypercapnia"]).limits["spo2_critical"].spec.value == 84
    both = book.for_programmes(["post_partum", "hypertension"])
    assert both.limits["systolic_crisis"].spec.value == 160
    crisis = {rule.id: rule for rule in both.rules}["bp_crisis"]
    assert crisis.priority == "high"


def test_a_profile_stands_instead_of_the_programme_beside_it_however_cautious_that_is() -> None:
    book = rulebook.shipped()
    low = {
        programmes: book.for_programmes(programmes).limits["spo2_low"].spec.value
        for programmes in ((), ("copd",), ("hypercapnia",), ("copd", "hypercapnia"), ("hypercapnia", "copd"))
    }
    assert low == {
        (): 92,
        ("copd",): 90,
        ("hypercapnia",): 87,
        ("copd", "hypercapnia"): 87,
        ("hypercapnia", "copd"): 87,
    }


def own(value: float, *, days: float = 0, until: datetime | None = None) -> OwnLimit:
    return OwnLimit(
        name="systolic_crisis",
        value=value,
        author="dr",
        reason="why",
        set_at=NOW + days * DAY,
        expires_at=until,
    )


def in_force(*mine: OwnLimit, at: datetime = NOW) -> tuple[float, Layer]:
    used = resolve(rulebook.shipped().for_programmes([]), (), mine, at)["systolic_crisis"]
    return used.value, used.layer


def test_limits_resolve_from_the_programme_over_the_patient_to_the_override_until_it_expires() -> None:
    assert in_force() == (180, Layer.PROGRAMME)
    assert in_force(own(170)) == (170, Layer.PATIENT)
    assert in_force(own(170), own(165, until=NOW + DAY)) == (165, Layer.OVERRIDE)
    assert in_force(own(170), own(165, until=NOW + DAY), at=NOW + DAY) == (170, Layer.PATIENT)
    assert in_force(own(170), own(175, days=1)) == (170, Layer.PATIENT)


def test_a_ward_calibrates_trends_and_never_an_absolute_limit() -> None:
    rules = rulebook.shipped().for_programmes(["heart_failure"])
    moves = [
        Calibration(limit_name=name, value=4.0, at=NOW, reason="") for name in ("hf_score", "systolic_crisis")
    ]
    used = resolve(rules, moves, (), NOW)
    assert (used["hf_score"].value, used["hf_score"].layer) == (4.0, Layer.SITE)
    assert used["systolic_crisis"].value == 180


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("systolic_crisis", 230, "refused_limit_unsafe"),
        ("systolic_crisis", 155, "refused_limit_order"),
        ("sistolic_crisis", 170, "refused_limit_unknown"),
        ("spo2_critical", 93, "refused_limit_unsafe"),
    ],
)
def test_unsafe_limits_are_refused_with_the_reason(name: str, value: float, why: str) -> None:
    rules = rulebook.shipped().for_programmes([])
    refused = refusal(rules, resolve(rules, (), (), NOW), name, value)
    assert refused is not None
    assert refused.key == why
    assert texts.say(refused)


def test_a_safe_limit_is_not_refused() -> None:
    rules = rulebook.shipped().for_programmes([])
    assert refusal(rules, resolve(rules, (), (), NOW), "systolic_crisis", 170) is None
    assert limits.resolve(rules, (), (own(170),), NOW)["systolic_crisis"].author == "dr"


def test_texts_are_filled_in_each_language_with_its_own_numbers() -> None:
    parts = (
        Message(key="part_heart_rate", values={"change": 9.2}),
        Message(key="part_spo2", values={"change": -2.0}),
    )
    gain = Message(key="hf_trend", values={"recent": 84.93, "change": 1.28}, parts=parts)
    assert texts.say(gain) == (
        "3-day mean weight 84.9 kg is 1.3 kg above the 28-day mean; heart rate +9 bpm; SpO2 -2 %"
    )
    assert "84,9 kg" in texts.say(gain, "es")
    assert texts.language_for("es-MX") == "es"
    assert texts.language_for("fr") == "en"
    silence = Message(key="silence_call", values={"measure": "noun_weight", "days": 1})
    assert texts.say(silence) == "No weight for 1 day; time to call"
    with pytest.raises(texts.UnknownText):
        texts.say(Message(key="silence_call"))
    off = [Message(key="device_clock", values={"minutes": minutes}) for minutes in (7.0, 420.0, 4320.0)]
    assert [texts.say(one).removeprefix("Clock of a device is ") for one in off] == [
        "7 min off", "7 h off", "3 days off",
    ]  # fmt: skip
    assert texts.say(off[2], "es").endswith("3 días")
