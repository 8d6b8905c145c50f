"""The alert worker's queue: who has news, and who must be looked at because time went by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import PatientId

# A row that another worker, or ingest at this moment, holds is left for the next look.
_TAKE_DUE = """
    DELETE FROM evaluations_due WHERE patient_id IN (
        SELECT patient_id FROM evaluations_due ORDER BY due_since LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ) RETURNING patient_id, due_since, earliest_at
"""

_TAKE_PLANNED = """
    DELETE FROM evaluations_planned WHERE patient_id IN (
        SELECT patient_id FROM evaluations_planned WHERE look_at <= %(now)s
        ORDER BY look_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ) RETURNING patient_id, look_at AS due_since, NULL::timestamptz AS earliest_at
"""

_PLAN = """
    INSERT INTO evaluations_planned (patient_id, look_at)
    SELECT * FROM unnest(%(patient_ids)s::text[], %(looks)s::timestamptz[])
    ON CONFLICT (patient_id) DO UPDATE SET look_at = excluded.look_at
"""

_UNPLANNED = """
    INSERT INTO evaluations_planned (patient_id, look_at)
    SELECT patient_id, %(now)s FROM patients p
    WHERE discharged_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM evaluations_planned e WHERE e.patient_id = p.patient_id)
      AND NOT EXISTS (SELECT 1 FROM evaluations_due d WHERE d.patient_id = p.patient_id)
    ON CONFLICT (patient_id) DO NOTHING
"""

_FORGET_DUE = """
    DELETE FROM evaluations_due WHERE patient_id = %(patient_id)s AND due_since <= %(due_since)s
"""

_FORGET_PLANNED = """
    DELETE FROM evaluations_planned WHERE patient_id = %(patient_id)s AND look_at <= %(due_since)s
"""

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('evaluation:' || %(patient_id)s, 0))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A patient to be evaluated, since when, and from which measured instant on there is news."""

    patient_id: PatientId
    due_since: datetime
    earliest_at: datetime | None


def take_due(connection: Connection, *, most: int) -> list[Due]:
    """Take patients with news off the queue; they are back on it if the transaction fails."""
    with connection.cursor(row_factory=class_row(Due)) as cursor:
        return cursor.execute(_TAKE_DUE, {"most": most}).fetchall()


def take_planned(connection: Connection, *, now: datetime, most: int) -> list[Due]:
    """Take patients whose planned look has come; they are back in the plan if the transaction fails."""
    with connection.cursor(row_factory=class_row(Due)) as cursor:
        return cursor.execute(_TAKE_PLANNED, {"now": now, "most": most}).fetchall()


def plan(connection: Connection, looks: Mapping[PatientId, datetime]) -> None:
    """Have each patient looked at again at that instant, whatever was planned before."""
    if looks:
        asked = {"patient_ids": list(looks), "looks": list(looks.values())}
        connection.execute(_PLAN, asked)


def forget_due(connection: Connection, one: Due) -> None:
    """Take the patient off both queues, where what is there is not newer than this."""
    connection.execute(_FORGET_DUE, {"patient_id": one.patient_id, "due_since": one.due_since})
    connection.execute(_FORGET_PLANNED, {"patient_id": one.patient_id, "due_since": one.due_since})


def plan_unplanned(connection: Connection, *, now: datetime) -> int:
    """Have every patient who is in neither queue looked at now; how many there were."""
    return connection.execute(_UNPLANNED, {"now": now}).rowcount


def lock(connection: Connection, patient_ids: Sequence[PatientId]) -> None:
    """Keep other evaluations of these patients waiting until the transaction ends."""
    for patient_id in sorted(patient_ids):
        connection.execute(_LOCK, {"patient_id": patient_id})
