"""Breaches and alerts are reconciled: one open alert per problem, and what is closed stays quiet."""

from dataclasses import replace

from alerts.reconcile import Step, in_play, next_look, reconcile
from tests.harness.one_alert import DAY, HOUR, NURSE, P1, RULES, T0, a_breach, closed, found, opened, steps
from vitals.alert import Kind, Priority
from vitals.alert_event import (
    Claimed,
    Cleared,
    Closed,
    Eased,
    EvidenceAdded,
    PriorityRaised,
    Raised,
    Rearmed,
    Snoozed,
    Woken,
)
from vitals.breach import Breach
from vitals.measure import Measure

LOW = a_breach("hr_raised")
WORSE = a_breach("hr_high", magnitude=1.5)


def later(breach: Breach, hours: float = 1, **changes: float) -> Breach:
    return replace(breach, at=T0 + hours * HOUR, **changes)


def test_a_breach_of_a_new_problem_is_raised_and_asking_again_says_nothing() -> None:
    [step] = reconcile(P1, in_play([]), found(LOW), RULES, T0)
    assert isinstance(step, Step)
    assert step.alert is None
    assert isinstance(step.what, Raised)
    assert steps([opened(LOW)], found(LOW)) == []


def test_of_several_breaches_of_one_problem_the_most_pressing_speaks() -> None:
    [raised] = steps([], found(LOW, WORSE))
    assert isinstance(raised, Raised)
    assert raised.breach == WORSE


def test_newer_evidence_is_added_and_worse_evidence_raises_the_priority() -> None:
    assert steps([opened(LOW)], found(later(LOW))) == [EvidenceAdded(breach=later(LOW))]
    [risen] = steps([opened(LOW)], found(later(WORSE)))
    assert isinstance(risen, PriorityRaised)
    assert risen.was is Priority.LOW


def test_a_milder_breach_never_lowers_the_priority() -> None:
    [added] = steps([opened(WORSE)], found(later(LOW)))
    assert isinstance(added, EvidenceAdded)


def test_a_snooze_ends_in_time_and_only_what_is_worse_breaks_it() -> None:
    snoozed = opened(LOW, Snoozed(until=T0 + 10 * HOUR, reason="visit"), actor=NURSE)
    assert steps([snoozed], found(later(LOW))) == [EvidenceAdded(breach=later(LOW))]
    worse = later(LOW, magnitude=1.4)
    assert steps([snoozed], found(worse)) == [Woken(why="worse"), EvidenceAdded(breach=worse)]
    assert steps([snoozed], found(), now=T0 + 10 * HOUR) == [Woken(why="ended")]
    risen = steps([snoozed], found(later(WORSE)))
    assert risen[0] == Woken(why="worse")


def test_a_routine_alert_clears_after_two_normal_sessions_a_day_apart() -> None:
    first = T0 + 2 * HOUR
    assert steps([opened(LOW)], found(hr_raised=first)) == [Eased(normal_at=first)]
    eased = opened(LOW, Eased(normal_at=first))
    assert steps([eased], found(hr_raised=first + 23 * HOUR)) == []
    assert steps([eased], found(hr_raised=first + 24 * HOUR)) == [Cleared(why="two_normal_sessions")]


def test_a_more_pressing_alert_is_cleared_by_people_only() -> None:
    eased = opened(WORSE, Eased(normal_at=T0 + HOUR))
    assert steps([eased], found(hr_high=T0 + 5 * DAY), now=T0 + 5 * DAY) == []


def test_a_normal_reading_older_than_the_evidence_eases_nothing() -> None:
    assert steps([opened(LOW)], found(hr_raised=T0 - HOUR)) == []


def test_a_silence_that_ends_is_closed_by_itself_unless_somebody_owns_it() -> None:
    silence = replace(LOW, rule="no_data", problem="silence", measure=Measure.WEIGHT)
    cleared, ended = steps([opened(silence)], found(no_data=T0 + HOUR))
    assert isinstance(cleared, Cleared)
    assert isinstance(ended, Closed)
    owned = opened(silence, Claimed(), actor=NURSE)
    assert steps([owned], found(no_data=T0 + HOUR)) == [Cleared(why="cured")]


def test_a_closed_problem_stays_quiet_until_its_days_are_over() -> None:
    again = later(LOW, hours=24)
    assert steps([closed(LOW)], found(again), now=T0 + DAY) == []
    raised = steps([closed(LOW)], found(later(LOW, hours=7 * 24 + 1)), now=T0 + 7 * DAY + HOUR)
    assert isinstance(raised[0], Raised)


def test_a_closed_problem_is_raised_again_at_once_where_it_is_much_worse() -> None:
    assert isinstance(steps([closed(LOW)], found(later(LOW, magnitude=1.6)))[0], Raised)
    assert steps([closed(LOW)], found(later(LOW, magnitude=1.5))) == []
    assert isinstance(steps([closed(LOW)], found(later(WORSE)))[0], Raised)


def test_another_rules_magnitude_is_not_worse_than_what_was_answered() -> None:
    three_days = replace(LOW, rule="bp_high_3d", problem="pressure_high")
    week = replace(later(LOW, hours=30, magnitude=1.9), rule="bp_high_week", problem="pressure_high")
    assert steps([closed(three_days)], found(week), now=T0 + 2 * DAY) == []
    assert isinstance(steps([closed(three_days)], found(replace(week, rule="bp_high_3d")))[0], Raised)


def test_a_reading_below_a_limit_is_no_recovery_while_a_trend_of_the_same_problem_is_up() -> None:
    crisis = replace(LOW, rule="bp_crisis", problem="pressure_high")
    assert steps([closed(crisis)], found(bp_crisis=T0 + HOUR)) == []
    over = found(bp_crisis=T0 + HOUR, bp_high_3d=T0 + HOUR, bp_high_week=T0 + HOUR)
    assert steps([closed(crisis)], over) == [Rearmed(why="recovered")]


def test_evidence_that_the_closed_alert_had_raises_nothing() -> None:
    assert steps([closed(LOW)], found(LOW), now=T0 + 30 * DAY) == []


def test_recovery_rearms_a_threshold_and_a_pressure_trend_but_not_a_weight_trend() -> None:
    assert steps([closed(LOW)], found(hr_raised=T0 + HOUR, hr_high=T0 + HOUR)) == [Rearmed(why="recovered")]
    rearmed = closed(LOW, Rearmed(why="recovered"))
    assert isinstance(steps([rearmed], found(later(LOW, hours=3)))[0], Raised)
    pressure = replace(LOW, rule="bp_high_3d", problem="pressure_high")
    again = steps([closed(pressure, Rearmed(why="recovered"))], found(later(pressure, hours=3)))
    assert isinstance(again[0], Raised)
    trend = replace(LOW, rule="hf_trend", problem="fluid_gain")
    assert steps([closed(trend, Rearmed(why="recovered"))], found(later(trend, hours=3))) == []


def test_technical_trouble_does_not_write_an_event_at_every_look() -> None:
    trouble = replace(LOW, rule="device_pairing", problem="device_pairing", kind=Kind.TECHNICAL)
    assert steps([opened(trouble)], found(later(trouble))) == []


def test_the_next_look_is_the_end_of_a_snooze_if_nothing_comes_before() -> None:
    snoozed = opened(LOW, Snoozed(until=T0 + 10 * HOUR, reason="visit"), actor=NURSE)
    assert next_look(found(), in_play([snoozed]), RULES, T0) == T0 + 10 * HOUR
    assert next_look(found(), in_play([]), RULES, T0) == T0 + DAY
