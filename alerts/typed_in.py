"""What patients type in on their own page: kept at once, and taken back for a day where they mistyped."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alerts.asking import BY_PATIENT
from store import asks, decisions, typed_in
from store.connection import Connection
from store.typed_in import TypedIn
from vitals.ids import PatientId, ReadingId

BACK_WITHIN = timedelta(hours=24)
"""A slip of the finger is seen on the receipt or at the next look; what is older is the nurse's to judge."""

SAYS_WRONG = "The patient says: typed in wrongly."


def lately(connection: Connection, patient_id: PatientId, now: datetime) -> Sequence[TypedIn]:
    """What the patient typed in within `BACK_WITHIN`, newest first."""
    return typed_in.lately(connection, patient_id, since=now - BACK_WITHIN, now=now, patient=BY_PATIENT)


def take_back(connection: Connection, patient_id: PatientId, reading_id: ReadingId, now: datetime) -> bool:
    """The reading counts no longer, by the patient's own word; the original stays, and a nurse can undo it.

    The rules are asked again, and the patient is asked again what this reading had answered. False where it
    is not theirs to take back: a device's, too old, taken back already, or decided on by staff.
    """
    if not any(one.reading_id == reading_id and one.is_open for one in lately(connection, patient_id, now)):
        return False
    says = decisions.Says(
        reading_id=reading_id, patient_id=patient_id, by=BY_PATIENT, reason=SAYS_WRONG, at=now
    )
    if decisions.exclude(connection, says) is not decisions.Answer.DONE:
        return False
    asks.reopen(connection, patient_id, reading_id, now)
    return True
