"""Alerts and their events: rows in, rows out. An event and the row that folds it are one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from store.channels import WARD_CHANGED
from store.connection import Connection
from vitals.alert import Alert, EventKind, Kind, Outcome, Priority
from vitals.alert_event import HAPPENINGS, AlertEvent
from vitals.ids import AlertId, PatientId, ReadingId, StaffId
from vitals.measure import Measure
from vitals.message import Message

_STATE = (
    "patient_id, problem, kind, priority, rule, rule_version, measure, reason, message, raised_at, due_at,"
    " late, confirmed, peak, evidence_at, reading_ids, acknowledged_at, acknowledged_by, acknowledged_peak,"
    " owner, snoozed_until, snooze_reason, snoozed_peak, escalation, escalated_at, accepted_by, eased_at,"
    " cleared_at, closed_at, closed_by, outcome, rearmed_at, rev"
)
_NAMES = _STATE.replace(" ", "").split(",")
_PLACES = ", ".join(f"%({name})s" for name in _NAMES)

_SELECT = f"SELECT alert_id, {_STATE} FROM alerts"

_INSERT = f"""
    INSERT INTO alerts ({_STATE}) VALUES ({_PLACES})
    ON CONFLICT (patient_id, problem) WHERE closed_at IS NULL DO NOTHING
    RETURNING alert_id
"""

_UPDATE = f"""
    UPDATE alerts SET {", ".join(f"{name} = %({name})s" for name in _NAMES)}
    WHERE alert_id = %(alert_id)s AND rev = %(rev)s - 1
"""

_INSERT_EVENT = """
    INSERT INTO alert_events (alert_id, rev, kind, actor, at, data)
    VALUES (%(alert_id)s, %(rev)s, %(kind)s, %(actor)s, %(at)s, %(data)s)
"""

_EVENTS = """
    SELECT rev, kind, actor, at, data FROM alert_events WHERE alert_id = %(alert_id)s ORDER BY rev
"""

_NOTIFY = """
    SELECT pg_notify(%(channel)s, 'alert:' || %(alert_id)s || ':' || patient_id || ':' || ward_id)
    FROM patients WHERE patient_id = %(patient_id)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    alert_id: int
    patient_id: str
    problem: str
    kind: str
    priority: str
    rule: str
    rule_version: int
    measure: str | None
    reason: str
    message: dict[str, object]
    raised_at: datetime
    due_at: datetime
    late: bool
    confirmed: bool
    peak: float
    evidence_at: datetime | None
    reading_ids: list[str]
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    acknowledged_peak: float | None
    owner: str | None
    snoozed_until: datetime | None
    snooze_reason: str | None
    snoozed_peak: float | None
    escalation: int
    escalated_at: datetime | None
    accepted_by: str | None
    eased_at: datetime | None
    cleared_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    outcome: str | None
    rearmed_at: datetime | None
    rev: int


def _staff(value: str | None) -> StaffId | None:
    return StaffId(value) if value is not None else None


def _alert(row: _Row) -> Alert:
    return Alert(
        alert_id=AlertId(row.alert_id),
        patient_id=PatientId(row.patient_id),
        problem=row.problem,
        kind=Kind(row.kind),
        priority=Priority(row.priority),
        rule=row.rule,
        rule_version=row.rule_version,
        measure=Measure(row.measure) if row.measure else None,
        reason=row.reason,
        message=msgspec.convert(row.message, Message) if row.message else None,
        raised_at=row.raised_at,
        due_at=row.due_at,
        late=row.late,
        confirmed=row.confirmed,
        peak=row.peak,
        evidence_at=row.evidence_at,
        reading_ids=tuple(ReadingId(one) for one in row.reading_ids),
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=_staff(row.acknowledged_by),
        acknowledged_peak=row.acknowledged_peak,
        owner=_staff(row.owner),
        snoozed_until=row.snoozed_until,
        snooze_reason=row.snooze_reason,
        snoozed_peak=row.snoozed_peak,
        escalation=row.escalation,
        escalated_at=row.escalated_at,
        accepted_by=_staff(row.accepted_by),
        eased_at=row.eased_at,
        cleared_at=row.cleared_at,
        closed_at=row.closed_at,
        closed_by=_staff(row.closed_by),
        outcome=Outcome(row.outcome) if row.outcome else None,
        rearmed_at=row.rearmed_at,
        rev=row.rev,
    )


def _parameters(alert: Alert) -> dict[str, object]:
    parameters: dict[str, object] = {name: getattr(alert, name) for name in _NAMES}
    parameters["reading_ids"] = list(alert.reading_ids)
    parameters["message"] = Jsonb(msgspec.to_builtins(alert.message) if alert.message else {})
    return parameters


def open_alert(connection: Connection, alert: Alert, event: AlertEvent) -> AlertId | None:
    """The id of the new alert, or None where the patient already has an open one for that problem.

    `alert.alert_id` is ignored: the row's identity is made here.
    """
    row = connection.execute(_INSERT, _parameters(alert)).fetchone()
    if row is None:
        return None
    alert_id = AlertId(row[0])
    _write_event(connection, alert_id, alert.patient_id, event)
    return alert_id


def append(connection: Connection, alert: Alert, event: AlertEvent) -> bool:
    """Whether the event was appended and the row became `alert`; False where another event came first."""
    updated = connection.execute(_UPDATE, _parameters(alert) | {"alert_id": alert.alert_id})
    if updated.rowcount != 1:
        return False
    _write_event(connection, alert.alert_id, alert.patient_id, event)
    return True


def _write_event(connection: Connection, alert_id: AlertId, patient_id: PatientId, event: AlertEvent) -> None:
    connection.execute(
        _INSERT_EVENT,
        {
            "alert_id": alert_id,
            "rev": event.rev,
            "kind": event.kind,
            "actor": event.actor,
            "at": event.at,
            "data": Jsonb(msgspec.to_builtins(event.what)),
        },
    )
    connection.execute(
        _NOTIFY, {"channel": WARD_CHANGED, "alert_id": str(alert_id), "patient_id": patient_id}
    )


def get(connection: Connection, alert_id: AlertId) -> Alert | None:
    """The alert as it stands."""
    return _one(connection, f"{_SELECT} WHERE alert_id = %(alert_id)s", alert_id)


def get_locked(connection: Connection, alert_id: AlertId) -> Alert | None:
    """The alert as it stands, locked until the transaction ends."""
    return _one(connection, f"{_SELECT} WHERE alert_id = %(alert_id)s FOR UPDATE", alert_id)


def get_if_free(connection: Connection, alert_id: AlertId) -> Alert | None:
    """The same, or None where somebody else has it locked now."""
    return _one(connection, f"{_SELECT} WHERE alert_id = %(alert_id)s FOR UPDATE SKIP LOCKED", alert_id)


def _one(connection: Connection, query: str, alert_id: AlertId) -> Alert | None:
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        row = cursor.execute(query.encode(), {"alert_id": alert_id}).fetchone()
    return _alert(row) if row else None


def events(connection: Connection, alert_id: AlertId) -> list[AlertEvent]:
    """All that happened to the alert, oldest first."""
    rows = connection.execute(_EVENTS, {"alert_id": alert_id}).fetchall()
    return [
        AlertEvent(rev=rev, actor=actor, at=at, what=msgspec.convert(data, HAPPENINGS[EventKind(kind)]))
        for rev, kind, actor, at, data in rows
    ]


def of_patient(connection: Connection, patient_id: PatientId) -> list[Alert]:
    """The patient's alerts, open and closed, newest first."""
    query = f"{_SELECT} WHERE patient_id = %(patient_id)s ORDER BY raised_at DESC, alert_id DESC"
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        return [_alert(row) for row in cursor.execute(query.encode(), {"patient_id": patient_id})]


def open_alerts(connection: Connection, ward_id: str | None = None) -> list[Alert]:
    """Every open alert of the ward (of all wards for None): most pressing first, then oldest."""
    query = f"""
        {_SELECT} WHERE closed_at IS NULL
          AND (%(ward_id)s::text IS NULL
               OR patient_id IN (SELECT patient_id FROM patients WHERE ward_id = %(ward_id)s))
        ORDER BY (CASE priority WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END), raised_at, alert_id
    """
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        return [_alert(row) for row in cursor.execute(query.encode(), {"ward_id": ward_id})]


def in_play(connection: Connection, patient_ids: Sequence[PatientId], closed_since: datetime) -> list[Alert]:
    """The patients' open alerts, and each problem's last one where closed since then; locked."""
    query = f"""
        {_SELECT} a WHERE patient_id = ANY(%(patient_ids)s) AND (closed_at IS NULL OR (
            closed_at >= %(closed_since)s AND NOT EXISTS (
                SELECT 1 FROM alerts b WHERE b.patient_id = a.patient_id AND b.problem = a.problem
                  AND b.alert_id > a.alert_id)))
        ORDER BY alert_id FOR UPDATE
    """
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        rows = cursor.execute(
            query.encode(), {"patient_ids": list(patient_ids), "closed_since": closed_since}
        ).fetchall()
    return [_alert(row) for row in rows]
