"""Trends over a patient's days, for many patients at once: numbers in, numbers out, nothing remembered.

`values` is an array [patient, column, day] of windows as `course.Window` has them, the newest day last. Every
number that comes out is an array [patient], NaN where there is not enough to say.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from alerts.readings.course import DAYS
from alerts.readings.day_columns import Column
from vitals.measure import Measure

Numbers = NDArray[np.float64]

# The specification of the project's evidence review, 7.6; its own measurements unless said otherwise.
RECENT_DAYS = 3
LONG_DAYS = 28
LEAST_HISTORY_DAYS = 7
SPREAD_FROM, SPREAD_TO = 90, 14
SPREAD_PRIOR_KG, SPREAD_PRIOR_N = 0.45, 30
SPREAD_LEAST, SPREAD_MOST = 0.75, 2.2
BASELINE_FROM, BASELINE_TO, BASELINE_LEAST = 31, 4, 6
# Pressure is judged by days that lie farther back, so that a slow rise does not become its own baseline, and
# by the last days that were measured, so that a patient who measures every other day is not judged by one.
PRESSURE_FROM, PRESSURE_TO = 45, 10
PRESSURE_DAYS, PRESSURE_WITHIN = 3, 8
# A drug that is too strong shows at once: two days say as much as three where they lie lower by as much more
# as the mean of two wanders more, which is the root of 3/2.
PAIR_DAYS = 2
PAIR_COUNTS = float(np.sqrt(PAIR_DAYS / PRESSURE_DAYS))
# What was usual before that: who comes back to it, when a rise is over, has not fallen.
FORMER_TO, FORMER_LEAST = 46, 10
# A chronically low saturation must be known soon, or it is told again every other day until it is.
SATURATION_TO, SATURATION_LEAST = 2, 4
WEEK_DAYS = 7
SIGMA_PRIOR_N = 10
SIGMA_PRIOR = {Column.HEART_RATE: 6.0, Column.SPO2: 1.2}
EWMA_LAMBDA = 0.4
EWMA_DAYS = 14
# One cold finger or one bent arm is not a trend: a single day counts no more than so much.
MOST_SIGMAS = 2.5
MOST_SHIFT_MMHG = 28.0
HOLD_DAYS = 2
FUSION_CAP = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What the trend rules look at, one number per patient.

    Weights in kg, pressures in mmHg, rates in bpm, saturation in percent; `*_z` in the patient's own standard
    deviations, smoothed; `*_days` how many days have a value.
    """

    weight: Numbers  # the newest day's
    weight_recent: Numbers  # mean of the last 3 days
    weight_long: Numbers  # mean of the last 28 days
    weight_macd: Numbers  # the two means' difference
    weight_macd_scaled: Numbers  # ... in units of the patient's own past wander
    weight_jump: Numbers  # the newest day above the median of the days 2 to 5 before
    weight_jump_agreed: Numbers  # the smaller of that and the day before's, or itself where re-weighed
    weight_week: Numbers  # the newest day above the median of the days 6 to 8 before
    weight_month_share: Numbers  # the last 3 days' change against a month ago, as a share
    systolic_recent: Numbers  # mean of the last 3 measured days, none of them older than a week
    systolic_recent_days: Numbers
    systolic_usual: Numbers
    systolic_shift: Numbers  # the same days' mean departure from the usual, each day's cut
    systolic_before: Numbers  # the usual, or the last measured days before today where those are higher
    systolic_fall: Numbers  # how far 3 days, or 2 steeper ones, lie below the usual and the former usual
    systolic_fall_days: Numbers  # how many of them say so
    systolic_fall_shown: Numbers  # what a person sees of them
    systolic_shift_week: Numbers  # the last 7 days' mean departure from the usual, each day's cut
    systolic_shown: Numbers  # what a person sees: the last 3 measured days, the usual, and the week
    systolic_usual_shown: Numbers
    systolic_week: Numbers
    systolic_week_days: Numbers
    diastolic_recent: Numbers
    diastolic_week: Numbers
    pulse_pressure_week: Numbers
    heart_rate_z: Numbers
    heart_rate_recent: Numbers
    heart_rate_usual: Numbers
    spo2_z: Numbers
    spo2_recent: Numbers  # mean of the last 2 days
    spo2_recent_days: Numbers
    spo2_fall_agreed: Numbers  # how far the better of the last 2 days lies below the usual: both say so
    spo2_usual: Numbers
    spo2_before: Numbers  # the baseline of the days before, which today's values are no part of


FEATURES = tuple(field.name for field in fields(Features))

_MEASURES = {
    "weight_": Measure.WEIGHT,
    "systolic_": Measure.SYSTOLIC,
    "diastolic_": Measure.SYSTOLIC,
    "pulse_pressure_": Measure.SYSTOLIC,
    "heart_rate_": Measure.HEART_RATE,
    "spo2_": Measure.SPO2,
}


def measure_of(feature: str) -> Measure:
    """The measure whose readings alone make the feature: a pressure comes whole, with its systolic."""
    return next(measure for begin, measure in _MEASURES.items() if f"{feature}_".startswith(begin))


def features(values: Numbers) -> Features:
    """Everything that the trend rules look at, for each patient."""
    weight = values[:, Column.WEIGHT]
    systolic, diastolic = values[:, Column.SYSTOLIC], values[:, Column.DIASTOLIC]
    shown = values[:, Column.SYSTOLIC_SHOWN]
    rate, spo2 = values[:, Column.HEART_RATE], values[:, Column.SPO2]
    usual_systolic = usual_pressure(systolic)
    last_systolic = last_measured(systolic)
    fall, fall_days = pressure_fall(systolic, np.fmin(usual_systolic, former_pressure(systolic)))
    macd = moving_difference(weight)
    jump, agreed = _jumps(weight, values[:, Column.REWEIGHED, -1])
    recent = _mean(weight[:, -RECENT_DAYS:])
    usual_spo2 = _median(spo2[:, -LONG_DAYS:])
    return Features(
        weight=weight[:, -1].copy(),  # a view would keep every window alive
        weight_recent=recent,
        weight_long=_mean(weight[:, -LONG_DAYS:]),
        weight_macd=macd[:, -1].copy(),
        weight_macd_scaled=macd[:, -1] / own_wander(macd),
        weight_jump=jump,
        weight_jump_agreed=agreed,
        weight_week=weight[:, -1] - _median(weight[:, -9:-6]),
        weight_month_share=recent / _mean(weight[:, -33:-28]) - 1,
        systolic_recent=_mean(last_systolic),
        systolic_recent_days=_count(last_systolic),
        systolic_usual=usual_systolic,
        systolic_shift=shift(last_systolic, usual_systolic),
        systolic_before=np.where(
            np.isfinite(usual_systolic),
            np.fmax(usual_systolic, _mean(last_measured(systolic[:, :-1]))),
            np.nan,
        ),
        systolic_fall=fall,
        systolic_fall_days=fall_days,
        systolic_fall_shown=np.where(
            fall_days == PAIR_DAYS, _mean(last_measured(shown, PAIR_DAYS)), _mean(last_measured(shown))
        ),
        systolic_shift_week=shift(systolic[:, -WEEK_DAYS:], usual_systolic),
        systolic_shown=_mean(last_measured(shown)),
        systolic_usual_shown=usual_pressure(shown),
        systolic_week=_mean(shown[:, -WEEK_DAYS:]),
        systolic_week_days=_count(shown[:, -WEEK_DAYS:]),
        diastolic_recent=_mean(diastolic[:, -RECENT_DAYS:]),
        diastolic_week=_mean(diastolic[:, -WEEK_DAYS:]),
        pulse_pressure_week=_mean((shown - values[:, Column.DIASTOLIC_SHOWN])[:, -WEEK_DAYS:]),
        heart_rate_z=smoothed_z(rate, SIGMA_PRIOR[Column.HEART_RATE]),
        heart_rate_recent=_mean(rate[:, -RECENT_DAYS:]),
        heart_rate_usual=usual(rate),
        spo2_z=smoothed_z(spo2, SIGMA_PRIOR[Column.SPO2]),
        spo2_recent=_mean(spo2[:, -2:]),
        spo2_recent_days=_count(spo2[:, -2:]),
        spo2_fall_agreed=usual_spo2 - np.fmax(spo2[:, -2], spo2[:, -1]),
        spo2_usual=usual_spo2,
        spo2_before=usual_saturation(spo2),
    )


def moving_difference(days: Numbers) -> Numbers:
    """For each day the mean of its last 3 days minus the mean of its last 28, as an array like `days`.

    NaN where the last three days are empty or fewer than seven of the 28 have a value.
    """
    known = np.isfinite(days)
    sums = _cumulative(np.where(known, days - _level(days), 0.0))
    counts = _cumulative(known.astype(np.float64))
    recent, recent_n = _last(sums, RECENT_DAYS), _last(counts, RECENT_DAYS)
    long, long_n = _last(sums, LONG_DAYS), _last(counts, LONG_DAYS)
    enough = (recent_n > 0) & (long_n >= LEAST_HISTORY_DAYS)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(enough, recent / recent_n - long / long_n, np.nan)


def own_wander(macd: Numbers) -> Numbers:
    """How much a patient's moving difference wanders when nothing is wrong, 1 for the usual amount."""
    past = macd[:, DAYS - 1 - SPREAD_FROM : DAYS - SPREAD_TO]
    n = _count(past)
    spread = np.nan_to_num(1.4826 * _median(np.abs(past - _median(past)[:, None])))
    pooled = np.sqrt((SPREAD_PRIOR_N * SPREAD_PRIOR_KG**2 + n * spread**2) / (SPREAD_PRIOR_N + n))
    return np.clip(pooled / SPREAD_PRIOR_KG, SPREAD_LEAST, SPREAD_MOST)


def usual(days: Numbers) -> Numbers:
    """The patient's own baseline: the median of the days 31 to 4 before; NaN below six of them."""
    past = days[:, DAYS - 1 - BASELINE_FROM : DAYS - BASELINE_TO]
    return np.where(_count(past) >= BASELINE_LEAST, _median(past), np.nan)


def usual_saturation(days: Numbers) -> Numbers:
    """The patient's own baseline of saturation, known from the first week on: the median of the days 31 to 2
    before; NaN below four of them.
    """
    past = days[:, DAYS - 1 - BASELINE_FROM : DAYS - SATURATION_TO]
    return np.where(_count(past) >= SATURATION_LEAST, _median(past), np.nan)


def usual_pressure(days: Numbers) -> Numbers:
    """The patient's own baseline of pressure: the median of the days 45 to 10 before.

    Of a patient who is not known for so long, that of the days 31 to 4 before; NaN below six of them.
    """
    past = days[:, DAYS - 1 - PRESSURE_FROM : DAYS - PRESSURE_TO]
    return np.where(_count(past) >= BASELINE_LEAST, _median(past), usual(days))


def former_pressure(days: Numbers) -> Numbers:
    """What was usual in the months before the usual: the median of those days; NaN below ten of them."""
    past = days[:, : DAYS - FORMER_TO]
    return np.where(_count(past) >= FORMER_LEAST, _median(past), np.nan)


def pressure_fall(days: Numbers, baseline: Numbers) -> tuple[Numbers, Numbers]:
    """How far the last 3 measured days lie below the baseline, and 3; or what the last 2 say, if more."""
    three = -shift(last_measured(days), baseline)
    pair = -shift(last_measured(days, PAIR_DAYS), baseline) * PAIR_COUNTS
    steeper = pair > three
    return np.where(steeper, pair, three), np.where(steeper, PAIR_DAYS, PRESSURE_DAYS).astype(np.float64)


def last_measured(days: Numbers, many: int = PRESSURE_DAYS) -> Numbers:
    """The last 3 measured, or so many, of the newest 8 days, NaN for the others."""
    newest = days[:, -PRESSURE_WITHIN:]
    after = np.cumsum(np.isfinite(newest)[:, ::-1], axis=1)[:, ::-1]
    return np.where(after <= many, newest, np.nan)


def shift(days: Numbers, baseline: Numbers) -> Numbers:
    """The days' mean departure from the patient's baseline, each day's cut to what counts."""
    return _mean(np.clip(days - baseline[:, None], -MOST_SHIFT_MMHG, MOST_SHIFT_MMHG))


def smoothed_z(days: Numbers, sigma_prior: float) -> Numbers:
    """How far a vital sign has moved from the patient's baseline, in own standard deviations, smoothed.

    Up to two missing days are bridged; NaN beyond, or without a baseline.
    """
    past = days[:, DAYS - 1 - BASELINE_FROM : DAYS - BASELINE_TO]
    n = _count(past)
    steps = _median(np.abs(_steps(past)))
    spread = np.nan_to_num(1.4826 * steps / np.sqrt(2) * 1.35)
    sigma = np.sqrt((SIGMA_PRIOR_N * sigma_prior**2 + n * spread**2) / (SIGMA_PRIOR_N + n))
    residual = np.clip(
        (days[:, -EWMA_DAYS:] - usual(days)[:, None]) / sigma[:, None], -MOST_SIGMAS, MOST_SIGMAS
    )
    smooth = np.zeros(len(days))
    for day in range(EWMA_DAYS):
        today = residual[:, day]
        smooth = np.where(np.isfinite(today), smooth + EWMA_LAMBDA * (today - smooth), smooth)
    bridged = np.isfinite(days[:, -1 - HOLD_DAYS :]).any(axis=1) & np.isfinite(usual(days))
    return np.where(bridged, smooth / np.sqrt(EWMA_LAMBDA / (2 - EWMA_LAMBDA)), np.nan)


def _jumps(weight: Numbers, reweighed: Numbers) -> tuple[Numbers, Numbers]:
    """Today's weight above the days 2 to 5 before, and how much of it a second weighing vouches for."""
    reference = _median(weight[:, -6:-2])
    today = weight[:, -1] - reference
    yesterday = weight[:, -2] - _median(weight[:, -7:-2])
    agreed = np.where(
        reweighed == 1.0, today, np.fmin(today, np.where(np.isfinite(yesterday), yesterday, -np.inf))
    )
    return today, np.where(np.isfinite(today), agreed, np.nan)


def _steps(days: Numbers) -> Numbers:
    """The change from each known day to the next known one, as an array like `days`; NaN elsewhere."""
    known = np.isfinite(days)
    positions = np.where(known, np.arange(days.shape[1]), -1)
    before = np.maximum.accumulate(positions, axis=1)[:, :-1]
    last = np.take_along_axis(days, np.maximum(before, 0), axis=1)
    return np.where(known[:, 1:] & (before >= 0), days[:, 1:] - last, np.nan)


def _level(days: Numbers) -> Numbers:
    """A level near each patient's values, so that sums of many days keep their decimals."""
    return np.nan_to_num(_median(days))[:, None]


def _cumulative(days: Numbers) -> Numbers:
    return np.cumsum(days, axis=1)


def _last(cumulated: Numbers, length: int) -> Numbers:
    earlier = np.zeros_like(cumulated)
    earlier[:, length:] = cumulated[:, :-length]
    return cumulated - earlier


def _count(days: Numbers) -> Numbers:
    return np.isfinite(days).sum(axis=1).astype(np.float64)


def _mean(days: Numbers) -> Numbers:
    known = np.isfinite(days)
    n = known.sum(axis=1)
    total = np.where(known, days, 0.0).sum(axis=1)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def _median(days: Numbers) -> Numbers:
    """The median of each row's known values; NaN for an empty row. (nanmedian is a hundred times slower.)"""
    ordered = np.sort(days, axis=1)  # NaN sorts last
    n = np.isfinite(days).sum(axis=1)
    low = np.take_along_axis(ordered, np.maximum((n - 1) // 2, 0)[:, None], axis=1)[:, 0]
    high = np.take_along_axis(ordered, np.minimum(n // 2, days.shape[1] - 1)[:, None], axis=1)[:, 0]
    return np.where(n > 0, (low + high) / 2, np.nan)
