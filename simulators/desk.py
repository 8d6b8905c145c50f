"""What the nurses of the demo ward did about its alerts: a pure decision for each one that was raised."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from simulators.chance import uniform
from simulators.courses import Course, Illness
from simulators.desk_words import WORDS, Words
from simulators.people import Person, StaffMember
from simulators.physiology import EPOCH, days_since_epoch
from store.staff import Role
from vitals.alert import TARGET_TIMES, Alert, Kind, Outcome, Priority
from vitals.alert_event import Acknowledged, Called, Closed, Happening, Noted
from vitals.ids import StaffId

OPENS, SHUTS = time(7, 30), time(18, 0)
_DAY = timedelta(days=1)
_RECENT = timedelta(hours=30)

# Minutes from an alert to the hand that takes it; the target times are one, eight and twenty-four hours.
_TAKEN_AFTER = {Priority.HIGH: (4, 18), Priority.MEDIUM: (12, 110), Priority.LOW: (40, 300)}
_CALLED_AFTER = (4, 35)
# Days until what was done has worked and the alert is closed.
_CLOSED_AFTER = {Priority.HIGH: (0.3, 1.0), Priority.MEDIUM: (0.9, 2.6), Priority.LOW: (0.8, 3.0)}
# Left for later are only alerts this young, as a share of their target time, and of those only so many.
_LEFT_WHILE = 0.6
_LEFT_SHARE = 0.5
# Whoever is on call takes what the desk would be too late for.
_TAKEN_AT_LATEST = 0.8
_SILENCE_CHECKS = 6

# Which problems an illness explains.
_EXPLAINS: dict[Illness, frozenset[str]] = {
    Illness.FLUID_GAIN: frozenset({"fluid_gain", "oxygen_low", "copd_worsening", "heart_rate_high"}),
    Illness.COPD_EXACERBATION: frozenset({"copd_worsening", "oxygen_low", "heart_rate_high"}),
    Illness.PRESSURE_RISE: frozenset({"pressure_high"}),
    Illness.PRESSURE_CRISIS: frozenset({"pressure_high"}),
    Illness.DRUG_HYPOTENSION: frozenset({"pressure_low"}),
    Illness.FAST_PULSE: frozenset({"heart_rate_high"}),
    Illness.SLOW_PULSE: frozenset({"heart_rate_low"}),
    Illness.WEIGHT_LOSS: frozenset({"weight_loss", "pressure_low"}),
    Illness.HIGH_GLUCOSE: frozenset({"glucose_high"}),
    Illness.LOW_GLUCOSE: frozenset({"glucose_low"}),
    Illness.FEVER: frozenset({"temperature_high", "heart_rate_high"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One thing that one nurse does at one instant; `once_cleared`: only if the alert has cleared by then."""

    at: datetime
    actor: StaffId
    what: Happening
    once_cleared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The nurses of the ward and their habits: `seeded_at` is the present, which nobody acts beyond."""

    team: Sequence[StaffMember]
    seeded_at: datetime
    time_zone: ZoneInfo
    seed: int

    def deeds(self, alert: Alert, person: Person, courses: Sequence[Course]) -> list[Deed]:
        """What becomes of an alert that was just raised or rose, in order of time.

        Some of it lies after the present; the caller stops there. Nobody touches a technical alert: it ends
        by itself. What has no illness behind it is a chance finding, and the patient is well.
        """
        label = f"{person.patient_id}/{alert.problem}/{alert.raised_at.isoformat()}/{alert.priority}"
        if alert.kind is Kind.TECHNICAL or self._is_left(alert, person, label):
            return []
        nurse = _nurse(person, self.team)
        words = WORDS.get(alert.problem, WORDS["anything"])
        taken_at = self._taken_at(alert, label)
        called_at = taken_at + timedelta(minutes=self._between(_CALLED_AFTER, "called", label))
        taken = Deed(at=taken_at, actor=nurse, what=Acknowledged())
        if alert.problem == "silence":
            return [taken, *self._silence(nurse, words, called_at, label)]
        illness = _illness(alert, courses)
        staged = any(timedelta(0) <= self.seeded_at - alert.raised_at < _RECENT for _ in person.extras)
        said = words.said if illness or staged else words.said_well
        called = Deed(at=called_at, actor=nurse, what=self._call(said, label))
        if not illness and not staged:
            return [taken, called, self._nothing(alert, words, nurse, called_at, label)]
        planned = Deed(at=called_at + timedelta(minutes=14), actor=nurse, what=Noted(text=words.plan))
        done = [taken, called, planned]
        if illness is not None and math.isfinite(illness.ends):
            done.append(self._dealt_with(illness, alert, words, nurse, called_at, label))
        return done

    def _is_left(self, alert: Alert, person: Person, label: str) -> bool:
        if person.overlooked:
            return True
        age = self.seeded_at - alert.raised_at
        is_young = age < _LEFT_WHILE * TARGET_TIMES[alert.priority]
        is_urgent = alert.priority is Priority.HIGH
        return is_young and not is_urgent and uniform(self.seed, "left", label) < _LEFT_SHARE

    def _taken_at(self, alert: Alert, label: str) -> datetime:
        now = alert.evidence_at if alert.rev > 1 and alert.evidence_at else alert.raised_at
        now = max(now, alert.raised_at)
        after = timedelta(minutes=self._between(_TAKEN_AFTER[alert.priority], "taken", label))
        if alert.priority is Priority.HIGH:
            return _whole_seconds(now + after)
        latest = now + _TAKEN_AT_LATEST * TARGET_TIMES[alert.priority]
        return _whole_seconds(min(_in_desk_hours(now, self.time_zone) + after, latest))

    def _silence(self, nurse: StaffId, words: Words, called_at: datetime, label: str) -> list[Deed]:
        """A call, and a look on each of the next days: once the patient measures again it is closed."""
        looks = [_in_desk_hours(called_at + day * _DAY, self.time_zone) for day in range(1, _SILENCE_CHECKS)]
        closed = Closed(outcome=Outcome.ACTED, note=words.done)
        return [
            Deed(at=called_at, actor=nurse, what=self._call(words.said, label)),
            *(Deed(at=_whole_seconds(at), actor=nurse, what=closed, once_cleared=True) for at in looks),
        ]

    def _nothing(self, alert: Alert, words: Words, nurse: StaffId, called_at: datetime, label: str) -> Deed:
        days = self._between(_CLOSED_AFTER[alert.priority], "closed", label)
        at = _whole_seconds(_in_desk_hours(called_at + timedelta(days=days), self.time_zone))
        return Deed(at=at, actor=nurse, what=Closed(outcome=words.nothing_outcome, note=words.nothing))

    def _dealt_with(
        self,
        illness: Course,
        alert: Alert,
        words: Words,
        nurse: StaffId,
        called_at: datetime,
        label: str,
    ) -> Deed:
        """Closed once what was done has worked: not before the illness has gone."""
        days = self._between(_CLOSED_AFTER[alert.priority], "closed", label)
        well_at = EPOCH + timedelta(days=illness.ends + illness.fall_days + 1)
        at = max(called_at + timedelta(days=days), well_at)
        at = _whole_seconds(_in_desk_hours(at, self.time_zone))
        return Deed(at=at, actor=nurse, what=Closed(outcome=Outcome.ACTED, note=words.done))

    def _call(self, said: str, label: str) -> Called:
        minutes = round(self._between((3, 11), "minutes", label))
        return Called(whom="patient", reached=True, minutes=float(minutes), text=said)

    def _between(self, span: tuple[float, float], *labels: str) -> float:
        return span[0] + (span[1] - span[0]) * uniform(self.seed, *labels)


def _illness(alert: Alert, courses: Sequence[Course]) -> Course | None:
    """The illness that explains the alert, if the person had one at the time."""
    raised = days_since_epoch(alert.raised_at)
    for course in courses:
        explains = alert.problem in _EXPLAINS[course.illness]
        if explains and course.starts <= raised <= course.ends + course.fall_days + 1:
            return course
    return None


def _nurse(person: Person, team: Sequence[StaffMember]) -> StaffId:
    """The nurse of the patient's own care team, else the lead."""
    names = [member.name for member in person.care_team]
    own = [member for member in team if member.name in names and member.role in (Role.NURSE, Role.LEAD)]
    lead = [member for member in team if member.role is Role.LEAD]
    return (own + lead)[0].staff_id


def _in_desk_hours(at: datetime, time_zone: ZoneInfo) -> datetime:
    """The instant itself while the desk is staffed, else when it next opens."""
    local = at.astimezone(time_zone)
    day = local.date() if local.time() < SHUTS else local.date() + _DAY
    return max(at, datetime.combine(day, OPENS, tzinfo=time_zone))


def _whole_seconds(at: datetime) -> datetime:
    return at.replace(microsecond=0)
