"""A habit changes how a cohort is measured, and nothing of what truly happened."""

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from benchmarks.clinical.__main__ import verdict
from benchmarks.clinical.days import local_days
from benchmarks.clinical.goals import GOALS
from benchmarks.clinical.habits import HABITS
from benchmarks.clinical.scoring import Score
from simulators.cohort import Cohort, Task, make
from simulators.cohort_law_c import LAW_C
from simulators.cohort_laws import LAW_B
from simulators.cohort_readings import MEASURES
from vitals.measure import Measure

PATIENTS, DAYS = 24, 150


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return make(Task.BLOOD_PRESSURE, LAW_B, seed=3, patients=PATIENTS, days=DAYS)


def hours(cohort: Cohort) -> np.ndarray:
    zones = [ZoneInfo(one.time_zone) for one in cohort.patients]
    midnights = {
        (p, d): cohort.instant(p, d).timestamp() for p in range(len(zones)) for d in range(cohort.days + 2)
    }
    days = local_days(cohort, cohort.columns.patient, cohort.columns.at)
    starts = [midnights[p, d] for p, d in zip(cohort.columns.patient.tolist(), days.tolist(), strict=True)]
    return (cohort.columns.at - np.array(starts)) / 3600


def measured_days(cohort: Cohort) -> int:
    days = local_days(cohort, cohort.columns.patient, cohort.columns.at)
    return len(np.unique(cohort.columns.patient.astype(np.int64) * 1000 + days))


def test_in_the_evening_nobody_measures_before_noon(cohort: Cohort) -> None:
    found = HABITS["evening"](cohort)
    assert hours(found).min() > 12
    assert measured_days(found) == measured_days(cohort)


def test_one_clock_is_seven_sharp_for_everybody(cohort: Cohort) -> None:
    found = HABITS["one_clock"](cohort)
    firsts = hours(found)[np.unique(found.columns.patient, return_index=True)[1]]
    assert set(firsts.tolist()) == {7.0}
    assert len(found.columns.at) == len(cohort.columns.at)


def test_single_leaves_one_reading_of_a_sitting(cohort: Cohort) -> None:
    columns = HABITS["single"](cohort).columns
    systolic = columns.measure == MEASURES.index(Measure.SYSTOLIC)
    same = np.diff(columns.patient[systolic]) == 0
    assert np.diff(columns.at[systolic])[same].min() > 15 * 60


def test_sparse_leaves_three_of_five_days(cohort: Cohort) -> None:
    assert measured_days(HABITS["sparse"](cohort)) / measured_days(cohort) == pytest.approx(0.6, abs=0.05)


def test_a_quarter_ends_after_ninety_days_and_newcomers_are_known_for_two_weeks(cohort: Cohort) -> None:
    short = HABITS["quarter"](cohort)
    assert local_days(short, short.columns.patient, short.columns.at).max() < short.days == 90
    new = HABITS["newcomers"](cohort)
    days = local_days(new, new.columns.patient, new.columns.at)
    assert new.episodes
    for episode in new.episodes:
        assert days[new.columns.patient == episode.patient].min() >= episode.onset_day - 14


def test_the_third_law_has_patients_who_measure_in_the_evening_and_at_no_weekend() -> None:
    found = make(Task.HEART_FAILURE, LAW_C, seed=1, patients=100, days=30)
    of = found.columns.patient
    late = [np.median(hours(found)[of == patient]) > 15 for patient in range(100)]
    assert 0.02 < np.mean(late) < 0.3
    assert measured_days(found) / (100 * 30) < 0.9


def test_the_verdict_names_the_strictest_count_that_holds() -> None:
    [goal] = [goal for goal in GOALS if goal.name == "loss of pressure control"]

    def scored(sensitivity: float, false: float, everything: float) -> Score:
        return Score(
            episodes=100,
            sensitivity=sensitivity,
            sensitivity_interval=(sensitivity - 0.03, sensitivity + 0.03),
            false_per_month=false,
            false_interval=(false - 0.01, false + 0.01),
            all_per_month=everything,
            all_interval=(everything - 0.01, everything + 0.01),
            lead_days=5.0,
            lead_three=0.9,
        )

    assert verdict(scored(0.85, 0.09, 0.14), goal) == "reached"
    assert verdict(scored(0.85, 0.09, 0.20), goal) == "reached, false alerts only"
    assert verdict(scored(0.78, 0.09, 0.14), goal) == "missed, within chance"
    assert verdict(scored(0.60, 0.09, 0.14), goal) == "MISSED"
