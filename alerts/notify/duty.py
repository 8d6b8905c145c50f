"""Who is on duty at an instant: the rota's shifts, with those who take somebody's place. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from store.rota import Duty, Shift
from vitals.ids import StaffId


def on_duty(shifts: Iterable[Shift], duty: Duty, at: datetime) -> list[StaffId]:
    """The people of the duty at that instant, by the beginning of their shifts.

    A cover takes the place of the person covered, also where that person is only covering; where covers lead
    in a circle everybody in it is on duty, for somebody must be.
    """
    current = [shift for shift in shifts if shift.duty == duty and shift.starts_at <= at < shift.ends_at]
    # The later entry wins where two people cover for one.
    covers = {shift.cover_for: shift.staff_id for shift in current if shift.cover_for is not None}
    people: list[StaffId] = []
    for shift in current:
        if shift.cover_for is None:
            people += [person for person in _covered(shift.staff_id, covers) if person not in people]
    return people


def _covered(person: StaffId, covers: dict[StaffId, StaffId]) -> Sequence[StaffId]:
    passed: list[StaffId] = []
    while person in covers:
        passed.append(person)
        person = covers[person]
        if person in passed:
            return passed
    return [person]


def next_change(shifts: Iterable[Shift], after: datetime) -> datetime | None:
    """When somebody's duty next begins or ends; None where the rota knows of nothing."""
    turns = [turn for shift in shifts for turn in (shift.starts_at, shift.ends_at) if turn > after]
    return min(turns, default=None)
