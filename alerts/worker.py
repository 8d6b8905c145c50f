"""The alert worker: wakes on news and on the clock, evaluates, and commits alerts with the queue's rows."""

import threading
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from math import inf
from time import monotonic

import structlog

from alerts import asking, gather, hidden, record
from alerts.asking import Looked
from alerts.book import rulebook
from alerts.book.rulebook import Rulebook
from alerts.gather import Gathered
from alerts.memory import Memory, collect_seldom
from alerts.rearm import REMEMBER
from alerts.reconcile import in_play, next_look, reconcile
from alerts.record import Change
from alerts.review.calibration import Calibrator
from alerts.rules.evaluate import assess
from alerts.settings import AlertsSettings
from runtime import logs
from runtime.clock import utc_now
from runtime.ready import say_ready
from runtime.stop import stop_on_signals
from store import alert_work, corrections, heartbeats
from store import alerts as stored
from store.alert_work import Due
from store.channels import EVALUATIONS_DUE
from store.connection import Connection, connect, listen, say_something, transaction
from store.corrections import SYSTEM, Correction
from store.errors import StoreBusy, StoreUnavailable
from vitals.alert import Alert
from vitals.ids import PatientId
from vitals.observation import Standing

PROCESS = "alerts"
BEAT_EVERY = timedelta(seconds=5)
PLAN_EVERY = timedelta(minutes=1)
SHARE_EVERY = timedelta(seconds=1)
"""So often a worker asks how many there are: of those who died the others take over whom they remembered."""
PLANNED_AT_ONCE = 16
RESTS_FOR = 9
"""A calibration takes a tenth of the worker's time: after each slice it waits so many times as long."""
SET_ASIDE_FOR = timedelta(minutes=10)
HELD_UP_FOR = timedelta(seconds=5)
WAITS_FOR_ROWS = timedelta(seconds=1)
"""So long a worker waits for rows of a patient that somebody holds: the others must not wait for them."""
HANGS_FOR = timedelta(seconds=30)
"""A worker that stops in the middle of its work is cut off after it, and others take over its patients."""
SIGNS_OF_LIFE = 8
"""After so many patients a worker says something to the database: a slow machine is not one that hangs."""
JUDGED_BACK = timedelta(days=14)
"""Readings older than this keep the standing that they have."""
_RETRY_S = (0.5, 1.0, 2.0, 5.0)

_log = structlog.get_logger()


def evaluate_patient(
    connection: Connection, patient_id: PatientId, now: datetime, book: Rulebook | None = None
) -> list[Change]:
    """Ask all rules of one patient as of `now`, and write what follows, in one transaction.

    Only what had been received by `now` counts, so that history can be replayed. Returns what happened.
    """
    return evaluate_patients(connection, [patient_id], now, book)


def evaluate_patients(
    connection: Connection,
    patient_ids: Sequence[PatientId],
    now: datetime,
    book: Rulebook | None = None,
    memory: Memory | None = None,
) -> list[Change]:
    """The same for several patients, in one transaction; with a memory their courses are kept in it."""
    with transaction(connection):
        alert_work.lock(connection, patient_ids)
        return _evaluate_locked(connection, patient_ids, now, book or rulebook.shipped(), memory)


def _evaluate_locked(
    connection: Connection,
    patient_ids: Sequence[PatientId],
    now: datetime,
    book: Rulebook,
    memory: Memory | None,
) -> list[Change]:
    """The same of patients whom the caller's transaction has locked."""
    gathered = gather.gather(connection, book, patient_ids, now, memory)
    alerts = _alerts(connection, gathered, now)
    changes: list[Change] = []
    looks: dict[PatientId, datetime] = {}
    looked: list[Looked] = []
    for number, (patient_id, one) in enumerate(gathered.items()):
        if number % SIGNS_OF_LIFE == 0:
            say_something(connection)
        theirs = in_play(alerts.get(patient_id, ()))
        rules = one.view.rules
        assessment = assess(rules.live, one.view, now, one.memo)
        steps = reconcile(patient_id, theirs, assessment, rules.live_by_id, now)
        theirs_changed = record.record(connection, steps, now)
        changes += theirs_changed
        _keep_standings(connection, patient_id, one, now)
        looked.append(Looked(view=one.view, assessment=assessment, changes=theirs_changed))
        look = next_look(assessment, theirs, rules.live_by_id, now)
        looks[patient_id] = look if one.look_at is None else min(look, one.look_at)
    alert_work.plan(connection, hidden.beside(connection, gathered, looks, now), now=now)
    alert_work.unplan(connection, [p for p in patient_ids if p not in looks])
    asking.ask(connection, looked, now)
    return changes


def _alerts(
    connection: Connection, gathered: Collection[PatientId], now: datetime
) -> dict[PatientId, list[Alert]]:
    alerts: dict[PatientId, list[Alert]] = {}
    for alert in stored.in_play(connection, list(gathered), now - REMEMBER):
        alerts.setdefault(alert.patient_id, []).append(alert)
    return alerts


def _keep_standings(connection: Connection, patient_id: PatientId, one: Gathered, now: datetime) -> None:
    """Write down which readings the checks hold now, and which they no longer do."""
    course = one.view.course
    if not course.held and not one.held_by_checks:
        return
    held_now = {m.reading_id: course.held[m.reading_id] for m in course.held_since(now - JUDGED_BACK)}
    for reading_id, why in held_now.items():
        if reading_id not in one.held and reading_id not in one.decided:
            held = Correction(
                reading_id=reading_id, patient_id=patient_id, kind="held", reason=why, author=SYSTEM, at=now
            )
            corrections.set_standing(connection, held, Standing.HELD)
    for reading_id in one.held_by_checks:
        if reading_id not in course.held and reading_id not in one.decided:
            released = Correction(
                reading_id=reading_id,
                patient_id=patient_id,
                kind="released",
                reason="agreed",
                author=SYSTEM,
                at=now,
            )
            corrections.set_standing(connection, released, Standing.ACCEPTED)


def run(settings: AlertsSettings) -> None:
    """Work until asked to stop by SIGTERM or SIGINT. Raises BrokenRulebook before any work."""
    logs.configure(PROCESS, settings.log_format)
    collect_seldom()
    Worker(settings, rulebook.in_force(settings.alerts_programmes)).run(stop_on_signals())


class Worker:
    """One alert worker. Any number of them may work on one database."""

    def __init__(
        self,
        settings: AlertsSettings,
        book: Rulebook,
        clock: Callable[[], datetime] = utc_now,
        stopwatch: Callable[[], float] = monotonic,
    ) -> None:
        self._settings = settings
        self._book = book
        self._clock = clock
        self._beat_at: datetime | None = None
        self._planned_at: datetime | None = None
        self._memory = Memory(settings.alerts_remembered_readings)
        self._evaluated = 0
        self._calibrator = Calibrator(book, clock)
        self._stopwatch = stopwatch
        self._calibrates_from = -inf
        self._share = alert_work.WHOLE
        self._shared_at: datetime | None = None

    def run(self, stopping: threading.Event) -> None:
        """Work until `stopping` is set; a database that goes away is waited for."""
        failures = 0
        while not stopping.is_set():
            try:
                self._serve(stopping)
            except StoreUnavailable as error:
                wait = _RETRY_S[min(failures, len(_RETRY_S) - 1)]
                _log.warning("database unavailable", retry_in_s=wait, why=str(error))
                stopping.wait(wait)
                failures += 1
            else:
                failures = 0
        _log.info("alerts stopped")

    def _serve(self, stopping: threading.Event) -> None:
        conninfo = self._settings.conninfo()
        with (
            connect(
                conninfo,
                application=PROCESS,
                lock_timeout=WAITS_FOR_ROWS,
                idle_in_transaction=HANGS_FOR,
            ) as connection,
            connect(conninfo, application=f"{PROCESS}-listen", statement_timeout=None) as listener,
        ):
            self._memory = Memory(self._settings.alerts_remembered_readings)
            _log.info("alerts ready")
            say_ready()
            self._calibrator.forget()
            hidden.note_pilots(connection, self._book, self._clock())
            self.turn(connection, stopping)
            for _ in listen(listener, EVALUATIONS_DUE, tick=self._settings.tick):
                if stopping.is_set():
                    return
                self.turn(connection, stopping)

    def turn(self, connection: Connection, stopping: threading.Event | None = None) -> None:
        """All that is due now: what is new first, then what time brings, and a sign of life."""
        stopping = stopping or threading.Event()
        self._beat(connection)
        while self._batch(connection, self._due) and not stopping.is_set():
            self._beat(connection)
        while self._batch(connection, self._planned) and not stopping.is_set():
            self._beat(connection)
            while self._batch(connection, self._due):
                self._beat(connection)
        if not stopping.is_set():
            self._calibrate(connection)

    def _calibrate(self, connection: Connection) -> None:
        """A slice of a calibration, if one is due and the last one has been rested from.

        On a busy ward there are many turns a second: a slice in each would leave no time for the readings.
        """
        begun = self._stopwatch()
        if begun >= self._calibrates_from and self._calibrator.step(connection):
            ended = self._stopwatch()
            self._calibrates_from = ended + RESTS_FOR * (ended - begun)

    def _due(self, connection: Connection, most: int) -> list[Due]:
        return alert_work.claim_due(connection, now=self._clock(), most=most, share=self._share)

    def _planned(self, connection: Connection, most: int) -> list[Due]:
        # Few at a time: news that come meanwhile wait for no more than these.
        most = min(most, PLANNED_AT_ONCE)
        return alert_work.claim_planned(connection, now=self._clock(), most=most, share=self._share)

    def _batch(self, connection: Connection, claim: Callable[[Connection, int], list[Due]]) -> bool:
        """Evaluate the next patients together; where that fails, one by one. False: nobody was due."""
        due: list[Due] = []
        try:
            with transaction(connection):
                due = claim(connection, self._settings.alerts_batch)
                changes = self._evaluate(connection, due)
        except Exception as error:  # one patient's trouble must not silence the ward
            if _is_lost(error):
                raise
            held_up = isinstance(error, StoreBusy)
            _log.warning(
                "evaluation of a batch failed", patients=len(due), held_up=held_up, exc_info=not held_up
            )
            for one in due:
                self._alone(connection, one)
            return bool(due)
        record.log(changes)
        return bool(due)

    def _alone(self, connection: Connection, one: Due) -> None:
        """Evaluate one patient; where that fails, set them aside for a while, and say so."""
        try:
            with transaction(connection):
                changes = self._evaluate(connection, [one])
        except Exception as error:  # logged with the patient's id, and tried again later
            if _is_lost(error):
                raise
            held_up = isinstance(error, StoreBusy)
            _log.error("evaluation failed", patient_id=one.patient_id, held_up=held_up, exc_info=not held_up)
            self._set_aside(connection, one, HELD_UP_FOR if held_up else SET_ASIDE_FOR)
            return
        record.log(changes)

    def _set_aside(self, connection: Connection, one: Due, time: timedelta) -> None:
        """Look at the patient again after this time, and at the others meanwhile."""
        try:
            with transaction(connection):
                alert_work.lock(connection, [one.patient_id])
                now = self._clock()
                alert_work.plan(connection, {one.patient_id: now + time}, now=now)
                alert_work.done(connection, [one])
        except StoreBusy:
            _log.warning("a patient cannot be set aside, and stays in the queue", patient_id=one.patient_id)

    def _evaluate(self, connection: Connection, due: Sequence[Due]) -> list[Change]:
        if not due:
            return []
        self._evaluated += len(due)
        ids = sorted({one.patient_id for one in due})
        # Claiming them has locked them, in the transaction that this is a part of.
        changes = _evaluate_locked(connection, ids, self._clock(), self._book, self._memory)
        alert_work.done(connection, due)
        return changes

    def _beat(self, connection: Connection) -> None:
        now = self._clock()
        if self._shared_at is None or now - self._shared_at >= SHARE_EVERY or now < self._shared_at:
            self._share = alert_work.share(connection, PROCESS)
            self._shared_at = now
        if self._beat_at is None or now - self._beat_at >= BEAT_EVERY or now < self._beat_at:
            heartbeats.beat(connection, PROCESS, detail=f"{self._evaluated} evaluations")
            self._beat_at = now
        if self._planned_at is None or now - self._planned_at >= PLAN_EVERY or now < self._planned_at:
            if alert_work.replan(connection, now=now):
                _log.warning("the clock went back: everybody planned by it is looked at now")
            alert_work.plan_unplanned(connection, now=now)
            self._planned_at = now


def _is_lost(error: Exception) -> bool:
    """Whether the database is away, so that nothing else can be done either."""
    return isinstance(error, StoreUnavailable) and not isinstance(error, StoreBusy)
