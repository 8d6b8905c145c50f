"""Tryouts of a limit on a ward, each in a process of its own: the pages stay quick, and one runs per ward."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe

import structlog

from alerts.book.changes import values_of, with_limit
from alerts.book.rulebook import Rulebook
from alerts.book.schema import ProgrammeFile
from alerts.history.tryout import Tryout
from alerts.history.tryout_ward import WEEKS, Asked, try_rules
from store.connection import connect
from vitals.errors import HubError

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A number for a limit of one programme's file."""

    programme: str
    name: str
    was: float
    value: float


@dataclass(slots=True, kw_only=True)
class Run:
    """One ward's newest tryout: under way until `found` is there, or `failed` says why there is nothing."""

    proposal: Proposal
    done: int = 0
    of: int = 0
    found: Tryout | None = None
    failed: str | None = None

    @property
    def working(self) -> bool:
        """Whether it is still under way."""
        return self.found is None and self.failed is None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failed:
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    conninfo: str
    files: Mapping[str, ProgrammeFile]
    proposal: Proposal
    asked: Asked


class Tryouts:
    """The wards' tryouts of one dashboard, kept in memory: nothing of them is stored."""

    def __init__(self, conninfo: str, book: Rulebook) -> None:
        self._conninfo = conninfo
        self._book = book
        self._runs: dict[str, Run] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, ward_id: str) -> Run | None:
        """The ward's newest tryout."""
        return self._runs.get(ward_id)

    def begin(self, ward_id: str, programme: str, name: str, value: float, now: datetime) -> Run | None:
        """Try it on the ward; None where one is under way there.

        Raises UnknownProgramme, UnknownLimit and RefusedLimit.
        """
        with_limit(self._book, name, value, programme)
        running = self._runs.get(ward_id)
        if running is not None and running.working:
            return None
        was = values_of(self._book, name)[programme]
        run = Run(proposal=Proposal(programme=programme, name=name, was=was, value=value))
        self._runs[ward_id] = run
        job = _Job(
            conninfo=self._conninfo,
            files=dict(self._book.programmes),
            proposal=run.proposal,
            asked=Asked(ward_id=ward_id, since=now - timedelta(weeks=WEEKS), until=now),
        )
        task = asyncio.get_running_loop().create_task(asyncio.to_thread(_follow, run, job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return run


def _follow(run: Run, job: _Job) -> None:
    """Start the process, and take down what it tells until it has ended."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, job), daemon=True, name="tryout")
    process.start()
    theirs.close()
    try:
        while run.working:
            told: Tryout | _Failed | tuple[int, int] = ours.recv()
            match told:
                case Tryout():
                    run.found = told
                case _Failed():
                    run.failed = told.why
                case (done, of):
                    run.done, run.of = done, of
    except EOFError:
        run.failed = "its process was ended"
    finally:
        ours.close()
        process.join()
    if run.failed is not None:
        _log.error("tryout failed", ward=job.asked.ward_id, limit=job.proposal.name, why=run.failed)


def _work(pipe: Pipe, job: _Job) -> None:
    """The process: whatever goes wrong ends it, is told, and is on its standard error in full."""
    try:
        book = Rulebook(job.files)
        after = with_limit(book, job.proposal.name, job.proposal.value, job.proposal.programme)
        with connect(job.conninfo, application="tryout") as connection:
            pipe.send(try_rules(connection, book, after, job.asked, lambda done, of: pipe.send((done, of))))
    except Exception as error:
        pipe.send(_Failed(why=str(error) if isinstance(error, HubError) else type(error).__name__))
        raise
