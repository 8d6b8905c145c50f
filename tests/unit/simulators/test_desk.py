"""What the nurses of the demo ward do about an alert."""

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from simulators.courses import Course, Illness
from simulators.desk import Desk
from simulators.desk_words import WORDS
from simulators.people import Person, load_people, load_staff
from simulators.physiology import days_since_epoch
from vitals.alert import TARGET_TIMES, Alert, Kind, Outcome, Priority
from vitals.alert_event import Acknowledged, Called, Closed, Noted
from vitals.ids import AlertId

NOW = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
DESK = Desk(team=load_staff(), seeded_at=NOW, time_zone=ZoneInfo("Europe/London"), seed=1)


def named(family_name: str) -> Person:
    (person,) = [person for person in load_people() if person.family_name == family_name]
    return person


THORNLEY = named("Thornley")


def raised(
    ago: timedelta,
    *,
    problem: str = "fluid_gain",
    priority: Priority = Priority.MEDIUM,
    kind: Kind = Kind.PHYSIOLOGICAL,
) -> Alert:
    return Alert(
        alert_id=AlertId(1),
        patient_id=THORNLEY.patient_id,
        problem=problem,
        kind=kind,
        priority=priority,
        rule="any",
        rule_version=1,
        reason="",
        raised_at=NOW - ago,
        due_at=NOW - ago + TARGET_TIMES[priority],
        late=False,
        acknowledged_at=None,
        owner=None,
        snoozed_until=None,
        cleared_at=None,
        closed_at=None,
        outcome=None,
        rev=1,
    )


def gain(from_days_ago: float, until_days_ago: float | None) -> Course:
    today = days_since_epoch(NOW)
    ends = math.inf if until_days_ago is None else today - until_days_ago
    return Course(illness=Illness.FLUID_GAIN, size=3.0, starts=today - from_days_ago, ramp_days=4, ends=ends)


def test_an_urgent_alert_is_taken_within_minutes_at_any_hour() -> None:
    for hours in range(30, 54):
        alert = raised(timedelta(hours=hours), problem="oxygen_low", priority=Priority.HIGH)
        first = DESK.deeds(alert, THORNLEY, ())[0]
        assert first.what == Acknowledged()
        assert first.at - alert.raised_at < timedelta(minutes=20)


def test_every_alert_is_taken_before_it_is_due() -> None:
    for priority in Priority:
        for hours in range(60, 108):
            alert = raised(timedelta(hours=hours), priority=priority)
            assert DESK.deeds(alert, THORNLEY, ())[0].at < alert.due_at


def test_a_chance_finding_is_closed_as_such_and_the_patient_is_well() -> None:
    deeds = DESK.deeds(raised(timedelta(days=9)), THORNLEY, ())
    closing = deeds[-1].what
    assert isinstance(closing, Closed)
    assert closing.outcome is not Outcome.ACTED
    assert [d.what.text for d in deeds if isinstance(d.what, Called)] == [WORDS["fluid_gain"].said_well]


def test_an_illness_is_treated_and_its_alert_closed_only_after_it_has_gone() -> None:
    course = gain(12, 6)
    deeds = DESK.deeds(raised(timedelta(days=9)), THORNLEY, [course])
    assert [type(deed.what) for deed in deeds] == [Acknowledged, Called, Noted, Closed]
    assert days_since_epoch(deeds[-1].at) > course.ends + course.fall_days
    assert isinstance(deeds[-1].what, Closed)
    assert deeds[-1].what.outcome is Outcome.ACTED


def test_an_illness_that_goes_on_keeps_its_alert_open_with_a_plan() -> None:
    deeds = DESK.deeds(raised(timedelta(days=2)), THORNLEY, [gain(6, None)])
    assert [type(deed.what) for deed in deeds] == [Acknowledged, Called, Noted]


def test_an_illness_explains_only_its_own_problems() -> None:
    deeds = DESK.deeds(raised(timedelta(days=5), problem="pressure_high"), THORNLEY, [gain(6, None)])
    assert isinstance(deeds[-1].what, Closed)


def test_a_silence_is_closed_only_once_the_patient_measures_again() -> None:
    deeds = DESK.deeds(raised(timedelta(days=6), problem="silence", priority=Priority.LOW), THORNLEY, ())
    closings = [deed for deed in deeds if isinstance(deed.what, Closed)]
    assert closings
    assert all(deed.once_cleared for deed in closings)


def test_nobody_touches_a_technical_alert_or_one_that_is_overlooked() -> None:
    assert DESK.deeds(raised(timedelta(days=2), kind=Kind.TECHNICAL), THORNLEY, ()) == []
    assert DESK.deeds(raised(timedelta(hours=10)), named("Gallagher"), ()) == []


def test_the_nurse_of_the_care_team_acts() -> None:
    team = {member.staff_id: member.name for member in load_staff()}
    (actor,) = {deed.actor for deed in DESK.deeds(raised(timedelta(days=9)), THORNLEY, ())}
    assert team[actor] == "Sara Lind"
