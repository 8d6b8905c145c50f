"""An alert's state is the fold of its events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import life
from vitals.alert import TARGET_TIMES, Kind, Outcome, Priority
from vitals.alert_event import (
    SYSTEM,
    Accepted,
    Acknowledged,
    AlertEvent,
    Claimed,
    Cleared,
    Closed,
    Escalated,
    EvidenceAdded,
    Happening,
    Noted,
    PriorityRaised,
    Raised,
    Snoozed,
    Undone,
    Woken,
)
from vitals.breach import Breach
from vitals.ids import PatientId, StaffId
from vitals.measure import Measure
from vitals.message import Message

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
BREACH = Breach(
    rule="bp_stage2",
    rule_version=1,
    problem="blood_pressure_high",
    kind=Kind.PHYSIOLOGICAL,
    priority=Priority.LOW,
    measure=Measure.SYSTOLIC,
    message=Message(key="first"),
    magnitude=1.1,
    at=T0,
)
WORSE = replace(BREACH, rule="bp_crisis", priority=Priority.HIGH, message=Message(key="worse"), magnitude=1.3)


def say(breach: Breach) -> str:
    return breach.message.key


def history(*whats: Happening, actor: str = "anna") -> list[AlertEvent]:
    raised = Raised(patient_id=PatientId("p1"), breach=BREACH, due_at=T0 + timedelta(hours=24))
    events = [AlertEvent(rev=1, actor=SYSTEM, at=T0, what=raised)]
    for number, what in enumerate(whats, start=2):
        events.append(AlertEvent(rev=number, actor=actor, at=T0 + timedelta(minutes=number), what=what))
    return events


def test_acknowledging_gives_the_alert_an_owner_and_does_not_clear_it() -> None:
    alert = life.fold(history(Acknowledged()), say)
    assert alert.owner == "anna"
    assert alert.acknowledged_at == T0 + timedelta(minutes=2)
    assert alert.cleared_at is None
    assert alert.closed_at is None


def test_a_cleared_alert_is_neither_acknowledged_nor_closed_and_new_evidence_ends_the_clearing() -> None:
    cleared = history(Cleared(why="two_normal_sessions"))
    alert = life.fold(cleared, say)
    assert alert.cleared_at is not None
    assert alert.acknowledged_at is None
    assert alert.closed_at is None
    again = life.fold(history(Cleared(why="two_normal_sessions"), EvidenceAdded(breach=BREACH)), say)
    assert again.cleared_at is None


def test_a_risen_priority_must_be_seen_again_but_keeps_its_owner() -> None:
    due = T0 + timedelta(hours=2)
    alert = life.fold(
        history(Acknowledged(), PriorityRaised(breach=WORSE, was=Priority.LOW, due_at=due)), say
    )
    assert alert.priority is Priority.HIGH
    assert alert.reason == "worse"
    assert alert.rule == "bp_crisis"
    assert alert.due_at == due
    assert alert.acknowledged_at is None
    assert alert.owner == "anna"


def test_milder_evidence_appends_and_leaves_the_worse_reason_standing() -> None:
    milder = replace(BREACH, magnitude=1.01, message=Message(key="milder"), at=T0 + timedelta(hours=5))
    alert = life.fold(history(EvidenceAdded(breach=milder)), say)
    assert alert.reason == "first"
    assert alert.peak == 1.1
    assert alert.evidence_at == T0 + timedelta(hours=5)


def test_an_unconfirmed_alert_becomes_confirmed_by_confirmed_evidence() -> None:
    events = history(EvidenceAdded(breach=BREACH))
    doubtful = Raised(patient_id=PatientId("p1"), breach=replace(BREACH, confirmed=False), due_at=T0)
    events[0] = replace(events[0], what=doubtful)
    assert not life.fold(events[:1], say).confirmed
    assert life.fold(events, say).confirmed


def test_a_snooze_remembers_how_bad_it_was_and_waking_ends_it() -> None:
    snoozed = Snoozed(until=T0 + timedelta(days=1), reason="visit tomorrow")
    alert = life.fold(history(snoozed), say)
    assert alert.snoozed_peak == 1.1
    assert alert.snoozed_until == T0 + timedelta(days=1)
    assert life.fold(history(snoozed, Woken(why="worse")), say).snoozed_until is None


def test_the_end_of_a_snooze_is_to_be_seen_by_whoever_had_acknowledged_and_owns_it() -> None:
    snoozed = Snoozed(until=T0 + timedelta(days=1), reason="visit tomorrow")
    events = history(Acknowledged(), snoozed, Woken(why="ended"))
    alert = life.fold(events, say)
    assert (alert.acknowledged_at, alert.acknowledged_by, alert.owner) == (None, None, "anna")
    assert alert.due_at == events[-1].at + TARGET_TIMES[alert.priority]
    unseen = life.fold(history(snoozed, Woken(why="ended")), say)
    assert unseen.due_at == life.fold(history(), say).due_at


def test_an_escalation_lasts_until_a_named_person_accepts() -> None:
    alert = life.fold(history(Escalated(step=1, to="backup", why="")), say)
    assert (alert.escalation, alert.accepted_by) == (1, None)
    accepted = life.fold(history(Escalated(step=1, to="backup", why=""), Accepted()), say)
    assert accepted.accepted_by == "anna"
    assert accepted.owner == "anna"
    assert accepted.acknowledged_by == "anna"


def test_undoing_a_close_reopens_and_the_close_stays_in_the_history() -> None:
    events = history(Acknowledged(), Closed(outcome=Outcome.ACTED, note=""), Undone(undone_rev=3))
    alert = life.fold(events, say)
    assert alert.closed_at is None
    assert alert.outcome is None
    assert alert.acknowledged_by == "anna"
    assert alert.rev == 4


def test_claiming_takes_over_from_the_owner() -> None:
    events = history(Acknowledged(), Claimed())
    events[2] = replace(events[2], actor="ben")
    alert = life.fold(events, say)
    assert alert.owner == StaffId("ben")
    assert alert.acknowledged_by == StaffId("anna")


def test_a_history_with_a_gap_is_refused() -> None:
    events = history(Acknowledged(), Noted(text="x"))
    with pytest.raises(life.BrokenHistory):
        life.fold([events[0], events[2]], say)
    with pytest.raises(life.BrokenHistory):
        life.fold(events[1:], say)


_ANY = st.sampled_from(
    [
        EvidenceAdded(breach=BREACH),
        PriorityRaised(breach=WORSE, was=Priority.LOW, due_at=T0),
        Acknowledged(),
        Claimed(),
        Noted(text="n"),
        Snoozed(until=T0, reason="r"),
        Woken(why="ended"),
        Escalated(step=1, to="backup", why=""),
        Accepted(),
        Cleared(why="c"),
        Closed(outcome=Outcome.ACTED, note=""),
    ]
)


@given(st.lists(_ANY, max_size=12))
def test_applying_events_one_by_one_is_the_fold_and_priority_never_falls(whats: list[Happening]) -> None:
    events = history(*whats)
    alert = life.fold(events[:1], say)
    for event in events[1:]:
        after = life.apply(alert, event, say)
        assert after.priority.rank >= alert.priority.rank
        assert after.peak >= alert.peak
        alert = after
    assert alert == life.fold(events, say)
    assert alert.rev == len(events)
