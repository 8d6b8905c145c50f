"""What a person does to an alert, one call for pages and programs: done, or refused with a sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from pydantic import BaseModel, Field, ValidationError

from alerts import actions
from alerts.book import texts
from dashboard.access import CLINICAL
from dashboard.desk import Desk
from dashboard.reach import at_alert
from dashboard.words import LANGUAGE, say
from store import worklist
from store.connection import Connection
from store.staff import Staff, staff_names, ward_staff
from vitals.alert import Alert, EventKind, Outcome
from vitals.ids import AlertId, StaffId

log = structlog.get_logger()


class Deed(StrEnum):
    """The actions by the name that pages and the API give them."""

    ACKNOWLEDGE = "acknowledge"
    CLAIM = "claim"
    NOTE = "note"
    CALL = "call"
    SNOOZE = "snooze"
    ESCALATE = "escalate"
    ACCEPT = "accept"
    CLOSE = "close"
    UNDO = "undo"


UNDOABLE = frozenset(Deed) - {Deed.UNDO}

MOVED_WORDS: dict[EventKind, str] = {
    EventKind.ACKNOWLEDGED: "acknowledged",
    EventKind.CLAIMED: "took over",
    EventKind.NOTED: "wrote a note on",
    EventKind.CALLED: "logged a call on",
    EventKind.SNOOZED: "snoozed",
    EventKind.ESCALATED: "escalated",
    EventKind.ACCEPTED: "accepted",
    EventKind.CLOSED: "closed",
    EventKind.UNDONE: "took back an action on",
}


class NoFields(BaseModel):
    """An action that needs no words."""


class NoteFields(BaseModel):
    """A note's words."""

    text: str = Field(min_length=1, max_length=2000)


class CallFields(BaseModel):
    """Who was called, whether somebody spoke, for how long, and what was said."""

    whom: str = Field(default="patient", max_length=60)
    reached: bool = True
    minutes: float = Field(default=0, ge=0, le=240)
    text: str = Field(default="", max_length=2000)


class SnoozeFields(BaseModel):
    """For how many minutes, and why."""

    minutes: int = Field(ge=1, le=72 * 60)
    reason: str = Field(min_length=1, max_length=200)


class EscalateFields(BaseModel):
    """To whom, by staff id, and what they need to know."""

    to: str = Field(min_length=1, max_length=100)
    text: str = Field(default="", max_length=2000)


class CloseFields(BaseModel):
    """The coded outcome, and words where wanted."""

    outcome: Outcome
    text: str = Field(default="", max_length=2000)


class UndoFields(BaseModel):
    """Which of the person's own actions, by the revision that it made; None: their last one."""

    event: int | None = Field(default=None, ge=1)


FIELDS: dict[Deed, type[BaseModel]] = {
    Deed.ACKNOWLEDGE: NoFields,
    Deed.CLAIM: NoFields,
    Deed.NOTE: NoteFields,
    Deed.CALL: CallFields,
    Deed.SNOOZE: SnoozeFields,
    Deed.ESCALATE: EscalateFields,
    Deed.ACCEPT: NoFields,
    Deed.CLOSE: CloseFields,
    Deed.UNDO: UndoFields,
}


class Why(StrEnum):
    """Why nothing was written."""

    UNKNOWN = "unknown"
    MOVED = "moved"
    REFUSED = "refused"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The alert as it stands after the action."""

    alert: Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDone:
    """Nothing was written: why, and in a sentence for the person."""

    why: Why
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    connection: Connection
    alert_id: AlertId
    rev: int
    me: Staff
    now: datetime


async def perform(
    desk: Desk, me: Staff, deed: Deed, alert_id: AlertId, rev: int, fields: Mapping[str, object]
) -> Done | NotDone:
    """Do it in one transaction. The person's ward bounds what they can reach."""
    try:
        wanted = FIELDS[deed].model_validate(dict(fields))
    except ValidationError as error:
        names = ", ".join(sorted({str(problem["loc"][-1]) for problem in error.errors()}))
        return NotDone(why=Why.INCOMPLETE, sentence=say("Please fill in: {names}.", names=names))
    now = desk.clock()

    def work(connection: Connection) -> Done | NotDone:
        here = at_alert(connection, me, alert_id)
        if worklist.alert_patient(connection, alert_id, here.ward_id) is None:
            return NotDone(why=Why.UNKNOWN, sentence=say("There is no such alert on your ward."))
        if isinstance(wanted, EscalateFields) and not _is_colleague(connection, here, wanted.to):
            return NotDone(
                why=Why.INCOMPLETE, sentence=say("Choose a colleague of your ward to escalate to.")
            )
        context = _Context(connection=connection, alert_id=alert_id, rev=rev, me=me, now=now)
        try:
            return Done(alert=_do(context, deed, wanted))
        except actions.AlertMoved as moved:
            return NotDone(why=Why.MOVED, sentence=_moved_sentence(connection, moved, me, now))
        except actions.ActionRefused as refused:
            return NotDone(why=Why.REFUSED, sentence=texts.text(refused.why, {}, LANGUAGE.get()))
        except actions.UnknownAlert:
            return NotDone(why=Why.UNKNOWN, sentence=say("There is no such alert on your ward."))

    outcome = await desk.store(work)
    log.info(
        "alert acted on",
        deed=deed,
        alert_id=alert_id,
        staff_id=me.staff_id,
        result=outcome.why if isinstance(outcome, NotDone) else "done",
    )
    return outcome


def _is_colleague(connection: Connection, me: Staff, staff_id: str) -> bool:
    """Whether this is somebody else of the ward who can accept an alert."""
    return any(
        one.staff_id == staff_id != me.staff_id and one.role in CLINICAL
        for one in ward_staff(connection, me.ward_id)
    )


def _do(context: _Context, deed: Deed, fields: BaseModel) -> Alert:
    plain: dict[Deed, Callable[..., Alert]] = {
        Deed.ACKNOWLEDGE: actions.acknowledge,
        Deed.CLAIM: actions.claim,
        Deed.ACCEPT: actions.accept,
    }
    connection, alert_id = context.connection, context.alert_id
    rev, actor, now = context.rev, context.me.staff_id, context.now
    match fields:
        case NoteFields():
            return actions.note(connection, alert_id, rev=rev, actor=actor, now=now, text=fields.text)
        case CallFields():
            return actions.call_logged(
                connection, alert_id, rev=rev, actor=actor, now=now,
                whom=fields.whom, reached=fields.reached, minutes=fields.minutes, text=fields.text,
            )  # fmt: skip
        case SnoozeFields():
            until = now + timedelta(minutes=fields.minutes)
            return actions.snooze(
                connection, alert_id, rev=rev, actor=actor, now=now, until=until, reason=fields.reason
            )
        case EscalateFields():
            return actions.escalate(
                connection, alert_id, rev=rev, actor=actor, now=now, to=fields.to, why=fields.text
            )
        case CloseFields():
            return actions.close(
                connection, alert_id, rev=rev, actor=actor, now=now, outcome=fields.outcome, note=fields.text
            )
        case UndoFields():
            return actions.undo(connection, alert_id, rev=rev, actor=actor, now=now, undone_rev=fields.event)
        case _:
            return plain[deed](connection, alert_id, rev=rev, actor=actor, now=now)


def _moved_sentence(connection: Connection, moved: actions.AlertMoved, me: Staff, now: datetime) -> str:
    seconds = max(0, round((now - moved.at).total_seconds()))
    ago = say("{n} s", n=seconds) if seconds < 120 else say("{n} min", n=seconds // 60)
    word = MOVED_WORDS.get(moved.what)
    if word is None:
        return say("The readings changed this alert {ago} ago. Look again, then act.", ago=ago)
    by = staff_names(connection).get(StaffId(moved.by), say("Somebody"))
    who = say("You") if moved.by == me.staff_id else by
    return say(f"{{who}} {word} this {{ago}} ago.", who=who, ago=ago)
