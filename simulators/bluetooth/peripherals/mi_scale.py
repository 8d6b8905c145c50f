"""A Xiaomi body composition scale: it weighs into its advertisements, and nobody connects to it.

Layout and behaviour: openScale's wiki, theengs decoder, ble_monitor; facts only.
"""

import asyncio
import struct
from collections.abc import Mapping

from bumble.gatt import Service
from bumble.gatt_server import Server

from device_profiles.gatt import date_time
from device_profiles.uuids import full_uuid
from simulators.bluetooth.advert import Advert
from simulators.bluetooth.peripherals.instrument import Instrument, Taken
from vitals.measure import Measure

_KILOGRAMS, _STABLE, _IMPEDANCE, _REMOVED = 0x02, 0x20, 0x02, 0x80
_STILL_MEASURING = 0xFFFE
_OHM = 512.0
"""What an ordinary pair of feet has, where nobody says otherwise."""
_SERVICE = full_uuid("181b")


class MiScale(Instrument):
    """The same weighing comes again and again: not stable, stable, with impedance, after stepping off."""

    manufacturer = "Xiaomi"
    model = "XMTZC05HM"
    needs = (Measure.WEIGHT,)
    connectable = False
    phases_s = (0.6, 1.0, 3.0, 2.0)
    """How long it advertises each of the four."""
    _data = b""
    _weighing: "asyncio.Task[None] | None" = None

    def services(self, server: Server) -> list[Service]:
        return []

    def advertisement(self) -> Advert:
        return Advert(name=self.identity.name, service_data={_SERVICE: self._data})

    async def take(self, values: Mapping[Measure, float], *, failed: bool = False) -> Taken:
        """Step on; `failed`: step off before it is stable."""
        self.memory.sequence += 1
        self.save()
        time = date_time.encode(self.clock.time())
        kilograms = values[Measure.WEIGHT]
        ohm = round(values.get(Measure.IMPEDANCE, _OHM))
        final = _frame(_STABLE | _IMPEDANCE, time, ohm, kilograms)
        frames = (
            _frame(0, time, _STILL_MEASURING, kilograms - 0.6),
            _frame(_STABLE, time, _STILL_MEASURING, kilograms),
            final,
            _frame(_STABLE | _IMPEDANCE | _REMOVED, time, ohm, kilograms),
        )
        if self._weighing is not None:
            self._weighing.cancel()
        shown = frames[:1] if failed else frames
        self._weighing = asyncio.get_running_loop().create_task(self._show(shown))
        return Taken(frame=final, device_time=self.clock.time().text, values=values)

    async def _show(self, frames: tuple[bytes, ...]) -> None:
        for frame, seconds in zip(frames, self.phases_s, strict=False):
            self._data = frame
            await self.advertise()
            await asyncio.sleep(seconds)
        await self.fall_silent()

    async def power_off(self) -> None:
        if self._weighing is not None:
            self._weighing.cancel()
        await super().power_off()


def _frame(control: int, time: bytes, ohm: int, kilograms: float) -> bytes:
    return bytes((_KILOGRAMS, control)) + time + struct.pack("<HH", ohm, round(kilograms * 200))
