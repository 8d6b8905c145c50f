"""What a backtest found, as files: calls on a nurse, and lines of the weekly list, as CSV or Parquet."""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet as arrow_parquet

from alerts.book import texts
from alerts.history.track import Call
from alerts.review.weekly import Line
from vitals.errors import HubError
from vitals.ids import PatientId

_KINDS = {
    "text": pa.string(),
    "yes_or_no": pa.bool_(),
    "count": pa.int64(),
    "instant": pa.timestamp("us", tz="UTC"),
}


class UnusableResultFile(HubError):
    """A file that results were to be written to and that cannot take them, and why."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be written: {why}")
        self.path = path


def check_writable(results: Iterable[Path], read: Iterable[Path]) -> None:
    """Whether each of the files can be written, and is none of the others. Raises UnusableResultFile.

    `read` are the files that the results come from. Nothing is written here, and nothing made.
    """
    others = {path.resolve(): "it is read" for path in read}
    for path in results:
        folder, whole = path.absolute().parent, path.resolve()
        if whole in others:
            raise UnusableResultFile(path, f"{others[whole]}, too")
        others[whole] = "another result goes there"
        if not folder.is_dir():
            raise UnusableResultFile(path, f"there is no directory {folder}")
        if path.is_dir():
            raise UnusableResultFile(path, "it is a directory")
        if not os.access(path if path.exists() else folder, os.W_OK):
            raise UnusableResultFile(path, "permission denied")


def write_calls(calls: Sequence[tuple[PatientId, Call]], out: Path) -> None:
    """Write one row for each call on a nurse: an alert raised, or one whose priority rose."""
    breaches = [call.breach for _, call in calls]
    instants = [call.at.astimezone(UTC) for _, call in calls]
    parquet = _is_parquet(out)
    columns = {
        "patient_id": [str(patient_id) for patient_id, _ in calls],
        "rule": [breach.rule for breach in breaches],
        "raised_at": instants if parquet else [at.isoformat() for at in instants],
        "priority": [breach.priority.value for breach in breaches],
        "text": [call.alert.reason for _, call in calls],
        "problem": [breach.problem for breach in breaches],
        "event": ["raised" if call.is_new else "priority_raised" for _, call in calls],
        "late": [breach.late for breach in breaches],
        "confirmed": [breach.confirmed for breach in breaches],
    }
    kinds = {"late": "yes_or_no", "confirmed": "yes_or_no"}
    _write(columns, kinds | ({"raised_at": "instant"} if parquet else {}), out)


def write_lines(lines: Sequence[Line], out: Path) -> None:
    """Write one row for each line of the weekly list; `week` is the Monday on which the week began."""
    columns = {
        "patient_id": [str(line.patient_id) for line in lines],
        "week": [line.week.isoformat() for line in lines],
        "rule": [line.rule for line in lines],
        "problem": [line.problem for line in lines],
        "days": [line.days for line in lines],
        "text": [texts.say(line.message) for line in lines],
    }
    _write(columns, {"days": "count"}, out)


def _is_parquet(out: Path) -> bool:
    return out.suffix.lower() in (".parquet", ".pq")


def _write(columns: Mapping[str, Sequence[object]], kinds: Mapping[str, str], out: Path) -> None:
    """The columns in a file; what `kinds` does not name is text."""
    schema = pa.schema([(name, _KINDS[kinds.get(name, "text")]) for name in columns])
    table = pa.table(dict(columns), schema=schema)
    if _is_parquet(out):
        arrow_parquet.write_table(table, out)
    else:
        arrow_csv.write_csv(table, out)
