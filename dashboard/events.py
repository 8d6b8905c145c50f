"""Live events: one LISTEN connection, fanned out to every open page as server-sent events."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from types import TracebackType

import orjson
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from dashboard.desk import Desk
from dashboard.gate import session_token
from dashboard.settings import DashboardSettings
from store import heartbeats
from store.channels import WARD_CHANGED
from store.connection import Connection, connect, listen
from store.errors import StoreUnavailable
from store.sessions import session_staff

log = structlog.get_logger()

BEAT_EVERY = timedelta(seconds=5)
_RETRY_S = 2.0
_WAITING = 100


def frame(event: str, data: object) -> bytes:
    """One server-sent event."""
    return b"event: " + event.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"


_EVERYTHING = frame("everything", {})


def change(payload: str) -> bytes:
    """A notification of the store as the page's event: which alert, which patient."""
    _, _, rest = payload.partition(":")
    alert, _, patient = rest.partition(":")
    return frame("change", {"alert": int(alert) if alert.isdigit() else None, "patient": patient or None})


class Fanout:
    """What the store says, to each page that listens. Enter it in the event loop that serves the pages.

    A page that does not keep up loses no news: its waiting events become one "look at everything".
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pages: set[asyncio.Queue[bytes]] = set()
        self._stop = threading.Event()
        self._beat = frame("beat", self._beat_data({}, database=False))
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Fanout":
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, name="live-events", daemon=True).start()
        self._tasks.append(asyncio.create_task(self._beats()))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for task in self._tasks:
            task.cancel()

    async def stream(self) -> AsyncIterator[bytes]:
        """The events for one page, from its first heartbeat on, until the page goes."""
        queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=_WAITING)
        self._pages.add(queue)
        try:
            yield b"retry: 2000\n\n" + self._beat
            while True:
                yield await queue.get()
        finally:
            self._pages.discard(queue)

    def _tell(self, event: bytes) -> None:
        for queue in self._pages:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                event = _EVERYTHING
            queue.put_nowait(event)

    def _listen(self) -> None:
        """On a thread of its own, for as long as the process lives: a lost database is asked again."""
        while not self._stop.is_set():
            try:
                self._listen_once()
            except StoreUnavailable as error:
                log.warning("live events wait for the database", sqlstate=error.sqlstate)
                self._stop.wait(_RETRY_S)

    def _listen_once(self) -> None:
        connection = connect(
            self._desk.settings.conninfo(), application="dashboard-events", statement_timeout=None
        )
        with connection:
            # What changed while nobody listened is not told again: every page looks once.
            self._loop.call_soon_threadsafe(self._tell, _EVERYTHING)
            for arrived in listen(connection, WARD_CHANGED, tick=timedelta(seconds=1)):
                if self._stop.is_set():
                    return
                for notification in arrived:
                    self._loop.call_soon_threadsafe(self._tell, change(notification.payload))

    async def _beats(self) -> None:
        while True:
            try:
                ages = await self._desk.store(_ages)
                data = self._beat_data(ages, database=True)
            except StoreUnavailable:
                data = self._beat_data({}, database=False)
            self._beat = frame("beat", data)
            self._tell(self._beat)
            await asyncio.sleep(BEAT_EVERY.total_seconds())

    def _beat_data(self, ages: dict[str, timedelta], *, database: bool) -> dict[str, object]:
        now = self._desk.clock()

        def at(process: str) -> str | None:
            return (now - ages[process]).isoformat() if process in ages else None

        return {
            "now": now.isoformat(),
            "database": database,
            "rules_at": at("alerts"),
            "ingest_at": at("ingest"),
        }


def _ages(connection: Connection) -> dict[str, timedelta]:
    return {beat.process: beat.age for beat in heartbeats.every(connection)}


def event_routes(desk: Desk, fanout: Fanout) -> APIRouter:
    """The route /events. It ends by itself when the session behind it has ended."""
    router = APIRouter()

    @router.get("/events", include_in_schema=False)
    async def events(request: Request) -> StreamingResponse:
        token = session_token(request.headers) or ""
        return StreamingResponse(
            _while_signed_in(desk, fanout, token),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    return router


def _session_holds(token: str, now: datetime, settings: DashboardSettings) -> Callable[[Connection], bool]:
    def ask(connection: Connection) -> bool:
        staff = session_staff(connection, token, now, idle=settings.idle, absolute=settings.absolute)
        return staff is not None

    return ask


async def _while_signed_in(desk: Desk, fanout: Fanout, token: str) -> AsyncIterator[bytes]:
    checked = desk.clock()
    async for event in fanout.stream():
        now = desk.clock()
        if now - checked > timedelta(seconds=15):
            checked = now
            if not await desk.store(_session_holds(token, now, desk.settings)):
                yield frame("signed-out", {})
                return
        yield event
