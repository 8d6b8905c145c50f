"""A scale of the QN protocol: it streams only to a host that answers its questions in their order.

Dialogue and layout: captures in ble-scale-sync, renpho-escs20m (MIT); facts only.
"""

import asyncio
import struct
from collections.abc import Mapping
from datetime import UTC

from bumble.device import Connection
from bumble.gatt import Characteristic, Service
from bumble.gatt_server import Server

from device_profiles.vendor import qn
from simulators.bluetooth.advert import Advert
from simulators.bluetooth.memory import StoredFrame
from simulators.bluetooth.peripherals.attributes import Properties, measured_by, writable
from simulators.bluetooth.peripherals.instrument import Instrument, Taken
from vitals.measure import Measure

_TO_CONFIG, _TIME, _START, _DONE = 0x13, 0x20, 0x22, 0x1F
_PROTOCOL = 0x15
_DIVISOR_100 = 1
_OHM = 505
_STEPS = (0.7, 0.9, 1.0, 1.0)
"""How the weight settles while somebody stands still."""


class QnScale(Instrument):
    """A weighing that nobody took in time is stored, and sent before the next live one."""

    manufacturer = "QN"
    model = "QN-Scale"
    service = "ffe0"
    needs = (Measure.WEIGHT,)
    pace_s = 0.3
    _live: Taken | None = None
    _reports: Characteristic[bytes] | None = None

    @property
    def restless(self) -> bool:
        """Somebody must stand on it."""
        return self._live is not None

    def advertisement(self) -> Advert:
        return Advert(name=self.identity.name, uuids=(self.service,))

    def services(self, server: Server) -> list[Service]:
        self._reports = measured_by(server, "ffe1", Properties.NOTIFY, secured=False)
        self._reports.on(self._reports.EVENT_SUBSCRIPTION, self._on_subscription)
        return [Service(self.service, [self._reports, writable("ffe3", self._on_write)])]

    async def take(self, values: Mapping[Measure, float], *, failed: bool = False) -> Taken:
        """Step on. `failed`: step off before it is stable."""
        self.memory.sequence += 1
        self._store_live()
        self._live = Taken(frame=_live_frame(values[Measure.WEIGHT], stable=not failed), values=values)
        self.save()
        await self.advertise()
        return self._live

    async def fall_silent(self) -> None:
        """Somebody has stepped off, and nobody had come."""
        if self.connection is None:
            self._store_live()
            self.save()
        await super().fall_silent()

    def _store_live(self) -> None:
        if self._live is not None:
            seconds = qn.seconds_of(self.now().astimezone(UTC))
            kilograms = self._live.values[Measure.WEIGHT]
            self.memory.frames.append(
                StoredFrame(frame=_stored_data(kilograms, seconds).hex(), device_time=None)
            )
            self._live = None

    def _on_subscription(self, _connection: Connection, notify: bool, _indicate: bool) -> None:
        if notify:
            data = bytes((_PROTOCOL, *bytes(7), _DIVISOR_100, *bytes(6)))
            self.soon(self._say(qn.INFO, data))

    async def _say(self, op: int, data: bytes) -> None:
        if self._reports is not None:
            await self.notify(self._reports, qn.encode(op, data))

    def _on_write(self, frame: bytes) -> None:
        self.be_patient()
        op = frame[0] if frame else None
        if op == _TO_CONFIG:
            self.soon(self._say(qn.READY, bytes((_PROTOCOL, 0))))
        elif op == _TIME:
            self.soon(self._say(qn.CONFIG, bytes((_PROTOCOL, 0))))
        elif op == _START:
            self.soon(self._stream())
        elif op == _DONE:
            self._live = None
            self.soon(self.hang_up())

    async def _stream(self) -> None:
        stored = [bytes.fromhex(frame.frame) for frame in self.memory.frames]
        for index, data in enumerate(stored, start=1):
            await self._say(qn.STORED, bytes((_PROTOCOL, len(stored), index)) + data)
        self.memory.frames.clear()
        self.save()
        live = self._live
        if live is None:
            return
        for step in _STEPS[:-1]:
            await asyncio.sleep(self.pace_s)
            await self._say_frame(_live_frame(live.values[Measure.WEIGHT] * step, stable=False))
        await asyncio.sleep(self.pace_s)
        await self._say_frame(live.frame)

    async def _say_frame(self, frame: bytes) -> None:
        if self._reports is not None:
            await self.notify(self._reports, frame)


def _live_frame(kilograms: float, *, stable: bool) -> bytes:
    weight = round(kilograms * 100)
    ohm = _OHM if stable else 0
    return qn.encode(qn.LIVE, struct.pack(">BHBHH", _PROTOCOL, weight, int(stable), ohm, ohm))


def _stored_data(kilograms: float, seconds: int) -> bytes:
    """Of firmware that knows users: their number is in front of the time."""
    values = struct.pack(">HHH", round(kilograms * 100), _OHM, _OHM)
    return bytes((1,)) + seconds.to_bytes(4, "little") + values + bytes(1)
