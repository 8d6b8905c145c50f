"""Weight: dots, a three-day mean through them, and the patient's usual weight as the baseline."""

from collections.abc import Sequence
from datetime import timedelta

from dashboard.figures.frame import LINE, Figure, Frame, Json, Point, with_gaps
from dashboard.figures.single import line_chart

_MEAN_OVER = timedelta(days=3)


def weight_chart(points: Sequence[Point], frame: Frame) -> Figure:
    """The mean is of the readings of the three days up to each one, so that it never knows the future."""
    figure = line_chart(points, frame, unit="kg", decimals=1, least_range=3, joined=False)
    dots = figure["data"]
    assert isinstance(dots, list)
    data: list[Json] = [_mean(points, frame), *dots]
    return {**figure, "data": data}


def _mean(points: Sequence[Point], frame: Frame) -> Figure:
    line = with_gaps(points)
    counted = [point for point in line if point is not None]

    def mean(point: Point) -> float:
        near = [other.value for other in counted if point.at - _MEAN_OVER <= other.at <= point.at]
        return round(sum(near) / len(near), 2)

    return {
        "type": "scatter",
        "mode": "lines",
        "x": [frame.x(point.at) if point else None for point in line],
        "y": [mean(point) if point else None for point in line],
        "line": {"color": LINE, "width": 2, "shape": "spline", "smoothing": 0.6},
        "opacity": 0.75,
        "hoverinfo": "skip",
    }
