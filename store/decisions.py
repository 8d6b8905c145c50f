"""A person's decision on one reading, as one act: applied, written down, and the rules asked again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from store import corrections, course_revisions
from store.connection import Connection
from store.corrections import Correction, measured_at, reassign, set_standing, set_value
from store.evaluations import requeue
from vitals.ids import PatientId, ReadingId, StaffId
from vitals.measure import Measure, plausible
from vitals.observation import Standing

# Locked, so that of two people who decide at once the second sees what the first did.
_IS_THEIRS = """
    SELECT reading_id FROM observations
    WHERE reading_id = %(reading_id)s AND patient_id = %(patient_id)s FOR UPDATE
"""

_VALUE = "SELECT value FROM observations WHERE reading_id = %(reading_id)s AND measure = %(measure)s"


class Answer(StrEnum):
    """What came of a decision. `NOT_THEIRS`: the patient has no such reading, or has it no longer.

    `CROSSED`: systolic would not be above diastolic. `NOT_LAST`: something newer was said on the reading, or
    that was taken back already.
    """

    DONE = "done"
    AS_BEFORE = "as_before"
    NOT_THEIRS = "not_theirs"
    IMPLAUSIBLE = "implausible"
    CROSSED = "crossed"
    NOT_LAST = "not_last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """A person's word on one reading of one patient: who, when and why."""

    reading_id: ReadingId
    patient_id: PatientId
    by: StaffId
    reason: str
    at: datetime


def hold(connection: Connection, says: Says) -> Answer:
    """Keep the reading from the rules until somebody has asked the patient."""
    return _stand(connection, says, "held", Standing.HELD)


def release(connection: Connection, says: Says) -> Answer:
    """The reading is the patient's, and right."""
    return _stand(connection, says, "released", Standing.ACCEPTED)


def exclude(connection: Connection, says: Says) -> Answer:
    """The reading counts for nothing; it stays to be seen."""
    return _stand(connection, says, "excluded", Standing.EXCLUDED)


def correct(connection: Connection, says: Says, measure: Measure, value: float) -> Answer:
    """One value of the reading is another, in the measure's own unit; what it was is kept."""
    if not plausible(measure, value):
        return Answer.IMPLAUSIBLE
    if _crosses(connection, says.reading_id, measure, value):
        return Answer.CROSSED
    if not set_value(connection, _correction(says, "corrected", measure=measure, value=value)):
        return Answer.NOT_THEIRS
    _evaluate_again(connection, says, says.patient_id)
    return Answer.DONE


def _crosses(connection: Connection, reading_id: ReadingId, measure: Measure, value: float) -> bool:
    """Whether the reading's diastolic pressure would be at its systolic one or above it."""
    if measure not in (Measure.SYSTOLIC, Measure.DIASTOLIC):
        return False
    other = Measure.DIASTOLIC if measure is Measure.SYSTOLIC else Measure.SYSTOLIC
    row = connection.execute(_VALUE, {"reading_id": reading_id, "measure": other}).fetchone()
    if row is None:
        return False
    return value <= row[0] if measure is Measure.SYSTOLIC else value >= row[0]


def give(connection: Connection, says: Says, to_patient_id: PatientId) -> Answer:
    """The reading is another patient's ("not me"). Raises DataRefused where there is no such patient."""
    if to_patient_id == says.patient_id:
        return Answer.AS_BEFORE
    if not reassign(connection, _correction(says, "reassigned", to_patient_id=to_patient_id)):
        return Answer.NOT_THEIRS
    _evaluate_again(connection, says, says.patient_id, to_patient_id)
    return Answer.DONE


def undo(connection: Connection, says: Says, correction_id: int | None = None) -> Answer:
    """Take back the last thing that a person said on the reading: it stands as it stood before.

    `correction_id` is what they saw as the last; None: only if it was the person's own.
    """
    course_revisions.change(connection, [says.patient_id])  # whoever else takes it back waits here
    said = corrections.history(connection, says.reading_id)
    if not any(one.patient_id == says.patient_id for one in said):
        return Answer.NOT_THEIRS
    gone = {one.undoes for one in said}
    standing = [one for one in said if one.undoes is None and one.correction_id not in gone]
    last = standing[-1] if standing else None
    if last is None or last.stood is None or last.author == corrections.SYSTEM:
        return Answer.NOT_LAST
    meant = last.author == says.by if correction_id is None else last.correction_id == correction_id
    if not meant or last.patient_id != says.patient_id:
        return Answer.NOT_LAST
    both = [says.patient_id, *([last.to_patient_id] if last.to_patient_id else [])]
    course_revisions.change(connection, both)
    corrections.take_back(connection, last, _correction(says, "undone", undoes=last.correction_id))
    _evaluate_again(connection, says, *both)
    return Answer.DONE


def _stand(connection: Connection, says: Says, kind: str, standing: Standing) -> Answer:
    asked = {"reading_id": says.reading_id, "patient_id": says.patient_id}
    course_revisions.change(connection, [says.patient_id])  # first: the worker locks in this order too
    if connection.execute(_IS_THEIRS, asked).fetchone() is None:
        return Answer.NOT_THEIRS
    changed = set_standing(connection, _correction(says, kind), standing)
    _evaluate_again(connection, says, says.patient_id)  # a person's word counts even where no row changes
    return Answer.DONE if changed else Answer.AS_BEFORE


def _correction(
    says: Says,
    kind: str,
    *,
    measure: Measure | None = None,
    value: float | None = None,
    to_patient_id: PatientId | None = None,
    undoes: int | None = None,
) -> Correction:
    return Correction(
        reading_id=says.reading_id,
        patient_id=says.patient_id,
        kind=kind,
        reason=says.reason,
        author=says.by,
        at=says.at,
        measure=measure,
        value=value,
        to_patient_id=to_patient_id,
        undoes=undoes,
    )


def _evaluate_again(connection: Connection, says: Says, *patient_ids: PatientId) -> None:
    earliest = measured_at(connection, says.reading_id)
    if earliest is not None:
        requeue(connection, [(patient_id, earliest) for patient_id in patient_ids], now=says.at)
