"""A chart draws the rule that fired by the numbers that its alert carries, and by no others."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.rules.trend_messages import KEYS
from dashboard.figures.frame import ALERT, Line
from dashboard.views.charts import Shown, cards
from dashboard.views.fired import _EXPLAINED, fired_lines
from dashboard.views.targets import limit_sentences
from dashboard.words import LANGUAGE
from store.population import ChartReading
from vitals.alert import Kind, Priority
from vitals.breach import Breach, Layer, LimitUsed
from vitals.ids import ReadingId
from vitals.measure import Measure
from vitals.message import Message
from vitals.observation import Standing

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
# What such a chart cannot show: a difference of two pressures has no place on their axis.
_WITHOUT_LINES = {"pulse_pressure"}


def breach(key: str, limit: tuple[str, float], measure: Measure = Measure.WEIGHT, **values: float) -> Breach:
    used = LimitUsed(name=limit[0], value=limit[1], layer=Layer.PROGRAMME, author="a", reason="b")
    return Breach(
        rule="r",
        rule_version=1,
        problem="p",
        kind=Kind.PHYSIOLOGICAL,
        priority=Priority.MEDIUM,
        measure=measure,
        message=Message(key=key, values=values),
        magnitude=1.25,
        at=NOW,
        limits=(used,),
    )


def words(lines: object) -> list[str]:
    return [line.words for line in lines if isinstance(line, Line)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("found", "measure", "said"),
    [
        (
            breach("weight_fast", ("weight_gain_fast", 2.0), change=2.5, usual=80.2, days=3),
            Measure.WEIGHT,
            ["usual 80.2", "limit 82.2"],
        ),
        (
            breach("hf_trend", ("hf_score", 3.4), recent=89.1, change=2.1),
            Measure.WEIGHT,
            ["28-day 87.0", "3-day 89.1"],
        ),
        (
            breach("weight_loss", ("weight_drift_down", 1.8), recent=70.0, change=2.0),
            Measure.WEIGHT,
            ["28-day 72.0", "limit 70.2", "3-day 70.0"],
        ),
        (
            breach("weight_loss_month", ("weight_loss_month", 5), recent=75.0, before=80.0, percent=6.2),
            Measure.WEIGHT,
            ["month ago 80.0", "limit 76.0", "3-day 75.0"],
        ),
        (
            breach("pressure_rise", ("systolic_rise", 12), recent=148, usual=131, change=17),
            Measure.SYSTOLIC,
            ["sys. usual 131", "sys. 3-day 148"],
        ),
        (
            breach("spo2_drop", ("spo2_drop", 3), Measure.SPO2, recent=91, usual=95, change=4),
            Measure.SPO2,
            ["usual 95", "limit 92", "2-day 91"],
        ),
    ],
)
def test_a_trend_is_drawn_by_its_own_baseline_mean_and_limit(
    found: Breach, measure: Measure, said: list[str]
) -> None:
    assert words(fired_lines(found, LONDON)[measure]) == said


def test_every_message_of_a_trend_rule_has_its_lines() -> None:
    assert set(_EXPLAINED) >= KEYS - _WITHOUT_LINES


def test_a_reader_of_spanish_reads_the_lines_in_spanish() -> None:
    reader = LANGUAGE.set("es")
    try:
        found = breach("hf_trend", ("hf_score", 3.4), recent=89.1, change=2.1)
        assert words(fired_lines(found, LONDON)[Measure.WEIGHT]) == ["28 días 87,0", "3 días 89,1"]
        rise = breach("pressure_rise", ("systolic_rise", 12), recent=148, usual=131, change=17)
        assert words(fired_lines(rise, LONDON)[Measure.SYSTOLIC])[1] == "sist. 3 días 148"
    finally:
        LANGUAGE.reset(reader)


def test_a_window_mean_is_drawn_over_its_own_days_in_the_alerts_colour() -> None:
    found = breach("hf_trend", ("hf_score", 3.4), recent=89.1, change=2.1)
    mean = fired_lines(found, LONDON)[Measure.WEIGHT][-1]
    assert mean.over == (datetime(2026, 3, 8, tzinfo=LONDON), NOW)
    assert mean.colour == ALERT


def test_the_weights_chart_has_the_lines_of_the_rule_that_fired_and_no_others() -> None:
    found = breach("hf_trend", ("hf_score", 3.4), recent=89.1, change=2.1)
    weights = [
        ChartReading(
            measure=Measure.WEIGHT,
            measured_at=NOW - timedelta(days=days),
            received_at=NOW,
            value=87.0,
            reading_id=ReadingId(f"r-{days}"),
            quality=frozenset(),
            standing=Standing.ACCEPTED,
        )
        for days in reversed(range(28))
    ]
    shown = Shown(
        readings=weights,
        limits={"weight_gain_fast": 2.0},
        fired=Measure.WEIGHT,
        alert_at=NOW,
        since=NOW - timedelta(days=14),
        until=NOW,
        zone=LONDON,
        fired_limits=found.limits,
        fired_lines=fired_lines(found, LONDON),
    )
    (card,) = cards(shown)
    layout = card.figure["layout"]
    labels = [label["text"] for label in layout["annotations"]]  # type: ignore[index, call-overload]
    assert labels == ["28-day 87.0", "3-day 89.1"]
    starts = [shape["x0"] for shape in layout["shapes"] if shape["y0"] == 89.1]  # type: ignore[index, call-overload]
    assert starts == ["2026-03-08 00:00"]
    assert card.data["last_at"] == "10-Mar 12:00"


def test_a_rule_of_single_readings_keeps_the_limits_that_everybody_sees() -> None:
    assert fired_lines(breach("value", ("spo2_low", 92), Measure.SPO2, value=90), LONDON) == {}
    assert fired_lines(None, LONDON) == {}


def test_a_message_of_an_older_release_draws_nothing_rather_than_something_else() -> None:
    assert fired_lines(breach("hf_trend", ("hf_score", 3.4), recent=89.1), LONDON) == {Measure.WEIGHT: []}


def test_a_score_is_told_as_a_score_and_other_limits_by_their_names() -> None:
    score = breach("hf_trend", ("hf_score", 3.4), recent=89.1, change=2.1)
    assert limit_sentences(score, {}) == ["Heart failure trend score 4.2, alert from 3.4, from the programme"]
    gain = breach("weight_week", ("weight_gain_week", 2.3), change=2.5, usual=80.0)
    also = LimitUsed(name="weight_drift_up", value=1.1, layer=Layer.PROGRAMME, author="a", reason="b")
    assert limit_sentences(replace(gain, limits=(*gain.limits, also)), {}) == [
        "Limit 2.3 kg, from the programme",
        "Weight, slow gain: 1.1 kg, from the programme",
    ]
