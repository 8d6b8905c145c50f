"""The patients of a history: programmes, limits, time zone and dates from a row of a file."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from alerts.book import texts
from alerts.book.limits import OwnLimit, refusal, resolve
from alerts.book.rulebook import PatientRules, Rulebook
from alerts.history import cells, words
from alerts.history.oddities import Oddities, Place
from alerts.history.replay import History
from alerts.history.table import Cell
from alerts.readings.measured import Measured
from alerts.rules.view import AnswerGiven, Watched
from vitals.ids import PatientId
from vitals.patient import Programme

FOLLOWED = timedelta(days=14)
"""A patient is followed so long after their own last observation, unless the file says until when."""

AFTER_THE_LAST = timedelta(days=1)
"""Nobody is followed longer than this after the whole file's last observation: a recording that ends is no
silence, and within a day each rule has said what it makes of a reading."""

_LONGEST = timedelta(days=366)


def history(
    row: Mapping[str, Cell],
    said: tuple[list[Measured], list[AnswerGiven]],
    book: Rulebook,
    oddities: Oddities,
    place: Place,
    *,
    recorded_until: datetime | None,
) -> History | None:
    """The history of the patient in this row, and of what the observations say.

    None, and refused, where nothing says when it begins. `recorded_until` is when the last observation of
    anybody became known.
    """
    readings, answers = said
    zone = _zone(cells.text(row.get("time_zone")), oddities, place)
    first = min((one.at for one in (*readings, *answers)), default=None)
    enrolled_at = _patients_instant(row, "enrolled_at", zone, oddities, place) or first
    if enrolled_at is None:
        oddities.refuse("patient without an observation, and without enrolled_at", place)
        return None
    programmes = _programmes(row.get("programmes"), oddities, place)
    began = enrolled_at.astimezone(zone).date()
    patient = Watched(
        patient_id=PatientId(cells.text(row.get("patient_id"))),
        time_zone=zone.key,
        birth_date=_birth_date(row.get("birth_date"), oddities, place),
        enrolled_at=enrolled_at,
        programmes=dict.fromkeys(programmes, began),
        language=cells.text(row.get("language")) or "en",
    )
    known = (*(m.known_at for m in readings), *(answer.at for answer in answers))
    last = max((enrolled_at, *known))
    left = _patients_instant(row, "ended_at", zone, oddities, place)
    if left is not None and left > last + _LONGEST:
        oddities.assume("ended_at more than a year after the last observation: left out", place)
        left = None
    return History(
        patient=patient,
        readings=readings,
        answers=answers,
        limits=_limits(row.get("limits"), book.for_programmes(programmes), enrolled_at, oddities, place),
        until=left or min(last + FOLLOWED, max(last, recorded_until or last) + AFTER_THE_LAST),
    )


def _patients_instant(
    row: Mapping[str, Cell], name: str, zone: ZoneInfo, oddities: Oddities, place: Place
) -> datetime | None:
    """The instant in this column; a bare date or a time without an offset is the patient's own."""
    if not cells.text(row.get(name)):
        return None
    found = cells.instant(row.get(name))
    if found is None:
        oddities.assume(f"{name} is no instant: left out", place)
        return None
    return found[0] if found[1] else found[0].replace(tzinfo=zone).astimezone(UTC)


def _birth_date(cell: Cell, oddities: Oddities, place: Place) -> date | None:
    found = cells.day(cell)
    if found is None and cells.text(cell):
        oddities.assume("birth_date is no ISO 8601 date: left out", place)
    return found


def _programmes(cell: Cell, oddities: Oddities, place: Place) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in cells.names(cell):
        # Blanks are within names and between them.
        whole = words.programme(name)
        each = {name: whole} if whole is not None else {part: words.programme(part) for part in name.split()}
        if not any(each.values()):
            each = {name: None}
        for word, programme in each.items():
            if programme is None:
                complaint = cells.unknown("programme", word, (p.value for p in Programme))
                oddities.assume(f"{complaint}: left out", place)
            else:
                found[programme.value] = None
    if not found:
        oddities.assume("patient in no programme: only the rules for everyone are asked", place)
    return tuple(found)


def _limits(
    cell: Cell, rules: PatientRules, set_at: datetime, oddities: Oddities, place: Place
) -> list[OwnLimit]:
    """The patient's own limits, as far as the rules know them and they are safe."""
    pairs, odd = cells.pairs(cell)
    for part in odd:
        oddities.assume(f"limits are a JSON object or name=value, and {part!r} is neither: left out", place)
    found: list[OwnLimit] = []
    for name, said in pairs.items():
        value = cells.number(said)
        if name not in rules.limits:
            oddities.assume(f"{cells.unknown('limit', name, rules.limits)}: left out", place)
        elif value is None:
            oddities.assume(f"limit {name} without a number: left out", place)
        else:
            unsafe = refusal(rules, resolve(rules, (), found, set_at), name, value)
            if unsafe is not None:
                oddities.assume(f"limit {name} of {value:g}: {texts.say(unsafe)}: left out", place)
                continue
            reason = "given with the patient"
            found.append(OwnLimit(name=name, value=value, author="file", reason=reason, set_at=set_at))
    return found


def _zone(name: str, oddities: Oddities, place: Place) -> ZoneInfo:
    if not name:
        oddities.assume("patient without a time zone: UTC is taken", place)
        return ZoneInfo("UTC")
    zone = zone_of(name)
    if zone is None:
        oddities.assume(f"unknown time zone {name!r}: UTC is taken", place)
        return ZoneInfo("UTC")
    return zone


def zone_of(name: str) -> ZoneInfo | None:
    """The time zone of this name; None where there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
