"""What the homes measure after the ward's start."""

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile

from simulators.scenario import Fault, Measurement, measurements
from simulators.ward import Home, load_ward
from vitals.measure import Measure, plausible

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOMES = load_ward().homes


def of_home(home: Home, minutes: float = 30, seed: int = 1) -> list[Measurement]:
    until = timedelta(minutes=minutes)
    return list(takewhile(lambda m: m.after <= until, measurements(home, seed, START)))


def of_ward(minutes: float) -> Iterator[Measurement]:
    return heapq.merge(*(of_home(home, minutes) for home in HOMES), key=lambda m: m.after)


def test_the_same_seed_and_start_give_the_same_stream_and_another_seed_another() -> None:
    assert of_home(HOMES[1]) == of_home(HOMES[1])
    assert of_home(HOMES[1]) != of_home(HOMES[1], seed=2)


def test_the_ward_visibly_lives_in_its_first_minutes() -> None:
    gaps = [later.after - earlier.after for earlier, later in pairwise(of_ward(10))]
    assert sum(gaps, timedelta()) / len(gaps) < timedelta(seconds=15)
    assert max(gaps) < timedelta(seconds=45)


def test_no_device_measures_more_often_than_every_half_minute_and_none_falls_silent() -> None:
    for home in HOMES:
        for device in home.devices:
            times = [m.after for m in of_home(home, 120) if m.device_id == device.device_id]
            gaps = [later - earlier for earlier, later in pairwise(times)]
            assert min(gaps) >= timedelta(seconds=38)
            assert max(gaps) <= timedelta(minutes=5)


def test_one_patient_falls_below_every_saturation_limit_twice_within_two_minutes_and_not_at_once() -> None:
    low = [m for m in of_ward(60) if m.values.get(Measure.SPO2, 100) <= 84]
    assert timedelta(seconds=30) < low[0].after < low[1].after < timedelta(seconds=100)
    assert {m.device_id for m in low} == {HOMES[0].devices[0].device_id}
    assert low[-1].after < timedelta(minutes=10)


def test_the_one_who_falls_has_one_heart_whichever_instrument_counts_it() -> None:
    """An oximeter whose pulse is another than the cuff's is taken for badly worn, and raises no alert."""
    taken = of_home(HOMES[0], 10)
    low = [m for m in taken if m.values.get(Measure.SPO2, 100) <= 84]
    cuffs = [m for m in taken if Measure.SYSTOLIC in m.values]
    near = [(o, c) for o in low for c in cuffs if abs(o.after - c.after) < timedelta(minutes=2)]
    assert len(near) > 5
    assert all(abs(o.values[Measure.HEART_RATE] - c.values[Measure.HEART_RATE]) <= 10 for o, c in near)


def test_everybody_else_stays_away_from_the_limits() -> None:
    for home in HOMES[1:]:
        for measurement in of_home(home, 24 * 60):
            values = measurement.values
            assert values.get(Measure.SPO2, 96) >= 93
            assert 85 <= values.get(Measure.SYSTOLIC, 120) <= 165
            assert 45 <= values.get(Measure.HEART_RATE, 70) <= 105


def test_every_value_is_physiology() -> None:
    for home in HOMES:
        for measurement in of_home(home, 240):
            assert all(plausible(measure, value) for measure, value in measurement.values.items())


def test_one_cuff_starts_with_a_wrong_clock_and_fails_once() -> None:
    faults = [m.faults for m in of_home(HOMES[2]) if m.faults]
    assert faults == [frozenset({Fault.WRONG_CLOCK}), frozenset({Fault.FAILED})]
