"""One session: what is asked of a device between connection and hang-up, and in which order."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from device_profiles.interpret import Interpreter, Outcome
from device_profiles.profile import Channel, Clock, Context
from gateway import clock
from gateway.board import DeviceNotes
from gateway.radio import LinkLost, RefusedByDevice
from gateway.roster import EnrolledDevice
from gateway.visits import Ending
from vitals.errors import HubError
from vitals.reading import Reading

log: structlog.types.FilteringBoundLogger = structlog.get_logger()

MODEL, FIRMWARE = "2a24", "2a26"
# Until the first frame a device may take its time; afterwards its profile says what silence means.
FIRST_FRAME_WITHIN = timedelta(seconds=10)
# A device that streams without end is let go now and then, so that what it said so far becomes readings.
LONGEST = timedelta(minutes=10)


class Link(Protocol):
    """A connection to one device; `gateway.radio.Link` in life."""

    hung_up: asyncio.Event

    def has(self, characteristic: str, service: str | None = None) -> bool: ...
    async def read(self, characteristic: str, service: str | None = None) -> bytes: ...
    async def write(
        self, characteristic: str, data: bytes, service: str | None = None, *, response: bool = True
    ) -> None: ...
    async def subscribe(self, characteristic: str, said: Callable[[bytes], None]) -> None: ...


class Session:
    """One session of one device.

    `keep` commits a reading to the disk before it returns, and is called from within the notification:
    bluetoothd has confirmed the indication by then, and the device forgets.
    """

    def __init__(
        self,
        link: Link,
        device: EnrolledDevice,
        notes: DeviceNotes,
        *,
        keep: Callable[[Reading], None],
        now: Callable[[], datetime],
    ) -> None:
        self._link = link
        self._device = device
        self._notes = notes
        self._keep = keep
        self._now = now
        self._said = asyncio.Event()
        self._failed: HubError | None = None
        self._unread: Counter[str] = Counter()

    async def run(self) -> Ending:
        """Set the clock, subscribe last, take everything until the device hangs up or has no more to say."""
        try:
            await self._log_information()
            offset = await self._set_clock()
            interpreter = Interpreter(
                self._device.profile,
                device_id=self._device.device_id,
                zone=self._device.zone,
                context=Context(bind_key=self._device.bind_key, address=_printed(self._device.address)),
                clock_offset=offset,
            )
            if not await self._subscribe(interpreter):
                return Ending.UNSUITABLE
            ending = await self._drain()
            self._take(interpreter.finish(received_at=self._now()))
        except LinkLost:
            ending = Ending.LINK_LOST
        for reason, count in self._unread.items():
            log.info("frames are no readings", device_id=self._device.device_id, reason=reason, count=count)
        return Ending.NOT_STORED if self._failed is not None else ending

    async def _log_information(self) -> None:
        """Model and firmware, once in this process's life: some cuffs hang up on a host that asks much."""
        if self._notes.information_logged:
            return
        said: dict[str, str] = {}
        for name, characteristic in (("model", MODEL), ("firmware", FIRMWARE)):
            if self._link.has(characteristic):
                try:
                    value = await self._link.read(characteristic)
                except RefusedByDevice:
                    continue
                said[name] = value.decode(errors="replace").strip("\0 ")[:40]
        self._notes.information_logged = True
        log.info("device information", device_id=self._device.device_id, **said)

    async def _set_clock(self) -> timedelta | None:
        """Compare the clock, set it where it is off; what to add to the times of readings taken until now."""
        own = self._device.profile.clock
        if own is None or not self._link.has(own.characteristic, own.service):
            return None
        offset = await self._compare_clock(own)
        if offset is None or abs(offset) > own.tolerance:
            local = self._now().astimezone(self._device.zone)
            try:
                await self._link.write(own.characteristic, own.encode(local), own.service)
            except RefusedByDevice as refused:
                # Cuffs answer 0x80, "data field ignored", and go on with their own clock.
                log.info("clock not set", device_id=self._device.device_id, code=refused.code)
        return offset if offset is not None and abs(offset) > clock.NEGLIGIBLE else None

    async def _compare_clock(self, own: Clock) -> timedelta | None:
        if not clock.can_read(own.characteristic):
            return None
        try:
            data = await self._link.read(own.characteristic, own.service)
        except RefusedByDevice:
            return None
        offset = clock.offset(own.characteristic, data, self._now().astimezone(self._device.zone))
        self._notes.clock_offset_s = None if offset is None else offset.total_seconds()
        return offset

    async def _subscribe(self, interpreter: Interpreter) -> bool:
        """Subscribe to every channel that is there; False where one that must be is not."""
        subscribed = 0
        for channel in self._device.profile.channels:
            if self._link.has(channel.characteristic):
                await self._link.subscribe(channel.characteristic, self._listener(channel, interpreter))
                subscribed += 1
            elif not channel.optional:
                log.warning(
                    "device lacks a characteristic",
                    device_id=self._device.device_id,
                    characteristic=channel.characteristic,
                )
                return False
        return subscribed > 0

    def _listener(self, channel: Channel, interpreter: Interpreter) -> Callable[[bytes], None]:
        def said(chunk: bytes) -> None:
            self._notes.frames += 1
            self._said.set()
            self._take(interpreter.feed(channel.characteristic, chunk, received_at=self._now()))

        return said

    async def _drain(self) -> Ending:
        idle_s = self._device.profile.session_end.idle.total_seconds()
        wait_s = max(idle_s, FIRST_FRAME_WITHIN.total_seconds())
        ends_s = time.monotonic() + LONGEST.total_seconds()
        while self._failed is None and time.monotonic() < ends_s:
            self._said.clear()
            if await _first(self._link.hung_up, self._said, within_s=wait_s) is None:
                return Ending.SILENT
            if self._link.hung_up.is_set():
                return Ending.HUNG_UP
            wait_s = idle_s
        return Ending.SILENT

    def _take(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if not isinstance(outcome, Reading):
                self._unread[str(outcome.reason)] += 1
                continue
            slot = outcome.user_slot if outcome.user_slot is not None else self._device.user_slot
            reading = replace(outcome, user_slot=slot)
            try:
                self._keep(reading)
            except HubError as error:
                # Raised on, it would end in bleak's log. The session ends instead: the device keeps the rest.
                self._failed = error
                self._said.set()
                log.error("reading could not be stored", reading_id=reading.reading_id, reason=str(error))


async def _first(*events: asyncio.Event, within_s: float) -> asyncio.Event | None:
    """The first of the events that is set; None where none is in time."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    return next((event for event in events if event.is_set()), None)


def _printed(address: str) -> bytes:
    return bytes.fromhex(address.replace(":", ""))
