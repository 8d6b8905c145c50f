"""Asking patients: what a look at them wants asked, and what their readings or they themselves answer."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.asks import LOOK_BACK, Raise, answered, is_believed, wanted, weigh_again
from alerts.record import Change
from alerts.rules.evaluate import Assessment
from alerts.rules.view import View
from store import asks, decisions, histories, patient_contacts
from store.asks import Answered
from store.connection import Connection
from store.evaluations import requeue
from vitals.alert_event import PriorityRaised, Raised
from vitals.ask import Ask, AskAnswer, AskKind, Audience, Wanted
from vitals.ids import PatientId, ReadingId, StaffId

BY_PATIENT = StaffId("patient")
"""Who decided on a reading, where the patient's own word did."""

SAYS_MINE = "The patient says: this was me."
SAYS_NOT_MINE = "The patient says: not me."


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one look at a patient saw, found and changed."""

    view: View
    assessment: Assessment
    changes: Sequence[Change]


def ask(connection: Connection, looked: Sequence[Looked], now: datetime) -> None:
    """Keep what these patients have answered, and ask what is to be asked of them now, each thing once."""
    if not looked:
        return
    ids = [one.view.patient.patient_id for one in looked]
    before: dict[PatientId, list[Ask]] = defaultdict(list)
    for known in asks.recent(connection, ids, since=now - LOOK_BACK):
        before[known.patient_id].append(known)
    for one in looked:
        patient_id = one.view.patient.patient_id
        for answer in answered(one.view, before[patient_id]):
            asks.answer(connection, patient_id, answer, now)
        for want in wanted(one.view, one.assessment, _raised(one.changes), before[patient_id], now):
            if _can_be_asked(connection, patient_id, want):
                asks.add(connection, patient_id, want, now)


def _raised(changes: Sequence[Change]) -> list[Raise]:
    return [
        Raise(alert_id=change.alert.alert_id, breach=change.what.breach)
        for change in changes
        if isinstance(change.what, Raised | PriorityRaised)
    ]


def _can_be_asked(connection: Connection, patient_id: PatientId, want: Wanted) -> bool:
    """A patient has their page; a carer is asked only where one was recorded."""
    if want.audience is Audience.PATIENT:
        return True
    return bool(patient_contacts.ways_to(connection, patient_id, Audience.CARER))


def say_whose(
    connection: Connection, patient_id: PatientId, ask_id: int, *, is_mine: bool, now: datetime
) -> Ask | None:
    """The patient's word on a doubted weighing; None where they were not asked, or have answered.

    "Not me" leaves it out for good. "Me" lets the rules use it, unless it is so far off that a word alone is
    not enough: then it waits for the nurse. Who says "me" is asked to weigh themselves again.
    """
    word = AskAnswer.YES if is_mine else AskAnswer.NO
    ask = _take(connection, patient_id, ask_id, AskKind.IS_THIS_YOU, word, now)
    if ask is None:
        return None
    says = decisions.Says(
        reading_id=ReadingId(ask.wanted.subject),
        patient_id=patient_id,
        by=BY_PATIENT,
        reason=SAYS_MINE if is_mine else SAYS_NOT_MINE,
        at=now,
    )
    if not is_mine:
        decisions.exclude(connection, says)
        return ask
    if is_believed(ask.wanted):
        decisions.release(connection, says)
    asks.add(connection, patient_id, weigh_again(ask.wanted, now), now)
    return ask


def check_in(
    connection: Connection, patient_id: PatientId, ask_id: int, yes: Mapping[str, bool], now: datetime
) -> Ask | None:
    """The patient's answers to a check-in's questions; the rules are asked again. None as for `say_whose`."""
    word = AskAnswer.YES if any(yes.values()) else AskAnswer.NO
    ask = _take(connection, patient_id, ask_id, AskKind.CHECK_IN, word, now)
    if ask is None:
        return None
    for question in ask.wanted.questions:
        histories.add_answer(connection, patient_id, question, yes=yes[question], at=now, author=BY_PATIENT)
    requeue(connection, [(patient_id, now)], now=now)
    return ask


def _take(
    connection: Connection,
    patient_id: PatientId,
    ask_id: int,
    kind: AskKind,
    word: AskAnswer,
    now: datetime,
) -> Ask | None:
    """Mark the patient's open ask as answered; None where there is none of this kind."""
    asked = {ask.ask_id: ask for ask in asks.open_of(connection, patient_id, now)}
    ask = asked.get(ask_id)
    if ask is None or ask.wanted.kind is not kind:
        return None
    return asks.answer(connection, patient_id, Answered(ask_id=ask_id, answer=word), now)
