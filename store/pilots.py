"""What silent pilots would have raised: rows in, rows out. Nothing that people are shown as an alert."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from store.connection import Connection
from vitals.alert import Alert
from vitals.ids import PatientId

_IN_PLAY = """
    SELECT pilot_alert_id, patient_id, rule, fingerprint, state FROM pilot_alerts
    WHERE patient_id = ANY(%(patient_ids)s) AND (closed_at IS NULL OR closed_at >= %(closed_since)s)
    ORDER BY pilot_alert_id
"""

_RAISED = """
    SELECT a.pilot_alert_id, a.patient_id, a.rule, a.fingerprint, a.state FROM pilot_alerts a
    JOIN patients p USING (patient_id)
    WHERE p.ward_id = %(ward_id)s AND a.rule = %(rule)s AND a.fingerprint = %(fingerprint)s
    ORDER BY a.pilot_alert_id
"""

_INSERT = """
    INSERT INTO pilot_alerts (rule, fingerprint, patient_id, raised_at, closed_at, state)
    VALUES (%(rule)s, %(fingerprint)s, %(patient_id)s, %(raised_at)s, %(closed_at)s, %(state)s)
    ON CONFLICT (patient_id, rule, fingerprint) WHERE closed_at IS NULL DO NOTHING
"""

_UPDATE = """
    UPDATE pilot_alerts SET closed_at = %(closed_at)s, state = %(state)s WHERE pilot_alert_id = %(alert_id)s
"""

_JOIN = """
    INSERT INTO pilot_patients (rule, fingerprint, patient_id, rule_version, since)
    SELECT rule, fingerprint, patient_id, rule_version, %(now)s
    FROM unnest(%(rules)s::text[], %(fingerprints)s::text[], %(patient_ids)s::text[], %(versions)s::int[])
        AS new (rule, fingerprint, patient_id, rule_version)
    ON CONFLICT DO NOTHING
"""

# Since when each patient takes part, and for how many days, planned pauses left out.
_PATIENTS = """
    SELECT pp.patient_id, pp.since,
           coalesce((SELECT sum(extract(epoch FROM upper(span) - lower(span))) FROM unnest(
               tstzmultirange(tstzrange(pp.since,
                   greatest(pp.since, least(coalesce(p.discharged_at, %(until)s), %(until)s))))
               - coalesce((SELECT range_agg(tstzrange(starts_at, ends_at)) FROM pauses
                           WHERE pauses.patient_id = p.patient_id), '{}'::tstzmultirange)
           ) AS span), 0)::float8 / 86400 AS days
    FROM pilot_patients pp JOIN patients p USING (patient_id)
    WHERE p.ward_id = %(ward_id)s AND pp.rule = %(rule)s AND pp.fingerprint = %(fingerprint)s
    ORDER BY pp.patient_id
"""


_IN_FORCE = """
    INSERT INTO pilots (rule, fingerprint, rule_version, problem)
    SELECT * FROM unnest(%(rules)s::text[], %(fingerprints)s::text[], %(versions)s::int[],
                         %(problems)s::text[])
    ON CONFLICT (rule, fingerprint) DO UPDATE SET problem = excluded.problem, ended_at = NULL
        WHERE pilots.ended_at IS NOT NULL OR pilots.problem <> excluded.problem
"""

_ENDED = """
    UPDATE pilots SET ended_at = %(now)s
    WHERE ended_at IS NULL AND (rule, fingerprint) NOT IN (
        SELECT * FROM unnest(%(rules)s::text[], %(fingerprints)s::text[]))
"""

# Of those that nobody of the ward ever took part in there is nothing to tell.
_OF_WARD = """
    SELECT rule, fingerprint, rule_version, problem, ended_at FROM pilots q
    WHERE EXISTS (SELECT 1 FROM pilot_patients pp JOIN patients p USING (patient_id)
                  WHERE pp.rule = q.rule AND pp.fingerprint = q.fingerprint AND p.ward_id = %(ward_id)s)
    ORDER BY ended_at DESC NULLS FIRST, rule, fingerprint
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One definition of a pilot: whose alerts it is compared with, and when it was taken out, if it was."""

    rule: str
    fingerprint: str
    rule_version: int
    problem: str
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldBe:
    """A would-be alert; its own `alert_id` counts among would-be alerts only."""

    rule: str
    fingerprint: str
    alert: Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class TakesPart:
    """A patient of whom a pilot is asked: since when, and for how many days."""

    patient_id: PatientId
    since: datetime
    days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Joins:
    """A pilot that is asked of a patient."""

    rule: str
    fingerprint: str
    rule_version: int
    patient_id: PatientId


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    pilot_alert_id: int
    patient_id: str
    rule: str
    fingerprint: str
    state: dict[str, object]


def _would_be(row: _Row) -> WouldBe:
    alert = msgspec.convert({**row.state, "alert_id": row.pilot_alert_id}, Alert)
    return WouldBe(rule=row.rule, fingerprint=row.fingerprint, alert=alert)


def in_play(
    connection: Connection, patient_ids: Sequence[PatientId], closed_since: datetime
) -> list[WouldBe]:
    """The patients' would-be alerts that are open, or were closed since then."""
    asked = {"patient_ids": list(patient_ids), "closed_since": closed_since}
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        return [_would_be(row) for row in cursor.execute(_IN_PLAY, asked)]


def raised(connection: Connection, ward_id: str, rule: str, fingerprint: str) -> list[WouldBe]:
    """All that this definition of the pilot would have raised on the ward."""
    asked = {"ward_id": ward_id, "rule": rule, "fingerprint": fingerprint}
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        return [_would_be(row) for row in cursor.execute(_RAISED, asked)]


def keep(connection: Connection, new: Iterable[WouldBe], known: Iterable[Alert]) -> None:
    """Write down would-be alerts that are new, and how those that are known stand now."""
    for one in new:
        connection.execute(
            _INSERT,
            {
                "rule": one.rule,
                "fingerprint": one.fingerprint,
                "patient_id": one.alert.patient_id,
                "raised_at": one.alert.raised_at,
                "closed_at": one.alert.closed_at,
                "state": Jsonb(msgspec.to_builtins(one.alert)),
            },
        )
    for alert in known:
        state = Jsonb(msgspec.to_builtins(alert))
        connection.execute(
            _UPDATE, {"alert_id": alert.alert_id, "closed_at": alert.closed_at, "state": state}
        )


def join(connection: Connection, joining: Sequence[Joins], now: datetime) -> None:
    """These pilots are asked of these patients; who takes part already does so since then."""
    if joining:
        ordered = sorted(joining, key=lambda one: (one.rule, one.fingerprint, one.patient_id))
        asked = {
            "now": now,
            "rules": [one.rule for one in ordered],
            "fingerprints": [one.fingerprint for one in ordered],
            "patient_ids": [one.patient_id for one in ordered],
            "versions": [one.rule_version for one in ordered],
        }
        connection.execute(_JOIN, asked)


def in_force(connection: Connection, definitions: Sequence[Definition], now: datetime) -> None:
    """These pilots run from now on; those of before that are not among them have ended."""
    ordered = sorted(definitions, key=lambda one: (one.rule, one.fingerprint))
    asked = {
        "now": now,
        "rules": [one.rule for one in ordered],
        "fingerprints": [one.fingerprint for one in ordered],
        "versions": [one.rule_version for one in ordered],
        "problems": [one.problem for one in ordered],
    }
    connection.execute(_IN_FORCE, asked)
    connection.execute(_ENDED, asked)


def definitions(connection: Connection, ward_id: str) -> list[Definition]:
    """Every pilot that was ever asked of a patient of the ward: those that run, then the last ended first."""
    with connection.cursor(row_factory=class_row(Definition)) as cursor:
        return cursor.execute(_OF_WARD, {"ward_id": ward_id}).fetchall()


def patients(
    connection: Connection, ward_id: str, rule: str, fingerprint: str, until: datetime
) -> list[TakesPart]:
    """The ward's patients of whom this definition of the pilot is asked."""
    asked = {"ward_id": ward_id, "rule": rule, "fingerprint": fingerprint, "until": until}
    with connection.cursor(row_factory=class_row(TakesPart)) as cursor:
        return cursor.execute(_PATIENTS, asked).fetchall()
