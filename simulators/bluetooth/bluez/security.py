"""How a link to a device becomes secure: with the key of the bond, by pairing, and on demand."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bumble import att, hci
from bumble.pairing import PairingDelegate

from simulators.bluetooth.bluez.agent import Agent, AgentDelegate, Agents
from simulators.bluetooth.bluez.errors import failed, gatt_error, not_connected
from simulators.bluetooth.chip import hci_address
from simulators.bluetooth.link import AttRefused, KeyRefused, Link, LinkLost, PairingFailed
from simulators.bluetooth.memory import BondStore

T = TypeVar("T")


class Security:
    """The security of one device's links, one after another."""

    def __init__(
        self,
        *,
        address: str,
        device_path: str,
        bonds: BondStore,
        agents: Agents,
        on_bond: Callable[[], None],
    ) -> None:
        self._address = hci_address(address)
        self._device_path = device_path
        self._bonds = bonds
        self._agents = agents
        self._on_bond = on_bond
        self._raising = asyncio.Lock()
        self._secured: Link | None = None
        self.delegate: PairingDelegate = self._delegate(None, asked_for=False)
        self.link: Link | None = None

    @property
    def address_type(self) -> str:
        """BlueZ's word for the kind of address."""
        return "random" if self._address.is_random else "public"

    @property
    def bonded(self) -> bool:
        """Whether we have a key of this device; the device may have lost its own."""
        return self._bonds.has(str(self._address))

    def forget(self) -> None:
        """Forget our key."""
        self._bonds.forget(str(self._address))

    def _delegate(self, agent: Agent | None, *, asked_for: bool) -> PairingDelegate:
        return AgentDelegate(self._agents, agent, self._device_path, asked_for=asked_for)

    async def encrypt(self, link: Link) -> None:
        """Encrypt with the key of the bond; where the device refuses it, end the link.

        Raises KeyRefused or LinkLost. BlueZ never pairs again by itself, and keeps saying "paired".
        """
        try:
            await link.encrypt()
        except KeyRefused:
            await link.disconnect(hci.HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR)
            raise
        self._secured = link

    async def pair(self, link: Link, agent: Agent | None, *, asked_for: bool) -> None:
        """Pair and bond. Raises PairingFailed or LinkLost."""
        self.delegate = self._delegate(agent, asked_for=asked_for)
        await link.pair()
        self._secured = link
        self._on_bond()

    async def _raise(self, link: Link) -> bool:
        """Whether the link has more security than before."""
        async with self._raising:
            if self._secured is link:
                return False
            try:
                if self.bonded:
                    await self.encrypt(link)
                else:
                    await self.pair(link, self._agents.default, asked_for=False)
            except (KeyRefused, PairingFailed):
                return False
        return True

    async def with_security(self, operation: Callable[[Link], Awaitable[T]]) -> T:
        """Do it; where the device wants security first, raise it and do it again. Raises BluezError."""
        link = self.link
        if link is None:
            raise not_connected()
        try:
            try:
                return await operation(link)
            except AttRefused as refused:
                if not (refused.wants_security and await self._raise(link)):
                    raise
                return await operation(link)
        except AttRefused as refused:
            raise gatt_error(refused) from refused
        except LinkLost as lost:
            raise failed(f"Operation failed with ATT error: 0x{att.ErrorCode.UNLIKELY_ERROR:02x}") from lost
