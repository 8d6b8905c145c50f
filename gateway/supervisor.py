"""The gateway's process: starts its parts, starts again what ends, and stops within seconds when asked."""

import asyncio
import hashlib
import signal
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime
from random import Random

import structlog

from gateway.agent import Agent
from gateway.board import Board
from gateway.outbox import Outbox
from gateway.radio import Radio, RadioUnavailable
from gateway.roster import Roster, RosterUnusable, read_roster
from gateway.settings import GatewaySettings
from gateway.uplink import Uplink
from gateway.watch import Watch
from runtime.clock import utc_now
from runtime.ready import say_ready
from vitals.errors import HubError
from wire.backoff import full_jitter_s
from wire.broker import BrokerSettingsRefused
from wire.messages import GatewayStatus

log: structlog.types.FilteringBoundLogger = structlog.get_logger()

_RETRY_FIRST_S = 1.0
_RETRY_CAP_S = 30.0
# A part that ran this long was well: the next failure starts the back-off afresh.
_STEADY_AFTER_S = 60.0
_ROSTER_LOOK_EVERY_S = 2.0
_STOP_WITHIN_S = 2.0


def run(settings: GatewaySettings) -> None:
    """Be the gateway until SIGTERM or SIGINT.

    Raises RosterUnusable, BrokerSettingsRefused and the outbox's errors where nothing can work before
    somebody does something.
    """
    asyncio.run(Gateway(settings, now=utc_now).run())


class Gateway:
    """The parts of one gateway and how they know of each other."""

    def __init__(self, settings: GatewaySettings, *, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        # Each gateway waits differently, and the same one always alike.
        self._seed = int.from_bytes(hashlib.sha256(settings.gateway_id.encode()).digest()[:8], "big")
        self._chance = Random(self._seed)
        self._roster = read_roster(settings.roster_file)
        self._outbox = Outbox(
            settings.gateway_directory,
            new_epoch=lambda: uuid.uuid4().hex,
            now=now,
            quota_bytes=settings.gateway_outbox_mb << 20,
        )
        self._uplink = Uplink(
            settings.gateway_id,
            settings.broker(settings.gateway_id),
            self._outbox,
            self._status,
            now=now,
            seed=self._seed,
        )
        self._board = Board(self._uplink.status_changed)

    async def run(self) -> None:
        """Run until asked to stop, or until a part needs a person."""
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        self._board.enrol(self._roster)
        parts = [
            asyncio.create_task(self._keep_going("uplink", self._uplink.run)),
            asyncio.create_task(self._keep_going("bluetooth", self._bluetooth)),
            asyncio.create_task(_until(stopping)),
        ]
        log.info(
            "gateway started", gateway_id=self._settings.gateway_id, waiting=self._outbox.counts().waiting
        )
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        finally:
            for part in parts:
                part.cancel()
            # A bluetoothd that does not answer must not hold up the end.
            await asyncio.wait(parts, timeout=_STOP_WITHIN_S)
            self._outbox.close()
            log.info("gateway stopped", gateway_id=self._settings.gateway_id)

    async def _keep_going(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run a part, and again whenever it ends. Raises only what trying again cannot mend."""
        loop = asyncio.get_running_loop()
        attempt = 0
        while True:
            started_s = loop.time()
            reason = "ended"
            try:
                await work()
            except BrokerSettingsRefused:
                raise
            except HubError as error:
                reason = str(error)
            except Exception as error:
                # The process's outermost loop: whatever it was, the other parts go on.
                log.error("part failed", part=name, exc_info=error)
                reason = type(error).__name__
            if loop.time() - started_s > _STEADY_AFTER_S:
                attempt = 0
            wait_s = full_jitter_s(attempt, self._chance, _RETRY_FIRST_S, _RETRY_CAP_S)
            attempt += 1
            log.warning(
                "part starts again", part=name, reason=reason, attempt=attempt, wait_s=round(wait_s, 1)
            )
            await asyncio.sleep(wait_s)

    async def _bluetooth(self) -> None:
        """Listen for the roster's devices until bluetoothd goes away or the roster changes."""
        roster = self._roster
        watch = Watch(
            roster,
            Radio(self._settings.gateway_adapter),
            self._outbox,
            self._board,
            directory=self._settings.gateway_directory,
            stored=self._uplink.stored,
            now=self._now,
            places=self._settings.gateway_sessions,
            connect_within_s=self._settings.gateway_connect_seconds,
        )
        async with Agent(roster, self._board.battery) as agent:
            say_ready()
            waits = [
                asyncio.create_task(watch.listen()),
                asyncio.create_task(agent.until_lost()),
                asyncio.create_task(self._until_roster_changes()),
            ]
            try:
                done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for ended in done:
                    ended.result()
            finally:
                for wait in waits:
                    wait.cancel()
                await asyncio.gather(*waits, return_exceptions=True)
                await watch.end()
        if self._roster is roster:
            raise RadioUnavailable("bluetoothd went away")

    async def _until_roster_changes(self) -> None:
        """Wait for another usable roster.toml, and take it."""
        path = self._settings.roster_file
        known = _stamp(self._settings)
        while True:
            await asyncio.sleep(_ROSTER_LOOK_EVERY_S)
            stamp = _stamp(self._settings)
            if stamp == known:
                continue
            known = stamp
            try:
                roster: Roster = read_roster(path)
            except RosterUnusable as unusable:
                log.error("roster not taken", mistakes=list(unusable.mistakes))
                continue
            log.info("roster changed", devices=len(roster.devices))
            self._roster = roster
            self._board.enrol(roster)
            return

    def _status(self, online: bool) -> GatewayStatus:
        return self._board.status(
            self._settings.gateway_id, self._outbox.counts(), online=online, at=self._now()
        )


async def _until(event: asyncio.Event) -> None:
    await event.wait()


def _stamp(settings: GatewaySettings) -> tuple[int, int] | None:
    """What tells one version of the roster from another; None where there is none."""
    try:
        found = settings.roster_file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
