"""Histories from files of observations and patients. Nothing is lost without being counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.book.rulebook import Rulebook
from alerts.history import cells, words
from alerts.history.oddities import Oddities, Place
from alerts.history.people import history, zone_of
from alerts.history.replay import History
from alerts.history.table import Cell, Table, read_table
from alerts.readings.measured import Measured
from alerts.rules.view import AnswerGiven
from vitals.ids import DeviceId, ReadingId
from vitals.instants import NEVER_SET_BEFORE, corrected
from vitals.measure import SPECS, Measure
from vitals.observation import Standing
from vitals.reading import ClockState, Quality

_SYMPTOM = "symptom:"
_APART = timedelta(minutes=1)
_MORNING = time(8)
_UTC = ZoneInfo("UTC")
_METER_SAYS = {"hi": 600.0, "high": 600.0, "lo": 20.0, "low": 20.0}
"""What a glucose meter shows beyond its range, mg/dL (ISO 15197 meters: 20 to 600)."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One observation as it was read; `answer` is a symptom's name where it is one."""

    known_at: datetime
    at: datetime
    device: str
    values: tuple[tuple[Measure, float], ...]
    flags: frozenset[Quality]
    decided: Standing | None
    place: Place
    answer: tuple[str, bool] | None = None


@dataclass(slots=True)
class _Said:
    """What the observations say of one patient."""

    rows: list[_Row] = field(default_factory=list[_Row])
    places: list[Place] = field(default_factory=list[Place])


def read(
    observations: Path, patients: Path, book: Rulebook
) -> tuple[list[History], datetime | None, Oddities]:
    """The patients' histories, when the last of them ends, and what was odd. Raises UnusableFile."""
    oddities = Oddities()
    people = read_table(patients, {"patient_id"}, oddities)
    said = _observations(
        read_table(observations, {"patient_id", "measured_at", "measure", "value"}, oddities),
        _zones(people),
        oddities,
    )
    recorded_until = max((row.known_at for one in said.values() for row in one.rows), default=None)
    histories: list[History] = []
    seen: set[str] = set()
    for row in range(len(people.lines)):
        one = {name: people.columns[name][row] for name in people.columns}
        patient_id, place = cells.text(one.get("patient_id")), people.place(row)
        if not patient_id:
            oddities.refuse("patient without a patient_id", place)
        elif patient_id in seen:
            oddities.refuse("patient that an earlier line has", place)
        else:
            seen.add(patient_id)
            rows = said.pop(patient_id, _Said()).rows
            readings = _readings(rows, oddities)
            found = history(one, readings, book, oddities, place, recorded_until=recorded_until)
            histories += [] if found is None else [found]
    for stranger in said.values():
        for place in stranger.places:
            oddities.refuse(f"observation of a patient that {patients.name} does not have", place)
    ends = [one.until for one in histories if one.until is not None]
    return histories, max(ends, default=None), oddities


def _zones(people: Table) -> dict[str, ZoneInfo]:
    """Each patient's time zone, as far as it is one; of the others the patients' own reader complains."""
    both = zip(people.cells("patient_id"), people.cells("time_zone"), strict=True)
    return {
        cells.text(patient): zone for patient, name in both if (zone := zone_of(cells.text(name))) is not None
    }


def _observations(table: Table, zones: Mapping[str, ZoneInfo], oddities: Oddities) -> dict[str, _Said]:
    columns = [
        table.cells(name)
        for name in (
            "patient_id",
            "measured_at",
            "received_at",
            "device_id",
            "measure",
            "unit",
            "value",
            "flags",
        )
    ]
    said: dict[str, _Said] = {}
    for number, row in enumerate(zip(*columns, strict=True)):
        place = table.place(number)
        patient_id = cells.text(row[0])
        if not patient_id:
            oddities.refuse("observation without a patient_id", place)
            continue
        theirs = said.setdefault(patient_id, _Said())
        theirs.places.append(place)
        found = _row(row[1:], zones.get(patient_id, _UTC), place, oddities)
        if isinstance(found, str):
            oddities.refuse(found, place)
        else:
            theirs.rows.append(found)
    return said


def _row(row: Sequence[Cell], zone: ZoneInfo, place: Place, oddities: Oddities) -> _Row | str:
    """The observation, or why it is refused."""
    when, received, device, word, unit, value, flagged = row
    instant = _measured_at(when, zone, place, oddities)
    if isinstance(instant, str):
        return instant
    known = cells.instant(received)
    at, clock = instant, frozenset[Quality]()
    if known is not None:
        at, clock = _by_the_hubs_clock(at, known[0], place, oddities)
    said = cells.text(word).lower()
    answer = _answer(said.removeprefix(_SYMPTOM), value) if said.startswith(_SYMPTOM) else None
    if isinstance(answer, str):
        return answer
    values = () if answer else _values(said, cells.text(unit), value, place, oddities)
    if isinstance(values, str):
        return values
    flags, decided = _flags(flagged, place, oddities)
    known_at = at if known is None else max(known[0], at)
    return _Row(known_at, at, cells.text(device), values, flags | clock, decided, place, answer)


def _measured_at(cell: Cell, zone: ZoneInfo, place: Place, oddities: Oddities) -> datetime | str:
    """The instant of measurement, or why there is none. A bare date is a morning of the patient's own."""
    instant = cells.instant(cell)
    if instant is None:
        if cells.is_two_ways(cell):
            return "measured_at is a date that can be read in two ways: write it as 2025-12-31"
        return "measured_at is neither ISO 8601 nor a count of seconds since 1970"
    day = None if instant[1] else cells.only_day(cell)
    if day is not None:
        oddities.assume("measured_at without a time: taken as 8 in the morning of the patient's day", place)
        return datetime.combine(day, _MORNING, tzinfo=zone).astimezone(UTC)
    if not instant[1]:
        oddities.assume("measured_at without an offset: taken as UTC", place)
    return instant[0]


def _by_the_hubs_clock(
    at: datetime, received_at: datetime, place: Place, oddities: Oddities
) -> tuple[datetime, frozenset[Quality]]:
    """When it was measured as a live hub has it, with the flags that say so where that is the receipt."""
    if received_at < NEVER_SET_BEFORE:
        return at, frozenset()  # a history from before there were such devices is no clock that was not set
    instants = corrected(at, received_at, ClockState.FINE, sent_at=None, arrived_at=received_at)
    if instants.measured_at != at:
        oddities.assume("measured_at that no set clock shows: taken as received_at", place)
    return instants.measured_at, instants.flags - {Quality.LATE}


def _answer(word: str, value: Cell) -> tuple[str, bool] | str:
    """The question and its answer; or why it is none."""
    question = words.plain(word)
    if question not in words.questions():
        return cells.unknown("question", word, words.questions())
    yes = words.yes_or_no(cells.text(value))
    return (
        f"answer to {_SYMPTOM}{question} is neither 1 nor 0, yes nor no" if yes is None else (question, yes)
    )


def _values(
    word: str, unit: str, cell: Cell, place: Place, oddities: Oddities
) -> tuple[tuple[Measure, float], ...] | str:
    """The values of one row, each in its measure's own unit; or why there are none."""
    if words.plain(word) in words.PRESSURE:
        both = [cells.number(part) for part in cells.text(cell).split("/")]
        if len(both) != 2 or both[0] is None or both[1] is None:
            return f"{word} whose value is not two numbers like 120/80"
        return (Measure.SYSTOLIC, both[0]), (Measure.DIASTOLIC, both[1])
    known = words.measure(word, unit)
    if isinstance(known, str):
        return known
    measure, convert = known
    if measure is Measure.GLUCOSE and cells.text(cell).lower() in _METER_SAYS:
        value = _METER_SAYS[cells.text(cell).lower()]
        oddities.assume(f"glucose beyond the meter's range: taken as {value:g} mg/dL", place)
        return ((measure, value),)
    value = cells.number(cell)
    if value is None:
        return "value is not a number"
    if value == 0 and SPECS[measure].plausible_low > 0:
        return "value is 0: the measurement is missing"
    return ((measure, convert(value)),)


def _flags(cell: Cell, place: Place, oddities: Oddities) -> tuple[frozenset[Quality], Standing | None]:
    """The flags; one of them may say that a person has set the reading aside, or vouched for it."""
    flags: set[Quality] = set()
    decided: Standing | None = None
    for word in cells.words(cell):
        if word in (Standing.EXCLUDED, Standing.HELD):
            decided = Standing.EXCLUDED
        elif word == Standing.ACCEPTED:
            decided = decided or Standing.ACCEPTED
        elif word not in words.FINE:
            flag = words.flag(word)
            if flag is None:
                oddities.assume(f"{cells.unknown('flag', word, words.known_flags())}: left out", place)
            else:
                flags.add(flag)
    return frozenset(flags), decided


def _readings(rows: list[_Row], oddities: Oddities) -> tuple[list[Measured], list[AnswerGiven]]:
    """The rows of one instant and instrument are one reading, or several where a measure is there again."""
    rows.sort(key=lambda r: (r.known_at, r.at, r.device))
    readings: list[Measured] = []
    answers = [AnswerGiven(question=r.answer[0], yes=r.answer[1], at=r.at) for r in rows if r.answer]
    for (known_at, at, device), group in groupby(rows, key=lambda r: (r.known_at, r.at, r.device)):
        for number, (values, of) in enumerate(_apart([row for row in group if row.values], oddities)):
            later = number * _APART
            readings.append(
                Measured(
                    reading_id=ReadingId(f"{at.isoformat()}/{device}/{number}"),
                    at=at + later,
                    known_at=known_at + later,
                    values=values,
                    quality=frozenset().union(*(row.flags for row in of)),
                    device_id=DeviceId(device) if device else None,
                    decided=_decided(of),
                )
            )
    readings.sort(key=lambda m: (m.known_at, m.at))
    return readings, answers


def _decided(rows: list[_Row]) -> Standing | None:
    """What was decided of a reading: set aside where any of its rows was."""
    said = {row.decided for row in rows} - {None}
    return Standing.EXCLUDED if Standing.EXCLUDED in said else next(iter(said), None)


def _apart(rows: list[_Row], oddities: Oddities) -> list[tuple[dict[Measure, float], list[_Row]]]:
    """The readings that rows of one instant are; the same reading again is a row written twice."""
    found: list[tuple[dict[Measure, float], list[_Row]]] = []
    for row in rows:
        for measure, value in row.values:
            place = next((one for one in found if measure not in one[0]), None)
            if place is None:
                found.append(place := ({}, []))
            place[0][measure] = value
            place[1].append(row)
    kept: list[tuple[dict[Measure, float], list[_Row]]] = []
    for values, of in found:
        if any(values.items() <= before.items() for before, _ in kept):
            for row in of:
                oddities.refuse("row that an earlier line has", row.place)
        else:
            kept.append((values, of))
            if len(kept) > 1:
                oddities.assume("another reading at the same instant: taken as a minute later", of[0].place)
    return kept
