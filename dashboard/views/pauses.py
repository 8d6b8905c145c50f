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
