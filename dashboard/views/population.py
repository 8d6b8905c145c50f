"""The ward's patients as the table draws them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.book import texts
from dashboard.components import Json
from dashboard.views.pauses import until_words
from dashboard.views.wording import full_name, sex_and_age
from dashboard.words import LANGUAGE, say
from store.roster import PAGE, Order, Place, RosterAsked, RosterRow

_WORST = {3: "high", 2: "medium", 1: "low", None: None}


def population_props(
    rows: Sequence[RosterRow], count: int, asked: RosterAsked, now: datetime
) -> dict[str, Json]:
    """One page; `rows` may hold one more than a page, then there is a next one."""
    return {
        "now": now.isoformat(),
        "search": asked.search,
        "order": asked.order,
        "descending": asked.descending,
        "total": say("more than 1,000") if count > 1000 else str(count),
        "rows": [_row(row, now) for row in rows[:PAGE]],
        "next": rows[PAGE - 1].place if len(rows) > PAGE else None,
    }


def _row(row: RosterRow, now: datetime) -> dict[str, Json]:
    return {
        "href": f"/app/patients/{row.patient_id}",
        "name": full_name(row.given_name, row.family_name),
        "about": sex_and_age(row.sex, row.birth_date, now.date()),
        "record_number": row.record_number,
        "programmes": [texts.text(f"programme_{name}", {}, LANGUAGE.get()) for name in row.programmes],
        "last_reading": row.last_reading_at.isoformat() if row.last_reading_at else None,
        "worst": _WORST[row.worst],
        "open_alerts": row.open_alerts,
        **_pause(row),
    }


def _pause(row: RosterRow) -> dict[str, Json]:
    """The mark of a patient whose readings are paused, and whether they measured all the same."""
    if row.pause_ends_at is None or row.pause_starts_at is None:
        return {"pause": None, "measured_in_pause": False}
    open_ended = bool(row.pause_open_ended)
    last = row.last_reading_at
    return {
        "pause": until_words(row.pause_ends_at, ZoneInfo(row.time_zone), open_ended=open_ended),
        "measured_in_pause": last is not None and last >= row.pause_starts_at,
    }


def asked_from(query: Mapping[str, object], ward_id: str) -> RosterAsked:
    """What a page asks for. Anything odd in it is left out rather than refused: it only filters."""
    search, order = query.get("search"), query.get("order")
    chosen = Order(order) if order in list(Order) else Order.NAME
    return RosterAsked(
        ward_id=ward_id,
        search=search[:80] if isinstance(search, str) else "",
        order=chosen,
        descending=query.get("descending") is True,
        after=_place(query.get("after"), chosen),
        limit=PAGE + 1,
    )


def _place(after: object, order: Order) -> Place | None:
    if not isinstance(after, list) or not all(isinstance(part, str) for part in after):
        return None
    place = tuple(str(part) for part in after)
    try:
        if order is Order.ENROLLED:
            datetime.fromisoformat(place[0])
    except (ValueError, IndexError):
        return None
    return place
