"""Putting a patient into the alert worker's queue, and waking the worker and the screens."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from store.channels import EVALUATIONS_DUE, WARD_CHANGED
from store.connection import Connection
from vitals.ids import PatientId, ReadingId

# A new number of the news keeps the entry from going with an evaluation that has not seen it. Locked in the
# order of the patients, so that two writers cannot wait for each other.
_REQUEUE = """
    INSERT INTO evaluations_due (patient_id, due_since, earliest_at, reading_id)
    SELECT patient_id, %(now)s, earliest_at, reading_id
    FROM unnest(%(patient_ids)s::text[], %(earliest)s::timestamptz[], %(reading_ids)s::text[])
        AS due (patient_id, earliest_at, reading_id)
    ORDER BY patient_id
    ON CONFLICT (patient_id) DO UPDATE SET
        due_since = least(evaluations_due.due_since, excluded.due_since),
        earliest_at = least(evaluations_due.earliest_at, excluded.earliest_at),
        reading_id = coalesce(excluded.reading_id, evaluations_due.reading_id),
        news = excluded.news
"""

_WAKE = """
    SELECT pg_notify(%(due)s, ''),
           pg_notify(%(changed)s, 'observation::' || patient_id || ':' || coalesce(ward_id, ''))
    FROM unnest(%(patient_ids)s::text[]) AS patient_id LEFT JOIN patients USING (patient_id)
"""

_IS_DUE = "SELECT EXISTS (SELECT 1 FROM evaluations_due WHERE patient_id = %(patient_id)s)"


def is_due(connection: Connection, patient_id: PatientId) -> bool:
    """Whether the rules have yet to look at something new of the patient."""
    row = connection.execute(_IS_DUE, {"patient_id": patient_id}).fetchone()
    return row is not None and row[0]


def wake(connection: Connection, patient_ids: Sequence[PatientId]) -> None:
    """Tell the alert worker and the screens, when the transaction commits, that these patients have news."""
    if patient_ids:
        asked = {"due": EVALUATIONS_DUE, "changed": WARD_CHANGED, "patient_ids": list(patient_ids)}
        connection.execute(_WAKE, asked)


def requeue(
    connection: Connection,
    earliest: Sequence[tuple[PatientId, datetime]],
    *,
    now: datetime,
    newest: Mapping[PatientId, ReadingId] | None = None,
) -> None:
    """Have these patients evaluated again: their observations changed from the given instants on.

    `newest` is each one's newest new reading, where there is one.
    """
    asked = {
        "now": now,
        "patient_ids": [patient_id for patient_id, _at in earliest],
        "earliest": [at for _patient_id, at in earliest],
        "reading_ids": [(newest or {}).get(patient_id) for patient_id, _at in earliest],
    }
    connection.execute(_REQUEUE, asked)
    wake(connection, [patient_id for patient_id, _at in earliest])
