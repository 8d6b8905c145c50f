"""Heart rate, on a chart of its own: drawn into blood pressure's, each hides the other's trend."""

from collections.abc import Sequence

from dashboard.figures.frame import Figure, Frame, Point
from dashboard.figures.single import line_chart
from dashboard.words import say


def heart_rate_chart(points: Sequence[Point], frame: Frame) -> Figure:
    """Beats a minute between the patient's low and high limits."""
    return line_chart(points, frame, unit=say("bpm"), decimals=0, least_range=30)
