"""Trend features say what they say, and say the same for one patient and for many."""

import numpy as np
import pytest

from alerts.readings import trend
from alerts.readings.course import DAYS
from alerts.readings.day_columns import SUMS, Column
from vitals.measure import Measure


def windows(patients: int = 1) -> trend.Numbers:
    return np.full((patients, len(Column), DAYS), np.nan)


def test_a_patient_alone_and_among_many_has_the_same_features_to_the_last_bit() -> None:
    chance = np.random.default_rng(7)
    many = chance.normal(80, 2, (64, len(Column), DAYS))
    many[chance.random(many.shape) < 0.3] = np.nan
    together = trend.features(many)
    for row in (0, 17, 63):
        alone = trend.features(many[row : row + 1])
        for name in trend.FEATURES:
            np.testing.assert_array_equal(getattr(together, name)[row], getattr(alone, name)[0], err_msg=name)


def test_a_feature_is_made_of_the_readings_of_its_measure_alone() -> None:
    """A trend rule is asked again only where its measures have news: they must be the right ones."""
    columns = {Measure.WEIGHT: (Column.WEIGHT, Column.REWEIGHED)} | {m: made for m, (made, _) in SUMS.items()}
    assert sorted(column for made in columns.values() for column in made) == sorted(Column)
    chance = np.random.default_rng(8)
    before = chance.normal(80, 2, (1, len(Column), DAYS))
    was = trend.features(before)
    for measure, made in columns.items():
        after = before.copy()
        after[:, list(made)] += chance.normal(3, 1, (1, len(made), DAYS))
        now = trend.features(after)
        changed = {name for name in trend.FEATURES if getattr(now, name)[0] != getattr(was, name)[0]}
        assert {trend.measure_of(name) for name in changed} == {measure}
    assert all(trend.measure_of(name) in columns for name in trend.FEATURES)


def test_the_moving_difference_is_the_mean_of_three_days_against_twenty_eight() -> None:
    one = windows()
    one[0, Column.WEIGHT, -28:] = 80.0
    one[0, Column.WEIGHT, -3:] = 82.8
    features = trend.features(one)
    assert features.weight_macd[0] == pytest.approx(2.8 * 25 / 28)
    assert features.weight_long[0] == pytest.approx(80.3)


def test_fewer_than_seven_days_make_no_difference() -> None:
    one = windows()
    one[0, Column.WEIGHT, -6:] = 80.0
    assert np.isnan(trend.features(one).weight_macd[0])
    one[0, Column.WEIGHT, -7:] = 80.0
    assert trend.features(one).weight_macd[0] == pytest.approx(0.0)


def test_a_wandering_patient_needs_more_for_the_same_score() -> None:
    chance = np.random.default_rng(1)
    one = windows(2)
    walk = np.cumsum(chance.normal(0, 1, DAYS))
    one[0, Column.WEIGHT] = 80 + 0.02 * walk
    one[1, Column.WEIGHT] = 80 + 1.2 * walk
    scale = trend.own_wander(trend.moving_difference(one[:, Column.WEIGHT]))
    assert scale[0] < scale[1] <= trend.SPREAD_MOST


def test_one_cold_finger_counts_no_more_than_its_cut() -> None:
    one = windows()
    one[0, Column.SPO2] = 94.0
    one[0, Column.SPO2, -1] = 70.0
    least = -trend.MOST_SIGMAS * trend.EWMA_LAMBDA / np.sqrt(trend.EWMA_LAMBDA / (2 - trend.EWMA_LAMBDA))
    assert trend.features(one).spo2_z[0] == pytest.approx(least)


def test_a_vital_sign_is_bridged_for_two_missing_days_and_no_more() -> None:
    one = windows()
    one[0, Column.HEART_RATE] = 70.0
    one[0, Column.HEART_RATE, -2:] = np.nan
    assert trend.features(one).heart_rate_z[0] == pytest.approx(0.0)
    one[0, Column.HEART_RATE, -3:] = np.nan
    assert np.isnan(trend.features(one).heart_rate_z[0])


def test_a_jump_needs_a_second_opinion() -> None:
    one = windows(3)
    one[:, Column.WEIGHT, -10:] = 80.0
    one[:, Column.WEIGHT, -1] = 82.5
    one[:, Column.REWEIGHED, -1] = 0.0
    one[1, Column.REWEIGHED, -1] = 1.0
    one[2, Column.WEIGHT, -2] = 82.2
    agreed = trend.features(one).weight_jump_agreed
    assert agreed[0] == pytest.approx(0.0)
    assert agreed[1] == pytest.approx(2.5)
    assert agreed[2] == pytest.approx(2.2)


def test_the_usual_wants_six_days_and_leaves_the_last_four_out() -> None:
    one = windows()
    one[0, Column.SYSTOLIC, -9:-4] = 130.0
    one[0, Column.SYSTOLIC, -4:] = 190.0
    assert np.isnan(trend.features(one).systolic_usual[0])
    one[0, Column.SYSTOLIC, -10:-4] = 130.0
    assert trend.features(one).systolic_usual[0] == pytest.approx(130.0)
