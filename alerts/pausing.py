"""Planning a pause of a patient's measurements: done with who and why, or refused with the reason."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from store import pauses
from store.connection import Connection
from store.evaluations import requeue
from store.pauses import PauseEvent, PauseKind, PauseRecord
from vitals.ids import PatientId
from vitals.message import Message

_DAY = timedelta(days=1)
BACK = timedelta(days=30)
"""A pause may have begun so long ago: the ward often hears late of a stay in hospital."""
LONGEST = timedelta(days=180)
REVIEW_WITHIN = timedelta(days=28)
"""Nobody is forgotten in an open-ended pause: by then it is reviewed, or ends (project's choice)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A pause in the patient's local days: until its last day, or without one until the review."""

    kind: PauseKind
    words: str
    first_day: date
    last_day: date | None = None
    review_on: date | None = None


def plan(
    connection: Connection, patient_id: PatientId, wanted: Wanted, author: str, now: datetime
) -> int | Message:
    """Plan it and have the patient evaluated again; the pause's id, or why it cannot be."""
    zone_name = pauses.lock(connection, patient_id)
    if zone_name is None:
        return Message(key="refused_pause_nobody")
    zone = ZoneInfo(zone_name)
    refused = refusal(wanted, now.astimezone(zone).date())
    if refused is not None:
        return refused
    starts_at, ends_at = span_of(wanted, zone)
    if pauses.of_patients(connection, [patient_id], since=starts_at, until=ends_at):
        return Message(key="refused_pause_overlap")
    pause_id = pauses.add(
        connection,
        patient_id,
        kind=wanted.kind,
        reason=wanted.words.strip(),
        author=author,
        starts_at=starts_at,
        ends_at=ends_at,
        open_ended=wanted.last_day is None,
        set_at=now,
    )
    requeue(connection, [(patient_id, now)], now=now)
    return pause_id


def refusal(wanted: Wanted, today: date) -> Message | None:
    """Why such a pause cannot be planned on this day; None where it can. Pure."""
    if wanted.kind is PauseKind.OTHER and not wanted.words.strip():
        return Message(key="refused_pause_words")
    last = wanted.last_day if wanted.last_day is not None else wanted.review_on
    if last is None:
        return Message(key="refused_pause_no_end")
    if today - wanted.first_day > BACK:
        return Message(key="refused_pause_past", values={"days": BACK.days})
    if wanted.last_day is None:
        if not today < last <= today + REVIEW_WITHIN or last <= wanted.first_day:
            return Message(key="refused_pause_review", values={"days": REVIEW_WITHIN.days})
        return None
    if last < wanted.first_day:
        return Message(key="refused_pause_order")
    if last < today:
        return Message(key="refused_pause_over")
    if last - wanted.first_day >= LONGEST:
        return Message(key="refused_pause_long", values={"days": LONGEST.days})
    return None


def span_of(wanted: Wanted, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first local midnight until that after the last day, or that of the review. Pure."""
    until = wanted.review_on if wanted.last_day is None else wanted.last_day + _DAY
    assert until is not None
    return _midnight(wanted.first_day, zone), _midnight(until, zone)


def change(
    connection: Connection,
    patient_id: PatientId,
    pause_id: int,
    what: PauseEvent,
    *,
    author: str,
    reason: str,
    now: datetime,
) -> Message | None:
    """End, take back or resume one of the patient's pauses; why not, where that cannot be."""
    pauses.lock(connection, patient_id)
    record = next((p for p in pauses.listed(connection, patient_id) if p.pause_id == pause_id), None)
    if record is None:
        return Message(key="refused_pause_unknown")
    if what is PauseEvent.RESUMED and _overlaps(connection, record):
        return Message(key="refused_pause_overlap")
    if not pauses.change(connection, pause_id, what, author=author, at=now, reason=reason.strip()):
        return Message(key="refused_pause_changed")
    requeue(connection, [(patient_id, now)], now=now)
    return None


def possible(record: PauseRecord, now: datetime) -> list[PauseEvent]:
    """What can be done to the pause now. Pure."""
    if record.ends_at > max(now, record.starts_at):
        running = record.starts_at <= now
        return [PauseEvent.ENDED, PauseEvent.TAKEN_BACK] if running else [PauseEvent.TAKEN_BACK]
    return (
        [PauseEvent.RESUMED] if record.ends_at < record.planned_until and record.planned_until > now else []
    )


def _overlaps(connection: Connection, record: PauseRecord) -> bool:
    others = pauses.of_patients(
        connection, [record.patient_id], since=record.starts_at, until=record.planned_until
    )
    return any(other.pause_id != record.pause_id for other in others)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)
