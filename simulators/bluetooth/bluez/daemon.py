"""The service `org.bluez` on the bus of a home, as bluetoothd offers it to a real gateway."""

import asyncio
import contextlib

from dbus_fast import Message, MessageType, NameFlag, RequestNameReply
from dbus_fast.aio.message_bus import MessageBus

from simulators.bluetooth.bluez import agent
from simulators.bluetooth.bluez.adapter import Adapter
from simulators.bluetooth.bluez.agent import Agents
from simulators.bluetooth.bluez.tree import ObjectTree
from simulators.bluetooth.memory import HomeMemory
from simulators.bluetooth.radio import Radio
from vitals.errors import HubError

NAME = "org.bluez"
_DBUS = "org.freedesktop.DBus"


class NameTaken(HubError):
    """Somebody else offers `org.bluez` on this bus: never put a simulator in front of a real adapter."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(f"Another Bluetooth service runs on {address} already.")


class BluezDaemon:
    """What bluetoothd is for a real gateway. What it knows outlives the bus it is asked on."""

    def __init__(self, radio: Radio, memory: HomeMemory, *, temporary_s: float) -> None:
        self._bus: MessageBus | None = None
        self._tree = ObjectTree()
        agents = Agents(lambda: self._bus)
        self._tree.add(agent.PATH, agents.interface())
        self._adapter = Adapter(
            tree=self._tree, radio=radio, agents=agents, memory=memory, temporary_s=temporary_s
        )
        self._leaving: set[asyncio.Task[None]] = set()

    async def start(self, address: str) -> None:
        """Offer the service on the bus at this address. Raises NameTaken."""
        bus = self._bus = await MessageBus(bus_address=address).connect()
        self._tree.attach(bus)
        bus.add_message_handler(self._on_message)
        match = f"type='signal',sender='{_DBUS}',member='NameOwnerChanged',arg2=''"
        await bus.call(
            Message(
                destination=_DBUS,
                path="/org/freedesktop/DBus",
                interface=_DBUS,
                member="AddMatch",
                signature="s",
                body=[match],
            )
        )
        if await bus.request_name(NAME, NameFlag.DO_NOT_QUEUE) is not RequestNameReply.PRIMARY_OWNER:
            raise NameTaken(address)

    async def bus_lost(self) -> None:
        """Wait until the bus is gone; with it every client, and as when bluetoothd ends, every link."""
        if self._bus is not None:
            with contextlib.suppress(Exception):  # how it ended does not matter
                await self._bus.wait_for_disconnect()
        self._tree.attach(None)
        await self._adapter.reset()

    def _on_message(self, message: Message) -> bool:
        """Whoever leaves the bus takes everything along that was theirs."""
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            gone, _, successor = message.body
            if not successor:
                task = asyncio.get_running_loop().create_task(self._adapter.drop(str(gone)))
                self._leaving.add(task)
                task.add_done_callback(self._leaving.discard)
        return False

    async def stop(self) -> None:
        """Leave the bus and end every link; bonds stay."""
        await self._adapter.close()
        for task in list(self._leaving):
            task.cancel()
        if self._bus is not None:
            self._bus.disconnect()
