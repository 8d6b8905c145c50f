"""Charts as dicts: gaps stay gaps, limits are drawn, and each reading is drawn as what it is."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dashboard
from dashboard.figures.blood_pressure import Pair, blood_pressure_chart
from dashboard.figures.frame import LIMIT, Figure, Frame, Kind, Line, Point, with_gaps
from dashboard.figures.spo2 import spo2_chart
from dashboard.figures.weight import weight_chart

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)


def frame(
    *, band: tuple[float | None, float | None] | None = (87, None), lines: tuple[Line, ...] = ()
) -> Frame:
    return Frame(
        since=NOW - timedelta(days=14),
        until=NOW,
        zone=ZoneInfo("Europe/London"),
        band=band,
        lines=lines,
        alert_at=NOW - timedelta(hours=2),
    )


def points(*values: float, every: timedelta = timedelta(days=1)) -> list[Point]:
    return [Point(at=NOW - every * (len(values) - 1 - i), value=value) for i, value in enumerate(values)]


def trace(figure: Figure, index: int) -> dict[str, list[object]]:
    data = figure["data"]
    assert isinstance(data, list)
    return data[index]


def test_readings_more_than_sixty_hours_apart_are_not_joined() -> None:
    far = [Point(at=NOW - timedelta(days=4), value=95), Point(at=NOW, value=94)]
    line = trace(spo2_chart(far, frame()), 0)
    assert line["y"] == [95, None, 94]


def test_a_reading_outside_the_band_is_a_diamond_and_one_at_the_edge_counts_as_outside() -> None:
    dots = trace(spo2_chart(points(90, 88, 87, 86), frame()), 1)
    assert dots["marker"]["symbol"] == ["circle", "circle", "diamond", "diamond"]  # type: ignore[call-overload]


def test_each_kind_of_reading_has_a_shape_of_its_own_and_only_those_that_count_are_joined() -> None:
    odd = [
        Point(at=NOW - timedelta(days=5 - number), value=95 - number, kind=kind)
        for number, kind in enumerate((Kind.PLAIN, Kind.MANUAL, Kind.LATE, Kind.HELD, Kind.EXCLUDED))
    ]
    figure = spo2_chart(odd, frame())
    shapes = trace(figure, 1)["marker"]["symbol"]  # type: ignore[call-overload]
    assert shapes == ["circle", "square", "hourglass", "circle-open", "x-open"]
    assert trace(figure, 0)["y"] == [95, 94, 93]


def test_a_typed_in_reading_outside_the_band_keeps_its_shape_and_takes_the_colour() -> None:
    marker = trace(spo2_chart([Point(at=NOW, value=80, kind=Kind.MANUAL)], frame()), 1)["marker"]
    assert (marker["symbol"], marker["color"], marker["size"]) == (["square"], [LIMIT], [9.5])  # type: ignore[call-overload]


def test_markers_are_opaque_although_their_sizes_are_a_list() -> None:
    for index in (1,):
        assert trace(spo2_chart(points(90, 91), frame()), index)["marker"]["opacity"] == 1  # type: ignore[call-overload]


def test_the_axis_is_the_patients_wall_clock_across_a_change_of_summer_time() -> None:
    before, after = datetime(2026, 3, 29, 0, 30, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert frame().x(before) == "2026-03-29 00:30"
    assert frame().x(after) == "2026-03-29 02:30"


def test_limits_and_the_alert_are_drawn_and_close_labels_are_pushed_apart() -> None:
    lines = (Line(value=92.0, words="limit 92"), Line(value=92.1, words="usual 92.1", is_limit=False))
    figure = weight_chart(points(91, 92, 93), frame(band=None, lines=lines))
    layout = figure["layout"]
    assert isinstance(layout, dict)
    dashes = [shape["line"]["dash"] for shape in layout["shapes"]]
    assert dashes == ["dash", "solid", "dot"]
    first, second = (label["y"] for label in layout["annotations"])
    low, high = layout["yaxis"]["range"]
    assert second - first >= (high - low) * 0.08


def test_the_mean_of_the_weight_never_knows_the_future() -> None:
    line = trace(weight_chart(points(80, 80, 80, 90), frame(band=None)), 0)
    assert line["y"][:3] == [80, 80, 80]
    assert line["y"][3] == 82.5


def test_blood_pressure_is_a_pair_of_marks_joined_by_a_bar() -> None:
    pairs = [
        Pair(at=NOW - timedelta(days=1), systolic=120, diastolic=80),
        Pair(at=NOW, systolic=170, diastolic=95),
        Pair(at=NOW - timedelta(days=2), systolic=300, diastolic=20, kind=Kind.EXCLUDED),
    ]
    figure = blood_pressure_chart(pairs, frame(band=(90, 140)), frame(band=(None, 90)))
    inside, outside, top, bottom = (trace(figure, index) for index in range(4))
    assert inside["y"] == [120, 80, None]
    assert outside["y"] == [170, 95, None]
    assert top["marker"]["symbol"] == ["x-open", "triangle-down", "triangle-down"]  # type: ignore[call-overload]
    assert bottom["y"] == [20, 80, 95]


def test_a_chart_without_readings_is_still_a_chart() -> None:
    for figure in (
        spo2_chart([], frame()),
        weight_chart([], frame(band=None)),
        blood_pressure_chart([], frame(), frame()),
    ):
        assert json.loads(json.dumps(figure)) == figure


def test_points_that_do_not_count_break_no_line_and_join_none() -> None:
    held = [*points(90, 91), Point(at=NOW - timedelta(hours=3), value=60, kind=Kind.HELD)]
    assert [point.value for point in with_gaps(held) if point] == [90, 91]


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def themes() -> list[dict[str, str]]:
    """The style sheet's colours in light and in dark, by name."""
    sheet = (Path(dashboard.__file__).parent / "assets" / "01_tokens.css").read_text()
    light, dark = re.findall(r":root[^{]*\{(.*?)\}", sheet, flags=re.S)
    colours = [dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", block)) for block in (light, dark)]
    return [colours[0], colours[0] | colours[1]]


def test_words_and_marks_stand_out_from_card_and_band_in_both_themes() -> None:
    for colours in themes():
        for words in ("--ink", "--ink-3", "--chart-limit", "--chart-baseline"):
            assert contrast(colours[words], colours["--card"]) >= 4.5, words
        for marks in ("--chart-line", "--chart-limit", "--chart-alert"):
            assert contrast(colours[marks], colours["--chart-band"]) >= 3, marks
            assert contrast(colours[marks], colours["--card"]) >= 3, marks


def test_every_colour_of_a_figure_is_in_the_style_sheet_of_both_themes() -> None:
    lines = (Line(value=92.0, words="limit 92"), Line(value=91.0, words="usual 91", is_limit=False))
    pairs = [Pair(at=NOW, systolic=120, diastolic=80), Pair(at=NOW, systolic=170, diastolic=95)]
    drawn = [
        weight_chart(points(80, 99), frame(lines=lines)),
        blood_pressure_chart(pairs, frame(band=(90, 140)), frame(band=(None, 90))),
    ]
    named = set(re.findall(r"var\((--[\w-]+)\)", json.dumps(drawn)))
    assert len(named) == 7
    for colours in themes():
        assert named <= colours.keys()


def test_the_last_date_on_the_axis_is_today_where_the_patient_lives() -> None:
    axis = weight_chart(points(80), frame())["layout"]["xaxis"]  # type: ignore[index, call-overload]
    assert axis["tick0"] == "2026-03-29 00:00"
    assert axis["range"][1] > "2026-03-29 13:00"
