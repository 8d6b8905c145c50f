"""What a body does from day to day, and what an instrument makes of it: pure functions of seed and time.

The numbers are of home measurement in adults. Where a source is named it was read; where none is, the number
is an assumption, chosen so that the invented ward looks like a ward, and not so that any rule looks good.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from simulators.chance import normal, wander
from simulators.courses import Course, Shift, shift_at
from vitals.measure import Measure

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)

# Day-to-day SD of morning home pressure is 8.6 and 5.8 mmHg (Ohasama, 1215 people). Two readings of one
# session differ with an SD of 7.6 systolic (home series), so a single reading has 7.6/sqrt(2) = 5.4 of noise
# and the day itself sqrt(8.6^2 - 5.4^2) = 6.7, of which we let a part be slow.
SYSTOLIC_DAY_SD = 4.7
SYSTOLIC_WANDER_SD = 3.8
SYSTOLIC_NOISE_SD = 5.4
DIASTOLIC_SHARE = 0.55  # diastolic follows systolic with this slope
DIASTOLIC_NOISE_SD = 3.5
SECOND_READING_FALL = 3.0  # the second reading of a session is 3 mmHg lower (home series)
# Priors of the trend rules: heart rate 6 /min, SpO2 1.2 %, weight 0.5 kg from day to day.
HEART_RATE_DAY_SD = 4.0
HEART_RATE_NOISE_SD = 3.0
SPO2_DAY_SD = 0.6
SPO2_NOISE_SD = 0.8
WEIGHT_DAY_SD = 0.35
WEIGHT_WANDER_SD = 0.45
WEIGHT_NOISE_SD = 0.1
GLUCOSE_DAY_SD = 18.0
TEMPERATURE_DAY_SD = 0.2
# Over the waking day pressure and pulse are highest in the afternoon, and weight grows by meals and drink.
SYSTOLIC_RHYTHM = 4.0
HEART_RATE_RHYTHM = 3.0
WEIGHT_RHYTHM = 0.6
_AFTERNOON = 16.0
_MORNING = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is usual for one person in the morning, at rest, in each measure's own unit."""

    systolic_mmhg: float
    diastolic_mmhg: float
    heart_rate_bpm: float
    spo2_percent: float
    weight_kg: float
    glucose_mg_dl: float = 98.0
    temperature_celsius: float = 36.5
    irregular: bool = False


def days_since_epoch(at: datetime) -> float:
    """An instant as the signals count it: in days, with fractions."""
    return (at - EPOCH).total_seconds() / 86_400


def true_values(
    body: Body, courses: tuple[Course, ...], *, seed: int, at: datetime, time_zone: ZoneInfo
) -> dict[Measure, float]:
    """What a perfect instrument would show at the instant, courses of illness included."""
    day = days_since_epoch(at)
    whole = math.floor(day)
    local = at.astimezone(time_zone)
    hour = local.hour + local.minute / 60
    afternoon = math.cos((hour - _AFTERNOON) / 24 * 2 * math.pi)
    shift = shift_at(courses, day)
    pressure = (
        SYSTOLIC_DAY_SD * normal(seed, "systolic", whole)
        + SYSTOLIC_WANDER_SD * wander(seed, "systolic", day)
        + SYSTOLIC_RHYTHM * afternoon
        + shift.systolic_mmhg
    )
    pulse = HEART_RATE_DAY_SD * normal(seed, "heart_rate", whole) + HEART_RATE_RHYTHM * afternoon
    weight = (
        WEIGHT_DAY_SD * normal(seed, "weight", whole)
        + WEIGHT_WANDER_SD * wander(seed, "weight", day)
        + WEIGHT_RHYTHM * max(0.0, hour - _MORNING) / 12
    )
    return _together(body, shift, pressure=pressure, pulse=pulse, weight=weight, seed=seed, whole=whole)


def _together(
    body: Body, shift: Shift, *, pressure: float, pulse: float, weight: float, seed: int, whole: int
) -> dict[Measure, float]:
    return {
        Measure.SYSTOLIC: body.systolic_mmhg + pressure,
        Measure.DIASTOLIC: body.diastolic_mmhg + DIASTOLIC_SHARE * pressure,
        Measure.HEART_RATE: body.heart_rate_bpm + pulse + shift.heart_rate_bpm,
        Measure.SPO2: body.spo2_percent + SPO2_DAY_SD * normal(seed, "spo2", whole) + shift.spo2_percent,
        Measure.WEIGHT: body.weight_kg + weight + shift.weight_kg,
        Measure.GLUCOSE: body.glucose_mg_dl
        + GLUCOSE_DAY_SD * normal(seed, "glucose", whole)
        + shift.glucose_mg_dl,
        Measure.TEMPERATURE: body.temperature_celsius
        + TEMPERATURE_DAY_SD * normal(seed, "temperature", whole)
        + shift.temperature_celsius,
    }


_NOISE_SD: dict[Measure, float] = {
    Measure.SYSTOLIC: SYSTOLIC_NOISE_SD,
    Measure.DIASTOLIC: DIASTOLIC_NOISE_SD,
    Measure.HEART_RATE: HEART_RATE_NOISE_SD,
    Measure.SPO2: SPO2_NOISE_SD,
    Measure.WEIGHT: WEIGHT_NOISE_SD,
    Measure.GLUCOSE: 5.0,
    Measure.TEMPERATURE: 0.1,
}


def measured(
    truth: Mapping[Measure, float],
    measures: tuple[Measure, ...],
    *,
    seed: int,
    label: str,
    second: bool = False,
    noise: float = 1.0,
) -> dict[Measure, float]:
    """What an instrument shows of the truth: noise, then its rounding. `label` names the measurement.

    `second` is a repeat within the same session; `noise` scales the noise.
    """
    values = {
        measure: truth[measure] + noise * _NOISE_SD[measure] * normal(seed, "noise", measure, label)
        for measure in measures
    }
    if second and Measure.SYSTOLIC in values:
        values[Measure.SYSTOLIC] -= SECOND_READING_FALL
    if Measure.DIASTOLIC in values:  # a cuff never shows a pulse pressure that flesh cannot have
        values[Measure.DIASTOLIC] = min(values[Measure.DIASTOLIC], values[Measure.SYSTOLIC] - 18)
    if Measure.SPO2 in values:
        values[Measure.SPO2] = min(99.0, values[Measure.SPO2])
    return {measure: _shown(measure, value) for measure, value in values.items()}


def _shown(measure: Measure, value: float) -> float:
    return round(value, 1) if measure in (Measure.WEIGHT, Measure.TEMPERATURE) else float(round(value))
