"""What calls again: fresh evidence after late readings, the end of a snooze, a clock that has gone back."""

from datetime import timedelta
from itertools import pairwise

import pytest

from alerts.notify.decide import Reason
from tests.harness.notified import MINUTE, NIGHT, NOON, Told, breach
from vitals.alert import Priority
from vitals.alert_event import Acknowledged, Escalated, EvidenceAdded, Snoozed, Woken

HOUR = timedelta(hours=1)


def test_fresh_evidence_after_late_readings_calls_by_its_own_priority() -> None:
    """What came late hides nothing that is fresh: it calls as it would have without."""
    told = Told(late=True, at=NIGHT)
    assert told.look(NIGHT).reason is Reason.LATE_NEVER_PAGES
    told.happens(EvidenceAdded(breach=breach(Priority.LOW)), NIGHT + MINUTE)
    assert told.look(NIGHT + MINUTE).reason is Reason.WORKLIST_ONLY
    told.happens(EvidenceAdded(breach=breach(Priority.MEDIUM)), NIGHT + 2 * MINUTE)
    assert told.look(NIGHT + 2 * MINUTE).reason is Reason.HELD_QUIET_HOURS
    told.happens(EvidenceAdded(breach=breach()), NIGHT + 3 * MINUTE)
    assert told.look(NIGHT + 3 * MINUTE).reason is Reason.NOTIFY_URGENT
    told.happens(EvidenceAdded(breach=breach(late=True)), NIGHT + 4 * MINUTE)
    assert told.look(NIGHT + 4 * MINUTE).reason is Reason.DUPLICATE


def test_fresh_evidence_does_not_begin_a_call_anew_that_a_person_made_of_a_late_alert() -> None:
    told = Told(late=True)
    told.happens(Escalated(step=1, to="doctor", why="please see"), NOON, actor="nurse-1")
    assert told.look(NOON).reason is Reason.NOTIFY_ESCALATED
    told.happens(EvidenceAdded(breach=breach()), NOON + MINUTE)
    assert told.look(NOON + MINUTE).reason is Reason.DUPLICATE
    told.live(NOON + 2 * MINUTE, NOON + HOUR)
    assert told.told()[:2] == ["doctor", "nurse-2"]


def test_a_snooze_that_ends_calls_again_though_the_alert_was_acknowledged() -> None:
    told = Told(Priority.MEDIUM)
    told.look(NOON)
    told.happens(Acknowledged(), NOON, actor="nurse-1")
    told.happens(Snoozed(until=NOON + HOUR, reason="repeat at one"), NOON + MINUTE, actor="nurse-1")
    told.look(NOON + MINUTE)
    told.happens(Woken(why="ended"), NOON + HOUR)
    assert told.look(NOON + HOUR).reason is Reason.NOTIFY_SOON
    assert told.told() == ["nurse-1", "nurse-1"]
    told.happens(Acknowledged(), NOON + HOUR + MINUTE, actor="nurse-1")
    assert told.look(NOON + HOUR + MINUTE).reason is Reason.ACKNOWLEDGED_ALREADY


@pytest.mark.parametrize("ahead", [HOUR, 25 * HOUR])
def test_what_a_clock_that_ran_ahead_has_sent_keeps_nobody_from_being_called(ahead: timedelta) -> None:
    told = Told()
    told.look(NOON + ahead)
    before = len(told.deliveries)
    told.live(NOON + MINUTE, NOON + 2 * HOUR)
    made = [one.made_at for one in told.deliveries[before:]]
    assert made[0] == NOON + MINUTE
    assert max(later - earlier for earlier, later in pairwise([*made, NOON + 2 * HOUR])) <= HOUR
    assert set(told.told()) == {"nurse-1", "nurse-2", "doctor", "lead"}
