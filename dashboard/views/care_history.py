"""What was decided on a patient's readings and limits, in words, and what of it can be taken back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.asking import BY_PATIENT
from alerts.typed_in import SAYS_WRONG
from dashboard.components import Json
from dashboard.numbers import short_number
from dashboard.taken_back import BACK_WITHIN, may_take_back, newest_of
from dashboard.views.targets import value_words
from dashboard.views.wording import limit_name, measure_words, written_time
from dashboard.words import say
from store.corrections import Decision
from store.limits import LimitRow
from store.staff import Staff
from vitals.ids import StaffId

_DECIDED = {
    "held": "held a reading",
    "released": "said that a reading is right",
    "excluded": "excluded a reading",
    "corrected": "corrected a reading",
    "reassigned": "gave a reading to another patient",
    "undone": "took back a decision on a reading",
}


def decision_items(
    decided: Sequence[Decision], names: Mapping[StaffId, str], zone: ZoneInfo
) -> list[dict[str, Json]]:
    """Each decision on a reading; the last on each can be taken back. `decided` is oldest first."""
    gone = {one.undoes for one in decided}
    last: dict[str, int] = {}
    for one in decided:
        if one.undoes is None and one.correction_id not in gone:
            last[one.reading_id] = one.correction_id
    return [
        {
            "key": f"c{one.correction_id}",
            "at": one.at.isoformat(),
            "who": say("The patient")
            if one.author == BY_PATIENT
            else names.get(StaffId(one.author), one.author),
            "did": _did(one),
            "words": _corrected(one) + (say(one.reason) if one.author == BY_PATIENT else one.reason),
            "icon": "undo" if one.undoes else "note",
            "of": written_time(one.measured_at, zone) if one.measured_at else None,
            "gone": one.correction_id in gone,
            "undo": _undo_decision(one) if last.get(one.reading_id) == one.correction_id else None,
        }
        for one in decided
    ]


def _did(one: Decision) -> str:
    if one.author == BY_PATIENT and one.reason == SAYS_WRONG:
        return say("took back a reading that they had typed in")
    return say(_DECIDED[one.kind])


def _undo_decision(one: Decision) -> Json:
    path = f"/api/patients/{one.patient_id}/readings/{one.reading_id}/undo"
    body: Json = {"decision": one.correction_id}
    return {"path": path, "body": body, "why": True, "readings": True} if one.stood is not None else None


def _corrected(one: Decision) -> str:
    if one.measure is None or one.was is None or one.value is None:
        return ""
    return f"{measure_words(one.measure)} {short_number(one.was)} → {short_number(one.value)}. "


def limit_items(
    rows: Sequence[LimitRow], names: Mapping[StaffId, str], zone: ZoneInfo, me: Staff, now: datetime
) -> list[dict[str, Json]]:
    """Each limit that was set for the patient lately, and that it was taken back."""
    items: list[dict[str, Json]] = []
    standing = [row for row in rows if row.revoked_at is None]
    for row in rows:
        if row.set_at > now - BACK_WITHIN or row.revoked_at is not None:
            can = row in standing and newest_of(standing, row.name, now) == row and may_take_back(row, me)
            items.append(_limit(row, names, zone, can=can))
        if row.revoked_at is not None and row.revoked_by is not None:
            items.append(_taken_back(row, names))
    return items


def own_limit_items(
    rows: Sequence[LimitRow], names: Mapping[StaffId, str], zone: ZoneInfo, now: datetime
) -> list[dict[str, Json]]:
    """The limits in force that were set for this patient alone: the value, by whom, why, until when."""
    standing = [row for row in rows if row.revoked_at is None]
    newest = (newest_of(standing, name, now) for name in sorted({row.name for row in standing}))
    return [
        {
            "name": limit_name(row.name),
            "value": value_words(row.name, row.value),
            "who": names.get(StaffId(row.author), row.author),
            "until": say("until {when}", when=written_time(row.expires_at, zone))
            if row.expires_at
            else say("until it is changed"),
            "why": row.reason,
        }
        for row in newest
        if row is not None
    ]


def _limit(row: LimitRow, names: Mapping[StaffId, str], zone: ZoneInfo, *, can: bool) -> dict[str, Json]:
    path = f"/api/patients/{row.patient_id}/limits/{row.limit_id}/undo"
    return {
        "key": f"l{row.limit_id}",
        "at": row.set_at.isoformat(),
        "who": names.get(StaffId(row.author), row.author),
        "did": say(
            "set {limit}: {value}", limit=limit_name(row.name), value=value_words(row.name, row.value)
        ),
        "words": row.reason,
        "icon": "limits",
        "of": say("until {when}", when=written_time(row.expires_at, zone)) if row.expires_at else None,
        "gone": row.revoked_at is not None,
        "undo": {"path": path, "body": {}, "why": True, "readings": True} if can else None,
    }


def _taken_back(row: LimitRow, names: Mapping[StaffId, str]) -> dict[str, Json]:
    by = row.revoked_by or ""
    return {
        "key": f"r{row.limit_id}",
        "at": row.revoked_at.isoformat() if row.revoked_at else "",
        "who": names.get(StaffId(by), by),
        "did": say("took back {limit}: {value}", limit=limit_name(row.name), value=short_number(row.value)),
        "words": row.revoked_why or "",
        "icon": "undo",
        "of": None,
        "gone": False,
        "undo": None,
    }
