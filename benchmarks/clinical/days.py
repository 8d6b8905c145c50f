"""A cohort as matrices of patients by local days, for rules that know no finer time."""

from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from simulators.cohort import FIRST_DAY, Cohort
from simulators.cohort_readings import MEASURES
from vitals.measure import Measure

Numbers = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
How = Literal["first", "highest", "lowest", "second_highest", "mean"]


def local_days(cohort: Cohort, patient: npt.NDArray[np.integer], at: Integers) -> Integers:
    """The local day of each instant (epoch seconds), counted from the cohort's first."""
    found = np.empty(len(at), dtype=np.int64)
    zones = np.array([one.time_zone for one in cohort.patients])[patient]
    for name in np.unique(zones):
        zone = ZoneInfo(str(name))
        midnights = [
            datetime.combine(FIRST_DAY + timedelta(days=day), time(), tzinfo=zone).timestamp()
            for day in range(cohort.days + 3)
        ]
        here = zones == name
        found[here] = np.searchsorted(midnights, at[here], side="right") - 1
    return found


def daily(cohort: Cohort, measure: Measure, how: How) -> Numbers:
    """One value per patient and local day, NaN where there was none.

    `second_highest` is the day's only value where it has one.
    """
    columns = cohort.columns
    here = columns.measure == MEASURES.index(measure)
    patient, at, value = columns.patient[here].astype(np.int64), columns.at[here], columns.value[here]
    cell = patient * cohort.days + np.minimum(local_days(cohort, patient, at), cohort.days - 1)
    order = np.lexsort((at if how in ("first", "mean") else value, cell))
    cell, value = cell[order], value[order]
    starts = np.flatnonzero(np.r_[True, cell[1:] != cell[:-1]])
    ends = np.r_[starts[1:], len(cell)]
    match how:
        case "first" | "lowest":
            chosen = value[starts]
        case "highest":
            chosen = value[ends - 1]
        case "second_highest":
            chosen = value[np.maximum(ends - 2, starts)]
        case "mean":
            chosen = np.add.reduceat(value, starts) / (ends - starts)
    days = np.full(len(cohort.patients) * cohort.days, np.nan)
    days[cell[starts]] = chosen
    return days.reshape(len(cohort.patients), cohort.days)
