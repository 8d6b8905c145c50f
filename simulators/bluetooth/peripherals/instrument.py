"""A simulated instrument: it measures, remembers, advertises for a while, hands over and hangs up."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

import structlog
from bumble import core, hci
from bumble.device import Connection
from bumble.gatt import Characteristic, Service
from bumble.gatt_server import Server
from bumble.pairing import PairingConfig, PairingDelegate

from simulators.bluetooth import advert
from simulators.bluetooth.air import Air
from simulators.bluetooth.chip import Chip, hci_address, power_on
from simulators.bluetooth.memory import BondStore, HomeMemory, StoredFrame
from simulators.bluetooth.peripherals.attributes import battery, device_information
from simulators.bluetooth.peripherals.device_clock import DeviceClock
from simulators.bluetooth.peripherals.handover import Handover, LinkLoss
from simulators.bluetooth.radio import KEYS_TO_SHARE, pairing
from vitals.measure import Measure

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Manners:
    """How an instrument behaves on the air; tests and scripts change it while it runs. Times in seconds."""

    advertise_s: float = 25.0
    """For how long after a measurement, or after a link that left something behind."""
    again_s: float = 40.0
    """The pause before it tries again to hand over what it still has."""
    interval_ms: float = 250.0
    settle_s: float = 0.05
    """Between the subscription and the first reading."""
    hang_up_s: float = 0.3
    """Between the last reading and the end of the link."""
    patience_s: float = 30.0
    """How long it stays connected to somebody who does not subscribe."""
    passkey: int | None = None
    """What it shows while pairing; None: it has no display, and pairs with whoever asks."""
    link_loss: LinkLoss | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who an instrument is."""

    device_id: str
    address: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where an instrument is."""

    air: Air
    memory: HomeMemory
    zone: tzinfo
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A measurement that was just taken: its frame, and the device's own time as the frame says it."""

    frame: bytes
    device_time: str | None = None
    values: Mapping[Measure, float] = field(default_factory=dict[Measure, float])


class Instrument(ABC):
    """One instrument. A family says what its services are, and how it writes a measurement."""

    service: str
    """The 16-bit UUID it advertises."""
    model: str
    needs: tuple[Measure, ...]
    """What a measurement must have."""

    def __init__(
        self, identity: Identity, surroundings: Surroundings, manners: Manners | None = None
    ) -> None:
        self.identity = identity
        self.manners = manners or Manners()
        self._around = surroundings
        self._memory = surroundings.memory.instrument(identity.device_id)
        self.clock = DeviceClock(
            self._memory, now=surroundings.now, zone=surroundings.zone, save=surroundings.memory.save
        )
        self._bonds = BondStore(self._memory.bonds, surroundings.memory.save)
        self._chip: Chip | None = None
        self._connection: Connection | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._handover: Handover | None = None

    @abstractmethod
    def measurement_services(self, server: Server) -> tuple[Characteristic[bytes], list[Service]]:
        """The characteristic that hands readings over, and the services of the family."""

    @abstractmethod
    def write(self, values: Mapping[Measure, float], *, failed: bool) -> Taken:
        """The frame of a measurement, dated by the clock; `failed`: the device could not measure."""

    @property
    def remembers(self) -> int:
        """How many measurements nobody has fetched."""
        return len(self._memory.frames)

    @property
    def busy(self) -> bool:
        """Whether it stays connected though nothing is left to hand over."""
        return False

    @property
    def connected(self) -> bool:
        """Whether it has a link."""
        return self._connection is not None

    async def power_on(self) -> None:
        """Put it on the air. What it remembers, it offers."""
        chip = await power_on(
            self.identity.name, hci_address(self.identity.address), self._around.air, self._bonds
        )
        self._chip = chip
        measurement, services = self.measurement_services(chip.device.gatt_server)
        information = device_information(
            manufacturer="Hearthward", model=self.model, serial=self.identity.device_id
        )
        chip.device.add_services([*services, information, battery(self._battery_percent)])
        chip.device.pairing_config_factory = self._pairing
        chip.device.on(chip.device.EVENT_CONNECTION, self._on_connection)
        measurement.on(measurement.EVENT_SUBSCRIPTION, self._on_subscription)
        self._handover = Handover(
            chip.device, measurement, self._memory.frames, self._around.memory.save, self._around.air
        )
        if self.remembers:
            self.soon(self._advertise())

    def _battery_percent(self) -> int:
        return max(5, 100 - self._memory.sequence // 40)

    def _pairing(self, _connection: Connection) -> PairingConfig:
        return pairing(_Display(self.manners.passkey))

    async def power_off(self) -> None:
        """Take it off the air, at once."""
        self._cancel_timer()
        for task in list(self._tasks):
            task.cancel()
        if self._chip is not None:
            self._around.air.cut(self._chip.address)
            await self._chip.power_off()

    def forget_bonds(self) -> None:
        """Lose every bond, as after a reset to factory settings."""
        self._bonds.forget_all()

    def lose_link(self) -> None:
        """Carry it out of range."""
        self._around.air.cut(hci_address(self.identity.address))

    async def take(self, values: Mapping[Measure, float], *, failed: bool = False) -> Taken:
        """Measure: keep the result, and offer it to whoever listens."""
        taken = self.write(values, failed=failed)
        self._memory.sequence += 1
        self._memory.frames.append(StoredFrame(frame=taken.frame.hex(), device_time=taken.device_time))
        self._around.memory.save()
        if self._connection is None:
            await self._advertise()
        else:
            self.soon(self._hand_over(self._connection))
        return taken

    async def advertise(self) -> None:
        """Advertise without having measured: somebody pressed the button."""
        if self._connection is None:
            await self._advertise()

    def soon(self, work: Coroutine[None, None, None]) -> None:
        """Do it in the background, for as long as the instrument is on."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _after(self, seconds: float, then: Callable[[], None]) -> None:
        self._cancel_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, then)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def advertisement(self) -> advert.Advert:
        """What it says on the air."""
        return advert.Advert(name=self.identity.name, uuids=(self.service,))

    async def _advertise(self) -> None:
        if self._chip is None:
            return
        self._after(self.manners.advertise_s, lambda: self.soon(self.fall_silent()))
        await self._chip.device.start_advertising(
            own_address_type=self._chip.own_address_type,
            advertising_data=advert.encode(self.advertisement()),
            advertising_interval_min=self.manners.interval_ms,
            advertising_interval_max=self.manners.interval_ms,
        )

    async def fall_silent(self) -> None:
        if self._chip is not None:
            await self._chip.device.stop_advertising()
        if self.remembers:
            self._after(self.manners.again_s, lambda: self.soon(self._advertise()))

    def _on_connection(self, connection: Connection) -> None:
        self._connection = connection
        connection.on(connection.EVENT_DISCONNECTION, self._on_disconnection)
        self._be_patient(connection)

    def _be_patient(self, connection: Connection) -> None:
        self._after(self.manners.patience_s, lambda: self.soon(self._hang_up(connection)))

    def _on_disconnection(self, _reason: int) -> None:
        self._connection = None
        self._cancel_timer()
        if self.remembers:
            self.soon(self._advertise())

    def _on_subscription(self, connection: Connection, notify: bool, indicate: bool) -> None:
        if notify or indicate:
            self.soon(self._hand_over(connection))

    async def _hand_over(self, connection: Connection) -> None:
        if self._handover is None or self._handover.runs:
            return
        self._cancel_timer()
        await asyncio.sleep(self.manners.settle_s)
        done = await self._handover.run(
            connection, linger_s=self.manners.hang_up_s, loss=self.manners.link_loss
        )
        if done and not self.busy:
            await self._hang_up(connection)
        elif connection is self._connection:
            self._be_patient(connection)

    async def notify(self, characteristic: Characteristic[bytes] | None, frame: bytes) -> None:
        """Send a value that is not kept to whoever is subscribed just now."""
        if self._chip is not None and self._connection is not None and characteristic is not None:
            await self._chip.device.notify_subscriber(self._connection, characteristic, frame)

    async def _hang_up(self, connection: Connection) -> None:
        if connection is self._connection:
            with suppress(core.ConnectionError, hci.HCI_Error, asyncio.CancelledError):
                await connection.disconnect()


class _Display(PairingDelegate):
    """The instrument's side of pairing: nothing to press, and at most a passkey to show."""

    def __init__(self, passkey: int | None) -> None:
        capability = PairingDelegate.IoCapability
        super().__init__(
            io_capability=capability.NO_OUTPUT_NO_INPUT
            if passkey is None
            else capability.DISPLAY_OUTPUT_ONLY,
            local_initiator_key_distribution=KEYS_TO_SHARE,
            local_responder_key_distribution=KEYS_TO_SHARE,
        )
        self._passkey = passkey

    async def generate_passkey(self) -> int:
        """The passkey that it shows."""
        return self._passkey or 0
