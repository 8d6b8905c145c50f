"""What the alert-burden ledger is reckoned from: a ward's alerts, and how long its patients were watched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.rows import class_row

from store.connection import Connection
from vitals.alert import Outcome, Priority
from vitals.ids import AlertId, PatientId


def _first(kinds: LiteralString) -> LiteralString:
    """When a person first did one of these to alert `a`. What the hub did, or a person undid, is none."""
    return f"""(
        SELECT min(e.at) FROM alert_events e
        WHERE e.alert_id = a.alert_id AND e.actor <> 'system' AND e.kind IN ({kinds})
          AND NOT EXISTS (SELECT FROM alert_events u WHERE u.alert_id = e.alert_id AND u.kind = 'undone'
                          AND (u.data ->> 'undone_rev')::int = e.rev))"""


FIRST_SEEN = _first("'acknowledged', 'claimed', 'accepted'")
"""When a person first saw alert `a`. One that grew worse must be seen again: its own row knows only that."""

_ALERTS = f"""
    SELECT a.alert_id, a.patient_id, a.rule, a.problem, a.priority, a.raised_at,
           {FIRST_SEEN} AS acknowledged_at, {_first("'called', 'noted', 'escalated', 'closed'")} AS acted_at,
           a.closed_at, a.closed_by, a.outcome
    FROM alerts a JOIN patients p USING (patient_id)
    WHERE p.ward_id = %(ward_id)s AND a.raised_at >= %(since)s AND a.raised_at < %(until)s
    ORDER BY a.raised_at, a.alert_id
"""

# Days that lie within the period, within the enrolment, and outside of planned pauses.
_WATCHED = """
    SELECT coalesce(sum(extract(epoch FROM upper(span) - lower(span))), 0)::float8 / 86400
    FROM patients p
    CROSS JOIN LATERAL unnest(
        tstzmultirange(tstzrange(
            greatest(p.enrolled_at, %(since)s),
            greatest(least(coalesce(p.discharged_at, %(until)s), %(until)s), p.enrolled_at, %(since)s)))
        - coalesce((SELECT range_agg(tstzrange(starts_at, ends_at)) FROM pauses
                    WHERE pauses.patient_id = p.patient_id), '{}'::tstzmultirange)
    ) AS span
    WHERE p.ward_id = %(ward_id)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BurdenRow:
    """One alert as the ledger counts it: when a person first saw it, and first did something about it."""

    alert_id: AlertId
    patient_id: PatientId
    rule: str
    problem: str
    priority: Priority
    raised_at: datetime
    acknowledged_at: datetime | None
    acted_at: datetime | None
    closed_at: datetime | None
    closed_by_person: bool
    outcome: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    alert_id: int
    patient_id: str
    rule: str
    problem: str
    priority: str
    raised_at: datetime
    acknowledged_at: datetime | None
    acted_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    outcome: str | None


def rows(connection: Connection, ward_id: str, since: datetime, until: datetime) -> Sequence[BurdenRow]:
    """The alerts that were raised in a time, oldest first."""
    asked = {"ward_id": ward_id, "since": since, "until": until}
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        found = cursor.execute(_ALERTS, asked).fetchall()
    return [
        BurdenRow(
            alert_id=AlertId(row.alert_id),
            patient_id=PatientId(row.patient_id),
            rule=row.rule,
            problem=row.problem,
            priority=Priority(row.priority),
            raised_at=row.raised_at,
            acknowledged_at=row.acknowledged_at,
            acted_at=row.acted_at,
            closed_at=row.closed_at,
            closed_by_person=row.closed_by not in (None, "system"),
            outcome=Outcome(row.outcome) if row.outcome else None,
        )
        for row in found
    ]


def patient_days(connection: Connection, ward_id: str, since: datetime, until: datetime) -> float:
    """How many days the ward's patients were watched in that time, all together; planned pauses left out."""
    asked = {"ward_id": ward_id, "since": since, "until": until}
    row = connection.execute(_WATCHED, asked).fetchone()
    assert row is not None
    return float(row[0])
