"""Adapter1: the adapter of the home's gateway, the devices it knows, and who scans with it."""

import asyncio

from bumble.device import Advertisement
from bumble.pairing import PairingConfig
from dbus_fast import Variant

from simulators.bluetooth import advert
from simulators.bluetooth.bluez.agent import AgentDelegate, Agents
from simulators.bluetooth.bluez.device import Device, Surroundings
from simulators.bluetooth.bluez.discovery import Discovery, read_filter
from simulators.bluetooth.bluez.errors import BluezError
from simulators.bluetooth.bluez.tree import Call, Interface, Method, ObjectTree, Result
from simulators.bluetooth.memory import HomeMemory, KnownDevice
from simulators.bluetooth.radio import Radio, pairing

INTERFACE = "org.bluez.Adapter1"
PATH = "/org/bluez/hci0"


class Adapter:
    """The one adapter of a simulated home."""

    def __init__(
        self,
        *,
        tree: ObjectTree,
        radio: Radio,
        agents: Agents,
        memory: HomeMemory,
        temporary_s: float,
    ) -> None:
        self._tree = tree
        self._radio = radio
        self._agents = agents
        self._memory = memory
        self._temporary_s = temporary_s
        self._discovery = Discovery()
        self._devices: dict[str, Device] = {}
        self._expiries: dict[str, asyncio.TimerHandle] = {}
        self._work: set[asyncio.Task[None]] = set()
        self._around = Surroundings(
            adapter_path=PATH, tree=tree, radio=radio, agents=agents, changed=self._on_change
        )
        radio.on_advertisement(self._hear)
        radio.decide_pairing(self._pairing)
        tree.add(PATH, self._interface())
        for address, known in memory.known.items():
            self._devices[address] = Device(address, known, self._around)

    def _interface(self) -> Interface:
        return Interface(
            name=INTERFACE,
            methods={
                "StartDiscovery": Method(do=self._start_discovery),
                "StopDiscovery": Method(do=self._stop_discovery),
                "SetDiscoveryFilter": Method(do=self._set_discovery_filter, takes="a{sv}"),
                "RemoveDevice": Method(do=self._remove_device, takes="o"),
            },
            properties={
                "Address": Variant("s", self._radio.address),
                "AddressType": Variant("s", "public"),
                "Name": Variant("s", "hearthward-home"),
                "Alias": Variant("s", "hearthward-home"),
                "Class": Variant("u", 0),
                "Powered": Variant("b", True),
                "Discoverable": Variant("b", False),
                "Pairable": Variant("b", True),
                "Discovering": Variant("b", False),
                "UUIDs": Variant("as", []),
                "Roles": Variant("as", ["central"]),
            },
        )

    def _soon(self, work: "asyncio.Task[None]") -> None:
        self._work.add(work)
        work.add_done_callback(self._work.discard)

    def _update_scan(self) -> None:
        discovering = self._discovery.runs
        wanted = discovering or any(device.wanted for device in self._devices.values())
        self._tree.change(PATH, INTERFACE, {"Discovering": Variant("b", discovering)})
        if not discovering:
            for device in self._devices.values():
                device.discovery_ended()
        self._soon(asyncio.get_running_loop().create_task(self._radio.scan(wanted)))

    async def _start_discovery(self, call: Call) -> Result:
        self._discovery.start(call.sender)
        self._update_scan()
        return ()

    async def _stop_discovery(self, call: Call) -> Result:
        self._discovery.stop(call.sender)
        self._update_scan()
        return ()

    async def _set_discovery_filter(self, call: Call) -> Result:
        self._discovery.set_filter(call.sender, read_filter(call.arguments[0]))
        return ()

    async def _remove_device(self, call: Call) -> Result:
        device = next((one for one in self._devices.values() if one.path == call.arguments[0]), None)
        if device is None:
            raise BluezError("DoesNotExist", "Does Not Exist")
        await self._remove(device)
        return ()

    async def _remove(self, device: Device) -> None:
        self._devices.pop(device.address, None)
        if (expiry := self._expiries.pop(device.address, None)) is not None:
            expiry.cancel()
        await device.close(forget=True)
        if self._memory.known.pop(device.address, None) is not None:
            self._memory.save()

    def _hear(self, heard: Advertisement) -> None:
        address = heard.address.to_string(False)
        said = advert.decode(heard.data)
        device = self._devices.get(address)
        wanted = self._discovery.wants(said, heard.rssi, address)
        if device is None and wanted:
            known = KnownDevice(name=said.name, uuids=list(said.uuids))
            device = self._devices[address] = Device(address, known, self._around)
        if device is not None and (wanted or device.wanted):
            device.heard(said, heard.rssi)
            self._expire_later(device)

    def _on_change(self, device: Device) -> None:
        """Keep what must be kept of it, listen for it if it is wanted, and let go of it in time."""
        if device.security.bonded or device.known.trusted:
            self._memory.known[device.address] = device.known
            self._memory.save()
        self._update_scan()
        self._expire_later(device)

    def _expire_later(self, device: Device) -> None:
        """A device that is neither heard nor kept is forgotten after a while."""
        if (expiry := self._expiries.pop(device.address, None)) is not None:
            expiry.cancel()
        if device.address in self._devices and not device.kept:
            loop = asyncio.get_running_loop()
            self._expiries[device.address] = loop.call_later(self._temporary_s, self._expire, device)

    def _expire(self, device: Device) -> None:
        if not device.kept:
            self._soon(asyncio.get_running_loop().create_task(self._remove(device)))

    def _pairing(self, address: str) -> PairingConfig:
        device = self._devices.get(address)
        if device is None:
            return pairing(AgentDelegate(self._agents, None, PATH, asked_for=False))
        return pairing(device.security.delegate)

    async def drop(self, client: str) -> None:
        """A client is gone: with it its scan, its agent and its subscriptions; never a link."""
        self._agents.drop(client)
        self._discovery.drop(client)
        self._update_scan()
        for device in list(self._devices.values()):
            await device.gatt.drop(client)

    async def reset(self) -> None:
        """Every client is gone at once."""
        for client in self._agents.clients | self._discovery.clients:
            await self.drop(client)
        for device in list(self._devices.values()):
            await device.hang_up()

    async def close(self) -> None:
        """End every link; bonds stay."""
        for expiry in self._expiries.values():
            expiry.cancel()
        for device in list(self._devices.values()):
            await device.close(forget=False)
        for work in list(self._work):
            work.cancel()
