"""Corrections of readings: held, released, excluded, set right, given away, taken back. Append-only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from store import course_revisions
from store.connection import Connection
from vitals.ids import PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing

SYSTEM = "system"
# What else a person says of a reading makes it theirs and right: released, corrected, reassigned.
_STANDINGS = {"held": Standing.HELD, "excluded": Standing.EXCLUDED}

# What was taken back is as if it had never been said.
_STANDS = """kind <> 'undone'
    AND NOT EXISTS (SELECT 1 FROM corrections u WHERE u.undoes = c.correction_id)"""

_WORDS = f"""
    SELECT reading_id, kind, author, at, patient_id, to_patient_id FROM corrections c
    WHERE (patient_id = ANY(%(patient_ids)s) OR to_patient_id = ANY(%(patient_ids)s)) AND {_STANDS}
    ORDER BY correction_id
"""

_COLUMNS = """
    correction_id, reading_id, patient_id, kind, reason, author, at, measure, was, value, to_patient_id,
    stood, undoes
"""

_HISTORY = f"SELECT {_COLUMNS} FROM corrections WHERE reading_id = %(reading_id)s ORDER BY correction_id"

_OF_PATIENT = f"""
    SELECT {_COLUMNS}, (SELECT min(measured_at) FROM observations o
                        WHERE o.reading_id = c.reading_id) AS measured_at
    FROM corrections c
    WHERE patient_id = %(patient_id)s AND author <> 'system' AND at >= %(since)s ORDER BY correction_id
"""

# Each measure of a reading stands by itself.
_STOOD = """
    SELECT jsonb_object_agg(measure, standing) FROM observations
    WHERE reading_id = %(reading_id)s AND patient_id = %(patient_id)s
"""

_STAND_AS_BEFORE = """
    UPDATE observations SET patient_id = %(patient_id)s, standing = %(stood)s::jsonb->>measure
    WHERE reading_id = %(reading_id)s AND patient_id = %(holder)s AND %(stood)s::jsonb ? measure
"""

_VALUE_AS_BEFORE = """
    UPDATE observations SET value = %(was)s
    WHERE reading_id = %(reading_id)s AND patient_id = %(patient_id)s AND measure = %(measure)s
"""

_SET_STANDING = """
    UPDATE observations SET standing = %(standing)s
    WHERE reading_id = %(reading_id)s AND patient_id = %(patient_id)s AND standing <> %(standing)s
"""

_SET_VALUE = """
    UPDATE observations o SET value = %(value)s, standing = 'accepted'
    FROM (SELECT patient_id, measure, measured_at, reading_id, value AS was FROM observations
          WHERE reading_id = %(reading_id)s AND patient_id = %(patient_id)s AND measure = %(measure)s
          FOR UPDATE) AS before
    WHERE o.patient_id = before.patient_id AND o.measure = before.measure
      AND o.measured_at = before.measured_at AND o.reading_id = before.reading_id
    RETURNING before.was
"""

_GIVE = """
    UPDATE observations SET patient_id = %(to_patient_id)s, standing = 'accepted'
    WHERE reading_id = %(reading_id)s AND patient_id = %(patient_id)s
"""

_GIVE_READING = """
    UPDATE readings SET patient_id = %(to_patient_id)s
    WHERE reading_id = %(reading_id)s AND patient_id = %(patient_id)s
"""

_ADD = """
    INSERT INTO corrections (
        reading_id, patient_id, kind, reason, author, at, measure, was, value, to_patient_id, stood, undoes
    ) VALUES (
        %(reading_id)s, %(patient_id)s, %(kind)s, %(reason)s, %(author)s, %(at)s, %(measure)s, %(was)s,
        %(value)s, %(to_patient_id)s, %(stood)s, %(undoes)s
    )
"""

_MEASURED_AT = "SELECT min(measured_at) FROM observations WHERE reading_id = %(reading_id)s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One correction of a reading, as it was written.

    `stood` is each measure's standing before it; None in what was written before that was kept. `undoes` is
    the id of the correction that this one takes back. `correction_id` is the store's, 0 before it is kept.
    """

    reading_id: ReadingId
    patient_id: PatientId
    kind: str
    reason: str
    author: str
    at: datetime
    measure: Measure | None = None
    was: float | None = None
    value: float | None = None
    to_patient_id: PatientId | None = None
    stood: dict[str, str] | None = None
    undoes: int | None = None
    correction_id: int = 0

    def __post_init__(self) -> None:
        """Turn the word of a row into ours."""
        if self.measure is not None:
            object.__setattr__(self, "measure", Measure(self.measure))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Correction):
    """A correction by a person, with when the reading was measured."""

    measured_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What was said on a reading: by a person, whom the checks do not overrule, or (None) by the checks."""

    reading_id: ReadingId
    at: datetime
    decided: Standing | None


def words(connection: Connection, patient_ids: Sequence[PatientId]) -> dict[PatientId, list[Word]]:
    """Everything that was said on readings which these patients have or had, oldest first."""
    said: dict[PatientId, list[Word]] = {patient_id: [] for patient_id in patient_ids}
    for reading_id, kind, author, at, *whose in connection.execute(
        _WORDS, {"patient_ids": list(patient_ids)}
    ):
        decided = None if author == SYSTEM else _STANDINGS.get(kind, Standing.ACCEPTED)
        word = Word(reading_id=ReadingId(reading_id), at=at, decided=decided)
        for patient_id in dict.fromkeys(whose):
            if patient_id in said:
                said[patient_id].append(word)
    return said


def history(connection: Connection, reading_id: ReadingId) -> list[Correction]:
    """All corrections of the reading, oldest first."""
    with connection.cursor(row_factory=class_row(Correction)) as cursor:
        return cursor.execute(_HISTORY, {"reading_id": reading_id}).fetchall()


def of_patient(connection: Connection, patient_id: PatientId, *, since: datetime) -> list[Decision]:
    """What people said on the patient's readings since then, oldest first."""
    with connection.cursor(row_factory=class_row(Decision)) as cursor:
        return cursor.execute(_OF_PATIENT, {"patient_id": patient_id, "since": since}).fetchall()


def set_standing(connection: Connection, correction: Correction, standing: Standing) -> bool:
    """Change whether rules may use the reading, and write down why; False where it stood so already."""
    asked = {
        "reading_id": correction.reading_id,
        "patient_id": correction.patient_id,
        "standing": standing.value,
    }
    course_revisions.change(connection, [correction.patient_id])
    stood = _stood(connection, correction)
    changed = connection.execute(_SET_STANDING, asked).rowcount > 0
    if changed or correction.author != SYSTEM:
        _add(connection, replace(correction, stood=stood))
    return changed


def set_value(connection: Connection, correction: Correction) -> bool:
    """Set one value of the reading right; False where the patient has no such observation."""
    asked = {
        "reading_id": correction.reading_id,
        "patient_id": correction.patient_id,
        "measure": correction.measure,
        "value": correction.value,
    }
    course_revisions.change(connection, [correction.patient_id])
    stood = _stood(connection, correction)
    row = connection.execute(_SET_VALUE, asked).fetchone()
    if row is None:
        return False
    _add(connection, replace(correction, stood=stood, was=row[0]))
    return True


def reassign(connection: Connection, correction: Correction) -> bool:
    """Give the reading to `to_patient_id`; False where it was not the patient's."""
    asked = {
        "reading_id": correction.reading_id,
        "patient_id": correction.patient_id,
        "to_patient_id": correction.to_patient_id,
    }
    both = [p for p in (correction.patient_id, correction.to_patient_id) if p is not None]
    course_revisions.change(connection, both)
    stood = _stood(connection, correction)
    if connection.execute(_GIVE, asked).rowcount == 0:
        return False
    connection.execute(_GIVE_READING, asked)
    _add(connection, replace(correction, stood=stood))
    return True


def take_back(connection: Connection, undone: Correction, undoing: Correction) -> None:
    """Bring back what a correction changed, and write down who took it back and why.

    Whether it is the last word on its reading, and keeps how it stood, is the caller's to ask first.
    """
    holder = undone.to_patient_id or undone.patient_id
    asked = {
        "reading_id": undone.reading_id,
        "patient_id": undone.patient_id,
        "to_patient_id": undone.patient_id,
        "holder": holder,
        "stood": Jsonb(undone.stood),
        "measure": undone.measure,
        "was": undone.was,
    }
    connection.execute(_STAND_AS_BEFORE, asked)
    if undone.measure is not None:
        connection.execute(_VALUE_AS_BEFORE, asked)
    if undone.to_patient_id is not None:
        connection.execute(_GIVE_READING, asked | {"patient_id": holder})
    _add(connection, undoing)


def measured_at(connection: Connection, reading_id: ReadingId) -> datetime | None:
    """When the reading was measured; None where nobody has an observation of it."""
    row = connection.execute(_MEASURED_AT, {"reading_id": reading_id}).fetchone()
    return None if row is None else row[0]


def _stood(connection: Connection, correction: Correction) -> dict[str, str] | None:
    asked = {"reading_id": correction.reading_id, "patient_id": correction.patient_id}
    row = connection.execute(_STOOD, asked).fetchone()
    return None if row is None else row[0]


def _add(connection: Connection, correction: Correction) -> None:
    asked = {name: getattr(correction, name) for name in Correction.__slots__}
    stood = None if correction.stood is None else Jsonb(correction.stood)
    connection.execute(_ADD, asked | {"stood": stood})
