"""The courses an illness takes: how far each one moves a body from its usual, and when."""

import math
from dataclasses import dataclass, fields
from enum import StrEnum


class Illness(StrEnum):
    """What befalls a person; the comment beside each course's size says what `size` counts."""

    FLUID_GAIN = "fluid_gain"
    COPD_EXACERBATION = "copd_exacerbation"
    PRESSURE_RISE = "pressure_rise"
    DRUG_HYPOTENSION = "drug_hypotension"
    PRESSURE_CRISIS = "pressure_crisis"
    FAST_PULSE = "fast_pulse"
    SLOW_PULSE = "slow_pulse"
    WEIGHT_LOSS = "weight_loss"
    HIGH_GLUCOSE = "high_glucose"
    LOW_GLUCOSE = "low_glucose"
    FEVER = "fever"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One illness of one person. It grows over `ramp_days` to its size, stays, and goes over `fall_days`.

    `starts` and `ends` are days since the epoch of the signals; at `ends` it begins to go. `size` is in the
    unit of the measure it is named for: kg, mmHg, /min, mg/dL, points of SpO2, or degrees.
    """

    illness: Illness
    size: float
    starts: float
    ramp_days: float
    ends: float = math.inf
    fall_days: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """How far from usual, in each measure's own unit."""

    systolic_mmhg: float = 0.0
    heart_rate_bpm: float = 0.0
    spo2_percent: float = 0.0
    weight_kg: float = 0.0
    glucose_mg_dl: float = 0.0
    temperature_celsius: float = 0.0


# What one unit of a course's size does to each measure. At the onset of a COPD exacerbation saturation
# falls 1.2 points and pulse rises 7 /min (172 of them, 2015). What fluid does to both is an assumption.
_PER_UNIT: dict[Illness, Shift] = {
    Illness.FLUID_GAIN: Shift(weight_kg=1.0, heart_rate_bpm=3.0, spo2_percent=-0.6, systolic_mmhg=1.0),
    Illness.COPD_EXACERBATION: Shift(spo2_percent=-1.0, heart_rate_bpm=4.0),
    Illness.PRESSURE_RISE: Shift(systolic_mmhg=1.0),
    Illness.DRUG_HYPOTENSION: Shift(systolic_mmhg=-1.0, heart_rate_bpm=0.25),
    Illness.PRESSURE_CRISIS: Shift(systolic_mmhg=1.0, heart_rate_bpm=0.1),
    Illness.FAST_PULSE: Shift(heart_rate_bpm=1.0, systolic_mmhg=-0.1),
    Illness.SLOW_PULSE: Shift(heart_rate_bpm=-1.0),
    Illness.WEIGHT_LOSS: Shift(weight_kg=-1.0, systolic_mmhg=-3.0),
    Illness.HIGH_GLUCOSE: Shift(glucose_mg_dl=1.0),
    Illness.LOW_GLUCOSE: Shift(glucose_mg_dl=-1.0),
    Illness.FEVER: Shift(temperature_celsius=1.0, heart_rate_bpm=8.0),
}


def _grown(course: Course, day: float) -> float:
    """How much of its size the course has on the day: 0 before, 1 at its height."""
    if day < course.starts:
        return 0.0
    ramp = max(course.ramp_days, 1e-9)
    if day < course.ends:
        return min(1.0, (day - course.starts) / ramp)
    height = min(1.0, (course.ends - course.starts) / ramp)
    return height * max(0.0, 1.0 - (day - course.ends) / max(course.fall_days, 1e-9))


def shift_at(courses: tuple[Course, ...], day: float) -> Shift:
    """What all courses together do on the day."""
    totals = {part.name: 0.0 for part in fields(Shift)}
    for course in courses:
        amount = course.size * _grown(course, day)
        for name in totals:
            totals[name] += amount * float(getattr(_PER_UNIT[course.illness], name))
    return Shift(**totals)
