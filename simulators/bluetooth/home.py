"""One simulated home: a private bus, the gateway's adapter behind BlueZ, and the instruments on the air."""

import asyncio
import contextlib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from simulators.bluetooth.air import Air
from simulators.bluetooth.bluez.daemon import BluezDaemon
from simulators.bluetooth.bus import PrivateBus, bus_address, home_socket, start_bus
from simulators.bluetooth.memory import BondStore, HomeMemory
from simulators.bluetooth.peripherals.catalog import make_instrument
from simulators.bluetooth.peripherals.instrument import Identity, Instrument, Manners, Surroundings
from simulators.bluetooth.radio import Radio
from simulators.ward import Device
from vitals.ids import DeviceId, GatewayId

log = structlog.get_logger()

_BUS_PAUSE_S = 0.5


def _adapter_address(gateway_id: GatewayId) -> str:
    """A static random address of the home's own, so that bonds mean the same after a restart."""
    digest = bytearray(hashlib.blake2b(gateway_id.encode(), digest_size=6).digest())
    digest[0] |= 0xC0
    return digest.hex(":").upper()


class SimulatedHome:
    """A home. What it remembers is in its directory, and comes back with the same gateway id."""

    def __init__(
        self,
        gateway_id: GatewayId,
        directory: Path,
        *,
        time_zone: str,
        now: Callable[[], datetime],
        seed: int = 0,
        temporary_s: float = 30.0,
    ) -> None:
        """`temporary_s`: for how long BlueZ knows a device that is neither heard, bonded nor trusted."""
        self.gateway_id = gateway_id
        self.air = Air(seed)
        self._temporary_s = temporary_s
        self.instruments: dict[DeviceId, Instrument] = {}
        self._socket = home_socket(directory, gateway_id)
        self._memory = HomeMemory(directory / f"{gateway_id}.memory.json")
        self._around = Surroundings(air=self.air, memory=self._memory, zone=ZoneInfo(time_zone), now=now)
        self._bus: PrivateBus | None = None
        self._radio: Radio | None = None
        self._bluez: BluezDaemon | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def bus_address(self) -> str:
        """What DBUS_SYSTEM_BUS_ADDRESS must be for this home's gateway."""
        return bus_address(self._socket)

    @property
    def bus(self) -> PrivateBus | None:
        """The bus that runs now."""
        return self._bus

    async def start(self, devices: Sequence[Device], manners: Callable[[], Manners] = Manners) -> None:
        """Bring up bus, BlueZ and instruments. Raises the errors of `start_bus`."""
        bonds = BondStore(self._memory.bonds, self._memory.save)
        self._bus = await start_bus(self._socket)
        self._radio = await Radio.power_on("gateway", _adapter_address(self.gateway_id), self.air, bonds)
        self._bluez = BluezDaemon(self._radio, self._memory, temporary_s=self._temporary_s)
        await self._bluez.start(self._bus.address)
        self._keeper = asyncio.get_running_loop().create_task(self._keep_bus(self._bluez))
        for device in devices:
            instrument = make_instrument(device.profile, _identity(device), self._around, manners())
            instrument.manners.passkey = device.passkey
            self.instruments[device.device_id] = instrument
            await instrument.power_on()

    async def _keep_bus(self, bluez: BluezDaemon) -> None:
        """Start another bus whenever this one ends."""
        while True:
            await bluez.bus_lost()
            log.warning("simulated bus lost", gateway_id=self.gateway_id)
            if self._bus is not None:
                await self._bus.stop()
            await asyncio.sleep(_BUS_PAUSE_S)
            self._bus = await start_bus(self._socket)
            await bluez.start(self._bus.address)
            log.info("simulated bus is back", gateway_id=self.gateway_id)

    async def stop(self) -> None:
        """Take everything down; memory and bonds stay."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        for instrument in self.instruments.values():
            await instrument.power_off()
        if self._bluez is not None:
            await self._bluez.stop()
        if self._radio is not None:
            await self._radio.power_off()
        if self._bus is not None:
            await self._bus.stop()


def _identity(device: Device) -> Identity:
    known = Identity(device_id=device.device_id, address=device.address, name=device.name)
    if device.user_slot is not None:
        known = replace(known, user_slot=device.user_slot)
    return known if device.consent_code is None else replace(known, consent_code=device.consent_code)
