"""The alert-burden ledger: what alerts cost those who answer, what rules yield, what to review. Pure.

Its measures follow the project's review of alert burden, section 2 (alerts per patient-month) and section 6
(three opens of a rule within 30 days that needed no action call for another limit, not for silence).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from alerts.book.rulebook import Rulebook
from alerts.book.schema import AnyRule, CompositeRule, News2Rule, TechnicalRule, ThresholdRule, TrendRule
from store import burden
from store.burden import BurdenRow
from store.connection import Connection
from vitals.alert import Outcome
from vitals.ids import PatientId

MONTH_DAYS = 30.4375
FLAPS = 3
FLAP_DAYS = 30
_IN_VAIN = frozenset({Outcome.NO_ACTION, Outcome.EXPECTED})
_MISTAKEN = frozenset({Outcome.MEASUREMENT_ERROR, Outcome.WRONG_PERSON})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How long people took: the median and the time within which nine of ten were done; None: nobody was."""

    count: int
    median: timedelta | None
    p90: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The ledger of one rule, or of all together.

    Of the `closed`, `acted` led to something, `no_action` to nothing (expected ones too), `mistaken` were
    wrong measurements or persons, `unreachable` ended without an answer. `by_itself` of `no_action` closed
    without a person. Shares are of the closed, None where nothing is.
    """

    rule: str
    alerts: int
    per_patient_month: float | None
    closed: int
    acted: int
    no_action: int
    by_itself: int
    mistaken: int
    unreachable: int
    to_acknowledge: Wait
    to_act: Wait

    @property
    def yield_share(self) -> float | None:
        """The share of the closed that led to something."""
        return self.acted / self.closed if self.closed else None

    @property
    def no_action_share(self) -> float | None:
        """The share of the closed that led to nothing."""
        return self.no_action / self.closed if self.closed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flapping:
    """A rule that keeps opening for a patient and needs no action: which limits to review for them."""

    patient_id: PatientId
    rule: str
    opens: int
    first_at: datetime
    last_at: datetime
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """One ward's ledger of one time: the whole, each rule (the busiest first), and what flaps."""

    since: datetime
    until: datetime
    patient_months: float
    whole: Line
    rules: Sequence[Line]
    flapping: Sequence[Flapping]


def ledger_of(
    connection: Connection, ward_id: str, since: datetime, until: datetime, book: Rulebook
) -> Ledger:
    """The ward's ledger of the alerts raised from `since` until before `until`."""
    rows = burden.rows(connection, ward_id, since, until)
    days = burden.patient_days(connection, ward_id, since, until)
    limits = {row.rule: limits_of(book.rule(row.rule)) for row in rows}
    return ledger(rows, days / MONTH_DAYS, since, until, limits)


def ledger(
    rows: Sequence[BurdenRow],
    patient_months: float,
    since: datetime,
    until: datetime,
    limits: Mapping[str, tuple[str, ...]],
) -> Ledger:
    """The ledger of these alerts. `limits`: by rule, the names of the limits that it compares with."""
    by_rule: defaultdict[str, list[BurdenRow]] = defaultdict(list)
    for row in rows:
        by_rule[row.rule].append(row)
    lines = [_line(rule, theirs, patient_months) for rule, theirs in by_rule.items()]
    return Ledger(
        since=since,
        until=until,
        patient_months=patient_months,
        whole=_line("", rows, patient_months),
        rules=sorted(lines, key=lambda line: (-line.alerts, line.rule)),
        flapping=flapping(rows, limits),
    )


def _line(rule: str, rows: Sequence[BurdenRow], patient_months: float) -> Line:
    closed = [row for row in rows if row.outcome is not None]
    in_vain = [row for row in closed if row.outcome in _IN_VAIN]
    outcomes = Counter(row.outcome for row in closed)
    return Line(
        rule=rule,
        alerts=len(rows),
        per_patient_month=len(rows) / patient_months if patient_months > 0 else None,
        closed=len(closed),
        acted=outcomes[Outcome.ACTED],
        no_action=len(in_vain),
        by_itself=sum(not row.closed_by_person for row in in_vain),
        mistaken=sum(row.outcome in _MISTAKEN for row in closed),
        unreachable=outcomes[Outcome.UNREACHABLE],
        to_acknowledge=wait((row.raised_at, row.acknowledged_at) for row in rows),
        to_act=wait((row.raised_at, row.acted_at) for row in rows),
    )


def wait(spans: Iterable[tuple[datetime, datetime | None]]) -> Wait:
    """How long it took from each first instant to its second, of those that have one."""
    seconds = [(done - raised).total_seconds() for raised, done in spans if done is not None]
    if not seconds:
        return Wait(count=0, median=None, p90=None)
    median, p90 = np.quantile(seconds, [0.5, 0.9])
    return Wait(
        count=len(seconds), median=timedelta(seconds=float(median)), p90=timedelta(seconds=float(p90))
    )


def flapping(rows: Iterable[BurdenRow], limits: Mapping[str, tuple[str, ...]]) -> list[Flapping]:
    """Where a patient's rule opened `FLAPS` times within `FLAP_DAYS` and each needed no action; worst first.

    Each is the densest such time of that patient's rule. What a person acted on in between ends the count:
    the rule was right then.
    """
    by_problem: defaultdict[tuple[PatientId, str], list[BurdenRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.raised_at, row.alert_id)):
        by_problem[row.patient_id, row.rule].append(row)
    found: list[Flapping] = []
    for (patient_id, rule), theirs in by_problem.items():
        densest: Sequence[datetime] = max(_runs(theirs), key=len, default=[])
        if len(densest) >= FLAPS:
            found.append(
                Flapping(
                    patient_id=patient_id,
                    rule=rule,
                    opens=len(densest),
                    first_at=densest[0],
                    last_at=densest[-1],
                    limits=limits.get(rule, ()),
                )
            )
    return sorted(found, key=lambda one: (-one.opens, one.patient_id, one.rule))


def _runs(rows: Sequence[BurdenRow]) -> Iterable[Sequence[datetime]]:
    """For each alert that needed no action, the ones up to it within the time, none acted on in between."""
    run: list[datetime] = []
    for row in rows:
        if row.outcome in _IN_VAIN:
            run = [at for at in run if row.raised_at - at <= timedelta(days=FLAP_DAYS)]
            run.append(row.raised_at)
            yield tuple(run)
        elif row.outcome is Outcome.ACTED:
            run = []


def limits_of(rule: AnyRule | None) -> tuple[str, ...]:
    """The names of the limits that a rule compares with."""
    match rule:
        case ThresholdRule():
            names = [when.limit for when in rule.when]
        case TrendRule():
            names = [rule.threshold, *(bound.limit for bound in rule.also)]
        case CompositeRule():
            names = [part.limit for part in (*rule.readings, *rule.trends)]
        case News2Rule():
            names = [rule.high_at, rule.medium_at]
        case TechnicalRule():
            names = [rule.limit]
        case _:
            names = []
    return tuple(dict.fromkeys(names))
