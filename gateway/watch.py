"""Listens for the enrolled devices and holds a session with each that advertises."""

import asyncio
import time
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

import structlog

from device_profiles.profile import Bond
from device_profiles.uuids import full_uuid
from gateway.board import Board, DeviceNotes
from gateway.broadcasts import Broadcasts
from gateway.keepsakes import Keepsakes
from gateway.outbox import Outbox, Stored
from gateway.pairing import PairingDesk
from gateway.radio import DeviceUnreachable, Heard, Link, PairingRefused, Radio
from gateway.roster import EnrolledDevice, Roster
from gateway.session import Session
from gateway.visits import Ending, Verdict
from vitals.reading import Reading

log: structlog.types.FilteringBoundLogger = structlog.get_logger()

# How often the number of strangers heard is logged; who they are is nobody's business.
_STRANGERS_EVERY_S = 3600.0


class Watch:
    """Every advertisement of an enrolled device may start a session; strangers are counted and ignored."""

    def __init__(
        self,
        roster: Roster,
        radio: Radio,
        outbox: Outbox,
        board: Board,
        *,
        directory: Path,
        stored: Callable[[Stored], None],
        now: Callable[[], datetime],
        places: int,
        connect_within_s: float,
    ) -> None:
        """`stored` is told of each reading once it is safe; `places`: how many sessions at the same time.

        `directory` is where requests to pair anew and the devices' keepsakes are.
        """
        self._roster = roster
        self._radio = radio
        self._outbox = outbox
        self._board = board
        self._desk = PairingDesk(directory)
        self._keepsakes = Keepsakes(directory)
        self._broadcasts = Broadcasts(self._keep, now)
        self._stored = stored
        self._now = now
        self._places = places
        self._connect_within_s = connect_within_s
        self._sessions: set[asyncio.Task[None]] = set()
        self._strangers: set[str] = set()
        self._strangers_told_s = time.monotonic()
        self._last_verdict: dict[str, Verdict] = {}

    async def listen(self) -> None:
        """Scan, and hold sessions, until cancelled. Raises RadioUnavailable."""
        services = self._services()
        log.info("listening", devices=len(self._roster.devices))
        while True:
            await self._radio.listen(self._on_heard, services)
            log.info("scan restarted", reason="nothing heard for a while")

    async def end(self) -> None:
        """End every session; each disconnects its device."""
        for task in self._sessions:
            task.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    def _services(self) -> Collection[str] | None:
        """What to scan for; None where a device of this home is known by its name or data only."""
        profiles = [device.profile for device in self._roster.devices]
        if not profiles or not all(profile.services and profile.connects for profile in profiles):
            return None
        return {full_uuid(service) for profile in profiles for service in profile.services}

    def _on_heard(self, heard: Heard) -> None:
        device = self._roster.enrolled(heard.address)
        if device is None:
            self._count_stranger(heard.address)
            return
        notes = self._board.notes(device)
        notes.last_seen_at = self._now()
        if device.profile.broadcasts:
            self._broadcasts.hear(device, heard)
        if not device.profile.connects:
            return
        verdict = notes.visits.verdict(
            now=self._now(),
            now_s=time.monotonic(),
            free_places=self._places - len(self._sessions),
            has_room=self._outbox.has_room,
        )
        if verdict is Verdict.CONNECT:
            notes.visits.in_session = True
            task = asyncio.get_running_loop().create_task(
                self._visit(heard, device, notes), name=device.device_id
            )
            self._sessions.add(task)
            task.add_done_callback(self._session_over)
        elif verdict is not self._last_verdict.get(device.device_id) and verdict.needs_somebody:
            log.warning("device not visited", device_id=device.device_id, reason=verdict)
        self._last_verdict[device.device_id] = verdict

    async def _visit(self, heard: Heard, device: EnrolledDevice, notes: DeviceNotes) -> None:
        ending = Ending.LINK_LOST
        frames_before = notes.frames
        log.info("session begins", device_id=device.device_id, paired=heard.paired)
        try:
            ending = await self._hold(heard, device, notes)
        finally:
            frames = notes.frames - frames_before
            needed_pairing = notes.visits.needs_pairing
            notes.visits.ended(ending, device.profile, said_something=frames > 0, now_s=time.monotonic())
            log.info("session ended", device_id=device.device_id, ending=ending, frames=frames)
            if frames:
                self._desk.close(device.device_id)
            if notes.visits.needs_pairing and not needed_pairing:
                log.error("device needs pairing", device_id=device.device_id)
            self._board.changed()

    async def _hold(self, heard: Heard, device: EnrolledDevice, notes: DeviceNotes) -> Ending:
        pairs = device.profile.bond is not Bond.NONE
        if heard.paired and notes.visits.needs_pairing and self._desk.is_open(device.device_id, self._now()):
            log.info("bond forgotten", device_id=device.device_id)
            await self._radio.forget_bond(heard)
            return Ending.BOND_FORGOTTEN
        try:
            async with self._radio.connect(heard, pair=pairs, within_s=self._connect_within_s) as link:
                if not heard.paired and device.profile.bond is Bond.REQUIRED_THEN_DISCONNECT:
                    return Ending.BONDED
                return await self._talk(link, device, notes)
        except DeviceUnreachable as unreachable:
            log.info("device unreachable", device_id=device.device_id, reason=unreachable.reason)
            return Ending.UNREACHABLE
        except PairingRefused as refused:
            log.warning("pairing failed", device_id=device.device_id, reason=refused.reason)
            return Ending.PAIRING_FAILED

    async def _talk(self, link: Link, device: EnrolledDevice, notes: DeviceNotes) -> Ending:
        kept = self._keepsakes.read(device.device_id) | device.given()
        session = Session(link, device, notes, keep=self._keep, now=self._now, kept=kept)
        ending = await session.run()
        if session.kept != kept:
            self._keepsakes.write(device.device_id, session.kept)
        return ending

    def _session_over(self, task: asyncio.Task[None]) -> None:
        self._sessions.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("session failed", session=task.get_name(), exc_info=error)

    def _keep(self, reading: Reading) -> None:
        stored = self._outbox.store(reading)
        if stored is None:
            log.info("reading known already", reading_id=reading.reading_id, device_id=reading.device_id)
            return
        log.info(
            "reading stored",
            reading_id=reading.reading_id,
            device_id=reading.device_id,
            seq=stored.seq,
            epoch=stored.epoch,
            origin=reading.origin,
        )
        self._stored(stored)

    def _count_stranger(self, address: str) -> None:
        self._strangers.add(address)
        if time.monotonic() - self._strangers_told_s > _STRANGERS_EVERY_S:
            self._strangers_told_s = time.monotonic()
            log.info("strangers ignored", count=len(self._strangers))
            self._strangers.clear()
