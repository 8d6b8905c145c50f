"""Patients replayed side by side, in as many processes as there are cores: none of them needs another."""

import multiprocessing
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime

from alerts.book.limits import Calibration
from alerts.history.replay import Replay
from alerts.history.track import Call
from alerts.readings.measured import HeldFor
from alerts.review.weekly import Line
from vitals.errors import HubError
from vitals.ids import PatientId

Stages = Sequence[tuple[datetime, Sequence[Calibration]]]
"""Instants up to which to go on, one after the other, each with the calibrations that hold until then."""

_WORTH_IT = 8
"""So many patients for each process; with fewer, starting it costs more than it saves."""


class ReplayKilled(HubError):
    """One of the processes was killed from outside."""

    def __init__(self) -> None:
        super().__init__("a process of the replay was killed, perhaps for want of memory: try --processes 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one patient's replay."""

    patient_id: PatientId
    calls: Sequence[Call]
    pilots: Sequence[Call]
    lines: Sequence[Line]
    held: Counter[HeldFor]


def cores() -> int:
    """How many processes may be used: one for each core that is ours, where processes can be forked."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def outcomes(replays: Sequence[Replay], stages: Stages, *, processes: int) -> Iterator[Outcome]:
    """Each patient's outcome, in their order; the same with any number of processes. Raises ReplayKilled."""
    processes = min(processes, len(replays) // _WORTH_IT)
    if processes < 2:
        for one in replays:
            yield _outcome(one, stages)
        return
    # Forked, so that the histories are there without being written and read again for each process.
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, fork, initializer=_begin, initargs=(replays, stages)) as pool:
        try:
            yield from pool.map(_outcome_of, range(len(replays)))
        except BrokenProcessPool as error:
            raise ReplayKilled from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


class _Here:
    """What a forked process has been given to go through."""

    replays: Sequence[Replay] = ()
    stages: Stages = ()


def _begin(replays: Sequence[Replay], stages: Stages) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever interrupts speaks to the process that forked us
    _Here.replays, _Here.stages = replays, stages


def _outcome_of(number: int) -> Outcome:
    return _outcome(_Here.replays[number], _Here.stages)


def _outcome(one: Replay, stages: Stages) -> Outcome:
    for until, calibrations in stages:
        one.advance(until, calibrations)
    beside = one.beside
    return Outcome(
        patient_id=one.patient.patient_id,
        calls=one.calls,
        pilots=[] if beside is None else [call for track in beside.tracks.values() for call in track.calls],
        lines=[] if beside is None else list(beside.lines.values()),
        held=one.held,
    )
