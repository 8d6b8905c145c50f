"""The ward's patients as the table draws them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from alerts import texts
from dashboard.components import Json
from dashboard.views.wording import full_name, sex_and_age
from dashboard.words import LANGUAGE, say
from store.roster import PAGE, RosterPlace, RosterRow

_WORST = {3: "high", 2: "medium", 1: "low", None: None}


def population_props(
    rows: Sequence[RosterRow], count: int, search: str, after: RosterPlace | None, now: datetime
) -> dict[str, Json]:
    """One page; `rows` may hold one more than a page, then there is a next one."""
    return {
        "now": now.isoformat(),
        "search": search,
        "first_page": after is None,
        "total": say("more than 1,000") if count > 1000 else str(count),
        "rows": [_row(row, now) for row in rows[:PAGE]],
        "next": _cursor(rows[PAGE - 1].place) if len(rows) > PAGE else None,
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
    }


def _cursor(place: RosterPlace) -> list[Json]:
    return [place.family, place.given, place.patient_id]


def place_from(query: Mapping[str, object]) -> RosterPlace | None:
    """Where the page asked for begins; None for the first."""
    after = query.get("after")
    if isinstance(after, list) and len(after) == 3 and all(isinstance(part, str) for part in after):
        family, given, patient_id = (str(part) for part in after)
        return RosterPlace(family=family, given=given, patient_id=patient_id)
    return None
