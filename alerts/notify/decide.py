"""Whom to tell of an alert now, or why nobody: one decision with a named reason. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from alerts.notify.course import Course, course
from alerts.notify.duty import next_change, on_duty
from alerts.notify.policy import Paging, Policy
from store.contacts import Contact
from store.deliveries import NO_CHANNEL, Delivery, DeliveryState
from store.rota import Duty, Shift
from store.staff import Role
from vitals.alert import Alert, Priority
from vitals.alert_event import AlertEvent, Escalated
from vitals.ids import StaffId


class Reason(StrEnum):
    """Why somebody is told, or nobody."""

    NOTIFY_URGENT = "notify_urgent"
    NOTIFY_SOON = "notify_soon"
    NOTIFY_ROUTINE = "notify_routine"
    NOTIFY_ESCALATED = "notify_escalated"
    NOTIFY_HAND_OVER = "notify_hand_over"
    NOTIFY_NEXT_CHANNEL = "notify_next_channel"
    ESCALATE_UNANSWERED = "escalate_unanswered"
    ESCALATE_UNREACHABLE = "escalate_unreachable"
    ESCALATE_NO_CONTACT = "escalate_no_contact"
    ESCALATE_AGAIN = "escalate_again"
    HELD_QUIET_HOURS = "held_quiet_hours"
    HELD_SNOOZED = "held_snoozed"
    ACKNOWLEDGED_ALREADY = "acknowledged_already"
    CLOSED_ALREADY = "closed_already"
    CLEARED_ALREADY = "cleared_already"
    LATE_NEVER_PAGES = "late_never_pages"
    WORKLIST_ONLY = "worklist_only"
    TOO_OLD = "too_old"
    DUPLICATE = "duplicate"
    NO_CONTACT = "no_contact"
    NO_CHANNEL = "no_channel"


_FIRST_CALL = {
    Priority.HIGH: Reason.NOTIFY_URGENT,
    Priority.MEDIUM: Reason.NOTIFY_SOON,
    Priority.LOW: Reason.NOTIFY_ROUTINE,
}
_LOOK_FOR_CONTACT = timedelta(minutes=1)
_LOOK_FOR_CHANNEL = timedelta(minutes=5)
"""How long a ward's first contact waits to be told of what stands on the screens."""
_CLOCK_AHEAD = timedelta(minutes=15)
"""What was done later than this was done by a clock that has gone back since."""
_LONG_AGO = timedelta(days=2)
"""Longer than any step may last: rather once too often than never."""
_ALIVE = frozenset({DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.SENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Staffing:
    """One ward's people: who is on duty when, how each is reached, and in which time zone they live.

    `contacts` holds only those whose channel exists. `failing` names the channels that do not work now:
    they are tried last. Where there is no contact at all the ward's screens are all that there is: the ladder
    climbs on them, from person to person, and what should have been sent is written down as unsent.
    `languages` is in which each is told; English where nothing is said.
    """

    shifts: Sequence[Shift]
    contacts: Sequence[Contact]
    roles: Mapping[StaffId, Role]
    zone: ZoneInfo
    failing: Collection[str] = ()
    languages: Mapping[StaffId, str] = field(default_factory=dict[StaffId, str])

    @property
    def screens_only(self) -> bool:
        """Whether nothing can be sent to anybody."""
        return not self.contacts

    def ways_to(self, person: StaffId) -> list[Contact]:
        """How the person is reached, in the order in which it is tried."""
        if self.screens_only:
            return [Contact(contact_id=None, staff_id=person, channel=NO_CHANNEL, address="")]
        theirs = [contact for contact in self.contacts if contact.staff_id == person]
        return sorted(theirs, key=lambda c: (c.channel in self.failing, c.position, c.contact_id or 0))

    def people(self, duty: Duty, policy: Policy, now: datetime) -> list[StaffId]:
        """Who has the duty and can be reached: by the rota, or where it names no such person, by role."""
        named = [person for person in on_duty(self.shifts, duty, now) if self.ways_to(person)]
        role = policy.nobody_on_rota.get(duty)
        return named or [
            person for person, theirs in self.roles.items() if theirs is role and self.ways_to(person)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One person to be told by one contact."""

    contact: Contact
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What must happen now about the event of revision `rev`, and why.

    `pages`: deliveries to be made. `escalate_to`: the ladder's step to write down, after which to decide
    again. `stop`: nobody needs to be told any more, and what waits is cancelled. `look_at`: when to decide
    again though nothing happens.
    """

    rev: int
    reason: Reason
    pages: tuple[Page, ...] = ()
    escalate_to: Duty | None = None
    stop: bool = False
    look_at: datetime | None = None


def decide(
    alert: Alert,
    events: Sequence[AlertEvent],
    told: Sequence[Delivery],
    staffing: Staffing,
    policy: Policy,
    now: datetime,
) -> Decision:
    """Whom to tell of the alert now. `events` are all of the alert's, `told` all deliveries made for it."""
    standing = course(events)
    paging = policy.priorities[standing.priority]
    ended = _ended(alert, standing)
    if ended is not None:
        return Decision(rev=standing.called.rev, reason=ended, stop=True)
    held = _held(alert, standing, paging, staffing, policy, now)
    if held is not None:
        return held
    # What could not be sent counts on the screens alone: with the first contact, nobody has been told yet.
    told = [
        one
        for one in told
        if one.rev >= standing.trigger.rev and (staffing.screens_only or one.channel != NO_CHANNEL)
    ]
    if not told and now - standing.trigger.at > policy.too_old and not standing.by_person:
        return Decision(rev=standing.called.rev, reason=Reason.TOO_OLD)
    return _Ladder(standing, paging, told, staffing, policy, now).decision()


def _ended(alert: Alert, standing: Course) -> Reason | None:
    if alert.closed_at is not None:
        return Reason.CLOSED_ALREADY
    if standing.answered is not None:
        return Reason.ACKNOWLEDGED_ALREADY
    if alert.cleared_at is not None and not standing.by_person:
        return Reason.CLEARED_ALREADY
    return None


def _held(
    alert: Alert, standing: Course, paging: Paging, staffing: Staffing, policy: Policy, now: datetime
) -> Decision | None:
    """What policy keeps on the worklist, or until later. A person's own call is never held."""
    if standing.by_person:
        return None
    rev = standing.called.rev
    if alert.snoozed_until is not None:
        return Decision(rev=rev, reason=Reason.HELD_SNOOZED, stop=True)
    if standing.late:
        return Decision(rev=rev, reason=Reason.LATE_NEVER_PAGES, stop=True)
    if not paging.covers(alert.kind):
        return Decision(rev=rev, reason=Reason.WORKLIST_ONLY, stop=True)
    if paging.in_quiet_hours == "hold" and policy.is_quiet(now, staffing.zone):
        ends = policy.quiet_changes(now, staffing.zone)
        return Decision(rev=rev, reason=Reason.HELD_QUIET_HOURS, look_at=ends)
    return None


class _Ladder:
    """One alert on its way up the ladder: whom its present step reaches, and what is next."""

    def __init__(
        self,
        standing: Course,
        paging: Paging,
        told: Sequence[Delivery],
        staffing: Staffing,
        policy: Policy,
        now: datetime,
    ) -> None:
        self._course = standing
        self._paging = paging
        self._staffing = staffing
        self._policy = policy
        self._now = now
        self._rev = standing.called.rev
        self._told = told
        self._told_now = [delivery for delivery in told if delivery.rev == self._rev]
        self._told_before = {delivery.staff_id for delivery in told if delivery.rev != self._rev}

    def decision(self) -> Decision:
        people = self._audience()
        pages = [page for person in people for page in self._page(person, people)]
        if pages:
            return Decision(
                rev=self._rev,
                reason=pages[0].reason,
                pages=tuple(pages),
                look_at=self._turn(self._began(people) + self._paging.target),
            )
        if not people and not self._told_now:
            return self._escalated(Reason.ESCALATE_NO_CONTACT)
        if not any(_stands(delivery) for delivery in self._told_now):
            return self._escalated(Reason.ESCALATE_UNREACHABLE)
        answer_by = self._began(people) + self._paging.target
        if self._now >= answer_by:
            return self._escalated(Reason.ESCALATE_UNANSWERED)
        return self._waiting(answer_by)

    def _began(self, people: Sequence[StaffId]) -> datetime:
        """When the last of those whose step it is now was first told: a hand-over gives time anew."""
        first: dict[StaffId, datetime] = {}
        for one in self._told_now:
            if not people or one.staff_id in people:
                first.setdefault(one.staff_id, self._known(one.made_at))
        somebody_new = any(person not in first for person in people)
        return self._now if somebody_new else max(first.values(), default=self._now)

    def _audience(self) -> list[StaffId]:
        """Whom the present event calls and who can be reached; those already told only if all."""
        called = self._course.called.what
        duty = _duty(called.to) if isinstance(called, Escalated) else self._first()
        if duty is None and isinstance(called, Escalated):
            named = StaffId(called.to)
            return [named] if self._staffing.ways_to(named) else []
        people = self._people(duty or self._first())
        return [person for person in people if person not in self._told_before] or people

    def _people(self, duty: Duty) -> list[StaffId]:
        return self._staffing.people(duty, self._policy, self._now)

    def _first(self) -> Duty:
        quiet = self._policy.is_quiet(self._now, self._staffing.zone)
        return self._policy.begins_with(self._paging, quiet=quiet)

    def _page(self, person: StaffId, audience: Sequence[StaffId]) -> list[Page]:
        """The next contact of a person whom nothing has reached or is about to reach; at most one."""
        theirs = [delivery for delivery in self._told_now if delivery.staff_id == person]
        if any(_stands(delivery) for delivery in theirs):
            return []
        tried = {delivery.contact_id for delivery in theirs if delivery.state is DeliveryState.DEAD}
        left = [way for way in self._staffing.ways_to(person) if way.contact_id not in tried]
        if not left:
            return []
        if tried:
            return [Page(contact=left[0], reason=Reason.NOTIFY_NEXT_CHANNEL)]
        others = {delivery.staff_id for delivery in self._told_now} - set(audience)
        if others:
            return [Page(contact=left[0], reason=Reason.NOTIFY_HAND_OVER)]
        if self._course.escalations:
            return [Page(contact=left[0], reason=Reason.NOTIFY_ESCALATED)]
        return [Page(contact=left[0], reason=_FIRST_CALL[self._course.priority])]

    def _escalated(self, why: Reason) -> Decision:
        """The next step that reaches somebody new; at the ladder's end, the last one again after a while.

        On screens alone nobody is told again: they show it all the time.
        """
        for duty in self._steps_left():
            if set(self._people(duty)) - self._everybody_told():
                return Decision(rev=self._rev, reason=why, escalate_to=duty)
        again_at = self._last_told() + self._paging.repeat
        reachable = [duty for duty in reversed(self._policy.ladder) if self._people(duty)]
        if reachable and self._staffing.screens_only:
            return Decision(
                rev=self._rev, reason=Reason.NO_CHANNEL, look_at=self._turn(self._now + self._paging.repeat)
            )
        if reachable and self._now >= again_at:
            return Decision(rev=self._rev, reason=Reason.ESCALATE_AGAIN, escalate_to=reachable[0])
        if reachable:
            return self._waiting(again_at)
        return Decision(rev=self._rev, reason=Reason.NO_CONTACT, look_at=self._now + _LOOK_FOR_CONTACT)

    def _steps_left(self) -> Sequence[Duty]:
        """The steps above the highest that was called, then those below it: anybody rather than nobody."""
        ladder = self._policy.ladder
        whats = [event.what for event in self._course.escalations]
        called = [_duty(what.to) for what in whats if isinstance(what, Escalated)]
        above = 1 + max(ladder.index(duty) for duty in (self._first(), *called) if duty in ladder)
        return [*ladder[above:], *ladder[:above]]

    def _everybody_told(self) -> set[StaffId]:
        return {delivery.staff_id for delivery in self._told}

    def _last_told(self) -> datetime:
        times = [self._known(delivery.made_at) for delivery in self._told]
        return max(times, default=self._known(self._course.trigger.at))

    def _known(self, at: datetime) -> datetime:
        """When it was; of what a clock that ran ahead has done nobody knows, and it counts as long ago."""
        return at if at <= self._now + _CLOCK_AHEAD else self._now - _LONG_AGO

    def _waiting(self, until: datetime) -> Decision:
        return Decision(rev=self._rev, reason=Reason.DUPLICATE, look_at=self._turn(until))

    def _turn(self, at: datetime) -> datetime:
        """That instant, or an earlier one at which other people may be on duty, or be reached at last."""
        turns = (
            next_change(self._staffing.shifts, self._now),
            self._policy.quiet_changes(self._now, self._staffing.zone),
            self._now + _LOOK_FOR_CHANNEL if self._staffing.screens_only else None,
        )
        return min([at, *(turn for turn in turns if turn is not None)])


def _stands(delivery: Delivery) -> bool:
    """Whether it has reached its person, or is about to; what cannot be sent has, by the screens."""
    return delivery.state in _ALIVE or delivery.channel == NO_CHANNEL


def _duty(word: str) -> Duty | None:
    return Duty(word) if word in list(Duty) else None
