"""A course's days are the same whenever they are summed up: all at once, or after each reading."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import fmean
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.readings import day_values, trend
from alerts.readings.course import Course
from alerts.readings.day_columns import SUMS, Column
from alerts.readings.measured import Measured
from alerts.readings.trend import FEATURES, Numbers
from vitals.ids import ReadingId
from vitals.measure import Measure
from vitals.reading import Quality

T0 = datetime(2026, 3, 20, 12, tzinfo=UTC)  # clocks change on the 29th
BERLIN = ZoneInfo("Europe/Berlin")
SEEDS = range(40)


def _values(chance: Random) -> dict[Measure, float]:
    match chance.randrange(4):
        case 0:
            values = {
                Measure.SYSTOLIC: chance.randrange(100, 190),
                Measure.HEART_RATE: chance.randrange(50, 120),
            }
            return {
                **values,
                **({Measure.DIASTOLIC: chance.randrange(60, 85)} if chance.random() < 0.8 else {}),
            }
        case 1:
            return {Measure.SPO2: chance.randrange(80, 99), Measure.HEART_RATE: chance.randrange(50, 120)}
        case 2:
            return {Measure.WEIGHT: chance.randrange(78, 86)}
        case _:
            return {Measure.TEMPERATURE: 37}


def life(chance: Random) -> list[Measured]:
    """Readings of some weeks, some of them minutes apart, some flagged, some arriving after later ones."""
    said: list[Measured] = []
    at = T0
    for number in range(chance.randrange(1, 60)):
        at += chance.choice((timedelta(minutes=3), timedelta(hours=7), timedelta(hours=31)))
        late = timedelta(hours=40) if chance.random() < 0.2 else timedelta(0)
        said.append(
            Measured(
                reading_id=ReadingId(f"r{number}"),
                at=at,
                known_at=at + late,
                values=_values(chance),
                quality=frozenset({Quality.MOTION}) if chance.random() < 0.2 else frozenset(),
            )
        )
    return sorted(said, key=lambda m: m.known_at)


def windows(readings: Iterable[Measured], *, asking: bool) -> Numbers:
    """The last window, having asked for one after each reading or not."""
    course = Course(BERLIN)
    for measured in readings:
        course.add(measured)
        if asking:
            course.window()
    window = course.window()
    assert window is not None
    return window.values


@pytest.mark.parametrize("seed", SEEDS)
def test_days_are_the_same_whether_they_were_asked_for_all_along_or_only_now(seed: int) -> None:
    said = life(Random(seed))
    np.testing.assert_array_equal(windows(said, asking=True), windows(said, asking=False))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_days_numbers_are_those_of_all_its_usable_readings(seed: int) -> None:
    """What was summed up on the way is what the readings of each local day amount to, looked at anew."""
    course = Course(BERLIN)
    for measured in life(Random(seed)):
        course.add(measured)
    window = course.window()
    assert window is not None
    for measure, (columns, sum_of) in SUMS.items():
        by_day: dict[int, list[Measured]] = {}
        for measured in course.usable(measure, T0):
            by_day.setdefault(course.day_of(measured.at).toordinal(), []).append(measured)
        for day in range(window.day.toordinal() - 90, window.day.toordinal() + 1):
            found = window.values[list(columns), day - window.day.toordinal() - 1]
            wanted = sum_of(by_day[day]) if day in by_day else [np.nan] * len(columns)
            np.testing.assert_array_equal(found, wanted)


def test_a_day_of_one_reading_is_what_a_sitting_of_one_is() -> None:
    """The short way for a day with one reading says what the long way through its sittings says."""
    for values in ({Measure.SYSTOLIC: 141.3, Measure.DIASTOLIC: 82.7}, {Measure.SYSTOLIC: 141.3}):
        one = Measured(reading_id=ReadingId("one"), at=T0, known_at=T0, values=values)
        day = day_values.pressure_of_day([one])
        assert day is not None
        np.testing.assert_array_equal(day.shown, day_values.pressure_of_session([one]))
        assert day.systolic == values[Measure.SYSTOLIC] - day_values.ALONE_MMHG
    blurred = Measured(
        reading_id=ReadingId("two"),
        at=T0,
        known_at=T0,
        values={Measure.SYSTOLIC: 141.0},
        quality=frozenset({Quality.MOTION}),
    )
    assert day_values.pressure_of_day([blurred]) is None


@given(st.lists(st.floats(50, 220), min_size=1, max_size=6))
def test_sittings_hours_apart_count_by_their_mean(rates: Sequence[float]) -> None:
    readings = [
        Measured(
            reading_id=ReadingId(f"r{hour}"),
            at=T0 + timedelta(hours=hour),
            known_at=T0 + timedelta(hours=hour),
            values={Measure.HEART_RATE: rate},
        )
        for hour, rate in enumerate(rates)
    ]
    assert day_values.heart_rate_of_day(readings) == fmean(rates)


def test_a_window_reaches_the_newest_reading_though_years_and_only_a_thermometer_lie_before_it() -> None:
    course = Course(BERLIN)
    for number, (days, values) in enumerate(
        ((0, {Measure.SYSTOLIC: 130.0}), (900, {Measure.TEMPERATURE: 37.0}))
    ):
        at = T0 + timedelta(days=days)
        course.add(Measured(reading_id=ReadingId(f"r{number}"), at=at, known_at=at, values=values))
    window = course.window()
    assert window is not None
    assert window.day == course.day_of(T0 + timedelta(days=900))
    assert window.values.shape[1] == trend.DAYS
    assert np.isnan(window.values[Column.SYSTOLIC]).all()


def test_trend_state_of_many_patients_at_once_is_that_of_each_alone() -> None:
    each = [windows(life(Random(seed)), asking=True) for seed in SEEDS]
    together = trend.features(np.stack(each))
    assert np.isfinite(together.systolic_usual).sum() > 10, "lives too short to say anything prove nothing"
    for row, window in enumerate(each):
        alone = trend.features(window[None])
        for name in FEATURES:
            np.testing.assert_array_equal(getattr(together, name)[row], getattr(alone, name)[0])
