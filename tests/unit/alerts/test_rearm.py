"""After its close a problem is quiet for a while: what ends that before, and what never kept it quiet."""

from dataclasses import replace

import pytest

from alerts import life
from alerts.reconcile import in_play, next_look
from tests.harness.one_alert import (
    DAY,
    HOUR,
    NURSE,
    RULES,
    T0,
    a_breach,
    closed,
    found,
    history,
    is_raised,
    opened,
    say,
    steps,
)  # fmt: skip
from vitals.alert import Outcome
from vitals.alert_event import SYSTEM, Cleared, Closed, Rearmed, Undone

LOW = a_breach("hr_raised")
AGAIN = replace(LOW, at=T0 + 2 * HOUR)
SILENCE = a_breach("no_data")


def test_a_recovery_counts_while_the_breach_that_was_answered_is_still_fresh() -> None:
    well = found(LOW, hr_raised=T0 + HOUR, hr_high=T0 + HOUR)
    assert steps([closed(LOW)], well) == [Rearmed(why="recovered")]
    assert steps([closed(LOW, Rearmed(why="recovered"))], well) == []


def test_a_newer_breach_is_no_recovery_and_neither_is_one_limit_of_two() -> None:
    assert steps([closed(LOW)], found(AGAIN, hr_raised=T0 + HOUR, hr_high=T0 + HOUR)) == []
    assert steps([closed(LOW)], found(hr_raised=T0 + HOUR)) == []


def test_the_patient_is_looked_at_when_the_quiet_time_of_what_waits_is_over() -> None:
    fever = a_breach("temp_high_fever")
    again = replace(fever, at=T0 + 3 * HOUR)
    answered = closed(fever)
    assert answered.closed_at is not None
    over_at = answered.closed_at + RULES["temp_high_fever"].rearm_days * DAY
    now = over_at - 2 * HOUR
    assert next_look(found(again), in_play([answered]), RULES, now) == over_at
    assert next_look(found(), in_play([answered]), RULES, now) == now + DAY
    assert is_raised(steps([answered], found(again), now=over_at))


@pytest.mark.parametrize("outcome", [Outcome.MEASUREMENT_ERROR, Outcome.WRONG_PERSON])
def test_what_was_no_trouble_of_the_patients_keeps_none_of_theirs_quiet(outcome: Outcome) -> None:
    assert is_raised(steps([closed(LOW, outcome=outcome)], found(AGAIN)))
    assert steps([closed(LOW, outcome=outcome)], found(LOW)) == []


def test_what_closed_by_itself_was_seen_by_nobody_and_keeps_nothing_quiet() -> None:
    unseen = closed(SILENCE, actor=SYSTEM)
    again = replace(SILENCE, at=T0 + 5 * DAY)
    assert is_raised(steps([unseen], found(again), now=T0 + 5 * DAY))
    assert steps([closed(SILENCE, actor=NURSE)], found(again), now=T0 + 5 * DAY) == []


def test_a_worse_reading_from_before_the_close_that_comes_late_is_an_alert() -> None:
    before = T0 - HOUR
    assert is_raised(steps([closed(LOW)], found(replace(LOW, at=before, magnitude=1.7))))
    assert is_raised(steps([closed(LOW)], found(a_breach("hr_high", at=before))))
    assert steps([closed(LOW)], found(replace(LOW, at=before, magnitude=1.3))) == []


def test_the_first_that_is_confirmed_is_an_alert_after_one_that_nobody_repeated() -> None:
    artefact = replace(LOW, confirmed=False, magnitude=2.5)
    assert is_raised(steps([closed(artefact)], found(AGAIN)))
    assert steps([closed(artefact)], found(replace(AGAIN, confirmed=False))) == []


def test_an_artefact_is_not_worse_than_what_was_confirmed() -> None:
    assert steps([closed(LOW)], found(replace(AGAIN, confirmed=False, magnitude=2.5))) == []


def test_a_close_after_one_that_was_taken_back_has_its_own_quiet_time() -> None:
    ended = Closed(outcome=Outcome.ACTED, note="")
    again = life.fold(
        history(LOW, ended, Rearmed(why="recovered"), Undone(undone_rev=2), ended, actor=NURSE), say
    )
    assert again.rearmed_at is None
    assert steps([again], found(AGAIN)) == []


def test_evidence_of_a_clock_that_ran_ahead_hides_nothing() -> None:
    ahead = replace(LOW, at=T0 + 4 * DAY)
    assert is_raised(steps([closed(ahead, outcome=Outcome.WRONG_PERSON)], found(AGAIN)))
    silence = opened(replace(SILENCE, at=T0 + 4 * DAY))
    assert steps([silence], found(no_data=T0 + HOUR))[0] == Cleared(why="cured")
