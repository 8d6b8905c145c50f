"""What one local day's readings amount to: the one value of each measure that the trends use. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from math import nan
from statistics import fmean
from typing import NamedTuple

from alerts.readings.measured import Measured
from alerts.readings.quality_weight import REWEIGH_KG
from vitals.measure import Measure

# Clinical data quality, section 3 of the project's evidence review; its own measurements.
SESSION_GAP = timedelta(minutes=15)
FIRST_READING_WEIGHT = 1
LATER_READING_WEIGHT = 2
FIRST_IS_OFF_MMHG = 12
ALONE_MMHG = 3.0
REWEIGH_WITHIN = timedelta(hours=2)
REWEIGH_DIFFERS_KG = 0.5

# A member's name is looked up in several steps each time, which shows where it is asked for each reading.
_SYSTOLIC, _DIASTOLIC, _WEIGHT = Measure.SYSTOLIC, Measure.DIASTOLIC, Measure.WEIGHT
_HEART_RATE, _SPO2 = Measure.HEART_RATE, Measure.SPO2

Pressure = tuple[float, float]
"""Systolic and diastolic, mmHg; the diastolic is NaN where only the systolic is known."""


def _mean(values: Sequence[float]) -> float:
    """`fmean`, which takes its time where there is hardly anything to sum up."""
    match len(values):
        case 1:
            return values[0]
        case 2:
            return (values[0] + values[1]) / 2
        case _:
            return fmean(values)


def sessions(readings: Sequence[Measured]) -> list[list[Measured]]:
    """Readings in order of time, parted wherever more than a quarter of an hour lies between two."""
    parted: list[list[Measured]] = []
    for measured in readings:
        if parted and measured.at - parted[-1][-1].at <= SESSION_GAP:
            parted[-1].append(measured)
        else:
            parted.append([measured])
    return parted


def pressure_of_session(session: Sequence[Measured]) -> Pressure | None:
    """The session's pressure as it is shown: the first reading counts half, or not at all if it is off."""
    both = [(m.values[_SYSTOLIC], m.values.get(_DIASTOLIC, nan)) for m in session if _SYSTOLIC in m.values]
    if not both:
        return None
    if len(both) == 1:
        return both[0]
    later_systolic = _mean([systolic for systolic, _ in both[1:]])
    later_diastolic = _mean([diastolic for _, diastolic in both[1:]])
    if abs(both[0][0] - later_systolic) > FIRST_IS_OFF_MMHG:
        return later_systolic, later_diastolic
    whole = FIRST_READING_WEIGHT + LATER_READING_WEIGHT
    return (
        (FIRST_READING_WEIGHT * both[0][0] + LATER_READING_WEIGHT * later_systolic) / whole,
        (FIRST_READING_WEIGHT * both[0][1] + LATER_READING_WEIGHT * later_diastolic) / whole,
    )


class DayPressure(NamedTuple):
    """The mean of a day's sessions: as it is shown, and the systolic as the trends compare it.

    For the trends a reading alone is corrected for being the first; that correction is never shown.
    """

    shown: Pressure
    systolic: float


def pressure_of_day(readings: Sequence[Measured]) -> DayPressure | None:
    """The day's pressure; None where nothing trustworthy was measured."""
    if len(readings) == 1:  # as most days have: the same as below, several times faster
        [one] = readings
        systolic = one.values.get(_SYSTOLIC)
        if systolic is None or one.doubtful:
            return None
        alone = systolic, one.values.get(_DIASTOLIC, nan)
        return DayPressure(shown=alone, systolic=systolic - ALONE_MMHG)
    shown: list[Pressure] = []
    compared: list[float] = []
    for session in sessions([m for m in readings if not m.doubtful]):
        pressure = pressure_of_session(session)
        if pressure is not None:
            shown.append(pressure)
            compared.append(pressure[0] - (ALONE_MMHG if len(session) == 1 else 0.0))
    if not shown:
        return None
    mean = _mean([systolic for systolic, _ in shown]), _mean([diastolic for _, diastolic in shown])
    return DayPressure(shown=mean, systolic=_mean(compared))


def saturation_of_day(readings: Sequence[Measured]) -> float | None:
    """The mean over the day's sessions of each one's best value, percent."""
    good = [m for m in readings if not m.doubtful and _SPO2 in m.values]
    if len(good) == 1:
        return good[0].values[_SPO2]
    best = [max(m.values[_SPO2] for m in session) for session in sessions(good)]
    return _mean(best) if best else None


def heart_rate_of_day(readings: Sequence[Measured]) -> float | None:
    """The mean over the day's sessions of each one's mean heart rate, bpm."""
    good = [m for m in readings if not m.doubtful and _HEART_RATE in m.values]
    if len(good) == 1:
        return good[0].values[_HEART_RATE]
    means = [_mean([m.values[_HEART_RATE] for m in session]) for session in sessions(good)]
    return _mean(means) if means else None


def weight_of_day(readings: Sequence[Measured], usual: float | None) -> tuple[float, bool] | None:
    """The day's weight, kg, and whether a second weighing vouches for it.

    The first weighing of the day counts. Where it is far from the usual and was repeated, the repeat counts
    if the two differ, else their mean.
    """
    weights = [m for m in readings if _WEIGHT in m.values]
    if not weights:
        return None
    first = weights[0].values[_WEIGHT]
    repeats = [m.values[_WEIGHT] for m in weights[1:] if m.at - weights[0].at <= REWEIGH_WITHIN]
    if not repeats:
        return first, False
    agrees = abs(repeats[-1] - first) <= REWEIGH_DIFFERS_KG
    if usual is None or abs(first - usual) <= REWEIGH_KG:
        return first, agrees
    return (_mean((first, repeats[-1])) if agrees else repeats[-1]), True
