"""The rules that everybody uses, as they are published: what the shipped ones are measured against."""

from collections.abc import Callable

import numpy as np

from benchmarks.clinical.days import daily
from benchmarks.clinical.scoring import Marks, Numbers
from simulators.cohort import Cohort
from vitals.measure import Measure

QUIET_DAYS = 7
"""A rule that has spoken stays quiet so long (ENGAGE-HF's own; the others get the same courtesy)."""

_LB_3, _LB_5 = 1.36, 2.27

Rule = Callable[[Cohort], Marks]


def quiet(breaches: Marks, days: int = QUIET_DAYS) -> Marks:
    """The breaches that become alerts when each silences the same patient for so many days."""
    alerts = np.zeros_like(breaches)
    until = np.zeros(breaches.shape[0], dtype=np.int64)
    for day in range(breaches.shape[1]):
        fires = breaches[:, day] & (day >= until)
        alerts[:, day] = fires
        until[fires] = day + days
    return alerts


def _gain(weight: Numbers, days: int) -> Numbers:
    """Today's weight above the lowest of the `days` days before."""
    before = np.full((days, *weight.shape), np.nan)
    for lag in range(1, days + 1):
        before[lag - 1, :, lag:] = weight[:, :-lag]
    return weight - np.nanmin(np.where(np.isnan(before), np.inf, before), axis=0)


def aha(cohort: Cohort) -> Marks:
    """3 lb since yesterday or 5 lb in a week (US leaflets)."""
    weight = daily(cohort, Measure.WEIGHT, "first")
    week = np.full_like(weight, np.nan)
    week[:, 7:] = weight[:, :-7]
    return quiet((_gain(weight, 1) >= _LB_3) | (weight - week >= _LB_5))


def esc(cohort: Cohort) -> Marks:
    """More than 2 kg in 3 days (ESC patient site)."""
    return quiet(_gain(daily(cohort, Measure.WEIGHT, "first"), 3) > 2.0)


def empower(cohort: Cohort) -> Marks:
    """1.4 kg in 24 h or 2.3 kg in 72 h (EMPOWER trial, 2022)."""
    weight = daily(cohort, Measure.WEIGHT, "first")
    return quiet((_gain(weight, 1) >= 1.4) | (_gain(weight, 3) >= 2.3))


def engage_hf(cohort: Cohort) -> Marks:
    """3 lb above the median of the week before, quiet for 7 days (ENGAGE-HF, open source)."""
    weight = daily(cohort, Measure.WEIGHT, "first")
    before = np.full((7, *weight.shape), np.nan)
    for lag in range(1, 8):
        before[lag - 1, :, lag:] = weight[:, :-lag]
    known = np.sort(before, axis=0)  # NaN last
    count = np.isfinite(before).sum(axis=0)
    low = np.take_along_axis(known, np.maximum((count - 1) // 2, 0)[None], axis=0)[0]
    high = np.take_along_axis(known, np.minimum(count // 2, 6)[None], axis=0)[0]
    return quiet(weight - (low + high) / 2 >= _LB_3)


def any_systolic_at_least(limit: float) -> Rule:
    """One reading at or above the limit."""
    return lambda cohort: quiet(daily(cohort, Measure.SYSTOLIC, "highest") >= limit)


def any_systolic_below(limit: float) -> Rule:
    """One reading below the limit."""
    return lambda cohort: quiet(daily(cohort, Measure.SYSTOLIC, "lowest") < limit)


def weekly_mean_at_least(limit: float) -> Rule:
    """The mean of 7 days, at least 4 of them measured, at or above the limit."""

    def alerts(cohort: Cohort) -> Marks:
        days = daily(cohort, Measure.SYSTOLIC, "mean")
        known = np.isfinite(days)
        sums = np.cumsum(np.where(known, days, 0.0), axis=1)
        counts = np.cumsum(known, axis=1)
        week, n = sums.copy(), counts.copy()
        week[:, 7:] -= sums[:, :-7]
        n[:, 7:] -= counts[:, :-7]
        return quiet(known & (n >= 4) & (week / np.maximum(n, 1) >= limit))

    return alerts


def spo2_at_most(limit: float) -> Rule:
    """One saturation at or below the limit."""
    return lambda cohort: quiet(daily(cohort, Measure.SPO2, "lowest") <= limit)


def best_spo2_at_most(limit: float) -> Rule:
    """The better of the day's saturations at or below the limit."""
    return lambda cohort: quiet(daily(cohort, Measure.SPO2, "highest") <= limit)
