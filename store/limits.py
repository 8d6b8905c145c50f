"""Limits of patients, and the calibrated thresholds of wards: rows in, rows out. Nothing is overwritten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import PatientId

_OF_PATIENTS = """
    SELECT limit_id, patient_id, name, value, author, reason, set_at, expires_at, revoked_at FROM limits
    WHERE patient_id = ANY(%(patient_ids)s) AND (revoked_at IS NULL OR revoked_at > %(now)s)
    ORDER BY patient_id, name, set_at, limit_id
"""

_HISTORY = """
    SELECT l.limit_id, l.patient_id, l.name, l.value, l.author, l.reason, l.set_at, l.expires_at,
           l.revoked_at, r.author AS revoked_by, r.reason AS revoked_why
    FROM limits l LEFT JOIN limit_revocations r USING (limit_id)
    WHERE l.patient_id = %(patient_id)s ORDER BY l.set_at DESC, l.limit_id DESC
"""

_SET = """
    INSERT INTO limits (patient_id, name, value, author, reason, set_at, expires_at)
    VALUES (%(patient_id)s, %(name)s, %(value)s, %(author)s, %(reason)s, %(set_at)s, %(expires_at)s)
    RETURNING limit_id
"""

_REVOKE = """
    WITH revoked AS (
        UPDATE limits SET revoked_at = %(at)s WHERE limit_id = %(limit_id)s AND revoked_at IS NULL
        RETURNING limit_id)
    INSERT INTO limit_revocations (limit_id, author, reason, at)
    SELECT limit_id, %(author)s, %(reason)s, %(at)s FROM revoked
"""

_CALIBRATIONS = """
    SELECT DISTINCT ON (ward_id, limit_name)
           ward_id, limit_name, rule, base, was, value, budget, found, patient_months, at
    FROM calibrations WHERE at <= %(now)s
    ORDER BY ward_id, limit_name, at DESC, calibration_id DESC
"""

_CALIBRATION_HISTORY = """
    SELECT ward_id, limit_name, rule, base, was, value, budget, found, patient_months, at
    FROM calibrations WHERE ward_id = %(ward_id)s ORDER BY at DESC, calibration_id DESC
"""

_CALIBRATE = """
    INSERT INTO calibrations
        (ward_id, limit_name, rule, base, was, value, budget, found, patient_months, at)
    VALUES (
        %(ward_id)s, %(limit_name)s, %(rule)s, %(base)s, %(was)s, %(value)s, %(budget)s, %(found)s,
        %(patient_months)s, %(at)s
    )
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """A limit that somebody set for a patient; with `expires_at` it is an override until then.

    Who took it back and why only `history` says.
    """

    limit_id: int
    patient_id: PatientId
    name: str
    value: float
    author: str
    reason: str
    set_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None = None
    revoked_why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRow:
    """A trend threshold that was moved to a ward's alert budget, and what led to it.

    `base` was the programme's own number then. It and `rule` are None in rows older than they.
    """

    ward_id: str
    limit_name: str
    rule: str | None
    base: float | None
    was: float
    value: float
    budget: float
    found: float
    patient_months: float
    at: datetime


def of_patients(connection: Connection, patient_ids: Sequence[PatientId], *, now: datetime) -> list[LimitRow]:
    """The patients' limits that nobody has revoked by now, the expired ones included."""
    with connection.cursor(row_factory=class_row(LimitRow)) as cursor:
        return cursor.execute(_OF_PATIENTS, {"patient_ids": list(patient_ids), "now": now}).fetchall()


def history(connection: Connection, patient_id: PatientId) -> list[LimitRow]:
    """Every limit that was ever set for the patient, newest first."""
    with connection.cursor(row_factory=class_row(LimitRow)) as cursor:
        return cursor.execute(_HISTORY, {"patient_id": patient_id}).fetchall()


def add(
    connection: Connection,
    patient_id: PatientId,
    name: str,
    value: float,
    *,
    author: str,
    reason: str,
    set_at: datetime,
    expires_at: datetime | None = None,
) -> int:
    """Set a limit; returns its id. Whether it is safe is the caller's to ask first."""
    asked = {
        "patient_id": patient_id,
        "name": name,
        "value": value,
        "author": author,
        "reason": reason,
        "set_at": set_at,
        "expires_at": expires_at,
    }
    row = connection.execute(_SET, asked).fetchone()
    assert row is not None
    return row[0]


def revoke(connection: Connection, limit_id: int, *, author: str, reason: str, at: datetime) -> bool:
    """Take a limit back: what counted before counts again. False where that was done before."""
    asked = {"limit_id": limit_id, "author": author, "reason": reason, "at": at}
    return connection.execute(_REVOKE, asked).rowcount == 1


def calibrations(connection: Connection, *, now: datetime) -> list[CalibrationRow]:
    """The calibrated thresholds in force, one for each ward and limit."""
    with connection.cursor(row_factory=class_row(CalibrationRow)) as cursor:
        return cursor.execute(_CALIBRATIONS, {"now": now}).fetchall()


def calibration_history(connection: Connection, ward_id: str) -> list[CalibrationRow]:
    """Every calibration of the ward, newest first."""
    with connection.cursor(row_factory=class_row(CalibrationRow)) as cursor:
        return cursor.execute(_CALIBRATION_HISTORY, {"ward_id": ward_id}).fetchall()


def calibrate(connection: Connection, row: CalibrationRow) -> None:
    """Keep a calibration: it is in force from its instant on."""
    connection.execute(_CALIBRATE, {name: getattr(row, name) for name in CalibrationRow.__slots__})
