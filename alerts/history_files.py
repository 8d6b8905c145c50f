"""Histories from files: observations and patients as CSV or Parquet, read with every oddity counted."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet as arrow_parquet

from alerts.checks import near
from alerts.limits import OwnLimit
from alerts.measured import Measured
from alerts.replay import History
from alerts.rulebook import Rulebook
from alerts.view import AnswerGiven, Watched
from vitals.errors import HubError
from vitals.ids import DeviceId, PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.patient import Programme
from vitals.reading import Quality

Cell = str | float | int | bool | datetime | date | list[str] | None
Row = Mapping[str, Cell]

# What other programs call our measures.
_SYNONYMS = {
    "sbp": Measure.SYSTOLIC,
    "systolic_bp": Measure.SYSTOLIC,
    "dbp": Measure.DIASTOLIC,
    "diastolic_bp": Measure.DIASTOLIC,
    "map": Measure.MEAN_ARTERIAL_PRESSURE,
    "hr": Measure.HEART_RATE,
    "pulse": Measure.HEART_RATE,
    "pulse_rate": Measure.HEART_RATE,
    "oxygen_saturation": Measure.SPO2,
    "pi": Measure.PERFUSION_INDEX,
    "rr": Measure.RESPIRATORY_RATE,
    "temp": Measure.TEMPERATURE,
    "body_weight": Measure.WEIGHT,
    "blood_glucose": Measure.GLUCOSE,
}
_COLUMN_SYNONYMS = {
    "birthdate": "birth_date",
    "dob": "birth_date",
    "timezone": "time_zone",
    "tz": "time_zone",
}
_SPLIT = re.compile(r"[;,|\s]+")
_SYMPTOM = "symptom:"


class UnusableFile(HubError):
    """A file of histories that cannot be read at all, and why."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


@dataclass(slots=True)
class Oddities:
    """What was left out or guessed while reading, each with how often."""

    counts: Counter[str] = field(default_factory=Counter[str])

    def note(self, what: str) -> None:
        """Count one more of these."""
        self.counts[what] += 1


def read(
    observations: Path, patients: Path, book: Rulebook
) -> tuple[list[History], datetime | None, Oddities]:
    """The patients' histories, the last instant in them, and what was odd. Raises UnusableFile."""
    oddities = Oddities()
    people = _rows(patients, {"patient_id"})
    by_patient: dict[str, list[Row]] = {}
    for row in _rows(observations, {"patient_id", "measured_at", "measure", "value"}):
        by_patient.setdefault(_text(row.get("patient_id")), []).append(row)
    known = {_text(row.get("patient_id")) for row in people}
    for stranger in by_patient.keys() - known:
        oddities.counts[f"observations of a patient that {patients.name} does not have"] += len(
            by_patient[stranger]
        )
    histories = [
        _history(row, by_patient.get(_text(row.get("patient_id")), []), book, oddities) for row in people
    ]
    ends = [m.known_at for history in histories for m in history.readings[-1:]]
    return histories, max(ends) if ends else None, oddities


def _rows(path: Path, needed: set[str]) -> list[Row]:
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            table = arrow_parquet.read_table(path)
        else:
            table = arrow_csv.read_csv(
                path, convert_options=arrow_csv.ConvertOptions(strings_can_be_null=True)
            )
    except (OSError, pa.ArrowException) as error:
        raise UnusableFile(path, str(error).splitlines()[0]) from error
    names = [_column(name) for name in table.column_names]
    missing = needed - set(names)
    if missing:
        raise UnusableFile(path, f"has no column {', '.join(sorted(missing))}; it has {', '.join(names)}")
    return table.rename_columns(names).to_pylist()


def _column(name: str) -> str:
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    return _COLUMN_SYNONYMS.get(plain, plain)


def _history(row: Row, said: list[Row], book: Rulebook, oddities: Oddities) -> History:
    zone = _zone(_text(row.get("time_zone")) or "UTC", oddities)
    readings, answers = _readings(said, oddities)
    first = readings[0].at if readings else datetime(2000, 1, 1, tzinfo=UTC)
    enrolled_at = _instant(row.get("enrolled_at")) or first
    programmes = _programmes(row.get("programmes"), oddities)
    began = enrolled_at.astimezone(ZoneInfo(zone)).date()
    rules = book.for_programmes(programmes)
    patient = Watched(
        patient_id=PatientId(_text(row.get("patient_id"))),
        time_zone=zone,
        birth_date=_date(row.get("birth_date")),
        enrolled_at=enrolled_at,
        programmes=dict.fromkeys(programmes, began),
        language=_text(row.get("language")) or "en",
    )
    limits = [
        OwnLimit(name=name, value=value, author="file", reason="given with the patient", set_at=enrolled_at)
        for name, value in _limits(row.get("limits"), oddities).items()
        if name in rules.limits or oddities.note(_unknown("limit", name, rules.limits))
    ]
    return History(patient=patient, readings=readings, answers=answers, limits=limits)


def _readings(said: list[Row], oddities: Oddities) -> tuple[list[Measured], list[AnswerGiven]]:
    """The rows of one instant and instrument are one reading."""
    rows: list[tuple[datetime, datetime, str, Row]] = []
    for row in said:
        at = _instant(row.get("measured_at"))
        if at is None:
            oddities.note("observation without a readable measured_at")
            continue
        known_at = max(_instant(row.get("received_at")) or at, at)
        rows.append((known_at, at, _text(row.get("device_id")), row))
    rows.sort(key=lambda r: r[:3])
    readings: list[Measured] = []
    answers: list[AnswerGiven] = []
    for (known_at, at, device), group in groupby(rows, key=lambda r: r[:3]):
        sets: list[dict[Measure, float]] = [{}]
        flags: set[Quality] = set()
        decided: Standing | None = None
        for *_, row in group:
            word = _text(row.get("measure")).strip().lower()
            value = _number(row.get("value"))
            if word.startswith(_SYMPTOM):
                answers.append(AnswerGiven(question=word.removeprefix(_SYMPTOM), yes=bool(value), at=at))
                continue
            measure = _measure(word, oddities)
            if measure is None or value is None:
                oddities.note("observation without a number") if measure is not None else None
                continue
            place = next((s for s in sets if measure not in s), None)
            if place is None:
                sets.append(place := {})
            place[measure] = value
            decided = _flags(row.get("flags"), flags, oddities) or decided
        for number, values in enumerate(sets):
            if values:
                readings.append(
                    Measured(
                        reading_id=ReadingId(f"{at.isoformat()}/{device}/{number}"),
                        at=at,
                        known_at=known_at,
                        values=values,
                        quality=frozenset(flags),
                        device_id=DeviceId(device) if device else None,
                        decided=decided,
                    )
                )
    return readings, answers


def _measure(word: str, oddities: Oddities) -> Measure | None:
    plain = word.replace(" ", "_").replace("-", "_")
    if plain in _SYNONYMS:
        return _SYNONYMS[plain]
    try:
        return Measure(plain)
    except ValueError:
        oddities.note(_unknown("measure", word, (m.value for m in Measure)))
        return None


def _flags(cell: Cell, flags: set[Quality], oddities: Oddities) -> Standing | None:
    """Add the flags to the set; a flag may also say that a person has set the reading aside."""
    decided: Standing | None = None
    for word in _words(cell):
        if word in (Standing.EXCLUDED, Standing.HELD):
            decided = Standing.EXCLUDED
        elif word in set(Quality):
            flags.add(Quality(word))
        else:
            oddities.note(_unknown("flag", word, (q.value for q in Quality)))
    return decided


def _programmes(cell: Cell, oddities: Oddities) -> tuple[str, ...]:
    found: list[str] = []
    for word in _words(cell):
        if word in set(Programme):
            found.append(word)
        else:
            oddities.note(_unknown("programme", word, (p.value for p in Programme)))
    return tuple(found)


def _limits(cell: Cell, oddities: Oddities) -> dict[str, float]:
    """Limits as a JSON object, or as `name=value` pairs."""
    text = _text(cell).strip()
    if not text or text == "{}":
        return {}
    if text.startswith("{"):
        try:
            parsed: object = json.loads(text)
        except json.JSONDecodeError:
            oddities.note("unreadable limits")
            return {}
        pairs = parsed.items() if isinstance(parsed, dict) else ()
    else:
        pairs = (part.split("=", 1) for part in re.split(r"[;,|]", text) if "=" in part)
    found: dict[str, float] = {}
    for name, value in pairs:
        number = _number(value if isinstance(value, str | int | float) else None)
        if number is None:
            oddities.note("limit without a number")
        else:
            found[str(name).strip()] = number
    return found


def _unknown(what: str, word: str, known: Iterable[str]) -> str:
    meant = near(word, known)
    return f"unknown {what} {word!r}" + (f" (did you mean {meant!r}?)" if meant else "")


def _words(cell: Cell) -> list[str]:
    if isinstance(cell, list):
        return [str(word).strip().lower() for word in cell]
    return [word.lower() for word in _SPLIT.split(_text(cell)) if word]


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _number(cell: Cell) -> float | None:
    if isinstance(cell, str):
        try:
            return float(cell)
        except ValueError:
            return None
    return float(cell) if isinstance(cell, int | float) and cell == cell else None


def _instant(cell: Cell) -> datetime | None:
    """An instant; what names no offset is UTC."""
    if isinstance(cell, str):
        try:
            cell = datetime.fromisoformat(cell.strip())
        except ValueError:
            return None
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=UTC) if cell.tzinfo is None else cell.astimezone(UTC)
    return datetime.fromtimestamp(cell, UTC) if isinstance(cell, int | float) else None


def _date(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    try:
        return date.fromisoformat(_text(cell)[:10])
    except ValueError:
        return None


def _zone(name: str, oddities: Oddities) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        oddities.note(f"unknown time zone {name!r}: UTC is taken")
        return "UTC"
    return name
