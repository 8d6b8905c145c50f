"""The columns of a window of days, and what one local day's readings amount to in them. Pure."""

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum
from math import nan

from alerts.readings import day_values
from alerts.readings.measured import Measured
from vitals.measure import Measure


class Column(IntEnum):
    """A row of a window: one number per local day, NaN where there was none."""

    WEIGHT = 0
    SYSTOLIC = 1
    DIASTOLIC = 2
    HEART_RATE = 3
    SPO2 = 4
    REWEIGHED = 5
    SYSTOLIC_SHOWN = 6
    DIASTOLIC_SHOWN = 7


PRESSURES = (Column.SYSTOLIC, Column.DIASTOLIC, Column.SYSTOLIC_SHOWN, Column.DIASTOLIC_SHOWN)
HEART_RATES, SATURATIONS = (Column.HEART_RATE,), (Column.SPO2,)

Values = tuple[float, ...]


def pressures(today: Sequence[Measured]) -> Values:
    """The day's pressures, a number for each of `PRESSURES`."""
    day = day_values.pressure_of_day(today)
    if day is None:
        return nan, nan, nan, nan
    systolic, diastolic = day.shown
    return day.systolic, diastolic, systolic, diastolic


def heart_rate(today: Sequence[Measured]) -> Values:
    """The day's heart rate."""
    value = day_values.heart_rate_of_day(today)
    return (nan if value is None else value,)


def saturation(today: Sequence[Measured]) -> Values:
    """The day's saturation."""
    value = day_values.saturation_of_day(today)
    return (nan if value is None else value,)


SUMS: Mapping[Measure, tuple[tuple[int, ...], Callable[[Sequence[Measured]], Values]]] = {
    Measure.SYSTOLIC: (tuple(map(int, PRESSURES)), pressures),
    Measure.HEART_RATE: (tuple(map(int, HEART_RATES)), heart_rate),
    Measure.SPO2: (tuple(map(int, SATURATIONS)), saturation),
}
"""Which columns the readings of a day with this measure make, and how. Weight has its own way."""

SUMMED = (Measure.WEIGHT, *SUMS)
"""The measures whose days are summed up: those that trends look at."""
