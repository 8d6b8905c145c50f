"""A patient whose very first weighing was wrong is not doubted for ever after."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.readings.measured import HeldFor, Measured
from alerts.readings.quality_weight import WeighingJudge
from vitals.ids import ReadingId
from vitals.measure import Measure

MORNING = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)


def weighed(day: int, kg: float) -> Measured:
    at = MORNING + timedelta(days=day)
    return Measured(reading_id=ReadingId(f"r{day}"), at=at, known_at=at, values={Measure.WEIGHT: kg})


@pytest.mark.parametrize("first", [25.0, 120.2, 81.0])
def test_after_two_days_at_another_level_the_first_weighing_is_the_one_held(first: float) -> None:
    """54.5 kg is 25.0 less a unit, 120.2 is 54.5 in pounds, 81.0 is another person."""
    judge = WeighingJudge()
    one, two, three = weighed(0, first), weighed(1, 54.5), weighed(2, 54.3)
    assert judge.judge(one).held is None
    assert judge.judge(two).held is not None
    verdict = judge.judge(three)
    assert verdict.held is None
    assert list(verdict.released) == [two]
    assert list(verdict.retracted) == [one]
    assert judge.judge(weighed(3, 54.6)).held is None


def test_pounds_stay_held_however_often_they_come_once_the_patient_is_known() -> None:
    judge = WeighingJudge()
    for day in range(10):
        assert judge.judge(weighed(day, 54.5)).held is None
    for day in range(10, 15):
        assert judge.judge(weighed(day, 120.2)).held is HeldFor.UNIT_FLIP
    assert judge.judge(weighed(15, 54.4)).held is None


@pytest.mark.parametrize("steps", [(82.3, 84.6, 87.0, 88.0), (77.9, 75.6, 73.4, 72.0)])
def test_a_staircase_of_kilograms_is_the_patients_own(steps: tuple[float, ...]) -> None:
    judge = WeighingJudge()
    for day in range(10):
        judge.judge(weighed(day, 80.0))
    assert [judge.judge(weighed(10 + day, kg)).held for day, kg in enumerate(steps)] == [None] * 4


@pytest.mark.parametrize("other", [85.0, 74.9, 92.0, 61.0])
def test_a_single_step_of_more_than_four_kilograms_is_held(other: float) -> None:
    """Whatever the day before was within a patient's everyday wander."""
    for yesterday in (79.0, 80.0, 81.0):
        judge = WeighingJudge()
        for day in range(10):
            judge.judge(weighed(day, 80.0))
        judge.judge(weighed(10, yesterday))
        assert judge.judge(weighed(11, other)).held is HeldFor.OTHER_PERSON
