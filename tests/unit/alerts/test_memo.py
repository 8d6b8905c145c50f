"""What a rule found before is said again only where asking it anew would find the same."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from alerts.book import rulebook
from alerts.book.limits import OwnLimit, resolve
from alerts.readings.course import Course
from alerts.readings.measured import Measured
from alerts.rules.evaluate import Memo, find
from alerts.rules.view import (
    NOTHING,
    Break,
    Equipment,
    Finding,
    GatewayState,
    View,
    Watched,
    trends_later,
)
from simulators.cohort import Task, make
from simulators.cohort_laws import LAW_A
from tests.harness import cohort_ward
from tests.harness.cohort_ward import Lived
from vitals.alert import Priority
from vitals.ids import GatewayId, ReadingId
from vitals.measure import Measure

DAYS = 50
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LOOKS = (16 * MINUTE, 31 * MINUTE, 3 * HOUR)
MORNING = datetime(2025, 3, 1, 7, tzinfo=UTC)


def view_of(course: Course, who: Lived) -> View:
    programme = who.who.programme.value
    begun = who.readings[0].at
    rules = rulebook.shipped().for_programmes([programme])
    return View(
        patient=Watched(
            patient_id=who.who.patient_id,
            time_zone=who.who.time_zone,
            birth_date=who.who.birth_date,
            enrolled_at=begun,
            programmes={programme: begun.date()},
        ),
        rules=rules,
        limits=resolve(rules, (), (), begun),
        course=course,
        trends=trends_later(course),
    )


def instants(readings: list[Measured], chance: Random) -> Iterator[tuple[datetime, list[Measured]]]:
    """When somebody looks, and what has come by then: at each reading, somewhat later, and by the clock."""
    whens = {m.known_at for m in readings} | {m.known_at + chance.choice(LOOKS) for m in readings}
    whens |= {readings[0].at + day * DAY + chance.randrange(24) * HOUR for day in range(DAYS + 4)}
    place = 0
    for now in sorted(whens):
        come = place
        while come < len(readings) and readings[come].known_at <= now:
            come += 1
        yield now, readings[place:come]
        place = come


@pytest.mark.parametrize("task", Task)
def test_what_is_remembered_is_what_would_be_found(task: Task) -> None:
    chance, spared = Random(7), 0
    for who in cohort_ward.lives(make(task, LAW_A, seed=5, patients=2, days=DAYS)):
        course, memo = Course(ZoneInfo(who.who.time_zone)), Memo()
        said: dict[str, Finding] = {}
        # Every three weeks some days of silence, and now and then a doctor who changes a limit.
        kept = [m for m in who.readings if (m.at - who.readings[0].at).days % 20 < 15]
        for number, (now, new) in enumerate(instants(kept, chance)):
            for measured in new:
                course.add(measured)
            view = view_of(course, who)
            if number % 50 >= 25:
                view = replace(view, limits=resolve(view.rules, (), [lower(now)], now))
            for rule in (*view.rules.live, *view.rules.weekly):
                remembered = memo.find(rule, view, now)
                anew = find(rule, view, now)
                assert remembered == anew, (rule.id, now)
                spared += remembered is said.get(rule.id) and remembered is not NOTHING
                said[rule.id] = remembered
    assert spared > 100, "a memo that always asks proves nothing"


def lower(now: datetime) -> OwnLimit:
    return OwnLimit(name="systolic_crisis", value=131, author="dr", reason="low", set_at=now - MINUTE)


@pytest.fixture
def alone() -> tuple[Course, View]:
    """A patient with three mornings of good pressures, and nothing since."""
    [who] = cohort_ward.lives(make(Task.BLOOD_PRESSURE, LAW_A, seed=5, patients=1, days=2))
    course = Course(ZoneInfo("UTC"))
    for day in range(3):
        at = MORNING + day * DAY
        values = {Measure.SYSTOLIC: 150.0, Measure.DIASTOLIC: 80.0}
        course.add(Measured(reading_id=ReadingId(f"r{day}"), at=at, known_at=at, values=values))
    view = view_of(course, who)
    return course, replace(view, patient=replace(view.patient, time_zone="UTC", enrolled_at=MORNING))


def test_another_limit_is_asked_about_at_once(alone: tuple[Course, View]) -> None:
    course, view = alone
    now, memo, rule = MORNING + 2 * DAY + HOUR, Memo(), view.rules.live_by_id["bp_crisis"]
    assert memo.find(rule, view, now).breach is None
    lowered = replace(view, limits=resolve(view.rules, (), [lower(now)], now))
    assert memo.find(rule, lowered, now + MINUTE).breach is not None
    assert memo.find(rule, replace(view, limits=dict(view.limits)), now + 2 * MINUTE).breach is None
    assert course.changes(None) == 3


def test_a_silence_that_equipment_explained_is_one_once_it_works_again(alone: tuple[Course, View]) -> None:
    _course, view = alone
    [shipped] = view.rules.stale
    # A clinic's own ladder: the partner's rung is an alert, and waits for the equipment; a nurse's does not.
    ladder = [rung.model_copy(update={"priority": Priority.LOW}) for rung in shipped.ladder]
    rule = shipped.model_copy(update={"ladder": tuple(ladder)})
    broken = Equipment(gateways=(GatewayState(gateway_id=GatewayId("g"), online=False, since=MORNING),))
    works = Equipment(gateways=(GatewayState(gateway_id=GatewayId("g"), online=True, since=MORNING),))
    silent = [
        now
        for now in (MORNING + day * DAY for day in range(3, 12))
        if find(rule, replace(view, equipment=works), now) != find(rule, replace(view, equipment=broken), now)
    ]
    assert silent, "some rung of the ladder is not a nurse's, and waits for the equipment"
    memo = Memo()
    assert memo.find(rule, replace(view, equipment=broken), silent[0]).breach is None
    assert memo.find(rule, replace(view, equipment=works), silent[0] + MINUTE).breach is not None


def test_a_silence_in_a_pause_is_one_as_soon_as_the_pause_is_taken_back(alone: tuple[Course, View]) -> None:
    _course, view = alone
    [rule] = view.rules.stale
    now = MORNING + 9 * DAY
    paused = replace(view, breaks=[Break(starts_at=now - HOUR, ends_at=now + DAY)])
    memo = Memo()
    assert memo.find(rule, paused, now).breach is None
    assert memo.find(rule, view, now + MINUTE).breach is not None


def test_a_clock_that_goes_back_is_asked_anew(alone: tuple[Course, View]) -> None:
    """Days ahead the newest pressure is too old to raise; back in its own time it is not."""
    course, view = alone
    at = MORNING + 3 * DAY
    for minutes in (0, 3):
        values = {Measure.SYSTOLIC: 195.0, Measure.DIASTOLIC: 110.0}
        when = at + minutes * MINUTE
        course.add(Measured(reading_id=ReadingId(f"high{minutes}"), at=when, known_at=when, values=values))
    memo, rule = Memo(), view.rules.live_by_id["bp_crisis"]
    assert memo.find(rule, view, at + 9 * DAY).breach is None
    assert memo.find(rule, view, at + 10 * MINUTE).breach is not None
