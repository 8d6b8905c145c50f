"""Oxygen saturation against this patient's own target band."""

from collections.abc import Sequence

from dashboard.figures.frame import Figure, Frame, Point
from dashboard.figures.single import line_chart


def spo2_chart(points: Sequence[Point], frame: Frame) -> Figure:
    """The band is the patient's: 88 to 92 % is a target for some, and low for others."""
    return line_chart(points, frame, unit="%", decimals=0, least_range=8)
