"""A course of readings is judged and summed up by the patient's local days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.readings import day_values
from alerts.readings.course import Course
from alerts.readings.day_columns import Column
from alerts.readings.measured import HeldFor, Measured
from alerts.readings.quality import looks_typed_in
from vitals.ids import DeviceId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

T0 = datetime(2026, 3, 2, 7, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
_number = iter(range(1_000_000))


def said(
    at: datetime, device: str | None = None, decided: Standing | None = None, **values: float
) -> Measured:
    return Measured(
        reading_id=ReadingId(f"r{next(_number)}"),
        at=at,
        known_at=at,
        values={Measure(name): value for name, value in values.items()},
        device_id=None if device is None else DeviceId(device),
        decided=decided,
    )


def course(*readings: Measured) -> Course:
    one = Course(ZoneInfo("Europe/London"))
    for measured in readings:
        one.add(measured)
    return one


def weights(one: Course) -> list[float]:
    window = one.window()
    assert window is not None
    return [float(w) for w in window.values[Column.WEIGHT] if not np.isnan(w)]


def days_of(kg: float, count: int = 6) -> list[Measured]:
    return [said(T0 + day * DAY, weight=kg) for day in range(count)]


def test_a_weighing_far_from_the_usual_is_held_and_the_next_at_the_old_level_leaves_it_so() -> None:
    other = said(T0 + 6 * DAY, weight=92.0)
    one = course(*days_of(80.0), other, said(T0 + 7 * DAY, weight=80.2))
    assert one.held == {other.reading_id: HeldFor.OTHER_PERSON}
    assert 92.0 not in weights(one)


def test_a_held_weighing_is_accepted_when_the_next_agrees_and_it_is_not_impossibly_far() -> None:
    one = course(*days_of(80.0), said(T0 + 6 * DAY, weight=85.5), said(T0 + 7 * DAY, weight=85.9))
    assert one.held == {}
    assert weights(one)[-2:] == [85.5, 85.9]


def test_a_gain_that_outruns_the_median_is_vouched_for_by_yesterday_and_not_by_last_week() -> None:
    gain = [said(T0 + day * DAY, weight=kg) for day, kg in ((6, 81.4), (7, 82.8), (8, 84.2))]
    assert course(*days_of(80.0), *gain).held == {}
    late = said(T0 + 12 * DAY, weight=84.2)
    assert course(*days_of(80.0), *gain[:2], late).held == {late.reading_id: HeldFor.OTHER_PERSON}


def test_eight_kilograms_need_three_days() -> None:
    far = [said(T0 + day * DAY, weight=91.0) for day in (6, 7)]
    assert len(course(*days_of(80.0), *far).held) == 2
    assert course(*days_of(80.0), *far, said(T0 + 8 * DAY, weight=91.2)).held == {}


def test_pounds_are_held_as_pounds() -> None:
    flip = said(T0 + 6 * DAY, weight=80.0 * 2.2046)
    assert course(*days_of(80.0), flip).held == {flip.reading_id: HeldFor.UNIT_FLIP}


def test_a_persons_word_is_not_overruled() -> None:
    kept = said(T0 + 6 * DAY, weight=92.0, decided=Standing.ACCEPTED)
    gone = said(T0 + 7 * DAY, weight=80.0, decided=Standing.EXCLUDED)
    one = course(*days_of(80.0), kept, gone)
    assert one.held == {}
    assert weights(one)[-1] == 92.0


def test_what_cannot_be_is_held() -> None:
    narrow = said(T0, systolic=120.0, diastolic=112.0)
    zero = said(T0 + MINUTE, weight=0.0)
    assert set(course(narrow, zero).held.values()) == {HeldFor.IMPLAUSIBLE}


def test_a_new_scale_takes_over_the_old_level_once_three_days_are_known() -> None:
    old = [said(T0 + day * DAY, device="old", weight=80.0) for day in range(10)]
    new = [said(T0 + day * DAY, device="new", weight=81.0) for day in range(10, 13)]
    assert weights(course(*old, *new[:2])) == []
    assert set(weights(course(*old, *new))) == {81.0}


def test_who_takes_now_one_scale_and_now_the_other_is_watched() -> None:
    days = [
        said(T0 + day * DAY, device="bathroom" if day % 2 else "hall", weight=80.0 + day % 2)
        for day in range(20)
    ]
    assert weights(course(*days))[-4:] == [80.0, 81.0, 80.0, 81.0]


def test_a_scale_out_of_the_attic_is_a_new_one() -> None:
    attic = [said(T0 + day * DAY, device="attic", weight=82.0) for day in range(5)]
    mine = [said(T0 + day * DAY, device="mine", weight=80.0) for day in range(5, 25)]
    again = said(T0 + 25 * DAY, device="attic", weight=82.0)
    assert weights(course(*attic, *mine, again)) == []


def test_days_are_the_patients_own_across_a_change_of_clocks() -> None:
    evening = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)  # the last day before British summer time
    midnight = datetime(2026, 3, 29, 23, 30, tzinfo=UTC)  # already the 30th by the patient's clock
    one = course(said(evening, weight=80.0), said(midnight, weight=80.2))
    assert one.day_of(midnight).isoformat() == "2026-03-30"
    window = one.window()
    assert window is not None
    assert np.isnan(window.values[Column.WEIGHT, -2])


def test_readings_that_arrive_in_any_order_make_the_same_days() -> None:
    readings = [said(T0 + day * DAY, systolic=120.0 + day, diastolic=70.0) for day in range(8)]
    forwards, backwards = course(*readings).window(), course(*reversed(readings)).window()
    assert forwards is not None
    assert backwards is not None
    np.testing.assert_array_equal(forwards.values, backwards.values)


def test_an_oximeter_that_counts_another_pulse_than_the_cuff_is_doubtful_whichever_came_first() -> None:
    cuff = said(T0, systolic=124.0, diastolic=76.0, heart_rate=70.0)
    oximeter = said(T0 + 3 * MINUTE, spo2=82.0, heart_rate=110.0)
    for order in ((cuff, oximeter), (oximeter, cuff)):
        last = course(*order).last(Measure.SPO2)
        assert last is not None
        assert Quality.QUESTIONABLE in last.quality


def test_the_first_reading_of_a_sitting_counts_half_or_not_at_all() -> None:
    near = [said(T0, systolic=140.0, diastolic=80.0), said(T0 + MINUTE, systolic=131.0, diastolic=77.0)]
    off = [said(T0, systolic=150.0, diastolic=80.0), said(T0 + MINUTE, systolic=131.0, diastolic=77.0)]
    assert day_values.pressure_of_session(near) == (134.0, 78.0)
    assert day_values.pressure_of_session(off) == (131.0, 77.0)


def test_a_reading_alone_is_corrected_for_the_trends_and_never_shown_so() -> None:
    day = day_values.pressure_of_day([said(T0, systolic=140.0, diastolic=80.0)])
    assert day is not None
    assert day.shown == (140.0, 80.0)
    assert day.systolic == 137.0


def test_the_days_weight_is_the_first_or_its_repeat() -> None:
    first, repeat = said(T0, weight=82.0), said(T0 + 5 * MINUTE, weight=80.1)
    assert day_values.weight_of_day([first, repeat], usual=80.0) == (80.1, True)
    assert day_values.weight_of_day([first, said(T0 + 5 * MINUTE, weight=81.8)], usual=80.0) == (
        pytest.approx(81.9),
        True,
    )
    assert day_values.weight_of_day([first], usual=80.0) == (82.0, False)


def test_a_series_that_ends_in_nought_looks_typed_in() -> None:
    assert looks_typed_in([120, 130, 140, 135, 120, 130] * 6)
    assert looks_typed_in([121, 121, 121, 121])
    assert not looks_typed_in([121, 124, 119, 120, 127, 131])


@given(st.lists(st.floats(min_value=70, max_value=90), min_size=1, max_size=40))
def test_no_weighing_within_the_tolerance_is_ever_lost(kilograms: list[float]) -> None:
    near = [80 + (kg - 80) * 0.15 for kg in kilograms]
    assert course(*(said(T0 + day * DAY, weight=kg) for day, kg in enumerate(near))).held == {}
