"""Tables from CSV and Parquet files: named columns of cells, and the line of each row."""

import codecs
import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet as arrow_parquet

from alerts.history.oddities import Oddities, Place
from vitals.errors import HubError

Cell = str | float | int | bool | datetime | date | list[str] | Mapping[str, float | None] | None

_A_ROW_EACH = {"measure", "value"}
_PARQUET = (".parquet", ".pq")
_SYNONYMS = {
    "patient": "patient_id",
    "subject_id": "patient_id",
    "timestamp": "measured_at",
    "time": "measured_at",
    "datetime": "measured_at",
    "birthdate": "birth_date",
    "dob": "birth_date",
    "date_of_birth": "birth_date",
    "dateofbirth": "birth_date",
    "timezone": "time_zone",
    "tz": "time_zone",
    "programs": "programmes",
    "program": "programmes",
    "programme": "programmes",
    "units": "unit",
    "quality": "flags",
    "flag": "flags",
}


_ALSO = {
    "patient_id": ("patientid", "patient_identifier", "pid", "subject", "person_id", "id"),
    "measured_at": (
        "measuredat", "measured_on", "measurement_time", "date_time", "recorded_at", "observed_at",
        "taken_at", "effective_at", "effective_datetime", "ts", "date",
    ),
    "measure": (
        "measurement_type", "measure_name", "metric", "vital", "vital_sign", "parameter", "observation_type",
        "observation", "variable", "type", "code", "name",
    ),
    "value": ("measured_value", "result", "val", "reading", "measurement"),
}  # fmt: skip
"""What else a needed column may be called, the likeliest first, where the file has no better name for it."""


class UnusableFile(HubError):
    """A file of histories that cannot be read at all, and why."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of one length by name, and the line that each row stands on."""

    file: str
    columns: dict[str, Sequence[Cell]]
    lines: Sequence[int]

    def place(self, row: int) -> Place:
        """Where the row is in its file."""
        return Place(self.file, self.lines[row])

    def cells(self, name: str) -> Sequence[Cell]:
        """The column; empty cells where there is none of this name."""
        return self.columns.get(name) or [None] * len(self.lines)


def read_table(path: Path, needed: set[str], oddities: Oddities) -> Table:
    """The file's table; a row with too many or too few cells is refused. Raises UnusableFile."""
    try:
        if path.suffix.lower() in _PARQUET:
            names, columns, lines = _parquet(path)
        else:
            names, columns, lines = _csv(path, oddities)
    except UnicodeDecodeError as error:
        raise UnusableFile(
            path, f"line {_line_that_is_not_utf_8(path)} is not UTF-8: save it as such"
        ) from error
    except (OSError, EOFError, csv.Error, pa.ArrowException) as error:
        raise UnusableFile(path, str(error).splitlines()[0]) from error
    known = _also_named(_named(path, names), needed)
    missing = needed - set(known)
    if missing:
        hint = "" if missing != _A_ROW_EACH else ": each value needs a row of its own"
        raise UnusableFile(
            path, f"has no column {', '.join(sorted(missing))}; it has {', '.join(known)}{hint}"
        )
    return Table(path.name, dict(zip(known, columns, strict=True)), lines)


def _named(path: Path, names: Sequence[str]) -> list[str]:
    """The columns' names in our words; a synonym gives way where the file has the word itself."""
    plain = [name.strip().lower().replace(" ", "_").replace("-", "_") for name in names]
    known = [word if _SYNONYMS.get(word, word) in plain else _SYNONYMS.get(word, word) for word in plain]
    twice = sorted({word for word in known if known.count(word) > 1})
    if twice:
        raise UnusableFile(path, f"has the column {', '.join(twice)} more than once")
    return known


def _also_named(known: list[str], needed: set[str]) -> list[str]:
    """The columns' names, of which those that are needed and missing are found by another name."""
    for word in needed - set(known):
        other = next((name for name in _ALSO.get(word, ()) if name in known), None)
        known = [word if name == other else name for name in known]
    return known


def _line_that_is_not_utf_8(path: Path) -> int:
    with path.open("rb") as raw:
        for number, line in enumerate(raw, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1


def _encoding(path: Path) -> str:
    """UTF-8, but where the file begins as what a spreadsheet calls "Unicode text" does."""
    with path.open("rb") as raw:
        return "utf-16" if raw.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _csv(path: Path, oddities: Oddities) -> tuple[list[str], list[Sequence[Cell]], list[int]]:
    with path.open(encoding=_encoding(path), newline="") as text:
        header = text.readline()
        delimiter = max(",;\t|", key=header.count)
        names = next(csv.reader([header], delimiter=delimiter), [])
        if not header.strip():
            raise UnusableFile(path, "is empty")
        reader = csv.reader(text, delimiter=delimiter)
        rows: list[list[str]] = []
        lines: list[int] = []
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(names):
                why = f"{len(cells)} cells where the header has {len(names)}"
                oddities.refuse(why, Place(path.name, reader.line_num + 1))
                continue
            rows.append([sys.intern(cell) if len(cell) < 20 else cell for cell in cells])
            lines.append(reader.line_num + 1)
    columns: list[Sequence[Cell]] = [list(column) for column in zip(*rows, strict=True)]
    return names, columns or [[] for _ in names], lines


def _parquet(path: Path) -> tuple[list[str], list[Sequence[Cell]], range]:
    """The file's columns, instants in microseconds and decimals as floats."""
    table = arrow_parquet.read_table(path)
    for place, field in enumerate(table.schema):
        kind = field.type
        if pa.types.is_timestamp(kind):
            plain = table.column(place).cast(pa.timestamp("us", tz=kind.tz), safe=False)
            table = table.set_column(place, field.name, plain)
        elif pa.types.is_decimal(kind):
            table = table.set_column(place, field.name, table.column(place).cast(pa.float64()))
    columns = [column.to_pylist(maps_as_pydicts="strict") for column in table.columns]
    return table.column_names, columns, range(1, table.num_rows + 1)
