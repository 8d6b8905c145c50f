"""Backtests: any history through the very rules that work live, with a calibrating ward around it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from alerts.book import rulebook
from alerts.book.limits import Calibration
from alerts.book.rulebook import Rulebook
from alerts.history.oddities import Oddities
from alerts.history.read import read
from alerts.history.replay import History, Replay
from alerts.history.result_files import write_calls, write_lines
from alerts.history.side_by_side import cores, outcomes
from alerts.history.track import Call
from alerts.readings.measured import HeldFor
from alerts.review import budget
from alerts.review.budget import Move
from alerts.review.weekly import Line
from vitals.ids import PatientId

ANSWERED_AFTER = timedelta(days=1)
"""A backtest's nurse closes each alert a day after it was raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a backtest found: calls on a nurse by patient, moves of thresholds, oddities of the files.

    `pilots` are the calls that silent pilots would have made, `lines` those of the weekly list; both are
    empty unless they were asked for. `held` counts the readings that the checks set aside for a person, by
    reason.
    """

    calls: Sequence[tuple[PatientId, Call]]
    pilots: Sequence[tuple[PatientId, Call]] = ()
    lines: Sequence[Line] = ()
    moves: Sequence[Move]
    patients: int
    patient_months: float
    oddities: Oddities
    held: Counter[HeldFor] = field(default_factory=Counter[HeldFor])


_T = TypeVar("_T")

Progress = Callable[[int, int], None]
"""Told how many steps are done, and of how many: each patient is got ready, then replayed."""


def run(
    observations: Path,
    patients: Path,
    out: Path,
    *,
    calibrate: bool = True,
    answered_after: timedelta = ANSWERED_AFTER,
    programmes: Path | None = None,
    pilots: Path | None = None,
    weekly: Path | None = None,
    progress: Progress | None = None,
    processes: int | None = None,
) -> Result:
    """Replay the files' histories and write what would have been raised, as CSV or Parquet by `out`'s name.

    The same for what the silent `pilots` would have raised, and for the lines of the `weekly` list, where a
    file for them is named. `processes`: over how many the patients are spread; None: one for each core.
    Raises UnusableFile, BrokenRulebook and ReplayKilled.
    """
    book = rulebook.in_force(programmes)
    histories, end, oddities = read(observations, patients, book)
    result = replay(
        histories,
        book,
        end=end,
        calibrate=calibrate,
        answered_after=answered_after,
        oddities=oddities,
        beside=pilots is not None or weekly is not None,
        progress=progress,
        processes=cores() if processes is None else processes,
    )
    write_calls(result.calls, out)
    if pilots is not None:
        write_calls(result.pilots, pilots)
    if weekly is not None:
        write_lines(result.lines, weekly)
    return result


def replay(
    histories: Sequence[History],
    book: Rulebook,
    *,
    end: datetime | None,
    calibrate: bool = True,
    answered_after: timedelta | None = ANSWERED_AFTER,
    oddities: Oddities | None = None,
    beside: bool = False,
    progress: Progress | None = None,
    processes: int = 1,
) -> Result:
    """Replay histories up to `end` as one ward, whose thresholds are calibrated on the way.

    `beside`: the silent pilots and the weekly list, too. `processes`: over how many the patients are spread.
    """
    begin = min((history.patient.enrolled_at for history in histories), default=None)
    slices = [] if begin is None or end is None else _slices(begin, end, calibrate=calibrate)
    steps = _Steps(progress, 2 * len(histories))
    replays = [
        Replay(
            history,
            book.for_programmes(history.patient.programmes),
            answer_after=answered_after,
            since=history.patient.enrolled_at,
            beside=beside,
        )
        for history in steps.through(histories)
    ]
    moves: list[Move] = []
    stages: list[tuple[datetime, Sequence[Calibration]]] = []
    scores = _scores(replays, book) if calibrate else {}
    for until in slices:
        stages.append((until, [_calibration(move) for move in moves]))
        if end is not None and until <= end:
            moves += _calibrate(scores, book, moves, until)
    found = list(steps.through(outcomes(replays, stages, processes=processes)))
    return Result(
        calls=_in_order((one.patient_id, call) for one in found for call in one.calls),
        pilots=_in_order((one.patient_id, call) for one in found for call in one.pilots),
        lines=sorted(
            (line for one in found for line in one.lines),
            key=lambda line: (line.week, line.patient_id, line.rule),
        ),
        moves=moves,
        patients=len(replays),
        patient_months=_patient_months(replays, end),
        oddities=oddities or Oddities(),
        held=sum((one.held for one in found), Counter[HeldFor]()),
    )


class _Steps:
    """Goes through patients, and tells of each that is done."""

    def __init__(self, progress: Progress | None, of: int) -> None:
        self._progress = progress
        self._done = 0
        self._of = of

    def through(self, several: Iterable[_T]) -> Iterator[_T]:
        """Each of them, which is done when the next is asked for."""
        for one in several:
            yield one
            self._done += 1
            if self._progress is not None:
                self._progress(self._done, self._of)


def _in_order(calls: Iterable[tuple[PatientId, Call]]) -> list[tuple[PatientId, Call]]:
    return sorted(calls, key=lambda c: (c[1].at, c[0]))


def _slices(begin: datetime, end: datetime, *, calibrate: bool) -> list[datetime]:
    """The instants up to which to go on, one after the other; after each but the last is a calibration."""
    until = begin + budget.EVERY
    slices: list[datetime] = []
    while calibrate and until < end:
        slices.append(until)
        until += budget.EVERY
    return [*slices, end + timedelta(microseconds=1)]


def _scores(replays: Sequence[Replay], book: Rulebook) -> budget.Scores:
    rules = {rule.id: rule for rule, _ in budget.budgeted(book)}
    return {
        rule_id: [scored for one in replays if one.has_rule(rule_id) and (scored := one.scores(rule))]
        for rule_id, rule in rules.items()
    }


def _calibrate(scores: budget.Scores, book: Rulebook, moves: Sequence[Move], now: datetime) -> list[Move]:
    verdicts = budget.verdicts(scores, book, budget.current_values(book, moves), now)
    return [verdict.move for verdict in verdicts if verdict.move is not None]


def _calibration(move: Move) -> Calibration:
    return Calibration(
        limit_name=move.limit_name, value=move.value, base=move.base, at=move.at, reason=move.reason
    )


def _patient_months(replays: Sequence[Replay], end: datetime | None) -> float:
    if end is None:
        return 0.0
    followed = (max(min(end, r.until) - r.patient.enrolled_at, timedelta(0)) for r in replays)
    return sum(followed, timedelta(0)) / budget.MONTH
