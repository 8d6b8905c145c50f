"""A simulated instrument on the air: it advertises for a while, takes a link, pairs and hangs up."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from bumble import core, hci
from bumble.device import AdvertisingType, Connection
from bumble.gatt import Characteristic, Service
from bumble.gatt_server import Server
from bumble.pairing import PairingConfig, PairingDelegate

from simulators.bluetooth import advert
from simulators.bluetooth.air import Air
from simulators.bluetooth.chip import Chip, hci_address, power_on
from simulators.bluetooth.memory import BondStore, HomeMemory
from simulators.bluetooth.peripherals.attributes import battery, device_information
from simulators.bluetooth.peripherals.device_clock import DeviceClock
from simulators.bluetooth.radio import KEYS_TO_SHARE, pairing
from vitals.measure import Measure


@dataclass(slots=True, kw_only=True)
class LinkLoss:
    """A fault: once `after` readings were confirmed, the link is lost with the next one on the air.

    `confirmation_lost`: the reading arrives, and only its confirmation does not.
    """

    after: int
    confirmation_lost: bool = False


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
    patience_s: float = 15.0
    """How long it stays connected to somebody who does not subscribe."""
    passkey: int | None = None
    """What it shows while pairing; None: it has no display, and pairs with whoever asks."""
    link_loss: LinkLoss | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who an instrument is; `consent_code` opens its `user_slot`, where it has such."""

    device_id: str
    address: str
    name: str
    user_slot: int = 1
    consent_code: int = 1234


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
    """One instrument. A family says what its services are, and how a measurement leaves it."""

    model: str
    manufacturer = "Hearthward"
    needs: tuple[Measure, ...]
    """What a measurement must have."""
    connectable = True

    def __init__(
        self, identity: Identity, surroundings: Surroundings, manners: Manners | None = None
    ) -> None:
        self.identity = identity
        self.manners = manners or Manners()
        self.address = hci_address(identity.address)
        self.air = surroundings.air
        self.now = surroundings.now
        self.memory = surroundings.memory.instrument(identity.device_id)
        self.save = surroundings.memory.save
        self.clock = DeviceClock(self.memory, now=surroundings.now, zone=surroundings.zone, save=self.save)
        self._bonds = BondStore(self.memory.bonds, self.save)
        self.chip: Chip | None = None
        self.connection: Connection | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @abstractmethod
    def services(self, server: Server) -> list[Service]:
        """The services of the family; device information and battery every instrument has."""

    @abstractmethod
    def advertisement(self) -> advert.Advert:
        """What it says on the air now."""

    @abstractmethod
    async def take(self, values: Mapping[Measure, float], *, failed: bool = False) -> Taken:
        """Measure, and offer the result to whoever listens; `failed`: it could not measure."""

    @property
    def remembers(self) -> int:
        """How many measurements nobody has fetched."""
        return len(self.memory.frames)

    @property
    def restless(self) -> bool:
        """Whether it advertises again by itself."""
        return self.remembers > 0

    @property
    def busy(self) -> bool:
        """Whether it stays connected though nothing is left to hand over."""
        return False

    @property
    def connected(self) -> bool:
        """Whether it has a link."""
        return self.connection is not None

    @property
    def accepts_pairing(self) -> bool:
        """Whether it pairs with whoever asks now."""
        return True

    def on_link(self, connection: Connection) -> None:  # noqa: B027  # most families do nothing then
        """A link has come about."""

    def on_link_lost(self) -> None:  # noqa: B027  # the same
        """The link has ended."""

    async def power_on(self) -> None:
        """Put it on the air. What it remembers, it offers."""
        chip = self.chip = await power_on(self.identity.name, self.address, self.air, self._bonds)
        chip.device.add_services(
            [
                *self.services(chip.device.gatt_server),
                device_information(
                    manufacturer=self.manufacturer, model=self.model, serial=self.identity.device_id
                ),
                battery(self._battery_percent),
            ]
        )
        chip.device.pairing_config_factory = self._pairing
        chip.device.on(chip.device.EVENT_CONNECTION, self._on_connection)
        if self.restless:
            self.soon(self.advertise())

    def _battery_percent(self) -> int:
        return max(5, 100 - self.memory.sequence // 40)

    def _pairing(self, _connection: Connection) -> PairingConfig:
        return pairing(_Display(self))

    async def power_off(self) -> None:
        """Take it off the air, at once."""
        self._cancel_timer()
        for task in list(self._tasks):
            task.cancel()
        if self.chip is not None:
            self.air.cut(self.address)
            await self.chip.power_off()
            self.chip = None

    def forget_bonds(self) -> None:
        """Lose every bond, as after a reset to factory settings."""
        self._bonds.forget_all()

    def soon(self, work: Coroutine[None, None, None]) -> None:
        """Do it in the background, for as long as the instrument is on."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _after(self, seconds: float, then: Callable[[], Coroutine[None, None, None]]) -> None:
        self._cancel_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, lambda: self.soon(then()))

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def advertise(self) -> None:
        """Advertise for a while, unless it has a link."""
        if self.chip is None or self.connection is not None:
            return
        self._after(self.manners.advertise_s, self.fall_silent)
        said = advert.encode(self.advertisement())
        kind = AdvertisingType.UNDIRECTED_CONNECTABLE_SCANNABLE
        await self.chip.device.start_advertising(
            advertising_type=kind if self.connectable else AdvertisingType.UNDIRECTED_SCANNABLE,
            own_address_type=self.chip.own_address_type,
            advertising_data=said.data,
            scan_response_data=said.scan_response,
            advertising_interval_min=self.manners.interval_ms,
            advertising_interval_max=self.manners.interval_ms,
        )

    async def fall_silent(self) -> None:
        """Stop advertising; what it remembers, it offers again later."""
        self._cancel_timer()
        if self.chip is not None:
            await self.chip.device.stop_advertising()
        if self.restless:
            self._after(self.manners.again_s, self.advertise)

    def _on_connection(self, connection: Connection) -> None:
        self.connection = connection
        connection.on(connection.EVENT_DISCONNECTION, self._on_disconnection)
        self.be_patient()
        self.on_link(connection)

    def be_patient(self, seconds: float | None = None) -> None:
        """Hang up in a while, unless something happens."""
        self._after(self.manners.patience_s if seconds is None else seconds, self.hang_up)

    def be_busy(self) -> None:
        """Something happens: do not hang up."""
        self._cancel_timer()

    def _on_disconnection(self, _reason: int) -> None:
        self.connection = None
        self._cancel_timer()
        self.on_link_lost()
        if self.restless:
            self.soon(self.advertise())

    async def notify(self, characteristic: Characteristic[bytes], frame: bytes) -> None:
        """Notify whoever is subscribed just now."""
        if self.chip is not None and self.connection is not None:
            await self.chip.device.notify_subscriber(self.connection, characteristic, frame)

    async def indicate(self, characteristic: Characteristic[bytes], frame: bytes) -> None:
        """Indicate to whoever is subscribed just now; that it may be lost with the link is no matter."""
        if self.chip is not None and self.connection is not None:
            with suppress(asyncio.CancelledError, TimeoutError):
                await self.connection.cancel_on_disconnection(
                    self.chip.device.indicate_subscriber(self.connection, characteristic, frame)
                )

    async def hang_up(self) -> None:
        """End the link, if there is one."""
        if self.connection is not None:
            with suppress(core.ConnectionError, hci.HCI_Error, asyncio.CancelledError):
                await self.connection.disconnect()


class _Display(PairingDelegate):
    """The instrument's side of pairing: nothing to press, and at most a passkey to show."""

    def __init__(self, instrument: Instrument) -> None:
        capability = PairingDelegate.IoCapability
        passkey = instrument.manners.passkey
        super().__init__(
            io_capability=capability.NO_OUTPUT_NO_INPUT
            if passkey is None
            else capability.DISPLAY_OUTPUT_ONLY,
            local_initiator_key_distribution=KEYS_TO_SHARE,
            local_responder_key_distribution=KEYS_TO_SHARE,
        )
        self._passkey = passkey
        self._instrument = instrument

    async def accept(self) -> bool:
        """Whether to pair at all."""
        return self._instrument.accepts_pairing

    async def generate_passkey(self) -> int:
        """The passkey that it shows."""
        return self._passkey or 0
