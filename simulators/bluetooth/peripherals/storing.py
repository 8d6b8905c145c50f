"""Instruments that store readings and hand them over: oldest first, forgotten only when confirmed."""

import asyncio
from abc import abstractmethod
from collections.abc import Mapping

from bumble.device import Connection
from bumble.gatt import Characteristic, Service
from bumble.gatt_server import Server

from simulators.bluetooth.advert import Advert
from simulators.bluetooth.memory import StoredFrame
from simulators.bluetooth.peripherals.instrument import Instrument, LinkLoss, Taken
from vitals.measure import Measure

# How long a link that is about to be lost still carries the reading, though not its confirmation.
_LAST_BREATH_S = 0.05
# Whoever switched its readings off is about to go; or their bluetoothd did it, because they are gone.
_UNWANTED_S = 5.0


class StoringInstrument(Instrument):
    """Whoever subscribes to its measurement gets everything that it stored, and then it hangs up."""

    service: str
    """The 16-bit UUID it advertises."""
    _measurement: Characteristic[bytes] | None = None
    _handing_over = False

    @abstractmethod
    def measurement(self, server: Server) -> tuple[Characteristic[bytes], list[Service]]:
        """The characteristic that hands readings over, and the services of the family."""

    @abstractmethod
    def write(self, values: Mapping[Measure, float], *, failed: bool) -> Taken:
        """The frame of a measurement, dated by the clock; `failed`: the device could not measure."""

    @property
    def ready_to_hand_over(self) -> bool:
        """Whether it hands over in this link."""
        return True

    def advertisement(self) -> Advert:
        """Its name and service."""
        return Advert(name=self.identity.name, uuids=(self.service,))

    def services(self, server: Server) -> list[Service]:
        """The services of the family."""
        self._measurement, services = self.measurement(server)
        self._measurement.on(self._measurement.EVENT_SUBSCRIPTION, self._on_subscription)
        return services

    async def take(self, values: Mapping[Measure, float], *, failed: bool = False) -> Taken:
        """Measure: keep the result, and offer it to whoever listens."""
        taken = self.write(values, failed=failed)
        self.memory.sequence += 1
        self.memory.frames.append(StoredFrame(frame=taken.frame.hex(), device_time=taken.device_time))
        self.save()
        await self.advertise()
        if self.connection is not None:
            self.offer(self.connection)
        return taken

    def _on_subscription(self, connection: Connection, notify: bool, indicate: bool) -> None:
        if notify or indicate:
            self.offer(connection)
        else:
            self.be_patient(_UNWANTED_S)

    def offer(self, connection: Connection) -> None:
        """Begin to hand over, if somebody is subscribed."""
        self.soon(self._hand_over(connection))

    async def handed_over(self, stored: StoredFrame) -> None:
        """A reading was confirmed, and is about to be forgotten."""

    async def _hand_over(self, connection: Connection) -> None:
        if self._handing_over or not self.ready_to_hand_over:
            return
        self.be_busy()
        self._handing_over = True
        try:
            await asyncio.sleep(self.manners.settle_s)
            done = await self._hand_over_all(connection)
        finally:
            self._handing_over = False
        if done and not self.busy:
            await self.hang_up()
        elif connection is self.connection:
            self.be_patient(None if done else _UNWANTED_S)

    async def _hand_over_all(self, connection: Connection) -> bool:
        """Until nothing came for a while; False where link or subscription went first."""
        lost: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def on_disconnection(reason: int) -> None:
            lost.set_result(reason)

        connection.once(connection.EVENT_DISCONNECTION, on_disconnection)
        confirmed = 0
        while connection is self.connection:
            while self.memory.frames:
                loss = self.manners.link_loss
                failing = loss if loss is not None and loss.after <= confirmed else None
                if not await self._hand_over_one(connection, lost, failing):
                    return False
                confirmed += 1
            await asyncio.wait({lost}, timeout=self.manners.hang_up_s)
            if not self.memory.frames:
                return not lost.done()
        return False

    async def _hand_over_one(
        self, connection: Connection, lost: "asyncio.Future[int]", loss: LinkLoss | None
    ) -> bool:
        """Whether the oldest reading was confirmed; then it is forgotten."""
        if self.chip is None or self._measurement is None or lost.done():
            return False
        stored = self.memory.frames[0]
        device = self.chip.device
        subscription = device.gatt_server.read_cccd(connection, self._measurement)
        if not any(subscription):
            return False
        if loss is not None and loss.confirmation_lost:
            self.air.lose_packets_to(self.address)
        # `force`: where the subscription just went, Bumble would say nothing, and seem to have sent it.
        frame = bytes.fromhex(stored.frame)
        if subscription[0] & 1:
            await device.notify_subscriber(connection, self._measurement, frame, force=True)
        else:
            indicated = asyncio.ensure_future(
                device.indicate_subscriber(connection, self._measurement, frame, force=True)
            )
            if loss is not None:
                await asyncio.sleep(_LAST_BREATH_S if loss.confirmation_lost else 0)
                self.air.cut(self.address)
            if not await _confirmed(indicated, lost):
                # Bumble's server remembers a connection for which an indication was cancelled for ever.
                device.gatt_server.on_disconnection(connection)
                return False
        await self.handed_over(stored)
        self.memory.frames.remove(stored)
        self.save()
        return True


async def _confirmed(indicated: "asyncio.Future[None]", lost: "asyncio.Future[int]") -> bool:
    """Whether the confirmation came before the link ended; Bumble would wait half a minute more for it."""
    try:
        await asyncio.wait({indicated, lost}, return_when=asyncio.FIRST_COMPLETED)
        return indicated.done() and not indicated.cancelled() and indicated.exception() is None
    finally:
        indicated.cancel()
