"""What is asked of patients, once each, and how they answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

import msgspec
from psycopg.rows import dict_row

from store.connection import Connection
from vitals.ask import Ask, AskAnswer, Wanted
from vitals.ids import PatientId, ReadingId

_COLUMNS = """
    ask_id, patient_id, kind, subject, because, since, asked_at, expires_at, measures, questions, audience,
    value, usual, answered_at, answer
"""

_ADD = """
    INSERT INTO asks (patient_id, kind, subject, because, since, asked_at, expires_at, measures, questions,
                      audience, value, usual)
    VALUES (%(patient_id)s, %(kind)s, %(subject)s, %(because)s, %(since)s, %(now)s, %(expires_at)s,
            %(measures)s, %(questions)s, %(audience)s, %(value)s, %(usual)s)
    ON CONFLICT (patient_id, kind, subject) DO NOTHING
"""

_RECENT = f"""
    SELECT {_COLUMNS} FROM asks
    WHERE patient_id = ANY(%(patient_ids)s) AND asked_at > %(since)s ORDER BY asked_at, ask_id
"""

_OPEN = f"""
    SELECT {_COLUMNS} FROM asks
    WHERE patient_id = %(patient_id)s AND audience = 'patient' AND answered_at IS NULL
      AND expires_at > %(now)s ORDER BY asked_at, ask_id
"""

# Of two answers at once the first counts.
_ANSWER = f"""
    UPDATE asks SET answered_at = %(now)s, answer = %(answer)s
    WHERE ask_id = %(ask_id)s AND patient_id = %(patient_id)s AND answered_at IS NULL
    RETURNING {_COLUMNS}
"""

# What a reading answered waits again once that reading counts no longer. Another reading of the same time
# answers it anew when the rules look.
_REOPEN = """
    UPDATE asks a SET answered_at = NULL, answer = NULL
    WHERE patient_id = %(patient_id)s AND audience = 'patient' AND answer = 'measured'
      AND expires_at > %(now)s AND subject <> %(reading_id)s
      AND EXISTS (
        SELECT 1 FROM observations o
        WHERE o.reading_id = %(reading_id)s AND o.patient_id = a.patient_id AND o.measure = ANY(a.measures)
          AND o.measured_at > a.since AND o.measured_at <= a.expires_at)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An ask that was answered, and how."""

    ask_id: int
    answer: AskAnswer


def add(connection: Connection, patient_id: PatientId, wanted: Wanted, now: datetime) -> bool:
    """Ask it, unless the patient was asked this before; whether it is new."""
    asked = {
        "patient_id": patient_id,
        "kind": wanted.kind.value,
        "subject": wanted.subject,
        "because": wanted.because,
        "since": wanted.since,
        "now": now,
        "expires_at": wanted.expires_at,
        "measures": [measure.value for measure in wanted.measures],
        "questions": list(wanted.questions),
        "audience": wanted.audience.value,
        "value": wanted.value,
        "usual": wanted.usual,
    }
    return connection.execute(_ADD, asked).rowcount == 1


def recent(connection: Connection, patient_ids: Sequence[PatientId], *, since: datetime) -> list[Ask]:
    """What these patients were asked since then, oldest first."""
    return _asks(connection, _RECENT, {"patient_ids": list(patient_ids), "since": since})


def open_of(connection: Connection, patient_id: PatientId, now: datetime) -> list[Ask]:
    """What the patient is asked now, oldest first; what their carer is asked is left out."""
    return _asks(connection, _OPEN, {"patient_id": patient_id, "now": now})


def answer(connection: Connection, patient_id: PatientId, answered: Answered, now: datetime) -> Ask | None:
    """Keep the answer; None where the patient was not asked this, or has answered it."""
    asked = {
        "patient_id": patient_id,
        "ask_id": answered.ask_id,
        "answer": answered.answer.value,
        "now": now,
    }
    found = _asks(connection, _ANSWER, asked)
    return found[0] if found else None


def reopen(connection: Connection, patient_id: PatientId, reading_id: ReadingId, now: datetime) -> int:
    """Ask again what this reading had answered, where there is still time to; how many."""
    asked = {"patient_id": patient_id, "reading_id": reading_id, "now": now}
    return connection.execute(_REOPEN, asked).rowcount


def _asks(connection: Connection, query: LiteralString, asked: Mapping[str, object]) -> list[Ask]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(query, asked).fetchall()
    return [msgspec.convert({**row, "wanted": row}, Ask) for row in rows]
