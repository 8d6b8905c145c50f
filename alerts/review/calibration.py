"""Calibration of a live ward: the backtest's own reckoning, on what the store knows, in slices."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from alerts.book.rulebook import Rulebook
from alerts.history import past
from alerts.history.replay import Replay
from alerts.readings.course import DAYS
from alerts.review import budget
from alerts.review.budget import Scored, Verdict
from store import calibration as stored
from store import limits as stored_limits
from store.calibration import Run, WardDue
from store.connection import Connection, transaction
from store.errors import StoreUnavailable
from store.limits import CalibrationRow
from vitals.ids import PatientId

BY_ITSELF = "system"
LOOK_EVERY = timedelta(minutes=10)
SLICE = 1
"""Patients at once: some tens of milliseconds, for which news may wait."""

# A score looks back over a window of days, and its first weighings over some more.
_BEFORE = budget.EVERY + timedelta(days=DAYS + 5)

_log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Job:
    """One ward's calibration as of an instant, under way: the scores so far, and who is left."""

    ward_id: str
    as_of: datetime
    left: list[PatientId]
    patients: int
    scores: dict[str, list[list[Scored]]] = field(default_factory=dict[str, list[list[Scored]]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a calibration found of each budgeted rule; the moves are in force from `at`, if it was kept."""

    ward_id: str
    as_of: datetime
    at: datetime
    patients: int
    verdicts: list[Verdict]


def due_at(ward: WardDue) -> datetime:
    """When the ward's thresholds are next to be compared with the budget."""
    return (ward.last_as_of or ward.began_at) + budget.EVERY


def as_of(ward: WardDue, now: datetime) -> datetime | None:
    """Up to when the ward's history is to be looked at now; None where nothing is due yet.

    Whoever comes late keeps the ward's own rhythm of `budget.EVERY`, and does once what was missed.
    """
    begin = ward.last_as_of or ward.began_at
    times = (now - begin) // budget.EVERY
    return begin + times * budget.EVERY if times >= 1 else None


def begin(connection: Connection, ward_id: str, at: datetime) -> Job:
    """The job for the ward's history up to `at`."""
    ids = stored.patients(connection, ward_id, since=at - budget.EVERY, at=at)
    return Job(ward_id=ward_id, as_of=at, left=ids, patients=len(ids))


def advance(connection: Connection, book: Rulebook, job: Job, most: int = SLICE) -> None:
    """Reckon the scores of the next patients."""
    ids, job.left = job.left[:most], job.left[most:]
    for history in past.of_patients(connection, book, ids, since=job.as_of - _BEFORE, until=job.as_of):
        rules = book.for_programmes(history.patient.programmes)
        replay = Replay(history, rules, answer_after=None, since=job.as_of)
        for rule, _spec in budget.budgeted(book):
            scored = replay.scores(rule) if replay.has_rule(rule.id) else []
            if scored:
                job.scores.setdefault(rule.id, []).append(scored)


def find(connection: Connection, book: Rulebook, job: Job, now: datetime) -> Found:
    """What the finished job says of each rule, by the thresholds in force now."""
    values = dict(budget.current_values(book, ()))
    for row in stored_limits.calibrations(connection, now=now):
        if row.ward_id == job.ward_id and row.base in (None, values.get(row.limit_name)):
            values[row.limit_name] = row.value
    verdicts = budget.verdicts(job.scores, book, values, job.as_of)
    return Found(ward_id=job.ward_id, as_of=job.as_of, at=now, patients=job.patients, verdicts=verdicts)


def keep(connection: Connection, found: Found, author: str) -> bool:
    """Put the moves into force, in one transaction; False where another has done it for this history."""
    moves = [verdict.move for verdict in found.verdicts if verdict.move is not None]
    with transaction(connection):
        run = Run(
            ward_id=found.ward_id,
            as_of=found.as_of,
            done_at=found.at,
            author=author,
            patients=found.patients,
            moved=len(moves),
        )
        if not stored.done(connection, run):
            return False
        for move in moves:
            row = CalibrationRow(
                ward_id=found.ward_id,
                limit_name=move.limit_name,
                rule=move.rule,
                base=move.base,
                was=move.was,
                value=move.value,
                budget=move.budget,
                found=move.found,
                patient_months=move.patient_months,
                at=found.at,
            )
            stored_limits.calibrate(connection, row)
    for move in moves:
        _log.info(
            "threshold moved", ward=found.ward_id, limit=move.limit_name, was=move.was, value=move.value
        )
    return True


def whole(connection: Connection, book: Rulebook, ward_id: str, now: datetime) -> Iterator[Job]:
    """The ward's job up to now, after each slice: for a command that can wait."""
    job = begin(connection, ward_id, now)
    while job.left:
        advance(connection, book, job)
        yield job
    yield job


class Calibrator:
    """What a worker does of it by itself: whatever is due, one slice at a time, each ward by one worker."""

    def __init__(self, book: Rulebook, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._clock = clock
        self._job: Job | None = None
        self._looked_at: datetime | None = None

    def forget(self) -> None:
        """Begin anew: another connection has no claim on what this one did."""
        self._job, self._looked_at = None, None

    def step(self, connection: Connection) -> bool:
        """Do the next slice, if anything is due. Whatever goes wrong is said, and tried again later."""
        try:
            return self._step(connection)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001  # a worker's alerts must not wait for a calibration that fails
            _log.error("calibration failed", exc_info=True)
            if self._job is not None:
                stored.release(connection, self._job.ward_id)
                self._job = None
            return False

    def _step(self, connection: Connection) -> bool:
        now = self._clock()
        if self._job is None:
            if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY:
                return False
            self._looked_at = now
            self._job = self._claimed(connection, now)
            return self._job is not None
        if self._job.left:
            advance(connection, self._book, self._job)
            return True
        keep(connection, find(connection, self._book, self._job, now), BY_ITSELF)
        stored.release(connection, self._job.ward_id)
        self._job, self._looked_at = None, None
        return True

    def _claimed(self, connection: Connection, now: datetime) -> Job | None:
        for ward in stored.wards(connection):
            at = as_of(ward, now)
            if at is not None and stored.claim(connection, ward.ward_id):
                return begin(connection, ward.ward_id, at)
        return None
