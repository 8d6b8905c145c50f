"""What a ward's reports count: alerts and what came of them, how fast people were, who measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row

from store.burden import FIRST_SEEN
from store.connection import Connection

_BY_RULE = f"""
    SELECT a.rule, a.priority, count(*) AS raised,
           count(*) FILTER (WHERE a.closed_at IS NOT NULL) AS closed,
           count(*) FILTER (WHERE a.outcome = 'acted') AS acted,
           count(*) FILTER (WHERE a.outcome IN ('measurement_error', 'wrong_person')) AS mistaken,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY {FIRST_SEEN} - a.raised_at) AS median_to_seen,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY a.closed_at - a.raised_at) AS median_to_closed
    FROM alerts a JOIN patients p USING (patient_id)
    WHERE p.ward_id = %(ward_id)s AND a.raised_at >= %(since)s AND a.raised_at < %(until)s
    GROUP BY a.rule, a.priority
    ORDER BY count(*) DESC, a.rule, a.priority
"""

_BY_PRIORITY = f"""
    SELECT a.priority, count(*) AS raised,
           count(*) FILTER (WHERE a.acknowledged_at <= a.due_at) AS in_time,
           count(*) FILTER (WHERE a.acknowledged_at IS NOT NULL OR a.due_at <= %(now)s) AS judged,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY {FIRST_SEEN} - a.raised_at) AS median_to_seen,
           percentile_cont(0.9) WITHIN GROUP (ORDER BY {FIRST_SEEN} - a.raised_at) AS p90_to_seen
    FROM alerts a JOIN patients p USING (patient_id)
    WHERE p.ward_id = %(ward_id)s AND a.raised_at >= %(since)s AND a.raised_at < %(until)s
    GROUP BY a.priority
"""

_OUTCOMES = """
    SELECT a.outcome, count(*) FROM alerts a JOIN patients p USING (patient_id)
    WHERE p.ward_id = %(ward_id)s AND a.raised_at >= %(since)s AND a.raised_at < %(until)s
      AND a.closed_at IS NOT NULL
    GROUP BY a.outcome ORDER BY count(*) DESC, a.outcome
"""

# Those whose limits are most worth a look: many alerts, few of which were acted on.
_BY_PATIENT = """
    SELECT p.patient_id, p.given_name, p.family_name, count(*) AS raised,
           count(*) FILTER (WHERE a.outcome = 'acted') AS acted,
           count(*) FILTER (WHERE a.outcome IN ('measurement_error', 'wrong_person')) AS mistaken,
           count(*) FILTER (WHERE a.outcome = 'expected') AS expected
    FROM alerts a JOIN patients p USING (patient_id)
    WHERE p.ward_id = %(ward_id)s AND p.discharged_at IS NULL
      AND a.raised_at >= %(since)s AND a.raised_at < %(until)s
    GROUP BY p.patient_id
    ORDER BY count(*) DESC, p.family_name, p.patient_id
    LIMIT %(limit)s
"""

# A day counts as measured when anything was; the patient's own local days. Whoever was enrolled yesterday and
# measured on both days measures more than whoever measures every other day of the month.
_ADHERENCE = """
    SELECT p.patient_id, p.given_name, p.family_name,
           count(DISTINCT (o.measured_at AT TIME ZONE p.time_zone)::date) AS days_measured,
           ceil(extract(epoch FROM %(until)s - greatest(%(since)s, p.enrolled_at)) / 86400)::int AS days
    FROM patients p
    LEFT JOIN observations o ON o.patient_id = p.patient_id
         AND o.measured_at >= %(since)s AND o.measured_at < %(until)s
    WHERE p.ward_id = %(ward_id)s AND p.discharged_at IS NULL AND p.enrolled_at < %(until)s
    GROUP BY p.patient_id
    ORDER BY count(DISTINCT (o.measured_at AT TIME ZONE p.time_zone)::date)
             / greatest(1, extract(epoch FROM %(until)s - greatest(%(since)s, p.enrolled_at)) / 86400),
             p.family_name, p.patient_id
    LIMIT %(limit)s
"""

_ALERTS = """
    SELECT a.alert_id, a.patient_id, a.rule, a.rule_version, a.kind, a.priority, a.raised_at, a.due_at,
           a.acknowledged_at, a.acknowledged_by, a.cleared_at, a.closed_at, a.closed_by, a.outcome
    FROM alerts a JOIN patients p USING (patient_id)
    WHERE p.ward_id = %(ward_id)s AND a.raised_at >= %(since)s AND a.raised_at < %(until)s
    ORDER BY a.raised_at, a.alert_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCount:
    """One rule's alerts at one priority. The medians are None where nobody has got so far."""

    rule: str
    priority: str
    raised: int
    closed: int
    acted: int
    mistaken: int
    median_to_seen: timedelta | None
    median_to_closed: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityCount:
    """One priority's alerts. `in_time` of `judged` were acknowledged before they were due."""

    priority: str
    raised: int
    in_time: int
    judged: int
    median_to_seen: timedelta | None
    p90_to_seen: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientCount:
    """One patient's alerts of every priority, and what came of them."""

    patient_id: str
    given_name: str
    family_name: str
    raised: int
    acted: int
    mistaken: int
    expected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Adherence:
    """On how many of the days one patient measured anything."""

    patient_id: str
    given_name: str
    family_name: str
    days_measured: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLine:
    """One alert of the export: ids and codes, no name."""

    alert_id: int
    patient_id: str
    rule: str
    rule_version: int
    kind: str
    priority: str
    raised_at: datetime
    due_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    cleared_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    outcome: str | None


def by_rule(connection: Connection, ward_id: str, since: datetime, until: datetime) -> Sequence[RuleCount]:
    """The alerts of a time by rule, the busiest rule first."""
    asked = {"ward_id": ward_id, "since": since, "until": until}
    with connection.cursor(row_factory=class_row(RuleCount)) as cursor:
        return cursor.execute(_BY_RULE, asked).fetchall()


def by_patient(
    connection: Connection, ward_id: str, since: datetime, until: datetime, *, limit: int = 10
) -> Sequence[PatientCount]:
    """The patients with the most alerts of a time, the busiest first."""
    asked = {"ward_id": ward_id, "since": since, "until": until, "limit": limit}
    with connection.cursor(row_factory=class_row(PatientCount)) as cursor:
        return cursor.execute(_BY_PATIENT, asked).fetchall()


def by_priority(
    connection: Connection, ward_id: str, since: datetime, until: datetime, *, now: datetime
) -> Sequence[PriorityCount]:
    """The alerts of a time by priority, and how many were seen before they were due."""
    asked = {"ward_id": ward_id, "since": since, "until": until, "now": now}
    with connection.cursor(row_factory=class_row(PriorityCount)) as cursor:
        return cursor.execute(_BY_PRIORITY, asked).fetchall()


def outcomes(connection: Connection, ward_id: str, since: datetime, until: datetime) -> dict[str, int]:
    """What came of the alerts that were closed in a time, by outcome."""
    asked = {"ward_id": ward_id, "since": since, "until": until}
    return dict(connection.execute(_OUTCOMES, asked).fetchall())


def adherence(
    connection: Connection, ward_id: str, since: datetime, until: datetime, *, limit: int = 20
) -> Sequence[Adherence]:
    """The patients who measured on the fewest days, the fewest first."""
    asked = {"ward_id": ward_id, "since": since, "until": until, "limit": limit}
    with connection.cursor(row_factory=class_row(Adherence)) as cursor:
        return cursor.execute(_ADHERENCE, asked).fetchall()


def alert_lines(
    connection: Connection, ward_id: str, since: datetime, until: datetime
) -> Sequence[AlertLine]:
    """Every alert that was raised in a time, oldest first."""
    asked = {"ward_id": ward_id, "since": since, "until": until}
    with connection.cursor(row_factory=class_row(AlertLine)) as cursor:
        return cursor.execute(_ALERTS, asked).fetchall()
