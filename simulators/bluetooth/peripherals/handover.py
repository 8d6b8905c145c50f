"""How an instrument hands its readings over: oldest first, and forgotten only when they were confirmed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bumble.device import Connection, Device
from bumble.gatt import Characteristic

from simulators.bluetooth.air import Air
from simulators.bluetooth.memory import StoredFrame

# How long a link that is about to be lost still carries the reading, though not its confirmation.
_LAST_BREATH_S = 0.05


@dataclass(slots=True, kw_only=True)
class LinkLoss:
    """A fault: once `after` readings were confirmed, the link is lost with the next one on the air.

    `confirmation_lost`: the reading arrives, and only its confirmation does not.
    """

    after: int
    confirmation_lost: bool = False


class Handover:
    """The readings of one instrument on their way to whoever is subscribed."""

    def __init__(
        self,
        device: Device,
        characteristic: Characteristic[bytes],
        frames: list[StoredFrame],
        save: Callable[[], None],
        air: Air,
    ) -> None:
        self._device = device
        self._characteristic = characteristic
        self._frames = frames
        self._save = save
        self._air = air
        self.runs = False

    async def run(self, connection: Connection, *, linger_s: float, loss: LinkLoss | None) -> bool:
        """Hand over until nothing came for `linger_s`; False where link or subscription went first."""
        self.runs = True
        lost: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def on_disconnection(reason: int) -> None:
            lost.set_result(reason)

        connection.once(connection.EVENT_DISCONNECTION, on_disconnection)
        confirmed = 0
        try:
            while True:
                while self._frames:
                    failing = loss if loss is not None and loss.after <= confirmed else None
                    if not await self._hand_over(connection, lost, failing):
                        return False
                    confirmed += 1
                await asyncio.wait({lost}, timeout=linger_s)
                if not self._frames or lost.done():
                    return not lost.done()
        finally:
            self.runs = False
            # Bumble's server remembers a connection for which an indication was cancelled for ever.
            if lost.done():
                self._device.gatt_server.on_disconnection(connection)

    async def _hand_over(
        self, connection: Connection, lost: "asyncio.Future[int]", loss: LinkLoss | None
    ) -> bool:
        stored = self._frames[0]
        frame = bytes.fromhex(stored.frame)
        subscription = self._device.gatt_server.read_cccd(connection, self._characteristic)
        if not any(subscription) or lost.done():
            return False
        if loss is not None and loss.confirmation_lost:
            self._air.lose_packets_to(connection.self_address)
        if subscription[0] & 1:
            await self._device.notify_subscriber(connection, self._characteristic, frame, force=True)
        else:
            indicated = asyncio.ensure_future(
                self._device.indicate_subscriber(connection, self._characteristic, frame, force=True)
            )
            if loss is not None:
                await asyncio.sleep(_LAST_BREATH_S if loss.confirmation_lost else 0)
                self._air.cut(connection.self_address)
            if not await _confirmed(indicated, lost):
                return False
        # Forgotten by identity: another reading may have been added meanwhile.
        self._frames.remove(stored)
        self._save()
        return True


async def _confirmed(indicated: "asyncio.Future[None]", lost: "asyncio.Future[int]") -> bool:
    """Whether the confirmation came before the link ended; Bumble would wait half a minute more for it."""
    try:
        await asyncio.wait({indicated, lost}, return_when=asyncio.FIRST_COMPLETED)
        if indicated.done() and not indicated.cancelled() and indicated.exception() is None:
            return True
    finally:
        indicated.cancel()
        with suppress(asyncio.CancelledError, TimeoutError):
            await indicated
    return False
