"""A copied rulebook with many mistakes in many files: one check names every one of them, and nothing else."""

from importlib.resources import files
from pathlib import Path

from typer.testing import CliRunner

from alerts.book import rulebook
from hub.rules_commands import app

# Per file: what stands there, and what is written instead.
PLANTED = {
    "everyone": [
        # Six in one rule: kind, limit, question, ask, and a number out of its range.
        ('kind = "composite"\nproblem = "pressure_high"', 'kind = "composit"\nproblem = "pressure_high"'),
        ('at_or_above = "systolic_crisis", within', 'at_or_above = "sistolic_crisis", within'),
        ('question = "stroke_signs"', 'question = "stroke_sings"'),
        ('["ask_call_emergency"]', '["ask_call_emergancy"]'),
        ('rearm_days = 0.25\nsource = "AHA (heart.org)', 'rearm_days = -2\nsource = "AHA (heart.org)'),
        # A misspelled word is not also a missing one; names are looked at though the form is wrong.
        ("rearm_days = 90\n", "rearm_day = 90\n"),
        ('["ask_medicines_taken", "ask_technique_cuff"]', '["ask_medicine_taken", "ask_technique_cuf"]'),
        (
            'feature = "systolic_usual", at_or_above = "systolic_known"',
            'feature = "sistolic_usual", at_or_above = "systolic_knwon"',
        ),
        ('value = 88\nunit = "%"\nsafe = [80, 91]', 'value = 88\nunit = "kg"\nsafe = [89, 91]'),
        (
            'and above scores 3"\nauthor = "Hearthward draft v0"\n\n[limits.heart_rate_high]',
            'and above scores 3"\n\n[limits.heart_rate_high]',
        ),
        ("[limits.temperature_fever]\nvalue = 38.0", "[limits.temperature_fever]\nvalue = high"),
        (
            '{ measure = "heart_rate", at_or_above = "heart_rate_very_high" }',
            '{ measure = "hart_rate" }',
        ),
        (
            '2, of = 3, within_minutes = 30, apart_minutes = 1, alone = "ignored" }\nmessage = "value"',
            '4, of = 3, within_minutes = 30, apart_minutes = 1, alone = "maybe" }\nmessage = "silence"',
        ),
        ('{ day = 5, step = "nurse", priority', '{ day = 5, step = "phone", priority'),
        ('message = "device_battery"', 'message = "gateway_silent"'),
        # A repeat that comes too late, another measure's baseline, a ladder that falls, a problem of its own.
        ('apart_minutes = 1, alone = "next"', 'apart_minutes = 45, alone = "next"'),
        ('stand_out = { feature = "spo2_before"', 'stand_out = { feature = "systolic_usual"'),
        ('{ day = 4, step = "partner" }', '{ day = 1, step = "partner" }'),
        ('problem = "heart_rate_high"', 'problem = "hart_rate_high"'),
    ],
    "heart_failure": [
        ('title = "programme_heart_failure"', 'titel = "programme_heart_failure"'),
        ('measure = "weight"\nby = 11:00:00', 'measure = "wieght"\nby = "morning"'),
        (
            'kind = "trend"\nproblem = "fluid_gain"\npriority = "medium"',
            'kind = "trned"\nproblem = "fluid_gain"\npriority = "urgent"',
        ),
        ('message = "weight_fast"', 'message = "weight_gain"'),
        ('id = "hf_week"\nversion = 1', "version = 0"),
        ('score = [{ feature = "weight_macd", weight = -1 }]\n', ""),
    ],
    "hypercapnia": [("value = 87", "value = 83")],
    "copd": [('title = "programme_copd"', 'title = "programme_cpod"')],
    "post_discharge": [('uses = ["pressure_trends"]', 'uses = ["presure_trends"]')],
    "post_partum": [('id = "bp_stage2"', 'id = "bp_crisis"')],
    "hypertension": [
        (
            'author = "Hearthward draft v0"',
            'author = "Hearthward draft v0"\n\n'
            '[[pilots]]\nid = "first"\nof = "bp_crysis"\nlimits = { systolic_crisis = 170 }\n'
            'source = "We want to know"\nauthor = "Dr Test"\n\n'
            '[[pilots]]\nid = "second"\nof = "bp_crisis"\n'
            "limits = { systolic_crissis = 170, diastolic_crisis = 400 }\n"
            'change = { rearm_day = 3, priority = "hihg", version = 7, asks = ["ask_visoin"] }\n'
            'source = "We want to know"\nauthor = "Dr Test"',
        )
    ],
}

SAID = """
DIRECTORY: directory: has no diabetes.toml, so nobody could be watched there; copy the shipped one.
copd.toml: title: no text 'programme_cpod' in the catalogues. Did you mean 'programme_copd'?
everyone.toml: line 188: is not TOML: Invalid value: value = high.
everyone.toml: rule bp_stage2 / rearm_day: unknown word 'rearm_day'. Did you mean 'rearm_days'?
everyone.toml: limit heart_rate_very_high / author: 'author' is missing.
everyone.toml: limit spo2_critical: value 88 lies outside safe 89 to 91.
everyone.toml: rule bp_crisis_symptoms: unknown kind 'composit'. Did you mean 'composite'?
everyone.toml: rule bp_stage2 / unless / 1 / feature: unknown feature 'sistolic_usual'. Did you mean 'systolic_usual'?
everyone.toml: rule map_low / confirm / alone: unknown alone 'maybe'; say unconfirmed, next or ignored.
everyone.toml: rule hr_high / when / 1 / measure: unknown measure 'hart_rate'. Did you mean 'heart_rate'?
everyone.toml: rule no_data / ladder / 3 / step: unknown step 'phone'; say reminder, call, partner or nurse.
everyone.toml: rule bp_crisis_symptoms / rearm_days: rearm_days is -2: should be greater than or equal to 0.
everyone.toml: rule map_low / confirm: 4 of 3 can never be: need is greater than of.
everyone.toml: rule hr_high / when / 1: needs exactly one of at_or_above, above, at_or_below, below.
everyone.toml: rule bp_low / confirm: 2 readings 45 min apart take 45 min, and within_minutes is 30: nothing could ever be confirmed.
everyone.toml: rule spo2_crit: stand_out looks at systolic_usual, and the rule at spo2.
everyone.toml: rule no_data: its ladder does not rise: day 1 comes after day 2.
everyone.toml: rule hr_high: no other rule has the problem 'hart_rate_high'. Did you mean 'heart_rate_high'?
everyone.toml: rule bp_crisis_symptoms: no limit 'sistolic_crisis'. Did you mean 'systolic_crisis'?
everyone.toml: rule bp_crisis_symptoms: unknown ask 'ask_call_emergancy'. Did you mean 'ask_call_emergency'?
everyone.toml: rule bp_crisis_symptoms: unknown question 'stroke_sings'. Did you mean 'stroke_signs'?
everyone.toml: rule bp_stage2: no limit 'systolic_knwon'. Did you mean 'systolic_known'?
everyone.toml: rule bp_stage2: unknown ask 'ask_medicine_taken'. Did you mean 'ask_medicines_taken'?
everyone.toml: rule bp_stage2: unknown ask 'ask_technique_cuf'. Did you mean 'ask_technique_cuff'?
everyone.toml: rule map_low: unknown message 'silence' for a threshold rule.
everyone.toml: rule no_data: compares spo2 in % with limit 'spo2_critical' in kg.
post_discharge.toml: rule no_data: compares spo2 in % with limit 'spo2_critical' in kg.
everyone.toml: rule spo2_crit: compares spo2 in % with limit 'spo2_critical' in kg.
everyone.toml: rule device_battery: message 'gateway_silent' tells of numbers that this rule does not have.
heart_failure.toml: titel: unknown word 'titel'. Did you mean 'title'?
heart_failure.toml: schedule wieght / measure: unknown measure 'wieght'. Did you mean 'weight'?
heart_failure.toml: schedule wieght / by: by is 'morning': should be in a valid time format, invalid character in hour.
heart_failure.toml: rule hf_trend: unknown kind 'trned'. Did you mean 'trend'?
heart_failure.toml: rule number 4 / id: 'id' is missing.
heart_failure.toml: rule number 4 / version: version is 0: should be greater than or equal to 1.
heart_failure.toml: rule wt_loss / score: 'score' is missing.
heart_failure.toml: rule hf_trend / priority: unknown priority 'urgent'; say high, medium or low.
heart_failure.toml: rule hf_rapid: unknown message 'weight_gain' for a trend rule. Did you mean 'weight_fast'?
hypercapnia.toml: limit spo2_critical: spo2_critical 84 must stay below spo2_low 83, or one would hide the other.
hypertension.toml: pilot first: no rule 'bp_crysis'. Did you mean 'bp_crisis'?
hypertension.toml: pilot second: may not change 'version': it has its own.
hypertension.toml: pilot second / change / rearm_day: unknown word 'rearm_day'. Did you mean 'rearm_days'?
hypertension.toml: pilot second / change / priority: unknown priority 'hihg'. Did you mean 'high'?
hypertension.toml: pilot second: unknown ask 'ask_visoin'. Did you mean 'ask_vision'?
hypertension.toml: pilot second: rule 'bp_crisis' does not compare with limit 'systolic_crissis'. Did you mean 'systolic_crisis'?
hypertension.toml: pilot second: limit diastolic_crisis 400 lies outside safe 100 to 130.
post_discharge.toml: uses: no shared file 'presure_trends'. Did you mean 'pressure_trends'?
post_partum.toml: rule bp_crisis: is there twice; take one out.
"""  # noqa: E501  # as it is said


def planted(directory: Path) -> Path:
    rulebook.copy_shipped(directory)
    for name, changes in PLANTED.items():
        path = directory / f"{name}.toml"
        text = path.read_text("utf-8")
        for there, instead in changes:
            assert there in text, (name, there)
            text = text.replace(there, instead, 1)
        path.write_text(text, "utf-8")
    (directory / "diabetes.toml").unlink()
    return directory


def test_every_mistake_is_named_in_one_run_and_nothing_else_is(tmp_path: Path) -> None:
    directory = planted(tmp_path / "programmes")
    ran = CliRunner().invoke(app, ["check", str(directory)])
    said = ran.stdout.replace(str(directory), "DIRECTORY").splitlines()
    assert sorted(said) == sorted(SAID.strip().splitlines())
    assert ran.stderr == "48 mistakes in 8 files\n"
    assert ran.exit_code == 1


def told(directory: Path, text: str, name: str = "copd") -> list[str]:
    """What is said of a file with this at its end."""
    rulebook.copy_shipped(directory)
    path = directory / f"{name}.toml"
    path.write_text(path.read_text("utf-8") + text, "utf-8")
    return [str(mistake) for mistake in rulebook.check(directory)]


def line_added(place: int, name: str = "copd") -> int:
    """The number of a line of the text that `told` puts at the end, the first being 1."""
    shipped = files("alerts").joinpath("programmes", f"{name}.toml").read_text("utf-8")
    return len(shipped.splitlines()) + place


def test_a_broken_line_hides_nothing_and_its_table_is_not_asked_for_what_it_held(tmp_path: Path) -> None:
    lines = (
        '\n[[rules]]\nid = "own"\nversion = 1\nkind = "threshold"\nproblem = "p"\npriority = low\n'
        'when = [\n    { measure = "spo2", below = "spo2_lwo" },\n]\n'
        'message = "value"\nrearm_days = 1\nsource = "We say so"\nauthor = "Dr Test\n'
    )
    first, second, third = told(tmp_path / "a", lines)
    assert first.startswith(f"copd.toml: line {line_added(7)}: is not TOML: ")
    assert first.endswith(": priority = low.")
    assert second.startswith(f"copd.toml: line {line_added(14)}: is not TOML: ")
    assert third == "copd.toml: rule own: no limit 'spo2_lwo'. Did you mean 'spo2_low'?"


def test_a_limit_that_no_rule_compares_with_was_meant_to_be_another(tmp_path: Path) -> None:
    limit = (
        '\n[limits.spo2_dorp]\nvalue = 4\nunit = "%"\nsafe = [2, 8]\ncautious = "lower"\n'
        'source = "We say so"\nauthor = "Dr Test"\n'
    )
    [said] = told(tmp_path / "a", limit)
    assert said == "copd.toml: limit spo2_dorp: no rule compares with it. Did you mean 'spo2_drop'?"
    twice = limit.replace("dorp", "drop")
    said_twice = f"copd.toml: line {line_added(2)}: limits.spo2_drop.value is there twice; take one out."
    assert said_twice in told(tmp_path / "b", twice)


def test_a_ladder_for_silence_never_goes_down_again(tmp_path: Path) -> None:
    rulebook.copy_shipped(tmp_path / "a")
    path = tmp_path / "a" / "everyone.toml"
    shipped = path.read_text("utf-8")
    for rung, said in (
        ('{ day = 9, step = "reminder" }', "reminder on day 9 comes after nurse"),
        ('{ day = 9, step = "nurse", priority = "low" }', "low on day 9 comes after medium"),
        ('{ day = 9, step = "nurse" }', "none on day 9 comes after medium"),
    ):
        last = '    { day = 5, step = "nurse", priority = "medium" },\n'
        path.write_text(shipped.replace(last, f"{last}    {rung},\n"), "utf-8")
        assert [str(mistake) for mistake in rulebook.check(tmp_path / "a")] == [
            f"everyone.toml: rule no_data: its ladder does not rise: {said}."
        ]


def test_a_problem_of_ones_own_is_none_of_ours_mistyped(tmp_path: Path) -> None:
    rule = (
        '\n[[rules]]\nid = "{id}"\nversion = 1\nkind = "threshold"\nproblem = "{problem}"\npriority = "low"\n'
        'when = [{{ measure = "spo2", below = "spo2_low" }}]\nmessage = "value"\nrearm_days = 1\n'
        'source = "We say so"\nauthor = "Dr Test"\n'
    )
    own = rule.format(id="one", problem="night_oxygen") + rule.format(id="two", problem="night_oxygen")
    assert told(tmp_path / "a", own) == []
    [said] = told(tmp_path / "b", own + rule.format(id="three", problem="nigth_oxygen"))
    assert said.endswith(
        "rule three: no other rule has the problem 'nigth_oxygen'. Did you mean 'night_oxygen'?"
    )


def test_a_file_that_is_asked_of_nobody_is_a_mistake(tmp_path: Path) -> None:
    rulebook.copy_shipped(tmp_path / "a")
    (tmp_path / "a" / "copd.toml").rename(tmp_path / "a" / "coqd.toml")
    said = [str(mistake) for mistake in rulebook.check(tmp_path / "a")]
    assert any("has no copd.toml" in one for one in said)
    assert any("file of no programme" in one and "Did you mean 'copd'?" in one for one in said)
