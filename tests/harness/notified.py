"""An alert whose people are told of it, lived through in memory: decisions carried out as the hub does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from alerts import life
from alerts.notify.decide import Decision, Staffing, decide
from alerts.notify.policy import Policy, shipped
from store.contacts import Contact
from store.deliveries import Delivery, DeliveryState
from store.rota import Duty, Shift
from store.staff import Role
from vitals.alert import Alert, Kind, Priority
from vitals.alert_event import SYSTEM, AlertEvent, Escalated, Happening, Raised
from vitals.breach import Breach
from vitals.ids import AlertId, PatientId, StaffId
from vitals.message import Message

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
NIGHT = datetime(2026, 3, 4, 23, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ROLES = {
    StaffId("nurse-1"): Role.NURSE,
    StaffId("nurse-2"): Role.NURSE,
    StaffId("doctor"): Role.CLINICIAN,
    StaffId("lead"): Role.LEAD,
}


def breach(priority: Priority = Priority.HIGH, *, late: bool = False, at: datetime = NOON) -> Breach:
    return Breach(
        rule="rule",
        rule_version=1,
        problem="problem",
        kind=Kind.PHYSIOLOGICAL,
        priority=priority,
        measure=None,
        message=Message(key="key"),
        magnitude=1.2,
        at=at,
        late=late,
    )


def shift(
    duty: Duty,
    person: str,
    *,
    start: datetime = NOON - timedelta(days=9),
    end: datetime = NOON + timedelta(days=9),
    cover_for: str | None = None,
) -> Shift:
    return Shift(
        shift_id=0,
        duty=duty,
        staff_id=StaffId(person),
        cover_for=StaffId(cover_for) if cover_for else None,
        starts_at=start,
        ends_at=end,
    )


def contact(number: int, person: str, channel: str = "mail", position: int = 1) -> Contact:
    return Contact(
        contact_id=number,
        staff_id=StaffId(person),
        channel=channel,
        address=f"{person}@{channel}",
        position=position,
    )


FULL_ROTA = (
    shift(Duty.NURSE, "nurse-1"),
    shift(Duty.BACKUP, "nurse-2"),
    shift(Duty.ON_CALL, "doctor"),
    shift(Duty.LEAD, "lead"),
)
FULL_BOOK = tuple(contact(number, person) for number, person in enumerate(ROLES, start=1))


def staffing(
    shifts: tuple[Shift, ...] = FULL_ROTA, contacts: tuple[Contact, ...] = FULL_BOOK, zone: str = "UTC"
) -> Staffing:
    return Staffing(shifts=shifts, contacts=contacts, roles=ROLES, zone=ZoneInfo(zone))


Outcome = Callable[[Delivery], DeliveryState]


def succeeds(_delivery: Delivery) -> DeliveryState:
    return DeliveryState.SENT


class Told:
    """One alert, its events and its deliveries. `outcome` says how each delivery ends."""

    def __init__(
        self,
        priority: Priority = Priority.HIGH,
        *,
        late: bool = False,
        at: datetime = NOON,
        kind: Kind = Kind.PHYSIOLOGICAL,
        people: Staffing | None = None,
        policy: Policy | None = None,
        outcome: Outcome = succeeds,
    ) -> None:
        said = replace(breach(priority, late=late, at=at), kind=kind)
        raised = Raised(patient_id=PatientId("p-1"), breach=said, due_at=at + timedelta(hours=1))
        self.events = [AlertEvent(rev=1, actor=SYSTEM, at=at, what=raised)]
        self.deliveries: list[Delivery] = []
        self.decisions: list[Decision] = []
        self.people = people or staffing()
        self.policy = policy or shipped()
        self.outcome = outcome

    @property
    def alert(self) -> Alert:
        return life.fold(self.events, lambda breach: breach.rule, AlertId(4711))

    def happens(self, what: Happening, at: datetime, actor: str = SYSTEM) -> None:
        self.events.append(AlertEvent(rev=len(self.events) + 1, actor=actor, at=at, what=what))

    def ask(self, now: datetime) -> Decision:
        return decide(self.alert, self.events, self.deliveries, self.people, self.policy, now)

    def look(self, now: datetime) -> Decision:
        """Decide and carry out, as often as escalating asks for it; the last decision."""
        for _ in range(20):
            decision = self.ask(now)
            self.decisions.append(decision)
            self._carry_out(decision, now)
            if decision.escalate_to is None:
                return decision
        raise AssertionError("it escalates without end")

    def _carry_out(self, decision: Decision, now: datetime) -> None:
        for page in decision.pages:
            delivery = Delivery(
                delivery_id=len(self.deliveries) + 1,
                alert_id=AlertId(4711),
                rev=decision.rev,
                contact_id=page.contact.contact_id,
                staff_id=page.contact.staff_id,
                channel=page.contact.channel,
                reason=page.reason,
                state=DeliveryState.WAITING,
                attempts=1,
                result="",
                made_at=now,
                ended_at=None,
            )
            self.deliveries.append(replace(delivery, state=self.outcome(delivery)))
        if decision.escalate_to is not None:
            what = Escalated(step=self.alert.escalation + 1, to=decision.escalate_to, why="")
            self.happens(what, now)

    def live(self, begin: datetime, end: datetime, *, most: int = 2000) -> None:
        """Look whenever the last decision asked for it, as the worker does, and at failed deliveries."""
        now = begin
        for _ in range(most):
            died = len(self.deliveries)
            decision = self.look(now)
            if any(one.state is DeliveryState.DEAD for one in self.deliveries[died:]):
                continue
            if decision.look_at is None or decision.look_at > end:
                return
            assert decision.look_at > now, decision
            now = decision.look_at
        raise AssertionError("it looks without end")

    def told(self) -> list[str]:
        return [str(delivery.staff_id) for delivery in self.deliveries]
