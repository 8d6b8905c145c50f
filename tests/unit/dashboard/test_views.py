"""What screens show: words for people, codes for nobody, plain JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.views.charts import Shown, cards
from dashboard.views.history import OUTCOME_WORDS
from dashboard.views.patient import possible
from dashboard.views.targets import alert_limit_items, band, in_words, limits_in_force, target, target_items
from dashboard.views.wording import age, full_name, initials, sex_and_age, written_date
from dashboard.views.worklist import asked_from, row_props, worklist_props
from store.population import ChartReading
from store.sparklines import Day
from store.staff import Role, Staff
from store.worklist import PAGE, Asked, Show, Worklist, WorklistRow
from vitals.alert import Alert, Kind, Outcome, Priority
from vitals.ids import AlertId, PatientId, ReadingId, StaffId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ME = Staff(staff_id=StaffId("s-me"), ward_id="w", name="Sara Lind", email="s@example.org", role=Role.NURSE)
OTHER = StaffId("s-other")


def row(number: int, priority: Priority = Priority.HIGH) -> WorklistRow:
    return WorklistRow(
        alert_id=AlertId(number),
        patient_id=PatientId(f"p-{number}"),
        given_name="Ann",
        family_name="Ash",
        sex="female",
        birth_date=date(1950, 3, 11),
        kind=Kind.PHYSIOLOGICAL,
        priority=priority,
        measure=Measure.SPO2,
        rule="r",
        reason="Low",
        raised_at=NOW - timedelta(hours=1),
        due_at=NOW,
        acknowledged_at=None,
        owner=OTHER,
        owner_name="Tom Becker",
        snoozed_until=None,
        cleared_at=None,
        rev=1,
        others=(),
        programmes=("copd",),
        spark=(None, Day(91.26, 91.0, 92.0), Day(90.0, 90.0, 90.0)),
    )


def alert(priority: Priority = Priority.MEDIUM, *, seen: bool = False, owner: StaffId | None = None) -> Alert:
    return Alert(
        alert_id=AlertId(1),
        patient_id=PatientId("p"),
        problem="x",
        kind=Kind.PHYSIOLOGICAL,
        priority=priority,
        rule="r",
        rule_version=1,
        reason="Low",
        raised_at=NOW,
        due_at=NOW,
        late=False,
        acknowledged_at=NOW if seen else None,
        owner=owner,
        snoozed_until=None,
        cleared_at=None,
        closed_at=None,
        outcome=None,
        rev=1,
    )


def reading(measure: Measure, value: float, days_ago: float, **more: object) -> ChartReading:
    at = NOW - timedelta(days=days_ago)
    return ChartReading(
        measure=measure,
        measured_at=at,
        received_at=at,
        value=value,
        reading_id=ReadingId(f"r-{days_ago}"),
        quality=more.get("quality", frozenset()),
        standing=more.get("standing", Standing.ACCEPTED),  # type: ignore[arg-type]
    )


def of(
    rows: Sequence[WorklistRow],
    counts: Mapping[Priority, int],
) -> Worklist:
    return Worklist(rows=rows, counts=counts, snoozed=2)


def shown(*readings: ChartReading, fired: Measure | None = None, **limits: float) -> Shown:
    return Shown(
        readings=readings,
        limits=limits,
        fired=fired,
        alert_at=NOW,
        since=NOW - timedelta(days=14),
        until=NOW,
        zone=ZoneInfo("UTC"),
    )


def test_dates_cannot_be_read_as_another_day() -> None:
    assert written_date(date(2026, 5, 4)) == "04-May-2026"


def test_a_row_says_whom_an_alert_that_nobody_took_has_climbed_to() -> None:
    climbed = row_props(replace(row(1), escalated_to="backup"), ME, NOW.date(), None)
    assert climbed["escalated"] == "Escalated to the backup nurse"
    assert row_props(row(1), ME, NOW.date(), None)["escalated"] is None


def test_age_counts_completed_years_and_sex_is_written_in_full() -> None:
    assert age(date(1950, 3, 11), date(2026, 3, 10)) == 75
    assert sex_and_age("female", date(1950, 3, 10), date(2026, 3, 10)) == "Female, 76 years"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Sara Lind", "SL"),
        ("Dr Priya Raman", "PR"),
        ("Madonna", "M"),
        ("Ana María de la Cruz", "AC"),
        ("", ""),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_name_is_never_cut() -> None:
    assert full_name("M" * 80, "N" * 80) == "M" * 80 + " " + "N" * 80


def test_one_row_more_than_a_page_means_that_there_is_a_next_page() -> None:
    counts = {Priority.HIGH: 60, Priority.MEDIUM: 0, Priority.LOW: 0}
    rows = [row(n) for n in range(1, PAGE + 2)]
    asked = asked_from({}, ME)
    data = worklist_props(of(rows, counts), asked, me=ME, now=NOW)
    assert len(data["rows"]) == PAGE  # type: ignore[arg-type]
    cursor = data["next"]
    following = asked_from({"after": cursor}, ME)
    assert following.after == rows[PAGE - 1].place
    last = worklist_props(of(rows[:PAGE], counts), asked, me=ME, now=NOW)
    assert last["next"] is None


def test_what_goes_to_the_page_is_plain_json_with_the_target_of_this_patient() -> None:
    found = of([replace(row(1), own_limits={"spo2_low": 85.0})], dict.fromkeys(Priority, 1))
    data = worklist_props(found, Asked(ward_id="w"), me=ME, now=NOW)
    assert json.loads(json.dumps(data)) == data
    only = data["rows"][0]  # type: ignore[index, call-overload]
    assert only["band"] == [85.0, None]
    assert only["spark"] == [None, 91.3, 90.0]
    assert only["owner"] == {"id": OTHER, "name": "Tom Becker", "initials": "TB", "mine": False}


@pytest.mark.parametrize(
    ("day", "target", "drawn"),
    [
        (Day(90.0, 48.0, 120.0), (54.0, 180.0), 48.0),
        (Day(90.0, 70.0, 250.0), (54.0, 180.0), 250.0),
        (Day(90.0, 40.0, 250.0), (54.0, 180.0), 250.0),
        (Day(90.0, 54.0, 100.0), (54.0, 180.0), 54.0),
        (Day(90.0, 70.0, 120.0), (54.0, 180.0), 90.0),
        (Day(90.0, 70.0, 120.0), (None, None), 90.0),
        (Day(90.0, 70.0, 120.0), None, 90.0),
    ],
)
def test_a_day_out_of_target_is_drawn_by_its_worst_value(
    day: Day, target: tuple[float | None, float | None] | None, drawn: float
) -> None:
    shown = replace(row(1), measure=Measure.GLUCOSE, spark=(day,))
    assert row_props(shown, ME, NOW.date(), target)["spark"] == [drawn]


@pytest.mark.parametrize(
    "odd", [{"after": "1|x|y"}, {"after": 7}, {"show": []}, {"priority": {}}, {"search": None}]
)
def test_an_odd_question_filters_nothing(odd: dict[str, object]) -> None:
    asked = asked_from(odd, ME)
    assert (asked.show, asked.priority, asked.search, asked.after) == (Show.ALL, None, "", None)


def test_an_urgent_alert_cannot_be_snoozed_and_a_closed_one_only_commented() -> None:
    assert "snooze" in possible(alert(), ME, None)
    assert "snooze" not in possible(alert(Priority.HIGH), ME, None)
    assert possible(alert(), ME, None)[0] == "acknowledge"
    assert possible(alert(seen=True, owner=OTHER), ME, None)[0] == "claim"
    assert possible(alert(seen=True, owner=ME.staff_id), ME, None)[0] == "call"
    assert possible(alert(seen=True, owner=OTHER), ME, ME.staff_id)[0] == "accept"


def test_every_outcome_has_words() -> None:
    assert set(OUTCOME_WORDS) == set(Outcome)


def test_the_patients_own_limit_replaces_the_programmes() -> None:
    assert limits_in_force(["copd"], {})["spo2_low"] != 89
    own = limits_in_force(["copd"], {"spo2_low": 89})
    assert band(own, Measure.SPO2) == (89, None)
    assert in_words((89, None), Measure.SPO2) == "90 % or more"
    assert in_words((49, 111), Measure.HEART_RATE) == "50–110 bpm"


PROGRAMMES = ("heart_failure", "copd", "hypertension", "post_discharge", "diabetes", "post_partum")


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_targets_and_alert_limits_are_told_for_every_programme_and_never_mixed(programme: str) -> None:
    limits = limits_in_force([programme], {})
    targets, alerts = dict(target_items(limits)), dict(alert_limit_items(limits))
    assert targets["Blood pressure"].startswith("under 1")
    assert len(alerts) >= 3
    for measure in Measure:
        aim, edges = target(limits, measure), band(limits, measure)
        if aim is None or edges is None:
            continue
        for end in aim:  # who is in target raises no alert
            assert end is None or edges[0] is None or end > edges[0]
        assert edges[1] is None or aim[1] is None or aim[1] <= edges[1]


def test_oxygen_has_a_ceiling_where_hypercapnia_is_a_risk() -> None:
    assert dict(target_items(limits_in_force(["copd", "hypercapnia"], {})))["Oxygen"] == "88–92 %"
    assert dict(target_items(limits_in_force(["copd"], {})))["Oxygen"] == "94–98 %"
    assert dict(target_items(limits_in_force(["heart_failure"], {})))["Oxygen"] == "94–98 %"
    glucose = dict(target_items(limits_in_force(["diabetes"], {})))["Glucose (mg/dL)"]
    assert glucose == "80–130 before meals, under 180 after"


def test_the_measure_that_fired_is_the_first_chart() -> None:
    drawn = cards(
        shown(reading(Measure.WEIGHT, 80, 1), reading(Measure.SPO2, 95, 1), fired=Measure.SPO2, spo2_low=92)
    )
    assert [card.key for card in drawn] == ["spo2", "weight"]
    assert drawn[0].data["fired"] is True


def test_a_measure_that_fired_without_readings_still_has_its_chart() -> None:
    (card,) = cards(shown(fired=Measure.WEIGHT))
    assert card.data["last"] is None


def test_systolic_and_diastolic_of_one_reading_are_one_row_of_the_table() -> None:
    (card,) = cards(
        shown(
            reading(Measure.SYSTOLIC, 141, 1),
            reading(Measure.DIASTOLIC, 88, 1),
            fired=Measure.DIASTOLIC,
            systolic_low=90,
            systolic_stage2=140,
        )
    )
    assert card.data["last"] == "141/88"
    assert card.data["verdict"] == "Above range 91–139 mmHg"
    assert card.data["readings"] == [
        {
            "id": "r-1",
            "standing": "accepted",
            "at": "09-Mar 12:00",
            "values": ["141", "88"],
            "notes": [],
            "out": True,
        }
    ]


@pytest.mark.parametrize(
    ("pairs", "verdict", "out"),
    [
        ([(127, 87, 1)], "Diastolic: Above range up to 84 mmHg", True),
        ([(141, 87, 1)], "Above range 91–134 mmHg", True),
        ([(127, 87, 2), (121, 79, 1)], "1 of 2 out of range in 7 days", False),
        ([(127, 79, 1)], "In range 91–134 / up to 84 mmHg", False),
        ([(127, 87, 5)], "No reading for 5 days", True),
    ],
)
def test_a_pressure_is_out_of_range_where_either_value_is(
    pairs: list[tuple[float, float, float]], verdict: str, out: bool
) -> None:
    readings = [
        reading(measure, value, days)
        for systolic, diastolic, days in pairs
        for measure, value in ((Measure.SYSTOLIC, systolic), (Measure.DIASTOLIC, diastolic))
    ]
    limits = {"systolic_low": 90, "systolic_target": 135, "diastolic_target": 85}
    (card,) = cards(shown(*readings, **limits))
    assert (card.data["verdict"], card.data["out"]) == (verdict, out)
    rows = card.data["readings"]
    assert isinstance(rows, list)
    newest = pairs[-1]
    assert rows[0]["out"] is (newest[0] >= 135 or newest[1] >= 85)
    words = [note["text"] for note in card.figure["layout"]["annotations"]]  # type: ignore[index]
    assert words == ["diastolic 85", "systolic 90", "systolic 135"]


@pytest.mark.parametrize(
    ("readings", "verdict", "out"),
    [
        ([(95, 1)], "In range 93 % or more", False),
        ([(92, 1)], "Below range 93 % or more", True),
        ([(90, 2), (95, 1)], "1 of 2 out of range in 7 days", False),
        ([(95, 5)], "No reading for 5 days", True),
    ],
)
def test_the_verdict_says_it_in_one_line(
    readings: list[tuple[float, float]], verdict: str, out: bool
) -> None:
    (card,) = cards(shown(*(reading(Measure.SPO2, v, d) for v, d in readings), spo2_low=92))
    assert (card.data["verdict"], card.data["out"]) == (verdict, out)


def test_a_weight_is_judged_by_its_change_and_the_rule_of_a_fast_gain_is_drawn() -> None:
    weights = [reading(Measure.WEIGHT, 80.0, days) for days in range(28, 2, -1)]
    (card,) = cards(shown(*weights, reading(Measure.WEIGHT, 82.5, 0.1), weight_gain_fast=2.0))
    assert (card.data["verdict"], card.data["out"]) == ("+2.5 kg in 3 days", True)
    labels = [label["text"] for label in card.figure["layout"]["annotations"]]  # type: ignore[index, call-overload]
    assert labels == ["usual 80.0", "limit 82.0"]


def test_held_and_excluded_readings_are_shown_and_do_not_count() -> None:
    (card,) = cards(
        shown(
            reading(Measure.SPO2, 95, 2),
            reading(Measure.SPO2, 60, 1, standing=Standing.EXCLUDED, quality=frozenset({Quality.MANUAL})),
            spo2_low=92,
        )
    )
    assert card.data["last"] == "95"
    newest = card.data["readings"][0]  # type: ignore[index, call-overload]
    assert newest["notes"] == ["excluded", "typed in"]
    assert newest["out"] is False
