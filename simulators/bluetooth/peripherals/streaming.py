"""Oximeters that stream what they see while a finger is in, and keep nothing."""

import asyncio
from abc import abstractmethod
from collections.abc import Mapping

from bumble.gatt import Characteristic, Service
from bumble.gatt_server import Server

from simulators.bluetooth.advert import Advert
from simulators.bluetooth.peripherals.attributes import Properties, measured_by
from simulators.bluetooth.peripherals.instrument import Instrument, Taken
from vitals.measure import Measure


class StreamingOximeter(Instrument):
    """Who is subscribed while a finger is in gets the stream; who is late gets the rest of it."""

    service: str
    """The UUID of its service, which it advertises."""
    stream: str
    """The UUID of the characteristic that it notifies."""
    interval_s = 1.0
    finger_s = 8.0
    """For how long a finger stays in, once somebody is connected."""
    needs = (Measure.SPO2, Measure.HEART_RATE)
    _stream: Characteristic[bytes] | None = None
    _measuring: "asyncio.Task[None] | None" = None

    @abstractmethod
    def packet(self, values: Mapping[Measure, float] | None, number: int) -> bytes:
        """One notification; None: there is no finger, or nothing can be made of it."""

    @property
    def busy(self) -> bool:
        """Whether a finger is in."""
        return self._measuring is not None and not self._measuring.done()

    def advertisement(self) -> Advert:
        """Its name and service: together they are too long for one packet."""
        return Advert(name=self.identity.name, uuids=(self.service,))

    def services(self, server: Server) -> list[Service]:
        self._stream = measured_by(server, self.stream, Properties.NOTIFY, secured=False)
        return [Service(self.service, [self._stream])]

    async def take(self, values: Mapping[Measure, float], *, failed: bool = False) -> Taken:
        """Put a finger in, until it was measured or nobody connected while it was advertised."""
        self.memory.sequence += 1
        self.save()
        await self.advertise()
        if self._measuring is not None:
            self._measuring.cancel()
        shown = None if failed else values
        self._measuring = asyncio.get_running_loop().create_task(self._measure(shown))
        return Taken(frame=self.packet(shown, 0), values=values)

    async def _measure(self, shown: Mapping[Measure, float] | None) -> None:
        left_s = self.manners.advertise_s
        while self.connection is None and left_s > 0:
            await asyncio.sleep(0.05)
            left_s -= 0.05
        self.be_busy()
        for number in range(round(self.finger_s / self.interval_s)):
            if self.connection is None or self._stream is None:
                return
            await self.notify(self._stream, self.packet(shown, number))
            await asyncio.sleep(self.interval_s)
        if self._stream is not None:
            await self.notify(self._stream, self.packet(None, 0))
        await self.hang_up()

    async def power_off(self) -> None:
        if self._measuring is not None:
            self._measuring.cancel()
        await super().power_off()
