"""One session: what is asked of a device between connection and hang-up, and in which order."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from device_profiles.handshake import Await, Facts
from device_profiles.interpret import Interpreter, Outcome
from device_profiles.profile import Clock, Delivery
from device_profiles.refusal import Reason, Refusal
from device_profiles.uuids import full_uuid
from gateway import clock
from gateway.board import DeviceNotes
from gateway.conversation import Conversation, Line
from gateway.radio import LinkLost, RefusedByDevice
from gateway.roster import EnrolledDevice
from gateway.visits import Ending
from vitals.errors import HubError
from vitals.reading import Reading, reading_id

log: structlog.types.FilteringBoundLogger = structlog.get_logger()

MODEL, FIRMWARE = "2a24", "2a26"
# Until the first frame a device may take its time; afterwards its profile says what silence means.
FIRST_FRAME_WITHIN = timedelta(seconds=10)
# A device that streams without end is let go now and then, so that what it said so far becomes readings.
LONGEST = timedelta(minutes=10)
# A message that is broken in one of these ways was meant as a measurement; a flood of them is another matter.
_BROKEN = frozenset({Reason.TRUNCATED, Reason.LENGTH, Reason.CHECKSUM, Reason.OUT_OF_RANGE})
MOST_BROKEN = 5
_INDICATED = Delivery.INDICATE
_FIRST = asyncio.FIRST_COMPLETED


class Link(Line, Protocol):
    """A connection to one device; `gateway.radio.Link` in life."""

    hung_up: asyncio.Event

    async def subscribe(self, characteristic: str, said: Callable[[bytes], None]) -> None: ...


class Session:
    """One session of one device.

    `keep` commits a reading to the disk before it returns, and is called from within the notification:
    bluetoothd has confirmed the indication by then, and the device forgets. `kept` is what earlier sessions
    left for this one, and after `run` what this one leaves for the next.
    """

    def __init__(
        self,
        link: Link,
        device: EnrolledDevice,
        notes: DeviceNotes,
        *,
        keep: Callable[[Reading], None],
        now: Callable[[], datetime],
        kept: Mapping[str, bytes],
    ) -> None:
        self._link = link
        self._device = device
        self._profile = device.profile
        self._notes = notes
        self._keep = keep
        self._now = now
        self.kept = dict(kept)
        self._said = asyncio.Event()
        self._closed = False
        self._failed: HubError | None = None
        self._unread: Counter[str] = Counter()

    async def run(self) -> Ending:
        """Set the clock, subscribe last, take everything until the device hangs up or has no more to say."""
        try:
            await self._log_information()
            offset = await self._set_clock()
            interpreter = self._interpreter(offset)
            conversation = self._conversation()
            if not await self._subscribe(interpreter, conversation):
                return Ending.UNSUITABLE
            try:
                ending = await self._drain(conversation)
            finally:
                # However it ended: what a stream has said so far is a reading.
                self._take(interpreter.finish(received_at=self._now()))
            if self._failed is None:
                self.kept |= conversation.kept | interpreter.kept
        except LinkLost:
            ending = Ending.LINK_LOST
        for reason, count in self._unread.items():
            log.info("frames are no readings", device_id=self._device.device_id, reason=reason, count=count)
        return Ending.NOT_STORED if self._failed is not None else ending

    def _interpreter(self, offset: timedelta | None) -> Interpreter:
        return Interpreter(
            self._profile,
            device_id=self._device.device_id,
            zone=self._device.zone,
            context=self._device.context(),
            clock_offset=offset,
        )

    def _conversation(self) -> Conversation:
        facts = Facts(local=self._local(), kept=dict(self.kept))
        return Conversation(self._link, self._profile.handshake, facts, self._device.device_id)

    def _local(self) -> datetime:
        """What the device's clock should show now."""
        return self._now().astimezone(self._profile.zone or self._device.zone)

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
            try:
                await self._link.write(own.characteristic, own.encode(self._local()), own.service)
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
        offset = clock.offset(own.characteristic, data, self._local())
        self._notes.clock_offset_s = None if offset is None else offset.total_seconds()
        return offset

    async def _subscribe(self, interpreter: Interpreter, conversation: Conversation) -> bool:
        """Subscribe to all that the device may say; False where it lacks what its profile needs."""
        channels = {full_uuid(channel.characteristic): channel for channel in self._profile.channels}
        missing = [uuid for uuid, each in channels.items() if not each.optional and not self._link.has(uuid)]
        if missing:
            log.warning("device lacks characteristics", device_id=self._device.device_id, missing=missing)
            return False
        handshake = self._profile.handshake
        awaited = [step.characteristic for step in handshake.steps if isinstance(step, Await)]
        awaited += [reply.characteristic for reply in handshake.replies]
        wanted = dict.fromkeys([*map(full_uuid, awaited), *channels])
        there = [uuid for uuid in wanted if self._link.has(uuid)]
        for uuid in there:
            feed = interpreter if uuid in channels else None
            await self._link.subscribe(uuid, self._listener(uuid, feed, conversation))
        return any(uuid in channels for uuid in there)

    def _listener(
        self, characteristic: str, interpreter: Interpreter | None, conversation: Conversation
    ) -> Callable[[bytes], None]:
        def said(chunk: bytes) -> None:
            self._notes.frames += 1
            if interpreter is not None:
                outcomes = interpreter.feed(characteristic, chunk, received_at=self._now())
                self._take([self._unless_lost(outcome, characteristic, chunk) for outcome in outcomes])
            conversation.heard(characteristic, chunk)
            closing = self._profile.session_end.closing
            if closing is not None and closing(characteristic, chunk):
                self._closed = True
            self._said.set()

        return said

    def _unless_lost(self, outcome: Outcome, characteristic: str, chunk: bytes) -> Outcome:
        """A device forgets what it has indicated: what we cannot read of that is kept as a failure."""
        indicated = {
            full_uuid(each.characteristic) for each in self._profile.channels if each.by == _INDICATED
        }
        if (
            not isinstance(outcome, Refusal)
            or outcome.reason not in _BROKEN
            or characteristic not in indicated
            or self._unread[str(outcome.reason)] >= MOST_BROKEN
        ):
            return outcome
        self._unread[str(outcome.reason)] += 1
        received_at = self._now()
        return Reading(
            reading_id=reading_id(self._device.device_id, chunk, None, received_at),
            device_id=self._device.device_id,
            profile=self._profile.name,
            measured_at=received_at,
            received_at=received_at,
            failure=f"the device's message could not be read ({outcome.reason})",
            raw=chunk,
        )

    async def _drain(self, conversation: Conversation) -> Ending:
        """Until the device hangs up, closes, or is silent; while the handshake goes on, it is not silent."""
        talking = asyncio.ensure_future(conversation.run())
        hung_up = asyncio.ensure_future(self._link.hung_up.wait())
        idle_s = self._profile.session_end.idle.total_seconds()
        wait_s = max(idle_s, FIRST_FRAME_WITHIN.total_seconds())
        ends_s = time.monotonic() + LONGEST.total_seconds()
        try:
            while self._failed is None and not self._closed and time.monotonic() < ends_s:
                self._said.clear()
                said = asyncio.ensure_future(self._said.wait())
                await asyncio.wait({talking, hung_up, said}, timeout=wait_s, return_when=_FIRST)
                heard = said.done()
                said.cancel()
                if talking.done():
                    return self._talked(talking)
                if hung_up.done():
                    return Ending.HUNG_UP
                if heard:
                    wait_s = idle_s
                elif not conversation.under_way:
                    return Ending.SILENT
            return Ending.SILENT
        finally:
            for task in (talking, hung_up):
                task.cancel()
            await asyncio.gather(talking, hung_up, return_exceptions=True)

    def _talked(self, talking: asyncio.Future[str]) -> Ending:
        try:
            missing = talking.result()
        except LinkLost:
            return Ending.LINK_LOST
        log.warning("device did not answer", device_id=self._device.device_id, missing=missing)
        return Ending.HANDSHAKE_FAILED

    def _take(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if not isinstance(outcome, Reading):
                self._unread[str(outcome.reason)] += 1
                continue
            reading = self._device.attributed(outcome)
            try:
                self._keep(reading)
            except HubError as error:
                # Raised on, it would end in bleak's log. The session ends instead: the device keeps the rest.
                self._failed = error
                self._said.set()
                log.error("reading could not be stored", reading_id=reading.reading_id, reason=str(error))
