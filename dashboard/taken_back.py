"""What staff did for a patient by mistake, taken back with who and why. Nothing of it is deleted."""

from datetime import datetime, timedelta

from pydantic import BaseModel, Field

from alerts.book import limits, texts
from dashboard.care import MAY_SET_FOR_GOOD, Words, no_such_patient, own_limit, patient_limits
from dashboard.triage import NotDone, Why
from dashboard.words import LANGUAGE, say
from store import care, decisions
from store import limits as stored_limits
from store.connection import Connection
from store.evaluations import requeue
from store.limits import LimitRow
from store.population import patient_file
from store.staff import Staff
from vitals.ids import PatientId, ReadingId

BACK_WITHIN = timedelta(days=14)
"""What was decided on a reading, or set as a limit, is offered to be taken back for so long."""


class TakeBackFields(BaseModel):
    """Why it is taken back."""

    reason: Words


class TakeBackReadingFields(TakeBackFields):
    """`decision` by its id; None: the person's own last one on the reading."""

    decision: int | None = Field(default=None, ge=1)


def _refused(sentence: str) -> NotDone:
    return NotDone(why=Why.REFUSED, sentence=say(sentence))


def newest_of(rows: list[LimitRow], name: str, now: datetime) -> LimitRow | None:
    """The limit of that name that was set last and neither ended nor was taken back."""
    standing = [row for row in rows if row.name == name and (row.expires_at is None or row.expires_at > now)]
    return max(standing, key=lambda row: (row.set_at, row.limit_id), default=None)


def may_take_back(row: LimitRow, me: Staff) -> bool:
    """Whoever set it, and whoever may set a lasting one."""
    return row.author == me.staff_id or me.role in MAY_SET_FOR_GOOD


def take_back_limit(
    connection: Connection, patient_id: PatientId, me: Staff, now: datetime, limit_id: int, reason: str
) -> NotDone | None:
    """The limit that was in force before counts again, if it is safe beside those set since."""
    found = patient_limits(connection, patient_id, me, now)
    if found is None:
        return no_such_patient()
    rows = stored_limits.of_patients(connection, [patient_id], now=now)
    row = next((one for one in rows if one.limit_id == limit_id), None)
    if row is None:
        return _refused("It stands so already.")
    if newest_of(rows, row.name, now) != row:
        return _refused("This limit was set anew since. Look again.")
    if not may_take_back(row, me):
        return _refused("Whoever set it, a clinician or the lead nurse can take it back.")
    rules, in_force = found
    before = limits.resolve(rules, [], [own_limit(one) for one in rows if one != row], now).get(row.name)
    if before is not None:
        unsafe = limits.refusal(rules, in_force, row.name, before.value)
        if unsafe is not None:
            return NotDone(why=Why.REFUSED, sentence=texts.say(unsafe, LANGUAGE.get()))
    if not stored_limits.revoke(connection, limit_id, author=me.staff_id, reason=reason, at=now):
        return _refused("It stands so already.")
    requeue(connection, [(patient_id, now)], now=now)
    return None


def take_back_decision(
    connection: Connection,
    patient_id: PatientId,
    reading_id: ReadingId,
    me: Staff,
    now: datetime,
    fields: TakeBackReadingFields,
) -> NotDone | None:
    """The reading stands as it stood before the decision, and the rules are asked again."""
    if patient_file(connection, patient_id, me.ward_id, now) is None:
        return no_such_patient()
    says = decisions.Says(
        reading_id=reading_id, patient_id=patient_id, by=me.staff_id, reason=fields.reason, at=now
    )
    answer = decisions.undo(connection, says, fields.decision)
    if answer is decisions.Answer.DONE:
        return None
    if answer is decisions.Answer.NOT_LAST:
        return _refused("Something newer was said on this reading. Look again.")
    return _refused("The patient has no such reading any more.")


def take_back_message(
    connection: Connection, patient_id: PatientId, me: Staff, now: datetime, message_id: int
) -> NotDone | None:
    """The patient's page shows it no more; whoever read it has read it."""
    if patient_file(connection, patient_id, me.ward_id, now) is None:
        return no_such_patient()
    if care.withdraw_message(connection, patient_id, me.staff_id, message_id, now=now):
        return None
    return _refused("The patient has read it, or it is not yours to take back.")
