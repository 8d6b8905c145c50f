"""A chart of one measure: a line that breaks at gaps, and each reading drawn as what it is."""

from collections.abc import Sequence

from dashboard.figures.frame import (
    CARD,
    KIND_SYMBOLS,
    LIMIT,
    LINE,
    Figure,
    Frame,
    Json,
    Point,
    layout,
    notes_words,
    value_range,
    with_gaps,
)
from dashboard.numbers import number


def line_chart(
    points: Sequence[Point],
    frame: Frame,
    *,
    unit: str,
    decimals: int,
    least_range: float,
    joined: bool = True,
) -> Figure:
    """Dots on a line; outside the band they are diamonds, and each kind has its own shape."""
    values = [point.value for point in points]
    data: list[Json] = []
    if joined:
        data.append(_joined(points, frame))
    data.append(_dots(points, frame, unit, decimals))
    return {
        "data": data,
        "layout": layout(frame, value_range(values, frame, least=least_range), whole_numbers=decimals == 0),
    }


def _joined(points: Sequence[Point], frame: Frame) -> Figure:
    line = with_gaps(points)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [frame.x(point.at) if point else None for point in line],
        "y": [point.value if point else None for point in line],
        "line": {"color": LINE, "width": 1.6},
        "hoverinfo": "skip",
    }


def _dots(points: Sequence[Point], frame: Frame, unit: str, decimals: int) -> Figure:
    ordered = sorted(points, key=lambda point: point.at)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [frame.x(point.at) for point in ordered],
        "y": [point.value for point in ordered],
        "text": [f"{number(point.value, decimals)} {unit}{notes_words(point)}" for point in ordered],
        "hovertemplate": "%{text}<br>%{x|%-d %b %H:%M}<extra></extra>",
        "marker": {
            # Plotly fades markers whose size is a list unless it is told not to.
            "opacity": 1,
            "symbol": [_symbol(point, frame) for point in ordered],
            "size": [9.5 if _is_out(point, frame) else 6.5 for point in ordered],
            "color": [LIMIT if _is_out(point, frame) else LINE for point in ordered],
            "line": {"color": CARD, "width": 1},
        },
    }


def _is_out(point: Point, frame: Frame) -> bool:
    return point.counts and frame.outside(point.value)


def _symbol(point: Point, frame: Frame) -> str:
    plain = "diamond" if _is_out(point, frame) else "circle"
    return KIND_SYMBOLS.get(point.kind, plain)
