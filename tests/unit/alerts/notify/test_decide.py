"""Whom to tell of an alert, when, and why nobody."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.notify.decide import Reason
from store.contacts import Contact
from store.deliveries import DeliveryState
from store.rota import Duty, Shift
from tests.harness.notified import (
    FULL_BOOK,
    FULL_ROTA,
    MINUTE,
    NIGHT,
    NOON,
    Told,
    breach,
    contact,
    shift,
    staffing,
    succeeds,
)
from vitals.alert import Kind, Outcome, Priority
from vitals.alert_event import (
    Accepted,
    Acknowledged,
    Cleared,
    Closed,
    Escalated,
    EvidenceAdded,
    PriorityRaised,
    Snoozed,
    Undone,
    Woken,
)

HOUR = timedelta(hours=1)


def test_an_urgent_alert_is_told_to_the_nurse_on_duty_at_once() -> None:
    told = Told()
    decision = told.look(NOON)
    assert decision.reason is Reason.NOTIFY_URGENT
    assert told.told() == ["nurse-1"]
    assert decision.look_at == NOON + 15 * MINUTE


def test_asked_again_it_tells_nobody_twice() -> None:
    told = Told()
    told.look(NOON)
    decision = told.look(NOON + MINUTE)
    assert decision.reason is Reason.DUPLICATE
    assert told.told() == ["nurse-1"]


def test_further_evidence_of_the_same_raise_tells_nobody_again() -> None:
    told = Told()
    told.look(NOON)
    told.happens(EvidenceAdded(breach=breach()), NOON + MINUTE)
    assert told.look(NOON + 2 * MINUTE).reason is Reason.DUPLICATE


def test_unanswered_it_climbs_to_backup_on_call_and_lead_and_stays_with_the_lead() -> None:
    told = Told()
    told.live(NOON, NOON + 2 * HOUR)
    assert told.told() == ["nurse-1", "nurse-2", "doctor", "lead", "lead", "lead"]
    at = [(one.made_at - NOON) / MINUTE for one in told.deliveries]
    assert at == [0, 15, 30, 45, 75, 105]
    steps = [event.what.to for event in told.events if isinstance(event.what, Escalated)]
    assert steps == ["backup", "on_call", "lead", "lead", "lead"]


@pytest.mark.parametrize("answer", [Acknowledged(), Accepted()])
def test_an_answer_ends_it_and_cancels_what_waits(answer: Acknowledged | Accepted) -> None:
    told = Told()
    told.look(NOON)
    told.look(NOON + 15 * MINUTE)
    told.happens(answer, NOON + 16 * MINUTE, actor="nurse-2")
    decision = told.look(NOON + HOUR)
    assert (decision.reason, decision.stop) == (Reason.ACKNOWLEDGED_ALREADY, True)
    assert told.told() == ["nurse-1", "nurse-2"]


def test_an_acknowledgement_that_is_undone_counts_as_none() -> None:
    told = Told()
    told.look(NOON)
    told.happens(Acknowledged(), NOON + MINUTE, actor="nurse-1")
    told.happens(Undone(undone_rev=2), NOON + 2 * MINUTE, actor="nurse-1")
    assert told.look(NOON + 15 * MINUTE).reason is Reason.NOTIFY_ESCALATED
    assert told.told() == ["nurse-1", "nurse-2"]


def test_a_closed_alert_is_watched_no_longer() -> None:
    told = Told()
    told.happens(Closed(outcome=Outcome.ACTED, note=""), NOON, actor="nurse-1")
    assert told.look(NOON).reason is Reason.CLOSED_ALREADY


def test_what_has_cleared_calls_nobody() -> None:
    told = Told(Priority.MEDIUM)
    told.happens(Cleared(why="cured"), NOON)
    assert told.look(NOON).reason is Reason.CLEARED_ALREADY


def test_late_readings_never_page() -> None:
    told = Told(late=True)
    told.live(NOON, NOON + 24 * HOUR)
    assert told.decisions[-1].reason is Reason.LATE_NEVER_PAGES
    assert told.deliveries == []


def test_a_late_reading_that_makes_it_more_pressing_stops_no_call_that_goes_on() -> None:
    told = Told(Priority.MEDIUM)
    told.look(NOON)
    risen = PriorityRaised(breach=breach(late=True), was=Priority.MEDIUM, due_at=NOON + HOUR)
    told.happens(risen, NOON + 5 * MINUTE)
    assert not told.look(NOON + 5 * MINUTE).stop
    assert told.look(NOON + 30 * MINUTE).reason is Reason.NOTIFY_ESCALATED
    assert told.told() == ["nurse-1", "nurse-2"]


def test_a_late_reading_that_makes_it_more_pressing_calls_nobody_anew() -> None:
    told = Told(Priority.MEDIUM)
    told.look(NOON)
    told.happens(Acknowledged(), NOON + MINUTE, actor="nurse-1")
    risen = PriorityRaised(breach=breach(late=True), was=Priority.MEDIUM, due_at=NOON + HOUR)
    told.happens(risen, NOON + 5 * MINUTE)
    assert told.look(NOON + HOUR).reason is Reason.LATE_NEVER_PAGES
    assert told.told() == ["nurse-1"]


def test_routine_alerts_and_trouble_with_equipment_wait_on_the_worklist() -> None:
    assert Told(Priority.LOW).look(NOON).reason is Reason.WORKLIST_ONLY
    assert Told(Priority.MEDIUM, kind=Kind.TECHNICAL).look(NOON).reason is Reason.WORKLIST_ONLY


def test_a_risen_priority_is_told_though_the_alert_was_acknowledged() -> None:
    told = Told(Priority.MEDIUM)
    told.look(NOON)
    told.happens(Acknowledged(), NOON + MINUTE, actor="nurse-1")
    risen = PriorityRaised(breach=breach(), was=Priority.MEDIUM, due_at=NOON + HOUR)
    told.happens(risen, NOON + HOUR)
    assert told.look(NOON + HOUR).reason is Reason.NOTIFY_URGENT
    assert told.told() == ["nurse-1", "nurse-1"]


def test_soon_is_held_in_quiet_hours_until_they_end() -> None:
    told = Told(Priority.MEDIUM, at=NIGHT)
    decision = told.look(NIGHT)
    assert decision.reason is Reason.HELD_QUIET_HOURS
    assert decision.look_at == NIGHT + 8 * HOUR
    assert told.look(NIGHT + 8 * HOUR).reason is Reason.NOTIFY_SOON


def test_quiet_hours_are_the_ward_s_own() -> None:
    told = Told(Priority.MEDIUM, at=NOON, people=staffing(zone="Asia/Tokyo"))
    decision = told.look(NOON)  # 21:00 in Tokyo
    assert decision.reason is Reason.HELD_QUIET_HOURS
    assert decision.look_at == NOON + 10 * HOUR


def test_urgent_begins_with_on_call_at_night_and_is_handed_to_the_day_nurse_in_the_morning() -> None:
    at = NIGHT + 8 * HOUR - 5 * MINUTE
    told = Told(at=at)
    told.look(at)
    assert told.told() == ["doctor"]
    decision = told.look(at + 5 * MINUTE)
    assert decision.reason is Reason.NOTIFY_HAND_OVER
    assert told.told() == ["doctor", "nurse-1"]
    assert decision.look_at == at + 20 * MINUTE


def test_who_covers_is_told_in_the_place_of_who_is_covered() -> None:
    cover = shift(Duty.NURSE, "nurse-2", cover_for="nurse-1", start=NOON + HOUR, end=NOON + 3 * HOUR)
    people = staffing((*FULL_ROTA, cover))
    before = Told(people=people)
    before.look(NOON)
    within = Told(people=people, at=NOON + HOUR)
    within.look(NOON + HOUR)
    assert (before.told(), within.told()) == (["nurse-1"], ["nurse-2"])


def test_a_hand_over_tells_the_taker_of_what_waits_and_gives_them_the_full_time() -> None:
    told = Told()
    told.look(NOON)
    cover = shift(Duty.NURSE, "lead", cover_for="nurse-1", start=NOON + 10 * MINUTE)
    told.people = staffing((*FULL_ROTA, cover))
    decision = told.look(NOON + 10 * MINUTE)
    assert decision.reason is Reason.NOTIFY_HAND_OVER
    assert told.told() == ["nurse-1", "lead"]
    assert decision.look_at == NOON + 25 * MINUTE


def test_where_the_rota_names_nobody_everybody_of_the_role_is_told() -> None:
    told = Told(people=staffing(()))
    told.look(NOON)
    assert told.told() == ["nurse-1", "nurse-2"]
    told.look(NOON + 15 * MINUTE)  # the backups are the same two nurses: the next step is on call
    assert told.told()[2:] == ["doctor"]


def test_a_dead_channel_leads_to_the_person_s_next_and_then_to_the_next_person() -> None:
    book = (contact(1, "nurse-1"), contact(2, "nurse-1", "sms", 2), *FULL_BOOK[1:])
    told = Told(
        people=staffing(contacts=book),
        outcome=lambda one: DeliveryState.DEAD if one.staff_id == "nurse-1" else DeliveryState.SENT,
    )
    told.look(NOON)
    assert told.look(NOON + MINUTE).reason is Reason.NOTIFY_NEXT_CHANNEL
    assert told.look(NOON + 2 * MINUTE).reason is Reason.NOTIFY_ESCALATED
    assert [(one.staff_id, one.channel) for one in told.deliveries] == [
        ("nurse-1", "mail"),
        ("nurse-1", "sms"),
        ("nurse-2", "mail"),
    ]
    assert Reason.ESCALATE_UNREACHABLE in {decision.reason for decision in told.decisions}


def test_a_failing_channel_is_tried_last() -> None:
    book = (contact(1, "nurse-1"), contact(2, "nurse-1", "sms", 2))
    told = Told(people=replace(staffing(contacts=book), failing={"mail"}))
    told.look(NOON)
    assert told.deliveries[0].channel == "sms"


def test_a_step_that_nobody_can_be_reached_on_is_skipped_at_once() -> None:
    told = Told(people=staffing(contacts=(contact(3, "doctor"),)))
    told.look(NOON)
    assert told.told() == ["doctor"]
    assert [one.reason for one in told.decisions] == [Reason.ESCALATE_NO_CONTACT, Reason.NOTIFY_ESCALATED]


def test_at_night_a_nurse_is_told_where_neither_on_call_nor_lead_can_be() -> None:
    told = Told(at=NIGHT, people=staffing(contacts=(contact(1, "nurse-1"),)))
    told.look(NIGHT)
    assert told.told() == ["nurse-1"]


def test_without_anybody_at_all_it_says_so_and_keeps_looking() -> None:
    told = Told(people=replace(staffing(contacts=()), shifts=(), roles={}))
    decision = told.look(NOON)
    assert decision.reason is Reason.NO_CONTACT
    assert decision.look_at == NOON + MINUTE


def test_without_any_contact_the_ladder_climbs_on_the_screens_and_rests_at_its_end() -> None:
    told = Told(people=staffing(contacts=()), outcome=lambda _one: DeliveryState.DEAD)
    told.live(NOON, NOON + 12 * HOUR)
    assert told.told() == ["nurse-1", "nurse-2", "doctor", "lead"]
    assert {one.channel for one in told.deliveries} == {"none"}
    target = told.policy.priorities[Priority.HIGH].target
    assert [one.made_at for one in told.deliveries] == [NOON + step * target for step in range(4)]
    assert told.decisions[-1].reason is Reason.NO_CHANNEL
    assert told.alert.escalation == 3


def test_once_there_is_a_contact_whoever_could_not_be_told_is() -> None:
    told = Told(people=staffing(contacts=()), outcome=lambda _one: DeliveryState.DEAD)
    told.live(NOON, NOON + 20 * MINUTE)
    assert told.told() == ["nurse-1", "nurse-2"]
    told.people, told.outcome = staffing(), succeeds
    told.look(NOON + 21 * MINUTE)
    assert [(one.staff_id, one.channel) for one in told.deliveries[2:]] == [("nurse-2", "mail")]
    assert Told(people=staffing()).look(NOON + 25 * HOUR).reason is Reason.TOO_OLD


def test_a_colleague_whom_a_person_escalates_to_is_told_whatever_the_policy_holds_back() -> None:
    told = Told(Priority.LOW, late=True, at=NIGHT)
    told.happens(Acknowledged(), NIGHT, actor="nurse-1")
    told.happens(Escalated(step=1, to="doctor", why="please see"), NIGHT + MINUTE, actor="nurse-1")
    assert told.look(NIGHT + MINUTE).reason is Reason.NOTIFY_ESCALATED
    assert told.told() == ["doctor"]
    told.happens(Accepted(), NIGHT + 2 * MINUTE, actor="doctor")
    assert told.look(NIGHT + 2 * MINUTE).reason is Reason.ACKNOWLEDGED_ALREADY


def test_a_snoozed_alert_is_held_and_calls_again_where_it_wakes_worse() -> None:
    told = Told(Priority.MEDIUM)
    told.look(NOON)
    told.happens(Acknowledged(), NOON, actor="nurse-1")
    told.happens(Snoozed(until=NOON + 9 * HOUR, reason="visit"), NOON + MINUTE, actor="nurse-1")
    assert told.look(NOON + MINUTE).reason is Reason.ACKNOWLEDGED_ALREADY
    told.happens(Woken(why="worse"), NOON + HOUR)
    told.happens(EvidenceAdded(breach=breach(Priority.MEDIUM)), NOON + HOUR)
    assert told.look(NOON + HOUR).reason is Reason.NOTIFY_SOON
    assert told.told() == ["nurse-1", "nurse-1"]


def test_a_snooze_that_late_evidence_breaks_pages_nobody() -> None:
    told = Told(Priority.MEDIUM)
    told.happens(Snoozed(until=NOON + 9 * HOUR, reason="visit"), NOON, actor="nurse-1")
    assert told.look(NOON).reason is Reason.HELD_SNOOZED
    told.happens(Woken(why="worse"), NOON + HOUR)
    told.happens(EvidenceAdded(breach=breach(Priority.MEDIUM, late=True)), NOON + HOUR)
    assert told.look(NOON + HOUR).reason is Reason.LATE_NEVER_PAGES


def test_what_was_raised_long_before_anybody_could_be_told_waits_on_the_worklist() -> None:
    assert Told().look(NOON + 25 * HOUR).reason is Reason.TOO_OLD
    assert Told().look(NOON + 3 * HOUR).reason is Reason.NOTIFY_URGENT


_PEOPLE = ("nurse-1", "nurse-2", "doctor", "lead")
_BOOKS = st.lists(st.sampled_from(_PEOPLE), min_size=1, max_size=4, unique=True)
_STARTS = st.integers(0, 24 * 60 - 1).map(lambda minutes: NOON + minutes * MINUTE)
_SHIFTS = st.lists(
    st.builds(
        lambda duty, person, start, hours: shift(
            duty, person, start=NOON + start * HOUR, end=NOON + (start + hours) * HOUR
        ),
        st.sampled_from(list(Duty)),
        st.sampled_from(_PEOPLE),
        st.integers(-24, 48),
        st.integers(1, 24),
    ),
    max_size=6,
)


@settings(deadline=None, max_examples=60)
@given(_BOOKS, _SHIFTS, _STARTS, st.integers(0, 2**16), st.sampled_from([0.0, 0.3, 1.0]))
def test_somebody_is_always_called_until_a_named_person_answers(
    book: list[str], shifts: list[Shift], at: datetime, seed: int, failing: float
) -> None:
    """One person with a contact is enough: an urgent alert is told at once, and never rests for long."""
    chance = random.Random(seed)
    told = Told(
        at=at,
        people=staffing(tuple(shifts), _contacts(book)),
        outcome=lambda _one: DeliveryState.DEAD if chance.random() < failing else DeliveryState.SENT,
    )
    end = at + 12 * HOUR
    told.live(at, end)
    urgent = told.policy.priorities[Priority.HIGH]
    made = [at, *(one.made_at for one in told.deliveries), end]
    assert made[1] == at
    assert max(later - earlier for earlier, later in pairwise(made)) <= urgent.target + urgent.repeat


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(list(Priority)), _BOOKS, _SHIFTS, _STARTS)
@example(Priority.HIGH, ["nurse-1", "nurse-2"], [shift(Duty.BACKUP, "nurse-1", end=NOON + HOUR)], NOON)
def test_nobody_is_told_twice_of_one_event_and_late_readings_page_nobody(
    priority: Priority, book: list[str], shifts: list[Shift], at: datetime
) -> None:
    people = staffing(tuple(shifts), _contacts(book))
    told = Told(priority, at=at, people=people)
    told.live(at, at + 12 * HOUR)
    keys = [(one.rev, one.contact_id) for one in told.deliveries]
    assert len(keys) == len(set(keys))
    late = Told(priority, at=at, people=people, late=True)
    late.live(at, at + 12 * HOUR)
    assert late.deliveries == []
    assert len(late.events) == 1


@settings(deadline=None, max_examples=60)
@given(_BOOKS, _SHIFTS, _STARTS, st.integers(0, 120))
def test_after_an_answer_nobody_is_called(
    book: list[str], shifts: list[Shift], at: datetime, minutes: int
) -> None:
    told = Told(at=at, people=staffing(tuple(shifts), _contacts(book)))
    answered_at = at + minutes * MINUTE
    told.live(at, answered_at)
    before = len(told.deliveries)
    told.happens(Acknowledged(), answered_at, actor="nurse-1")
    told.live(answered_at, at + 12 * HOUR)
    assert len(told.deliveries) == before


def _contacts(book: list[str]) -> tuple[Contact, ...]:
    return tuple(contact(number, person) for number, person in enumerate(book))
