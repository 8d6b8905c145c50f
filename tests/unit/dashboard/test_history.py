"""The history of an alert tells what was known then, not what is known now."""

from datetime import UTC, datetime, timedelta

from alerts import life, texts
from dashboard.views.history import history_props
from vitals.alert import Kind, Priority
from vitals.alert_event import SYSTEM, AlertEvent, EvidenceAdded, Raised
from vitals.breach import Breach
from vitals.ids import PatientId
from vitals.measure import Measure
from vitals.message import Message

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)


def silent(days: int) -> Breach:
    return Breach(
        rule="no_data",
        rule_version=1,
        problem="no_data",
        kind=Kind.PHYSIOLOGICAL,
        priority=Priority.LOW,
        measure=Measure.WEIGHT,
        message=Message(key="silence_call", values={"measure": "noun_weight", "days": days}),
        magnitude=float(days),
        at=T0 + timedelta(days=days),
    )


def test_an_alert_that_grew_is_told_as_it_was_raised() -> None:
    raised = Raised(patient_id=PatientId("p1"), breach=silent(3), due_at=T0 + timedelta(hours=24))
    events = [
        AlertEvent(rev=1, actor=SYSTEM, at=T0, what=raised),
        AlertEvent(rev=2, actor=SYSTEM, at=T0, what=EvidenceAdded(breach=silent(6))),
    ]
    alert = life.fold(events, texts.english)
    [told] = history_props(alert, events, [alert], {})
    assert alert.reason == texts.say(silent(6).message)
    assert told["words"] == texts.say(silent(3).message)
    assert told["words"] != alert.reason
