"""Live events: one LISTEN connection, fanned out to every open page as server-sent events."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType

import orjson
import structlog
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from dashboard.desk import Desk, signed_in
from dashboard.gate import session_token
from dashboard.settings import DashboardSettings
from dashboard.views.watch import watch_data
from store.channels import WARD_CHANGED
from store.connection import Connection, connect, listen
from store.errors import StoreUnavailable
from store.sessions import session_staff
from store.troubles import HubState, hub_state

log = structlog.get_logger()

BEAT_EVERY = timedelta(seconds=5)
_RETRY_S = 2.0
_WAITING = 100


def frame(event: str, data: object) -> bytes:
    """One server-sent event."""
    return b"event: " + event.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"


_EVERYTHING = frame("everything", {})


def change(payload: str) -> tuple[str, bytes]:
    """A notification of the store: the ward that it is for, and the page's event (alert and patient)."""
    _, alert, patient, ward_id = [*payload.split(":", 3), "", "", ""][:4]
    return ward_id, frame(
        "change", {"alert": int(alert) if alert.isdigit() else None, "patient": patient or None}
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a page is shown to: the ward that they look at, and every ward whose patients they may see."""

    ward_id: str
    ward_ids: frozenset[str]


class Fanout:
    """What the store says, to each page that listens. Enter it in the event loop that serves the pages.

    A page that does not keep up loses no news: its waiting events become one "look at everything".
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pages: dict[asyncio.Queue[bytes], Reader] = {}
        self._stop = threading.Event()
        self._seen: tuple[HubState, datetime] | None = None
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

    async def stream(self, reader: Reader) -> AsyncIterator[bytes]:
        """The events for one page of a nurse, from its first heartbeat on, until the page goes."""
        queue: asyncio.Queue[bytes] = asyncio.Queue(maxsize=_WAITING)
        self._pages[queue] = reader
        try:
            yield b"retry: 2000\n\n" + self._beat(reader.ward_id)
            while True:
                yield await queue.get()
        finally:
            self._pages.pop(queue, None)

    def _tell(self, event: bytes) -> None:
        for queue in self._pages:
            _put(queue, event)

    def _tell_change(self, payload: str) -> None:
        """Only to those whose ward it is. Of news without a ward everybody hears that there are some."""
        ward_id, event = change(payload)
        for queue, reader in self._pages.items():
            if not ward_id:
                _put(queue, _EVERYTHING)
            elif ward_id in reader.ward_ids:
                _put(queue, event)

    def _tell_beat(self) -> None:
        frames = {ward_id: self._beat(ward_id) for ward_id in {one.ward_id for one in self._pages.values()}}
        for queue, reader in self._pages.items():
            _put(queue, frames[reader.ward_id])

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
                    self._loop.call_soon_threadsafe(self._tell_change, notification.payload)

    async def _beats(self) -> None:
        while True:
            now = self._desk.clock()
            try:
                state = await self._desk.store(lambda connection, now=now: hub_state(connection, now))
                self._seen = state, now
            except StoreUnavailable:
                self._seen = None
            self._tell_beat()
            await asyncio.sleep(BEAT_EVERY.total_seconds())

    def _beat(self, ward_id: str) -> bytes:
        watch = watch_data(self._seen[0], ward_id, self._seen[1]) if self._seen else None
        now = self._desk.clock()
        return frame("beat", {"now": now.isoformat(), "database": watch is not None, "watch": watch})


def _put(queue: asyncio.Queue[bytes], event: bytes) -> None:
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        event = _EVERYTHING
    queue.put_nowait(event)


def event_routes(desk: Desk, fanout: Fanout) -> APIRouter:
    """The route /events. It ends by itself when the session behind it has ended."""
    router = APIRouter()

    @router.get("/events", include_in_schema=False)
    async def events(request: Request) -> StreamingResponse:
        token, me = session_token(request.headers) or "", signed_in()
        return StreamingResponse(
            _while_signed_in(desk, fanout, token, Reader(me.ward_id, me.ward_ids)),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    return router


def _reader(token: str, now: datetime, settings: DashboardSettings) -> Callable[[Connection], Reader | None]:
    def ask(connection: Connection) -> Reader | None:
        staff = session_staff(connection, token, now, idle=settings.idle, absolute=settings.absolute)
        return Reader(staff.ward_id, staff.ward_ids) if staff is not None else None

    return ask


async def _while_signed_in(desk: Desk, fanout: Fanout, token: str, reader: Reader) -> AsyncIterator[bytes]:
    """A page's events until its session ends, or its person's wards are others: then the page asks anew."""
    checked = desk.clock()
    async for event in fanout.stream(reader):
        now = desk.clock()
        if now - checked > timedelta(seconds=15):
            checked = now
            still = await desk.store(_reader(token, now, desk.settings))
            if still is None:
                yield frame("signed-out", {})
            if still != reader:
                return
        yield event
