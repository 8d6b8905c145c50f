"""Backtests: any history through the very rules that work live, with a calibrating ward around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet as arrow_parquet

from alerts import budget, history_files, rulebook
from alerts.budget import Move, Scored
from alerts.history_files import Oddities
from alerts.limits import Calibration
from alerts.replay import Call, History, Replay
from alerts.rulebook import Rulebook
from vitals.ids import PatientId

ANSWERED_AFTER = timedelta(days=1)
"""A backtest's nurse closes each alert a day after it was raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a backtest found: calls on a nurse by patient, moves of thresholds, oddities of the files."""

    calls: Sequence[tuple[PatientId, Call]]
    moves: Sequence[Move]
    patients: int
    patient_months: float
    oddities: Oddities


def run(
    observations: Path,
    patients: Path,
    out: Path,
    *,
    calibrate: bool = True,
    answered_after: timedelta = ANSWERED_AFTER,
    programmes: Path | None = None,
) -> Result:
    """Replay the files' histories and write what would have been raised, as CSV or Parquet by `out`'s name.

    Raises UnusableFile and BrokenRulebook.
    """
    book = rulebook.shipped() if programmes is None else rulebook.load(programmes)
    histories, end, oddities = history_files.read(observations, patients, book)
    result = replay(
        histories, book, end=end, calibrate=calibrate, answered_after=answered_after, oddities=oddities
    )
    write(result, out)
    return result


def replay(
    histories: Sequence[History],
    book: Rulebook,
    *,
    end: datetime | None,
    calibrate: bool = True,
    answered_after: timedelta | None = ANSWERED_AFTER,
    oddities: Oddities | None = None,
) -> Result:
    """Replay histories up to `end` as one ward, whose thresholds are calibrated on the way."""
    replays = [
        Replay(
            history,
            book.for_programmes(history.patient.programmes),
            answer_after=answered_after,
            since=history.patient.enrolled_at,
        )
        for history in histories
    ]
    moves: list[Move] = []
    if end is not None and replays:
        begin = min(replay.patient.enrolled_at for replay in replays)
        scores = _scores(replays, book) if calibrate else {}
        for until in _slices(begin, end, calibrate=calibrate):
            calibrations = [_calibration(move) for move in moves]
            for one in replays:
                one.advance(until, calibrations)
            if until <= end:
                moves += _calibrate(scores, book, moves, until)
    calls = [(one.patient.patient_id, call) for one in replays for call in one.calls]
    return Result(
        calls=sorted(calls, key=lambda c: (c[1].at, c[0])),
        moves=moves,
        patients=len(replays),
        patient_months=_patient_months(replays, end),
        oddities=oddities or Oddities(),
    )


def _slices(begin: datetime, end: datetime, *, calibrate: bool) -> list[datetime]:
    """The instants up to which to go on, one after the other; after each but the last is a calibration."""
    until = begin + budget.EVERY
    slices: list[datetime] = []
    while calibrate and until < end:
        slices.append(until)
        until += budget.EVERY
    return [*slices, end + timedelta(microseconds=1)]


Scores = dict[str, list[list[Scored]]]
"""For each budgeted rule, its scores over time for each patient who has the rule."""


def _scores(replays: Sequence[Replay], book: Rulebook) -> Scores:
    rules = {rule.id: rule for rule, _ in budget.budgeted(book)}
    scores: Scores = {}
    for rule_id, rule in rules.items():
        scores[rule_id] = [
            scored for one in replays if one.has_rule(rule_id) and (scored := one.scores(rule))
        ]
    return scores


def _calibrate(scores: Scores, book: Rulebook, moves: Sequence[Move], now: datetime) -> list[Move]:
    found: list[Move] = []
    values = budget.current_values(book, moves)
    since = now - budget.EVERY
    for rule, spec in budget.budgeted(book):
        recent = [[s for s in one if since <= s.at < now] for one in scores.get(rule.id, [])]
        spans = [max(one[-1].at - one[0].at, timedelta(0)) for one in recent if one]
        months = sum(spans, timedelta(0)) / budget.MONTH
        moved = budget.move(rule, spec, recent, values[rule.threshold], months, now)
        if moved is not None:
            found.append(moved)
    return found


def _calibration(move: Move) -> Calibration:
    reason = f"{move.found:.2f} alerts per patient-month at {move.was:g}; budget {move.budget:g}"
    return Calibration(limit_name=move.limit_name, value=move.value, at=move.at, reason=reason)


def _patient_months(replays: Sequence[Replay], end: datetime | None) -> float:
    if end is None:
        return 0.0
    return sum((max(end - r.patient.enrolled_at, timedelta(0)) for r in replays), timedelta(0)) / budget.MONTH


def write(result: Result, out: Path) -> None:
    """Write one row for each call on a nurse: an alert raised, or one whose priority rose."""
    breaches = [call.breach for _, call in result.calls]
    instants = [call.at.astimezone(UTC) for _, call in result.calls]
    is_parquet = out.suffix.lower() in (".parquet", ".pq")
    columns = {
        "patient_id": [str(patient_id) for patient_id, _ in result.calls],
        "rule": [breach.rule for breach in breaches],
        "raised_at": instants if is_parquet else [at.isoformat() for at in instants],
        "priority": [breach.priority.value for breach in breaches],
        "text": [call.alert.reason for _, call in result.calls],
        "problem": [breach.problem for breach in breaches],
        "event": ["raised" if call.is_new else "priority_raised" for _, call in result.calls],
        "late": [breach.late for breach in breaches],
        "confirmed": [breach.confirmed for breach in breaches],
    }
    kinds = {"late": pa.bool_(), "confirmed": pa.bool_()}
    if is_parquet:
        kinds["raised_at"] = pa.timestamp("us", tz="UTC")
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in columns])
    table = pa.table(columns, schema=schema)
    if is_parquet:
        arrow_parquet.write_table(table, out)
    else:
        arrow_csv.write_csv(table, out)
