"""One patient's problem, its breaches and its alert, without a database: what `reconcile` makes of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from alerts import life
from alerts.book.rulebook import shipped
from alerts.readings.course import Course
from alerts.reconcile import in_play, reconcile
from alerts.rules.evaluate import Assessment
from vitals.alert import Alert, Kind, Outcome
from vitals.alert_event import SYSTEM, AlertEvent, Closed, Happening, Raised
from vitals.breach import Breach
from vitals.ids import AlertId, PatientId
from vitals.measure import Measure
from vitals.message import Message

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
P1 = PatientId("p1")
NURSE = "anna"
BOOK = shipped().for_programmes(["heart_failure", "hypertension", "post_discharge"])
RULES = {rule.id: rule for rule in BOOK.rules}


def a_breach(rule: str, *, at: datetime = T0, magnitude: float = 1.1, confirmed: bool = True) -> Breach:
    """What a rule of the shipped book may find: its problem, kind and priority, of no reading."""
    spec = RULES[rule]
    return Breach(
        rule=rule,
        rule_version=spec.version,
        problem=spec.problem,
        kind=spec.about,
        priority=spec.priority,
        measure=Measure.HEART_RATE if spec.about is Kind.PHYSIOLOGICAL else None,
        message=Message(key=spec.message),
        magnitude=magnitude,
        at=at,
        confirmed=confirmed,
    )


def say(breach: Breach) -> str:
    """A breach in one word."""
    return breach.rule


def found(*breaches: Breach, course: Course | None = None, **normal: datetime) -> Assessment:
    """What all rules say: these breaches, and well by these others since then."""
    return Assessment(breaches=breaches, normal=normal, look_at=None, course=course)


def opened(breach: Breach, *whats: Happening, actor: str = SYSTEM) -> Alert:
    """An alert raised at T0, and what has happened to it, minute by minute."""
    return life.fold(history(breach, *whats, actor=actor), say, AlertId(1))


def history(breach: Breach, *whats: Happening, actor: str = SYSTEM) -> list[AlertEvent]:
    """The same as events."""
    events = [AlertEvent(rev=1, actor=SYSTEM, at=T0, what=Raised(patient_id=P1, breach=breach, due_at=T0))]
    for number, what in enumerate(whats, start=2):
        events.append(AlertEvent(rev=number, actor=actor, at=T0 + timedelta(minutes=number), what=what))
    return events


def closed(breach: Breach, *whats: Happening, outcome: Outcome = Outcome.ACTED, actor: str = NURSE) -> Alert:
    """An alert that a person closed two minutes after it was raised, and what has happened since."""
    return opened(breach, Closed(outcome=outcome, note=""), *whats, actor=actor)


def steps(alerts: Sequence[Alert], assessment: Assessment, now: datetime = T0 + HOUR) -> list[Happening]:
    """What must happen now."""
    return [step.what for step in reconcile(P1, in_play(alerts), assessment, RULES, now)]


def is_raised(happenings: Sequence[Happening]) -> bool:
    """Whether this is a new alert, and nothing else."""
    return len(happenings) == 1 and isinstance(happenings[0], Raised)
