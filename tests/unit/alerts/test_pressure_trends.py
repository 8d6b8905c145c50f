"""Pressure is compared with days long enough ago, by the days that were measured."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from alerts.readings import trend
from alerts.readings.course import DAYS
from alerts.readings.day_columns import Column
from alerts.readings.day_values import pressure_of_day
from alerts.readings.measured import Measured
from vitals.ids import ReadingId
from vitals.measure import Measure

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def windows() -> trend.Numbers:
    return np.full((1, len(Column), DAYS), np.nan)


def test_a_rise_that_has_gone_on_for_ten_days_is_not_its_own_baseline() -> None:
    one = windows()
    one[0, Column.SYSTOLIC, :-10] = 130.0
    one[0, Column.SYSTOLIC, -10:] = 146.0
    found = trend.features(one)
    assert found.systolic_usual[0] == pytest.approx(130.0)
    assert found.systolic_shift_week[0] == pytest.approx(16.0)


def test_who_is_known_for_a_fortnight_only_is_compared_with_the_days_before_the_last_four() -> None:
    one = windows()
    one[0, Column.SYSTOLIC, -14:] = 130.0
    one[0, Column.SYSTOLIC, -3:] = 150.0
    found = trend.features(one)
    assert found.systolic_usual[0] == pytest.approx(130.0)
    assert found.systolic_shift[0] == pytest.approx(20.0)


def test_the_last_three_measured_days_count_however_they_are_spread_over_a_week() -> None:
    one = windows()
    one[0, Column.SYSTOLIC, :-8] = 130.0
    one[0, Column.SYSTOLIC, [-7, -4, -1]] = (148.0, 150.0, 152.0)
    found = trend.features(one)
    assert (found.systolic_recent[0], found.systolic_recent_days[0]) == (150.0, 3.0)
    one[0, Column.SYSTOLIC, [-7, -4]] = np.nan
    one[0, Column.SYSTOLIC, -9] = 170.0
    assert trend.features(one).systolic_recent_days[0] == 1.0


def test_a_systolic_without_its_diastolic_is_a_pressure_all_the_same() -> None:
    day = pressure_of_day(
        [
            Measured(
                reading_id=ReadingId(str(k)),
                at=START + timedelta(minutes=2 * k),
                known_at=START,
                values={Measure.SYSTOLIC: value},
            )
            for k, value in enumerate((140.0, 134.0))
        ]
    )
    assert day is not None
    assert day.systolic == pytest.approx(136.0)
    assert np.isnan(day.shown[1])
