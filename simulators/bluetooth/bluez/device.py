"""Device1: a device that BlueZ knows, its one link, and what clients may ask of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from dbus_fast import Variant

from simulators.bluetooth.advert import Advert
from simulators.bluetooth.bluez.agent import Agents
from simulators.bluetooth.bluez.battery import Battery
from simulators.bluetooth.bluez.errors import BluezError, failed, in_progress
from simulators.bluetooth.bluez.gatt import GattObjects
from simulators.bluetooth.bluez.security import Security
from simulators.bluetooth.bluez.tree import Call, Interface, Method, ObjectTree, Properties, Result
from simulators.bluetooth.gatt_table import Service
from simulators.bluetooth.link import AttRefused, KeyRefused, Link, LinkLost, PairingFailed
from simulators.bluetooth.memory import KnownDevice
from simulators.bluetooth.radio import NoConnection, Radio

INTERFACE = "org.bluez.Device1"
# The kernel gives up on an LE connection that nobody answers.
_CONNECT_SECONDS = 20.0
# bluetoothd claims these for itself; what remains of the battery service is Battery1.
_HIDDEN = {f"0000{uuid}-0000-1000-8000-00805f9b34fb" for uuid in ("1800", "1801", "180f")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What every device of an adapter shares. `changed` is told of each change of what must be kept."""

    adapter_path: str
    tree: ObjectTree
    radio: Radio
    agents: Agents
    changed: Callable[["Device"], None]


class Device:
    """One device by its address."""

    def __init__(self, address: str, known: KnownDevice, surroundings: Surroundings) -> None:
        self.address = address
        self.known = known
        self.path = f"{surroundings.adapter_path}/dev_{address.replace(':', '_')}"
        self._around = surroundings
        self._tree = surroundings.tree
        self.security = Security(
            address=address,
            device_path=self.path,
            bonds=surroundings.radio.bonds,
            agents=surroundings.agents,
            on_bond=self._on_bond,
        )
        self.gatt = GattObjects(self._tree, self.path, self.security)
        self._battery = Battery(self._tree, self.path)
        self._link: Link | None = None
        self._connecting: asyncio.Task[Link] | None = None
        self._resolving: asyncio.Task[None] | None = None
        self._pairing = False
        self._heard: asyncio.Event | None = None
        self._tree.add(self.path, self._interface())

    @property
    def wanted(self) -> bool:
        """Whether its next advertisement leads to a connection."""
        return self._heard is not None

    @property
    def kept(self) -> bool:
        """Whether it stays known though it is not heard: bonded, trusted or in use."""
        in_use = self._link is not None or self._connecting is not None or self._pairing
        return in_use or self.security.bonded or self.known.trusted

    def _interface(self) -> Interface:
        return Interface(
            name=INTERFACE,
            methods={
                "Connect": Method(do=self._connect),
                "Disconnect": Method(do=self._disconnect),
                "Pair": Method(do=self._pair),
                "CancelPairing": Method(do=self._cancel_pairing),
            },
            properties=self._properties(),
            writable={"Trusted": self._set_trusted, "Alias": self._set_alias},
        )

    def _properties(self) -> Properties:
        bonded = self.security.bonded
        properties = {
            "Address": Variant("s", self.address),
            "AddressType": Variant("s", self.security.address_type),
            "Alias": Variant("s", self.known.name or self.address.replace(":", "-")),
            "Adapter": Variant("o", self._around.adapter_path),
            "UUIDs": Variant("as", list(self.known.uuids)),
            "Paired": Variant("b", bonded),
            "Bonded": Variant("b", bonded),
            "Trusted": Variant("b", self.known.trusted),
            "Blocked": Variant("b", False),
            "LegacyPairing": Variant("b", False),
            "Connected": Variant("b", False),
            "ServicesResolved": Variant("b", False),
        }
        if self.known.name:
            properties["Name"] = Variant("s", self.known.name)
        return properties

    def _say(self, *, always: bool = False, **properties: Variant) -> None:
        self._tree.change(self.path, INTERFACE, properties, always=always)

    def _set_trusted(self, value: object) -> None:
        self.known.trusted = bool(value)
        self._say(Trusted=Variant("b", self.known.trusted))
        self._around.changed(self)

    def _set_alias(self, value: object) -> None:
        self._say(Alias=Variant("s", str(value)))

    def heard(self, advert: Advert, rssi: int) -> None:
        """It advertised."""
        if advert.name and advert.name != self.known.name:
            self.known.name = advert.name
            self._say(Name=Variant("s", advert.name), Alias=Variant("s", advert.name))
        if added := [uuid for uuid in advert.uuids if uuid not in self.known.uuids]:
            self.known.uuids = [*self.known.uuids, *added]
            self._say(UUIDs=Variant("as", self.known.uuids))
        said: Properties = {"RSSI": Variant("n", rssi)}
        if advert.manufacturer_data:
            data = {company: Variant("ay", value) for company, value in advert.manufacturer_data.items()}
            said["ManufacturerData"] = Variant("a{qv}", data)
        if advert.service_data:
            data = {uuid: Variant("ay", value) for uuid, value in advert.service_data.items()}
            said["ServiceData"] = Variant("a{sv}", data)
        self._say(always=True, **said)
        if self._heard is not None:
            self._heard.set()

    def discovery_ended(self) -> None:
        """Nobody listens any more: how strong it was is old news."""
        self._tree.forget(self.path, INTERFACE, "RSSI")

    async def _connect(self, _call: Call) -> Result:
        if self._link is not None:
            return ()
        link = await self._establish()
        if self.security.bonded:
            try:
                await self.security.encrypt(link)
            except (KeyRefused, LinkLost) as error:
                raise failed("le-connection-abort-by-local") from error
        self._resolve(link)
        return ()

    async def _establish(self) -> Link:
        """A new link. Raises BluezError where there is none, or Disconnect came first."""
        if self._connecting is not None:
            raise in_progress()
        task = self._connecting = asyncio.get_running_loop().create_task(self._next_link())
        self._around.changed(self)
        try:
            await asyncio.wait({task})
        finally:
            self._connecting = None
            self._heard = None
            self._around.changed(self)
        if task.cancelled():
            raise failed("br-connection-canceled")
        return task.result()

    async def _next_link(self) -> Link:
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                while True:
                    self._heard = asyncio.Event()
                    self._around.changed(self)
                    await self._heard.wait()
                    try:
                        link = await self._around.radio.connect(self.address)
                    except NoConnection:
                        continue
                    self._up(link)
                    return link
        except TimeoutError as error:
            raise failed("le-connection-timeout") from error

    def _up(self, link: Link) -> None:
        self._link = self.security.link = link
        self._say(Connected=Variant("b", True))
        link.lost.add_done_callback(lambda _: self._down(link))

    def _down(self, link: Link) -> None:
        if self._link is not link:
            return
        self._link = self.security.link = None
        if self._resolving is not None:
            self._resolving.cancel()
            self._resolving = None
        self.gatt.link_down(bonded=self.security.bonded)
        self._battery.withdraw()
        self._say(ServicesResolved=Variant("b", False), Connected=Variant("b", False))
        self._around.changed(self)

    def _resolve(self, link: Link) -> None:
        if self._resolving is None and link.stands:
            self._resolving = asyncio.get_running_loop().create_task(self._discover(link))

    async def _discover(self, link: Link) -> None:
        try:
            await link.exchange_mtu()
            if not self.gatt.exported:
                self._export(await link.discover())
            await self._battery.link_up(link)
            await self.gatt.link_up(link)
        except (AttRefused, LinkLost):
            return
        self._say(ServicesResolved=Variant("b", True))

    def _export(self, services: tuple[Service, ...]) -> None:
        self._battery.find(services)
        self.gatt.export(tuple(service for service in services if service.uuid not in _HIDDEN))
        self.known.uuids = [*dict.fromkeys([*self.known.uuids, *(service.uuid for service in services)])]
        self._say(UUIDs=Variant("as", self.known.uuids))

    async def _disconnect(self, _call: Call) -> Result:
        if self._connecting is not None:
            self._connecting.cancel()
        elif self._link is None:
            raise BluezError("NotConnected", "Not Connected")
        if self._link is not None:
            await self._link.disconnect()
        return ()

    async def _pair(self, call: Call) -> Result:
        if self.security.bonded:
            raise BluezError("AlreadyExists", "Already Exists")
        if self._pairing:
            raise in_progress()
        self._pairing = True
        try:
            link = self._link or await self._establish()
            await self.security.pair(link, self._around.agents.for_client(call.sender), asked_for=True)
        except (PairingFailed, LinkLost) as error:
            if self._link is not None:
                await self._link.disconnect(0x05)
            raise BluezError("AuthenticationFailed", "Authentication Failed") from error
        finally:
            self._pairing = False
            self._around.changed(self)
        self._resolve(link)
        return ()

    async def _cancel_pairing(self, _call: Call) -> Result:
        if not self._pairing:
            raise BluezError("DoesNotExist", "Does Not Exist")
        if self._link is not None:
            await self._link.disconnect()
        return ()

    def _on_bond(self) -> None:
        self._say(Paired=Variant("b", True), Bonded=Variant("b", True))
        self._around.changed(self)

    async def hang_up(self) -> None:
        """Every client is gone: no subscription comes back, and its link ends."""
        self.gatt.link_down(bonded=False)
        if self._connecting is not None:
            self._connecting.cancel()
        if self._link is not None:
            await self._link.disconnect()

    async def close(self, *, forget: bool) -> None:
        """End its link and withdraw it; `forget` its bond too."""
        await self.hang_up()
        if forget:
            self.security.forget()
        self.gatt.withdraw()
        self._tree.remove(self.path)
