"""Single cells of other people's tables: text, numbers, instants, dates, lists of words. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from alerts.book.mistakes import near
from alerts.history.table import Cell

_SPLIT = re.compile(r"[;,|\s]+")
_BETWEEN_NAMES = re.compile(r"[;,|+&]|\band\b", re.IGNORECASE)
_BETWEEN_PAIRS = re.compile(r"[;|\s]+|,(?!\d)|(?<!\d),")
_NOTHING = frozenset({"", "nan", "none", "null", "na", "n/a", "[]", "{}"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds up to the year 5138; what is larger counts in smaller steps.
_STEPS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6))
_NANO = 1e9
_YEAR_FIRST = re.compile(r"\d{4}[/.]\d{1,2}[/.]\d{1,2}")
_YEAR_LAST = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b")
_ONE_DIGIT = re.compile(r"(?<=[- T])(\d)(?=[-:T ]|$)")
_NAMED_MONTH = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[- ,]+(\d{4})(.*)")
FIRST_YEAR, LAST_YEAR = 1950, 2200
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def text(cell: Cell) -> str:
    """The cell's text, "" for nothing; a whole number is written without its decimal point."""
    if cell is None or (isinstance(cell, float) and cell != cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    said = str(cell).strip()
    return "" if said.lower() in _NOTHING else said


def number(cell: Cell) -> float | None:
    """The cell's number; a decimal comma is one. None where it is none, or not finite."""
    if isinstance(cell, str):
        try:
            value = float(cell.strip().replace(",", ".") if cell.count(",") == 1 else cell)
        except ValueError:
            return None
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        value = float(cell)
    else:
        return None
    return value if abs(value) < float("inf") else None


def instant(cell: Cell) -> tuple[datetime, bool] | None:
    """The cell's instant in UTC, and whether its offset was named; what names none is UTC.

    ISO 8601 and what is written almost so (`2022/1/19 6:22:42 -0800`, `19-Jan-2022 06:22`), or a count since
    1970 of seconds, milli-, micro- or nanoseconds. None where it is neither.
    """
    if isinstance(cell, str):
        said = cell.strip()
        try:
            cell = datetime.fromisoformat(said)
        except ValueError:
            cell = _almost_iso(said) or number(said)
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return _of(datetime.combine(cell, time()))
    if isinstance(cell, datetime):
        return _of(cell)
    count = number(cell)
    return None if count is None else _since_1970(count)


def is_two_ways(cell: Cell) -> bool:
    """Whether the cell is a date like 12/10/2020, which is another day on either side of the Atlantic."""
    return isinstance(cell, str) and _YEAR_LAST.match(cell.strip()) is not None


def only_day(cell: Cell) -> date | None:
    """The day, where the cell names one and no time of it."""
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell
    if not isinstance(cell, str) or ":" in cell or number(cell) is not None:
        return None
    try:
        return date.fromisoformat(cell.strip())
    except ValueError:
        found = _almost_iso(cell.strip())
        return None if found is None else found.date()


def _almost_iso(said: str) -> datetime | None:
    """What people and spreadsheets write nearly as ISO 8601; None for what can be read in two ways."""
    plain = " ".join(said.split())
    named = _NAMED_MONTH.fullmatch(plain)
    if named is not None:
        day, month, year, rest = named.groups()
        if month.lower() not in _MONTHS:
            return None
        plain = f"{year}-{_MONTHS.index(month.lower()) + 1:02}-{int(day):02}{rest}"
    elif _YEAR_FIRST.match(plain):
        plain = re.sub(r"[/.]", "-", plain, count=2)
    plain = re.sub(r" ?(UTC|GMT)$", "Z", _ONE_DIGIT.sub(r"0\1", plain))
    try:
        return datetime.fromisoformat(plain)
    except ValueError:
        return None


def _of(said: datetime) -> tuple[datetime, bool] | None:
    if not FIRST_YEAR <= said.year <= LAST_YEAR:
        return None
    return (said.replace(tzinfo=UTC), False) if said.tzinfo is None else (said.astimezone(UTC), True)


def _since_1970(count: float) -> tuple[datetime, bool] | None:
    step = next((step for most, step in _STEPS if abs(count) < most), _NANO)
    seconds = count / step
    if not 0 < seconds < (LAST_YEAR - 1970) * 365 * 86_400:
        return None
    return _EPOCH + timedelta(seconds=round(seconds, 3)), True


def day(cell: Cell) -> date | None:
    """The cell's date; None where it is none."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    try:
        return date.fromisoformat(text(cell)[:10])
    except ValueError:
        return None


def names(cell: Cell) -> list[str]:
    """The cell's names, each of one or more words: a list, a JSON list, or parted by `;`, `,`, `|`, `and`."""
    if isinstance(cell, list | tuple):
        return [str(name).strip() for name in cell if text(name)]
    said = text(cell)
    if said.startswith("["):
        said = said.strip("[]").replace('"', " ").replace("'", " ")
    parts = (part.strip() for part in _BETWEEN_NAMES.split(said))
    return [part for part in parts if part and part.lower() not in _NOTHING]


def words(cell: Cell) -> list[str]:
    """The cell's words in lower case: a list, a JSON list, or words parted by `;`, `,`, `|` or blanks."""
    if isinstance(cell, list | tuple):
        return [str(word).strip().lower() for word in cell if text(word)]
    said = text(cell)
    if said.startswith("["):
        said = said.strip("[]").replace('"', " ").replace("'", " ")
    return [word for word in _SPLIT.split(said.lower()) if word and word not in _NOTHING]


def pairs(cell: Cell) -> tuple[Mapping[str, Cell], list[str]]:
    """Names with values, and the parts of the cell that are neither.

    A JSON object, a struct or a map of Parquet, or `name=value` parted by `;`, `,`, `|` or blanks, where a
    comma between digits is a decimal one: `weight_gain_fast=1,5`.
    """
    if isinstance(cell, Mapping):
        return {str(name).strip(): value for name, value in cell.items() if value is not None}, []
    said = text(cell)
    if said.startswith("{"):
        try:
            parsed: object = json.loads(said)
        except json.JSONDecodeError:
            return {}, [said]
        return pairs(parsed) if isinstance(parsed, dict) else ({}, [said])
    parts = [part for part in _BETWEEN_PAIRS.split(re.sub(r"\s*=\s*", "=", said)) if part]
    named = (part.partition("=") for part in parts if "=" in part)
    return {name: value for name, _, value in named}, [part for part in parts if "=" not in part]


def unknown(what: str, word: str, known: Iterable[str]) -> str:
    """The complaint about a word that is none of ours, with the one that was probably meant."""
    meant = near(word, known)
    return f"unknown {what} {word!r}" + (f" (did you mean {meant!r}?)" if meant else "")
