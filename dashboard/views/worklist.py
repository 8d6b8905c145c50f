"""The worklist as its component draws it."""

from collections.abc import Mapping
from datetime import date, datetime

from dashboard.components import Json
from dashboard.views.history import reason_words
from dashboard.views.targets import Band, band, limits_in_force
from dashboard.views.wording import called, colleague, full_name, person, sex_and_age_in_a_row
from dashboard.words import say
from store.pressing import Pressing
from store.sparklines import Day
from store.staff import Staff
from store.worklist import PAGE, Asked, Place, Show, Worklist, WorklistRow
from vitals.alert import Priority
from vitals.ids import AlertId

_SPARK_DIGITS = 1


def row_props(row: WorklistRow, me: Staff | None, today: date, target: Band | None) -> dict[str, Json]:
    """One row: words ready to read, instants for the page to count from. `me` None: as everybody sees it."""
    owner = None
    if row.owner is not None:
        name = row.owner_name or say("Unknown")
        owner = person(row.owner, name, me) if me else colleague(row.owner, name)
    return {
        "id": row.alert_id,
        "rev": row.rev,
        "patient": row.patient_id,
        "name": full_name(row.given_name, row.family_name),
        "about": sex_and_age_in_a_row(row.sex, row.birth_date, today),
        "priority": row.priority,
        "technical": row.kind.value == "technical",
        "reason": reason_words(row.reason, row.message),
        "raised": row.raised_at.isoformat(timespec="seconds"),
        "due": row.due_at.isoformat(timespec="seconds"),
        "seen": row.acknowledged_at is not None,
        "owner": owner,
        "cleared": row.cleared_at is not None and not row.withdrawn,
        "withdrawn": row.withdrawn,
        "snoozed_until": row.snoozed_until.isoformat() if row.snoozed_until else None,
        "more": row.more,
        "others": list(row.others),
        "others_unseen": row.others_unseen,
        "waits_for": colleague(row.waits_for, row.waits_for_name or "") if row.waits_for else None,
        "reminders": [[one.staff_id, one.remind_at.isoformat()] for one in row.reminders],
        "escalated": _escalated(row),
        "spark": [_spark(day, target) for day in row.spark],
        "band": list(target) if target and row.spark else None,
    }


def _escalated(row: WorklistRow) -> str | None:
    if row.escalated_to is None or row.waits_for is not None:
        return None
    return say("Escalated to {name}", name=called(row.escalated_to))


def _pressing(one: Pressing) -> dict[str, Json]:
    """What a screen speaks of; `to` is whom it waits for, `lost` who had it until a colleague took it."""
    return {
        "id": one.alert_id,
        "name": full_name(one.given_name, one.family_name),
        "reason": reason_words(one.reason, one.message),
        "due": one.due_at.isoformat(timespec="seconds"),
        "to": one.waits_for,
        "lost": one.taken_from,
        "by": one.taken_by,
        "at": one.at.isoformat() if one.at else None,
    }


def _spark(day: Day | None, target: Band | None) -> float | None:
    """One day's point: the value farthest out of the target, or the last where none was out.

    The last alone would hide the reading that the alert is about, once a better one has come.
    """
    if day is None:
        return None
    low, high = target or (None, None)
    below = 0.0 if low is None or day.low > low else low - day.low
    above = 0.0 if high is None or day.high < high else day.high - high
    if low is not None and day.low <= low and below >= above:
        return round(day.low, _SPARK_DIGITS)
    if high is not None and day.high >= high:
        return round(day.high, _SPARK_DIGITS)
    return round(day.last, _SPARK_DIGITS)


def worklist_props(
    found: Worklist, asked: Asked, *, me: Staff | None, now: datetime, short: bool = False
) -> dict[str, Json]:
    """The whole list: one page of rows, the sections' counts, and where the next page begins.

    It may hold one row more than a page: then there is a next page. With `me` None it is the same for whoever
    of the ward asked this, and does not say whose rows are theirs. A `short` list is for our own page, to
    which what is absent is no: a third less to send.
    """
    rows, counts = found.rows, found.counts
    drawn = [row_props(row, me, now.date(), _band(row)) for row in rows[:PAGE]]
    if short:
        drawn = [{name: value for name, value in row.items() if value} for row in drawn]
    total = counts[asked.priority] if asked.priority else sum(counts.values())
    return {
        "now": now.isoformat(),
        "ward": asked.ward_id,
        "query": query_props(asked),
        "counts": {priority.value: counts[priority] for priority in Priority},
        "total": total,
        "snoozed": found.snoozed,
        "page_size": PAGE,
        "rows": drawn,
        "pressing": [_pressing(one) for one in found.pressing],
        "newest": found.newest,
        "next": _cursor(rows[PAGE - 1].place) if len(rows) > PAGE else None,
    }


def _band(row: WorklistRow) -> Band | None:
    if row.measure is None:
        return None
    return band(limits_in_force(row.programmes, row.own_limits), row.measure)


def query_props(asked: Asked) -> dict[str, Json]:
    """What was asked, as the page sends it back."""
    return {
        "show": asked.show,
        "priority": asked.priority,
        "search": asked.search,
        "after": _cursor(asked.after) if asked.after else None,
    }


def asked_from(query: Mapping[str, object] | None, me: Staff) -> Asked:
    """What a page asks for. Anything odd in it is left out rather than refused: it only filters."""
    query = query or {}
    show, priority, search = query.get("show"), query.get("priority"), query.get("search")
    after = query.get("after")
    return Asked(
        ward_id=me.ward_id,
        staff_id=me.staff_id,
        show=Show(show) if show in list(Show) else Show.ALL,
        priority=Priority(priority) if priority in list(Priority) else None,
        search=search[:80] if isinstance(search, str) else "",
        after=_place(after) if isinstance(after, str) else None,
        limit=PAGE + 1,
    )


def _cursor(place: Place) -> str:
    return f"{place.rank}|{place.raised_at.isoformat()}|{place.alert_id}"


def _place(cursor: str) -> Place | None:
    try:
        rank, raised_at, alert_id = cursor.split("|")
        return Place(
            rank=int(rank), raised_at=datetime.fromisoformat(raised_at), alert_id=AlertId(int(alert_id))
        )
    except ValueError:
        return None
