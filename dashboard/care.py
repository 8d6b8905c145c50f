"""What staff do for a patient besides alerts: limits, readings, messages. Done, or refused in words."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, Field

from alerts.book import limits, texts
from alerts.book.rulebook import PatientRules
from dashboard import book
from dashboard.triage import NotDone, Why
from dashboard.words import LANGUAGE, say
from store import care, decisions
from store import limits as stored_limits
from store.connection import Connection
from store.evaluations import requeue
from store.population import patient_by_record_number, patient_file
from store.staff import Role, Staff
from vitals.breach import LimitUsed
from vitals.ids import PatientId, ReadingId
from vitals.measure import Measure

_LONGEST_BY_NURSE = timedelta(days=14)
MAY_SET_FOR_GOOD = frozenset({Role.CLINICIAN, Role.LEAD})

Words = Annotated[str, Field(min_length=1, max_length=500)]


class LimitFields(BaseModel):
    """A limit's new value, why, and for how many days; None: until somebody changes it."""

    name: str
    value: float
    reason: Words
    days: int | None = Field(default=None, ge=1, le=365)


class ReadingFields(BaseModel):
    """A decision on a reading, and why; `measure` and `value` where it is set right, `record_number` where
    it is given to whoever measured."""

    reason: Words
    measure: Measure | None = None
    value: float | None = None
    record_number: str = Field(default="", max_length=60)


class MessageFields(BaseModel):
    """What the patient will read."""

    text: str = Field(min_length=1, max_length=2000)


def no_such_patient() -> NotDone:
    """The ward has no such patient."""
    return NotDone(why=Why.UNKNOWN, sentence=say("There is no such patient on your ward."))


def patient_limits(
    connection: Connection, patient_id: PatientId, me: Staff, now: datetime
) -> tuple[PatientRules, Mapping[str, LimitUsed]] | None:
    """The patient's rules and every limit in force; None where the ward has no such patient."""
    file = patient_file(connection, patient_id, me.ward_id, now)
    if file is None:
        return None
    rules = book.in_force().for_programmes(file.programmes)
    moved = [
        limits.Calibration(
            limit_name=row.limit_name, value=row.value, base=row.base, at=row.at, reason="alert budget"
        )
        for row in stored_limits.calibrations(connection, now=now)
        if row.ward_id == me.ward_id
    ]
    own = [own_limit(row) for row in stored_limits.of_patients(connection, [patient_id], now=now)]
    return rules, limits.resolve(rules, moved, own, now)


def own_limit(row: stored_limits.LimitRow) -> limits.OwnLimit:
    """The stored row as the rules take it."""
    return limits.OwnLimit(
        name=row.name,
        value=row.value,
        author=row.author,
        reason=row.reason,
        set_at=row.set_at,
        expires_at=row.expires_at,
    )


def refuse_limit(
    connection: Connection, patient_id: PatientId, me: Staff, now: datetime, name: str, value: float
) -> NotDone | None:
    """Why this value cannot be the patient's limit; None where it can."""
    found = patient_limits(connection, patient_id, me, now)
    if found is None:
        return no_such_patient()
    refused = limits.refusal(*found, name, value)
    return None if refused is None else NotDone(why=Why.REFUSED, sentence=texts.say(refused, LANGUAGE.get()))


def set_limit(
    connection: Connection, patient_id: PatientId, me: Staff, now: datetime, fields: LimitFields
) -> NotDone | int:
    """Set one limit for one patient; its id. A nurse's ends by itself; a clinician's or lead's may last."""
    refused = refuse_limit(connection, patient_id, me, now, fields.name, fields.value)
    if refused is not None:
        return refused
    lasts = None if fields.days is None else timedelta(days=fields.days)
    if me.role not in MAY_SET_FOR_GOOD and (lasts is None or lasts > _LONGEST_BY_NURSE):
        return NotDone(
            why=Why.REFUSED,
            sentence=say("A limit for more than 14 days is a clinician's or the lead nurse's to set."),
        )
    limit_id = stored_limits.add(
        connection, patient_id, fields.name, fields.value, author=me.staff_id, reason=fields.reason,
        set_at=now, expires_at=None if lasts is None else now + lasts,
    )  # fmt: skip
    requeue(connection, [(patient_id, now)], now=now)
    return limit_id


_Decide = Callable[[Connection, decisions.Says], decisions.Answer]
_DECISIONS: Mapping[str, _Decide] = {
    "hold": decisions.hold,
    "release": decisions.release,
    "exclude": decisions.exclude,
}
_ANSWERS = {
    decisions.Answer.AS_BEFORE: "It stands so already.",
    decisions.Answer.NOT_THEIRS: "The patient has no such reading any more.",
    decisions.Answer.IMPLAUSIBLE: "That value cannot be right.",
    decisions.Answer.CROSSED: "Diastolic must be below systolic. Where both are wrong, begin with the other.",
}


def decide_reading(
    connection: Connection,
    patient_id: PatientId,
    reading_id: ReadingId,
    me: Staff,
    now: datetime,
    deed: str,
    fields: ReadingFields,
) -> NotDone | None:
    """Hold, release, exclude, correct or give away a reading; the rules are asked again."""
    if patient_file(connection, patient_id, me.ward_id, now) is None:
        return no_such_patient()
    says = decisions.Says(
        reading_id=reading_id, patient_id=patient_id, by=me.staff_id, reason=fields.reason, at=now
    )
    if deed == "correct":
        if fields.measure is None or fields.value is None:
            return NotDone(why=Why.INCOMPLETE, sentence=say("Say which value it should be."))
        answer = decisions.correct(connection, says, fields.measure, fields.value)
    elif deed == "reassign":
        to = patient_by_record_number(connection, fields.record_number.strip(), me.ward_id)
        if to is None:
            return NotDone(why=Why.REFUSED, sentence=say("No patient of your ward has this record number."))
        answer = decisions.give(connection, says, to)
    else:
        answer = _DECISIONS[deed](connection, says)
    if answer is decisions.Answer.DONE:
        return None
    return NotDone(why=Why.REFUSED, sentence=say(_ANSWERS[answer]))


def send_message(
    connection: Connection, patient_id: PatientId, me: Staff, now: datetime, fields: MessageFields
) -> NotDone | int:
    """Leave a message that the patient reads on their own page; its id."""
    sent = care.send_message(
        connection, patient_id, me.ward_id, me.staff_id, body=fields.text.strip(), now=now
    )
    return no_such_patient() if sent is None else sent
