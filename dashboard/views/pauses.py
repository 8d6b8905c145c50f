"""A patient's pauses in words: on the banner, in the population table, and listed in their dialog."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.pausing import possible
from dashboard.components import Json
from dashboard.views.wording import written_date, written_time
from dashboard.words import say
from store.pauses import PauseEvent, PauseKind, PauseRecord
from store.population import PatientFile
from vitals.ids import StaffId

_KINDS = {PauseKind.HOLIDAY: "on holiday", PauseKind.HOSPITAL: "in hospital"}
_DONE = {
    PauseEvent.ENDED: "Ended by {who}, {when}",
    PauseEvent.TAKEN_BACK: "Taken back by {who}, {when}",
    PauseEvent.RESUMED: "Resumed by {who}, {when}",
}

_DID = {
    PauseEvent.ENDED: "ended a pause",
    PauseEvent.TAKEN_BACK: "took back a pause",
    PauseEvent.RESUMED: "let a pause run again",
}


def why_paused(kind: str | None, words: str) -> str:
    """Why a patient need not measure: the kind in words, and what was written beside it."""
    known = _KINDS.get(PauseKind(kind or PauseKind.OTHER))
    if known is None:
        return words
    return f"{say(known)} ({words})" if words else say(known)


def until_words(ends_at: datetime, zone: ZoneInfo, *, open_ended: bool) -> str:
    """How long it lasts: its last day, or the day on which it is reviewed."""
    if open_ended:
        return say("Paused, to be reviewed on {day}", day=written_date(ends_at.astimezone(zone).date()))
    return say("Paused until {day}", day=_last_day(ends_at, zone))


def banner_pause(file: PatientFile) -> dict[str, Json] | None:
    """The mark on the patient's banner while a pause runs, and that they measured all the same."""
    if file.pause_ends_at is None:
        return None
    zone = ZoneInfo(file.time_zone)
    until = until_words(file.pause_ends_at, zone, open_ended=file.pause_open_ended)
    measured = file.pause_measured_at
    return {
        "words": f"{until}: {why_paused(file.pause_kind, file.pause_reason or '')}",
        "measured": say("Measured in the pause: {when}", when=written_time(measured, zone))
        if measured
        else None,
    }


def pause_items(
    records: Sequence[PauseRecord], names: Mapping[StaffId, str], zone: ZoneInfo, now: datetime
) -> list[dict[str, Json]]:
    """Every pause as the dialog lists it: why, from when to when, who set it, what became of it."""
    return [_item(record, names, zone, now) for record in records]


def _item(
    record: PauseRecord, names: Mapping[StaffId, str], zone: ZoneInfo, now: datetime
) -> dict[str, Json]:
    why = why_paused(record.kind, record.reason)
    first = written_date(record.starts_at.astimezone(zone).date())
    planned = record.planned_until
    if record.open_ended:
        day = written_date(planned.astimezone(zone).date())
        days = say("From {first}, to be reviewed on {day}", first=first, day=day)
    else:
        days = say("From {first} to {last}", first=first, last=_last_day(planned, zone))
    done = None
    if record.last_what is not None and record.last_at is not None:
        who, when = _name(record.last_author or "", names), written_time(record.last_at, zone)
        done = say(_DONE[PauseEvent(record.last_what)], who=who, when=when)
        done += f": {record.last_reason}" if record.last_reason else ""
    return {
        "id": record.pause_id,
        "why": why[:1].upper() + why[1:],
        "days": days,
        "state": _state(record, now),
        "set": say(
            "Set by {who}, {when}",
            who=_name(record.author, names),
            when=written_time(record.set_at, zone),
        ),
        "done": done,
        "can": list(possible(record, now)),
    }


def pause_path(patient_id: str, pause_id: object, what: PauseEvent) -> str:
    """Where a pause is taken back, or runs again."""
    return f"/api/patients/{patient_id}/pauses/{pause_id}/{what}"


def pause_history(
    records: Sequence[PauseRecord], names: Mapping[StaffId, str], zone: ZoneInfo, now: datetime
) -> list[dict[str, Json]]:
    """Each pause in the patient's history, and what was last done to it; taken back as all else is."""
    return [item for record in records for item in _told(record, names, zone, now)]


def _told(
    record: PauseRecord, names: Mapping[StaffId, str], zone: ZoneInfo, now: datetime
) -> list[dict[str, Json]]:
    shown = _item(record, names, zone, now)
    can = PauseEvent.TAKEN_BACK in possible(record, now)
    path = pause_path(record.patient_id, record.pause_id, PauseEvent.TAKEN_BACK)
    planned: dict[str, Json] = {
        "key": f"p{record.pause_id}",
        "at": record.set_at.isoformat(),
        "who": _name(record.author, names),
        "did": say("planned a pause"),
        "words": f"{shown['why']}. {shown['days']}",
        "icon": "pause",
        "of": None,
        "gone": shown["state"] == "taken_back",
        "undo": {"path": path, "body": {}, "why": True} if can else None,
    }
    if record.last_what is None or record.last_at is None:
        return [planned]
    done: dict[str, Json] = {
        **planned,
        "key": f"q{record.pause_id}",
        "at": record.last_at.isoformat(),
        "who": _name(record.last_author or "", names),
        "did": say(_DID[PauseEvent(record.last_what)]),
        "words": record.last_reason or "",
        "gone": False,
        "undo": None,
    }
    return [planned, done]


def _state(record: PauseRecord, now: datetime) -> str:
    if record.ends_at <= record.starts_at:
        return "taken_back"
    if record.ends_at <= now:
        return "past"
    return "planned" if record.starts_at > now else "current"


def _name(author: str, names: Mapping[StaffId, str]) -> str:
    return names.get(StaffId(author), author)


def _last_day(ends_at: datetime, zone: ZoneInfo) -> str:
    """The last day that a pause touches: one that ends at midnight ends with the day before."""
    return written_date((ends_at - datetime.resolution).astimezone(zone).date())
