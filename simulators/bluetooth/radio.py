"""The gateway's Bluetooth adapter as a radio: it scans, and makes one connection at a time."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TypeVar

from bumble import core, hci
from bumble.device import Advertisement, Connection
from bumble.pairing import PairingConfig, PairingDelegate

from simulators.bluetooth.air import Air
from simulators.bluetooth.chip import Chip, hci_address, power_on
from simulators.bluetooth.link import Link
from simulators.bluetooth.memory import BondStore
from vitals.errors import HubError

# A device that was heard just now connects with its next advertisement, unless it has gone.
_CONNECT_SECONDS = 4.0
_CANCEL_AGAIN_SECONDS = 0.02
T = TypeVar("T")

PairingConfigFactory = Callable[[str], PairingConfig]
KEYS_TO_SHARE = PairingDelegate.KeyDistribution.DISTRIBUTE_ENCRYPTION_KEY


class NoConnection(HubError):
    """A device did not take the connection."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(f"{address} did not take the connection")


@dataclass(eq=False, slots=True)
class _Attempt:
    address: str
    wanted: bool = True


class Radio:
    """A central on the air of one home."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._connecting = asyncio.Lock()
        self._current: _Attempt | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        self._scanning = asyncio.Lock()

    @classmethod
    async def power_on(cls, name: str, address: str, air: Air, bonds: BondStore) -> "Radio":
        """A radio of our own at this address."""
        return cls(await power_on(name, hci_address(address), air, bonds))

    @property
    def address(self) -> str:
        """Its address."""
        return self._chip.address.to_string(False)

    @property
    def bonds(self) -> BondStore:
        """The keys of its bonds."""
        return self._chip.bonds

    def on_advertisement(self, hear: Callable[[Advertisement], None]) -> None:
        """Call `hear` for each advertisement that is received while scanning."""
        self._chip.device.on(self._chip.device.EVENT_ADVERTISEMENT, hear)

    def decide_pairing(self, configuration: PairingConfigFactory) -> None:
        """Ask this, with the address of the device, how to pair."""

        def choose(connection: Connection) -> PairingConfig:
            return configuration(connection.peer_address.to_string(False))

        self._chip.device.pairing_config_factory = choose

    async def scan(self, wanted: bool) -> None:
        """Listen, or stop listening."""
        device = self._chip.device
        async with self._scanning:
            if wanted and not device.is_scanning:
                await device.start_scanning(active=True)
            elif not wanted and device.is_scanning:
                await device.stop_scanning()

    async def connect(self, address: str) -> Link:
        """A connection. Raises NoConnection where the device is not there any more.

        Cancelled, it leaves it to the background to give up: Bumble and its controller must both be told,
        and whoever is impatient cancels twice.
        """
        attempt = _Attempt(address)
        trying = self._soon(self._try(attempt))
        try:
            return await asyncio.shield(trying)
        except asyncio.CancelledError:
            attempt.wanted = False
            self._soon(self._give_up(attempt, trying))
            raise

    def _soon(self, work: Coroutine[None, None, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _try(self, attempt: "_Attempt") -> Link:
        async with self._connecting:
            if not attempt.wanted:
                raise NoConnection(attempt.address)
            self._current = attempt
            try:
                connection = await self._chip.device.connect_le(
                    hci_address(attempt.address),
                    own_address_type=self._chip.own_address_type,
                    timeout=_CONNECT_SECONDS,
                )
            except (core.ConnectionError, core.TimeoutError) as error:
                raise NoConnection(attempt.address) from error
            finally:
                self._current = None
        return Link(connection)

    async def _give_up(self, attempt: "_Attempt", trying: asyncio.Task[Link]) -> None:
        while not trying.done():
            if self._current is attempt:
                with contextlib.suppress(hci.HCI_Error):  # it has just come about
                    await self._chip.device.cancel_connection()
            await asyncio.wait({trying}, timeout=_CANCEL_AGAIN_SECONDS)
        if not trying.cancelled() and trying.exception() is None:
            await trying.result().disconnect()

    async def power_off(self) -> None:
        """Leave the air."""
        for task in list(self._tasks):
            task.cancel()
        with contextlib.suppress(hci.HCI_Error):
            await self._chip.power_off()


def pairing(delegate: PairingDelegate) -> PairingConfig:
    """How an adapter or instrument with this delegate pairs: with a person's help where it can have any."""
    alone = delegate.io_capability == PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT
    return PairingConfig(sc=True, mitm=not alone, bonding=True, delegate=delegate)
