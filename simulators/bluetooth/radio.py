"""The gateway's Bluetooth adapter as a radio: it scans, and makes one connection at a time."""

import asyncio
import contextlib
from collections.abc import Callable

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

PairingConfigFactory = Callable[[str], PairingConfig]
KEYS_TO_SHARE = PairingDelegate.KeyDistribution.DISTRIBUTE_ENCRYPTION_KEY


class NoConnection(HubError):
    """A device did not take the connection."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(f"{address} did not take the connection")


class Radio:
    """A central on the air of one home."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._connecting = asyncio.Lock()
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
        """A connection. Raises NoConnection where the device is not there any more."""
        async with self._connecting:
            attempt = asyncio.ensure_future(
                self._chip.device.connect_le(
                    hci_address(address),
                    own_address_type=self._chip.own_address_type,
                    timeout=_CONNECT_SECONDS,
                )
            )
            try:
                return Link(await asyncio.shield(attempt))
            except (core.ConnectionError, core.TimeoutError) as error:
                raise NoConnection(address) from error
            except asyncio.CancelledError:
                await self._abandon(attempt)
                raise

    async def _abandon(self, attempt: asyncio.Future[Connection]) -> None:
        """Tell the controller too that nobody waits for the connection any more."""
        with contextlib.suppress(core.ConnectionError, core.TimeoutError, hci.HCI_Error):
            if not attempt.done():
                await self._chip.device.cancel_connection()
            connection = await attempt
            await connection.disconnect()

    async def power_off(self) -> None:
        """Leave the air."""
        with contextlib.suppress(hci.HCI_Error):
            await self._chip.power_off()


def pairing(delegate: PairingDelegate) -> PairingConfig:
    """How an adapter or instrument with this delegate pairs: with a person's help where it can have any."""
    alone = delegate.io_capability == PairingDelegate.IoCapability.NO_OUTPUT_NO_INPUT
    return PairingConfig(sc=True, mitm=not alone, bonding=True, delegate=delegate)
