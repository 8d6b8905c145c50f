"""Plays a profile's handshake over a link: writes and reads in their order, replies, and polls."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from device_profiles.handshake import Action, Dialogue, Facts, Handshake, Poll, Read
from gateway.radio import RefusedByDevice
from vitals.ids import DeviceId

log: structlog.types.FilteringBoundLogger = structlog.get_logger()


class Line(Protocol):
    """What a conversation needs of a link."""

    def has(self, characteristic: str, service: str | None = None) -> bool: ...
    async def read(self, characteristic: str, service: str | None = None) -> bytes: ...
    async def write(
        self, characteristic: str, data: bytes, service: str | None = None, *, response: bool = True
    ) -> None: ...


class Conversation:
    """One handshake with one device. Tell it with `heard` what came, while `run` runs."""

    def __init__(
        self,
        line: Line,
        handshake: Handshake,
        facts: Facts,
        device_id: DeviceId,
        *,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._line = line
        self._polls = handshake.polls
        self._dialogue = Dialogue(handshake, facts)
        self._device_id = device_id
        self._now_s = now_s
        self._touched_s = now_s()
        self._due: asyncio.Queue[Action] = asyncio.Queue()

    @property
    def kept(self) -> dict[str, bytes]:
        """What this and earlier sessions kept."""
        return self._dialogue.kept

    @property
    def under_way(self) -> bool:
        """Whether a step is still to come: silence is no end then."""
        return not self._dialogue.done

    def heard(self, characteristic: str, frame: bytes) -> None:
        """The device has sent this."""
        self._put(self._dialogue.hear(characteristic, frame))

    async def run(self) -> str:
        """Go on until cancelled; where the device does not answer as it must, end with what was missing.

        Raises LinkLost.
        """
        parts = [
            asyncio.ensure_future(self._play()),
            *map(asyncio.ensure_future, map(self._poll, self._polls)),
        ]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    async def _play(self) -> str:
        self._put(self._dialogue.begin())
        while self._dialogue.failed is None:
            try:
                # Not wait_for: before Python 3.12 that forgets a cancellation which comes with an action.
                async with asyncio.timeout(self._patience_s()):
                    action = await self._due.get()
            except TimeoutError:
                if (self._patience_s() or 0.0) <= 0.0:
                    self._put(self._dialogue.expire())
                continue
            await self._do(action)
        return self._dialogue.failed

    def _patience_s(self) -> float | None:
        deadline = self._dialogue.deadline
        if deadline is None:
            return None
        return max(0.0, self._touched_s + deadline.total_seconds() - self._now_s())

    def _put(self, actions: Sequence[Action]) -> None:
        self._touched_s = self._now_s()
        for action in actions:
            self._due.put_nowait(action)

    async def _do(self, action: Action) -> None:
        if isinstance(action, Read):
            self._put(self._dialogue.answer(await self._read(action.characteristic)))
        else:
            await self._write(action.characteristic, action.value, response=action.response)

    async def _read(self, characteristic: str) -> bytes | None:
        if not self._line.has(characteristic):
            return None
        try:
            return await self._line.read(characteristic)
        except RefusedByDevice:
            return None

    async def _write(self, characteristic: str, value: bytes, *, response: bool) -> None:
        try:
            await self._line.write(characteristic, value, response=response)
        except RefusedByDevice as refused:
            log.info(
                "write refused", device_id=self._device_id, characteristic=characteristic, code=refused.code
            )

    async def _poll(self, poll: Poll) -> str:
        while True:
            await self._write(poll.characteristic, poll.value, response=poll.response)
            await asyncio.sleep(poll.every.total_seconds())
