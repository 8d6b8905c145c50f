"""What tells a remembered course from a stale one: how often readings were added, and how often changed.

Everything that a course is made of counts here in its own transaction. Additions carry from when on they were
measured; whatever else happens is only counted, by triggers too, so that no writer can forget it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import PatientId

KEPT = 32
"""Of so many additions is known from when on they were measured; who is further behind reads everything."""

COUNTED = "SELECT set_config('hearthward.additions_are_counted', 'yes', true)"
"""Said in a transaction that inserts observations and calls `add`: they are no other change."""

_ADD = """
    INSERT INTO course_revisions (patient_id, added, earliest)
    SELECT patient_id, 1, ARRAY[earliest]
    FROM unnest(%(patient_ids)s::text[], %(earliest)s::timestamptz[]) AS new (patient_id, earliest)
    ORDER BY patient_id
    ON CONFLICT (patient_id) DO UPDATE SET
        added = course_revisions.added + 1,
        earliest = (excluded.earliest || course_revisions.earliest)[1:%(kept)s]
"""

_CHANGE = "SELECT course_changed(VARIADIC %(patient_ids)s::text[])"

_OF_PATIENTS = """
    SELECT patient_id, added, earliest, changed FROM course_revisions WHERE patient_id = ANY(%(patient_ids)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A patient's counts; `earliest[n]` is the earliest `measured_at` of the addition n before the newest."""

    patient_id: PatientId
    added: int
    earliest: list[datetime]
    changed: int


def add(connection: Connection, earliest: Sequence[tuple[PatientId, datetime]]) -> None:
    """Count that readings of these patients, measured from these instants on, are added in the transaction.

    The rows stay locked until it ends, so that counts rise in the order of the commits.
    """
    asked = {
        "patient_ids": [patient_id for patient_id, _at in earliest],
        "earliest": [at for _patient_id, at in earliest],
        "kept": KEPT,
    }
    connection.execute(_ADD, asked)


def change(connection: Connection, patient_ids: Sequence[PatientId]) -> None:
    """Count that something else than an addition happens, in the transaction.

    The rows stay locked until it ends: who calls this first and changes then cannot wait in a circle.
    """
    connection.execute(_CHANGE, {"patient_ids": list(patient_ids)})


def of_patients(connection: Connection, patient_ids: Sequence[PatientId]) -> dict[PatientId, Revision]:
    """The counts of these patients; nothing of one to whom nothing ever happened."""
    with connection.cursor(row_factory=class_row(Revision)) as cursor:
        rows = cursor.execute(_OF_PATIENTS, {"patient_ids": list(patient_ids)}).fetchall()
    return {row.patient_id: row for row in rows}


def none_of(patient_id: PatientId) -> Revision:
    """The counts of a patient to whom nothing ever happened."""
    return Revision(patient_id=patient_id, added=0, earliest=[], changed=0)
