"""What happened to an alert, and the patient's earlier alerts, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.actions import undoable
from alerts.book import texts
from alerts.life import WITHDRAWN
from dashboard.components import Json
from dashboard.views.wording import called
from dashboard.words import LANGUAGE, say
from store.care import SentMessage
from vitals.alert import Alert, Outcome
from vitals.alert_event import (
    SYSTEM,
    Accepted,
    Acknowledged,
    AlertEvent,
    Called,
    Claimed,
    Cleared,
    Closed,
    Eased,
    Escalated,
    EvidenceAdded,
    Happening,
    Noted,
    PriorityRaised,
    Raised,
    Rearmed,
    Snoozed,
    Undone,
    Woken,
    Worsened,
)  # fmt: skip
from vitals.breach import Breach
from vitals.ids import StaffId
from vitals.message import Message

OUTCOME_WORDS: dict[Outcome, str] = {
    Outcome.ACTED: "Acted on",
    Outcome.NO_ACTION: "True, nothing needed",
    Outcome.EXPECTED: "Expected for this patient",
    Outcome.MEASUREMENT_ERROR: "Measurement error",
    Outcome.WRONG_PERSON: "Somebody else was measured",
    Outcome.UNREACHABLE: "Could not reach anybody",
}
_EARLIER = 10
_CALLED = {"patient": "the patient", "carer": "a relative or carer", "clinician": "a clinician"}


def alert_words(alert: Alert) -> str:
    """Why the alert was raised, in the reader's language; as it was stored where there is no other."""
    return reason_words(alert.reason, alert.message)


def _breach_words(breach: Breach) -> str:
    return texts.say(breach.message, LANGUAGE.get())


def reason_words(reason: str, message: Message | None) -> str:
    """The message in the reader's language; the stored English reason where there is none."""
    language = LANGUAGE.get()
    return reason if message is None or language == texts.ENGLISH else texts.say(message, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads a history, and when: that decides what they can take back."""

    staff_id: StaffId
    now: datetime


def history_props(
    alert: Alert | None,
    events: Sequence[AlertEvent],
    alerts: Sequence[Alert],
    names: Mapping[StaffId, str],
    *,
    others: Sequence[dict[str, Json]] = (),
    reader: Reader | None = None,
) -> list[Json]:
    """The alert's events and `others` (messages, asks, decisions), newest first; then earlier alerts."""
    own = _events(alert, events, names, reader) if alert else []
    own += others
    own.sort(key=lambda one: str(one["at"]))
    earlier = [
        _closed(other, names)
        for other in alerts
        if other.closed_at is not None and (alert is None or other.alert_id != alert.alert_id)
    ]
    return [*reversed(own), *earlier[:_EARLIER]]


def latest(events: Sequence[AlertEvent], names: Mapping[StaffId, str]) -> str:
    """The newest thing that happened, as a sentence: for whoever is writing while a colleague acts."""
    told = _telling(events) or list(events)
    if not told:
        return ""
    _, did, words = _told(told[-1].what, names)
    return f"{_who(told[-1].actor, names)} {did}." + (f" {words}" if words else "")


def _telling(events: Sequence[AlertEvent]) -> list[AlertEvent]:
    """Without further evidence of the same: it would bury what people did."""
    return [event for event in events if not isinstance(event.what, EvidenceAdded | Rearmed)]


def _who(actor: str, names: Mapping[StaffId, str]) -> str:
    return "Hearthward" if actor == SYSTEM else names.get(StaffId(actor), actor)


def message_item(message: SentMessage, reader: Reader) -> dict[str, Json]:
    """A message to the patient; its author can take it back until it is read."""
    can = message.author == reader.staff_id and message.read_at is None and message.withdrawn_at is None
    path = f"/api/patients/{message.patient_id}/messages/{message.message_id}/undo"
    state = "taken back" if message.withdrawn_at else "read" if message.read_at else "not read yet"
    return {
        "key": f"m{message.message_id}",
        "at": message.sent_at.isoformat(),
        "who": message.author_name,
        "did": say("sent a message"),
        "words": message.body,
        "icon": "message",
        "of": say(state),
        "gone": message.withdrawn_at is not None,
        "undo": {"path": path, "body": {}} if can else None,
    }


def _events(
    alert: Alert, events: Sequence[AlertEvent], names: Mapping[StaffId, str], reader: Reader | None
) -> list[dict[str, Json]]:
    gone = {event.what.undone_rev: event for event in events if isinstance(event.what, Undone)}
    can = {one.rev for one in undoable(events, reader.staff_id, reader.now)} if reader else set[int]()
    path = f"/api/alerts/{alert.alert_id}/undo"
    told: list[dict[str, Json]] = []
    for event in _telling(events):
        undo: Json = {"path": path, "body": {"rev": alert.rev, "event": event.rev}}
        told.append(
            _event(event, names) | {"gone": event.rev in gone, "undo": undo if event.rev in can else None}
        )
    return told


def _event(event: AlertEvent, names: Mapping[StaffId, str]) -> dict[str, Json]:
    icon, did, words = _told(event.what, names)
    return {
        "key": f"e{event.rev}",
        "at": event.at.isoformat(),
        "who": _who(event.actor, names),
        "did": did,
        "words": words,
        "icon": icon,
        "of": None,
    }


def _told(what: Happening, names: Mapping[StaffId, str]) -> tuple[str, str, str]:
    """Icon, what was done, and the words that go with it."""
    match what:
        case Raised():  # in the words of then: the alert may speak of worse by now
            return "device", say("raised the alert"), _breach_words(what.breach)
        case PriorityRaised():
            return "up", say("raised the priority"), _breach_words(what.breach)
        case Worsened():
            return "up", say("found it markedly worse"), _breach_words(what.breach)
        case Escalated():
            return "up", say("escalated to {name}", name=called(what.to, names)), say(what.why)
        case Woken():
            return (
                "clock",
                say("ended the snooze"),
                say("It grew worse.") if what.why == "worse" else say("Its time was up."),
            )
        case Eased():
            return "check", say("saw a first normal reading"), ""
        case Cleared() if what.why == WITHDRAWN:
            return "undo", say("saw that it no longer holds"), ""
        case Cleared():
            return "done", say("saw the readings back in range"), ""
        case _:
            return _told_of_person(what)


def _told_of_person(what: Happening) -> tuple[str, str, str]:
    match what:
        case Acknowledged():
            return "check", say("acknowledged"), ""
        case Claimed():
            return "check", say("took over"), ""
        case Accepted():
            return "check", say("accepted"), ""
        case Noted():
            return "note", say("wrote a note"), what.text
        case Called():
            return "phone", _called(what), what.text
        case Snoozed():
            return "clock", say("snoozed"), what.reason
        case Closed():
            return "done", say("closed: {outcome}", outcome=say(OUTCOME_WORDS[what.outcome])), what.note
        case Undone():
            return "undo", say("took back an action"), ""
        case _:
            return "note", what.kind.value, ""


def _called(what: Called) -> str:
    whom = say(_CALLED.get(what.whom, what.whom))
    if not what.reached:
        return say("called {whom}: no answer", whom=whom)
    if what.minutes:
        return say("spoke with {whom} for {n} min", whom=whom, n=f"{what.minutes:.0f}")
    return say("spoke with {whom}", whom=whom)


def _closed(alert: Alert, names: Mapping[StaffId, str]) -> Json:
    outcome = say(OUTCOME_WORDS[alert.outcome]) if alert.outcome else ""
    return {
        "key": f"a{alert.alert_id}",
        "at": (alert.closed_at or alert.raised_at).isoformat(),
        "who": _who(alert.closed_by or SYSTEM, names),
        "did": say("closed an earlier alert: {outcome}", outcome=outcome),
        "words": alert_words(alert),
        "icon": "done",
        "of": None,
    }
