"""A silent pilot beside what was live: what coincided, which came first, what it missed or added."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from alerts.book.rulebook import Rulebook
from alerts.review.ledger import MONTH_DAYS
from alerts.review.pilots import Pilot
from store import burden
from store import pilots as stored
from store.burden import BurdenRow
from store.connection import Connection
from store.pilots import Definition, TakesPart
from vitals.alert import Alert, Outcome
from vitals.ids import AlertId, PatientId

WINDOW = timedelta(days=7)
"""A would-be alert and a live one speak of the same where no more than this lies between them."""


LEAST_MONTHS = 0.1
"""Below three days of one patient a rate would say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldBeAlert:
    """An alert that the pilot would have raised, and the live one of the same problem that it goes with."""

    patient_id: PatientId
    raised_at: datetime
    priority: str
    reason: str
    live: AlertId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAlert:
    """A live alert of the pilot's problem; `lead`: how much earlier (negative: later) the pilot came."""

    alert_id: AlertId
    patient_id: PatientId
    rule: str
    raised_at: datetime
    outcome: Outcome | None
    lead: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One pilot beside the live alerts of its problem, of the same patients and time.

    `since` is when the first patient took part, None where nobody does yet; `until` is now, or when it
    `ended`. Of the would-be alerts those without a live one are extra; of the live ones those without a
    would-be one are missed.
    """

    rule: str
    fingerprint: str
    rule_version: int
    problem: str
    since: datetime | None
    until: datetime
    ended: bool
    window: timedelta
    patients: int
    patient_months: float
    would_be: Sequence[WouldBeAlert]
    live: Sequence[LiveAlert]

    @property
    def coinciding(self) -> int:
        """How many would-be alerts go with a live one."""
        return sum(one.live is not None for one in self.would_be)

    @property
    def extra(self) -> list[WouldBeAlert]:
        """The would-be alerts that go with no live one."""
        return [one for one in self.would_be if one.live is None]

    @property
    def outcomes(self) -> Mapping[Outcome | None, int]:
        """What came of the live alerts that the pilot would have raised too; None: still open."""
        return Counter(one.outcome for one in self.live if one.lead is not None)

    @property
    def missed(self) -> list[LiveAlert]:
        """The live alerts that the pilot would not have raised."""
        return [one for one in self.live if one.lead is None]

    @property
    def missed_acted(self) -> list[LiveAlert]:
        """Of those, the ones that somebody acted on."""
        return [one for one in self.missed if one.outcome is Outcome.ACTED]

    @property
    def earlier(self) -> int:
        """How many live alerts the pilot would have come before."""
        return sum(one.lead is not None and one.lead > timedelta(0) for one in self.live)

    @property
    def later(self) -> int:
        """How many live alerts the pilot would have come after."""
        return sum(one.lead is not None and one.lead < timedelta(0) for one in self.live)

    @property
    def median_lead(self) -> timedelta | None:
        """The median of how much earlier (negative: later) it came; None where nothing coincides."""
        leads = [one.lead.total_seconds() for one in self.live if one.lead is not None]
        return timedelta(seconds=median(leads)) if leads else None

    def per_month(self, count: int) -> float | None:
        """So many in a patient-month; None where there is less than `LEAST_MONTHS` to go by."""
        return count / self.patient_months if self.patient_months >= LEAST_MONTHS else None


def definition_of(pilot: Pilot) -> Definition:
    """The pilot as the store knows it."""
    return Definition(
        rule=pilot.rule.id,
        fingerprint=pilot.fingerprint,
        rule_version=pilot.rule.version,
        problem=pilot.rule.problem,
    )


def comparisons(
    connection: Connection, ward_id: str, book: Rulebook, now: datetime, window: timedelta = WINDOW
) -> list[Comparison]:
    """Every pilot of the rulebook on this ward, and after them those that are no longer in it."""
    running = [definition_of(pilot) for pilot in book.pilots()]
    known = {(one.rule, one.fingerprint) for one in running}
    before = [
        replace(one, ended_at=min(one.ended_at or now, now))
        for one in stored.definitions(connection, ward_id)
        if (one.rule, one.fingerprint) not in known
    ]
    found: list[Comparison] = []
    for pilot in (*running, *before):
        until = pilot.ended_at or now
        parts = stored.patients(connection, ward_id, pilot.rule, pilot.fingerprint, until)
        would_be = stored.raised(connection, ward_id, pilot.rule, pilot.fingerprint)
        since = min((part.since for part in parts), default=until)
        rows = burden.rows(connection, ward_id, since, until)
        found.append(compare(pilot, parts, [one.alert for one in would_be], rows, until, window))
    return found


def compare(
    pilot: Definition,
    parts: Sequence[TakesPart],
    would_be: Iterable[Alert],
    rows: Iterable[BurdenRow],
    until: datetime,
    window: timedelta,
) -> Comparison:
    """The pilot's would-be alerts beside the live ones of these rows that are of its problem and patients."""
    since = {part.patient_id: part.since for part in parts}
    live: defaultdict[PatientId, list[BurdenRow]] = defaultdict(list)
    for row in rows:
        started = since.get(row.patient_id)
        if row.problem == pilot.problem and started is not None and row.raised_at >= started:
            live[row.patient_id].append(row)
    theirs: list[WouldBeAlert] = []
    first: dict[AlertId, datetime] = {}
    for alert in sorted(would_be, key=lambda one: one.raised_at):
        with_it = nearest(alert.raised_at, live[alert.patient_id], until, window)
        if with_it is not None:
            first.setdefault(with_it.alert_id, alert.raised_at)
        theirs.append(_would_be(alert, with_it))
    return Comparison(
        rule=pilot.rule,
        fingerprint=pilot.fingerprint,
        rule_version=pilot.rule_version,
        problem=pilot.problem,
        since=min(since.values(), default=None),
        until=until,
        ended=pilot.ended_at is not None,
        window=window,
        patients=len(parts),
        patient_months=sum(part.days for part in parts) / MONTH_DAYS,
        would_be=theirs,
        live=[_live(row, first.get(row.alert_id)) for their in live.values() for row in their],
    )


def goes_with(at: datetime, row: BurdenRow, now: datetime, window: timedelta) -> bool:
    """Whether a nurse would have had the live alert before them anyhow: within the window, or open still."""
    return row.raised_at - window <= at <= max(row.raised_at + window, row.closed_at or now)


def nearest(at: datetime, live: Iterable[BurdenRow], now: datetime, window: timedelta) -> BurdenRow | None:
    """Of the live alerts of one patient and problem that go with this instant the one closest to it."""
    beside = [row for row in live if goes_with(at, row, now, window)]
    return min(beside, key=lambda row: (abs(row.raised_at - at), row.alert_id), default=None)


def _would_be(alert: Alert, live: BurdenRow | None) -> WouldBeAlert:
    return WouldBeAlert(
        patient_id=alert.patient_id,
        raised_at=alert.raised_at,
        priority=alert.priority.value,
        reason=alert.reason,
        live=None if live is None else live.alert_id,
    )


def _live(row: BurdenRow, pilot_at: datetime | None) -> LiveAlert:
    return LiveAlert(
        alert_id=row.alert_id,
        patient_id=row.patient_id,
        rule=row.rule,
        raised_at=row.raised_at,
        outcome=row.outcome,
        lead=None if pilot_at is None else row.raised_at - pilot_at,
    )
