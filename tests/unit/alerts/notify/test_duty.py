"""Who is on duty, with those who take somebody's place."""

from datetime import timedelta

from alerts.notify.duty import next_change, on_duty
from store.rota import Duty, Shift
from tests.harness.notified import NOON, shift

HOUR = timedelta(hours=1)


def nurse(person: str, begin: int, end: int, cover_for: str | None = None) -> Shift:
    return shift(Duty.NURSE, person, start=NOON + begin * HOUR, end=NOON + end * HOUR, cover_for=cover_for)


def test_a_shift_begins_with_its_first_instant_and_ends_before_its_last() -> None:
    shifts = [nurse("a", 0, 8), nurse("b", 8, 16)]
    assert on_duty(shifts, Duty.NURSE, NOON - HOUR) == []
    assert on_duty(shifts, Duty.NURSE, NOON) == ["a"]
    assert on_duty(shifts, Duty.NURSE, NOON + 8 * HOUR) == ["b"]
    assert on_duty(shifts, Duty.LEAD, NOON) == []


def test_a_cover_takes_the_place_for_its_time_only() -> None:
    shifts = [nurse("a", 0, 8), nurse("b", 2, 4, "a")]
    seen = [on_duty(shifts, Duty.NURSE, NOON + hour * HOUR) for hour in (1, 2, 4)]
    assert seen == [["a"], ["b"], ["a"]]


def test_a_cover_may_be_covered_and_the_later_entry_wins() -> None:
    shifts = [nurse("a", 0, 8), nurse("b", 0, 8, "a"), nurse("c", 0, 8, "b")]
    assert on_duty(shifts, Duty.NURSE, NOON) == ["c"]
    assert on_duty([*shifts, nurse("d", 0, 8, "a")], Duty.NURSE, NOON) == ["d"]


def test_a_cover_without_a_shift_is_no_duty_and_a_circle_leaves_somebody() -> None:
    assert on_duty([nurse("b", 0, 8, "a")], Duty.NURSE, NOON) == []
    circle = [nurse("a", 0, 8), nurse("b", 0, 8, "a"), nurse("a", 0, 8, "b")]
    assert sorted(on_duty(circle, Duty.NURSE, NOON)) == ["a", "b"]


def test_two_on_duty_are_both_named_once() -> None:
    shifts = [nurse("a", 0, 8), nurse("b", 0, 8), nurse("b", 0, 8, "a")]
    assert on_duty(shifts, Duty.NURSE, NOON) == ["b"]


def test_the_next_change_is_the_next_beginning_or_end() -> None:
    shifts = [nurse("a", 0, 8), nurse("b", 2, 4, "a")]
    assert next_change(shifts, NOON) == NOON + 2 * HOUR
    assert next_change(shifts, NOON + 4 * HOUR) == NOON + 8 * HOUR
    assert next_change(shifts, NOON + 8 * HOUR) is None
