"""A change of rules or of a limit, tried on histories: which alerts it would have lost and gained. Pure.

Both sides are replayed, the rules as they are and as they would be, so that only the change differs. What
really became of the ward's alerts tells which of the lost ones matter.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.book.limits import Calibration, OwnLimit
from alerts.book.rulebook import PatientRules, Rulebook
from alerts.history.backtest import ANSWERED_AFTER
from alerts.history.replay import History, Replay
from alerts.history.track import Call
from alerts.review.comparison import WINDOW, goes_with, nearest
from store.burden import BurdenRow
from vitals.alert import Outcome
from vitals.ids import AlertId, PatientId

WEEK = timedelta(days=7)
_ALWAYS = timedelta(days=36500)
_BEFORE = timedelta(days=35)
"""How long before the time asked for a replay begins: an alert of then keeps most rules quiet in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two ways to work: a rulebook, and limits that a patient would have of their own besides."""

    book: Rulebook
    own: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedAlert:
    """An alert that a replay raised; `limits` are the names of those that it was beyond."""

    patient_id: PatientId
    rule: str
    problem: str
    priority: str
    raised_at: datetime
    reason: str
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LostAlert:
    """An alert that the change would lose, and the ward's real alert of that problem, where there was one.

    `outcome` is what became of the real one (None: still open); `still_reached`: after the change another
    alert goes with it nevertheless.
    """

    alert: TriedAlert
    real: AlertId | None = None
    outcome: Outcome | None = None
    still_reached: bool = False

    @property
    def acted_on(self) -> bool:
        """Whether a known event would be lost with it: somebody acted, and nothing else would have told."""
        return self.outcome is Outcome.ACTED and not self.still_reached


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEvent:
    """A real alert of the ward that somebody acted on."""

    alert_id: AlertId
    patient_id: PatientId
    rule: str
    problem: str
    raised_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCounts:
    """One rule's alerts before and after the change."""

    rule: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tryout:
    """What a change would have done between `since` and `until`.

    An alert is lost where the other side has none of the same patient and problem within the `window`, and
    gained likewise; each is the partner of one at most. `real` counts the alerts that the ward really had;
    `changed` the patients whom the change concerns.
    """

    since: datetime
    until: datetime
    window: timedelta
    patients: int
    changed: int
    real: int
    rules: Sequence[RuleCounts]
    lost: Sequence[LostAlert]
    gained: Sequence[TriedAlert]
    events: int
    events_lost: Sequence[KnownEvent]
    events_gained: Sequence[KnownEvent]

    @property
    def weeks(self) -> float:
        """How many weeks were gone through."""
        return (self.until - self.since) / WEEK

    @property
    def before(self) -> int:
        """All alerts as the rules are."""
        return sum(one.before for one in self.rules)

    @property
    def after(self) -> int:
        """All alerts as the rules would be."""
        return sum(one.after for one in self.rules)

    def per_week(self, count: int) -> float:
        """So many alerts in all those weeks, by the week; 0 where no time was gone through."""
        return count / self.weeks if self.weeks > 0 else 0.0


def compare(
    histories: Iterable[History],
    before: Side,
    after: Side,
    real: Iterable[BurdenRow],
    *,
    since: datetime,
    until: datetime,
    calibrations: Sequence[Calibration] = (),
    window: timedelta = WINDOW,
) -> Tryout:
    """Replay the histories under both sides. They should begin as long before `since` as trends look back.

    `real` are the ward's alerts of that time. A nurse is played who closes each alert after a day.
    """
    pairs: list[tuple[list[TriedAlert], list[TriedAlert]]] = []
    changed, begin = 0, until
    for history in histories:
        begin = min(begin, history.patient.enrolled_at)
        first = raised(history, before, calibrations, since, until)
        same = not after.own and _same(history, before.book, after.book)
        changed += not same
        pairs.append((first, first if same else raised(history, after, calibrations, since, until)))
    return _found(pairs, changed, list(real), max(since, begin), until, window)


def _same(history: History, before: Rulebook, after: Rulebook) -> bool:
    """Whether both rulebooks ask the same of the patient."""
    one, other = _rules(history, before), _rules(history, after)
    return (one.live, one.limits, one.schedule) == (other.live, other.limits, other.schedule)


def _rules(history: History, book: Rulebook) -> PatientRules:
    return book.for_programmes(name for name in history.patient.programmes if name in book.programmes)


def raised(
    history: History, side: Side, calibrations: Sequence[Calibration], since: datetime, until: datetime
) -> list[TriedAlert]:
    """The alerts that the replay raises from `since` on; those shortly before it are remembered, not told."""
    patient = history.patient
    known = {name: day for name, day in patient.programmes.items() if name in side.book.programmes}
    begin = max(patient.enrolled_at, since - _BEFORE)
    own = [
        OwnLimit(
            name=name, value=value, author="tryout", reason="tryout", set_at=begin, expires_at=until + _ALWAYS
        )
        for name, value in side.own.items()
    ]
    seen = replace(history, patient=replace(patient, programmes=known), limits=[*history.limits, *own])
    replay = Replay(seen, _rules(history, side.book), answer_after=ANSWERED_AFTER, since=begin)
    replay.learn(begin)
    replay.advance(until, calibrations)
    return [_tried(call) for call in replay.calls if call.is_new and call.at >= since]


def _tried(call: Call) -> TriedAlert:
    alert = call.alert
    return TriedAlert(
        patient_id=alert.patient_id,
        rule=alert.rule,
        problem=alert.problem,
        priority=alert.priority.value,
        raised_at=alert.raised_at,
        reason=alert.reason,
        limits=tuple(limit.name for limit in call.breach.limits),
    )


def _found(
    pairs: Sequence[tuple[list[TriedAlert], list[TriedAlert]]],
    changed: int,
    real: Sequence[BurdenRow],
    since: datetime,
    until: datetime,
    window: timedelta,
) -> Tryout:
    before = [alert for first, _ in pairs for alert in first]
    after = [alert for _, second in pairs for alert in second]
    lost, gained = unmatched(before, after, window)
    ward = _Ward(real, before, after, until, window)
    counts = Counter(alert.rule for alert in before), Counter(alert.rule for alert in after)
    return Tryout(
        since=since,
        until=until,
        window=window,
        patients=len(pairs),
        changed=changed,
        real=len(real),
        rules=[
            RuleCounts(rule=rule, before=counts[0][rule], after=counts[1][rule])
            for rule in sorted(counts[0] | counts[1], key=lambda r: (-max(counts[0][r], counts[1][r]), r))
        ],
        lost=sorted((ward.lost(alert) for alert in lost), key=_loudest_first),
        gained=gained,
        events=len(ward.acted),
        events_lost=ward.events(reached_before=True, reached_after=False),
        events_gained=ward.events(reached_before=False, reached_after=True),
    )


def _loudest_first(one: LostAlert) -> tuple[bool, datetime, PatientId]:
    return not one.acted_on, one.alert.raised_at, one.alert.patient_id


_Key = tuple[PatientId, str]


def unmatched(
    before: Iterable[TriedAlert], after: Iterable[TriedAlert], window: timedelta
) -> tuple[list[TriedAlert], list[TriedAlert]]:
    """Of two lists the alerts without a partner: of the same patient and problem, no further than the window.

    The closest become partners first.
    """
    sides = _grouped(before), _grouped(after)
    alone: tuple[list[TriedAlert], list[TriedAlert]] = ([], [])
    for key in sides[0].keys() | sides[1].keys():
        ours, theirs = sides[0].get(key, []), sides[1].get(key, [])
        close = sorted(
            (abs(one.raised_at - other.raised_at), i, j)
            for i, one in enumerate(ours)
            for j, other in enumerate(theirs)
            if abs(one.raised_at - other.raised_at) <= window
        )
        taken: tuple[set[int], set[int]] = (set(), set())
        for _apart, i, j in close:
            if i not in taken[0] and j not in taken[1]:
                taken[0].add(i)
                taken[1].add(j)
        alone[0].extend(one for i, one in enumerate(ours) if i not in taken[0])
        alone[1].extend(one for j, one in enumerate(theirs) if j not in taken[1])
    return sorted(alone[0], key=_by_time), sorted(alone[1], key=_by_time)


def _by_time(alert: TriedAlert) -> tuple[datetime, PatientId, str]:
    return alert.raised_at, alert.patient_id, alert.problem


def _grouped(alerts: Iterable[TriedAlert]) -> dict[_Key, list[TriedAlert]]:
    grouped: defaultdict[_Key, list[TriedAlert]] = defaultdict(list)
    for alert in alerts:
        grouped[alert.patient_id, alert.problem].append(alert)
    return grouped


class _Ward:
    """What really happened, beside what the two replays raised."""

    def __init__(
        self,
        real: Sequence[BurdenRow],
        before: Iterable[TriedAlert],
        after: Iterable[TriedAlert],
        until: datetime,
        window: timedelta,
    ) -> None:
        self.acted = [row for row in real if row.outcome is Outcome.ACTED]
        self._real: defaultdict[_Key, list[BurdenRow]] = defaultdict(list)
        for row in real:
            self._real[row.patient_id, row.problem].append(row)
        self._before, self._after = _grouped(before), _grouped(after)
        self._until, self._window = until, window

    def lost(self, alert: TriedAlert) -> LostAlert:
        """The lost alert, with what became of the real one."""
        theirs = self._real[alert.patient_id, alert.problem]
        row = nearest(alert.raised_at, theirs, self._until, self._window)
        if row is None:
            return LostAlert(alert=alert)
        return LostAlert(
            alert=alert,
            real=row.alert_id,
            outcome=row.outcome,
            still_reached=self._reached(row, self._after),
        )

    def events(self, *, reached_before: bool, reached_after: bool) -> list[KnownEvent]:
        """The events that somebody acted on and that the one side tells of, and the other does not."""
        return [
            KnownEvent(
                alert_id=row.alert_id,
                patient_id=row.patient_id,
                rule=row.rule,
                problem=row.problem,
                raised_at=row.raised_at,
            )
            for row in self.acted
            if self._reached(row, self._before) is reached_before
            and self._reached(row, self._after) is reached_after
        ]

    def _reached(self, row: BurdenRow, alerts: Mapping[_Key, Sequence[TriedAlert]]) -> bool:
        beside = alerts.get((row.patient_id, row.problem), ())
        return any(goes_with(one.raised_at, row, self._until, self._window) for one in beside)
