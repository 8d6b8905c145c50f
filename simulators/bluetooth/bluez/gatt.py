"""GattService1, GattCharacteristic1 and GattDescriptor1 of one device, and who is subscribed to what."""

import asyncio
import contextlib
from functools import partial

from dbus_fast import Variant

from simulators.bluetooth.bluez.errors import BluezError, failed, in_progress
from simulators.bluetooth.bluez.security import Security
from simulators.bluetooth.bluez.tree import Call, Interface, Method, ObjectTree, Result
from simulators.bluetooth.gatt_table import CCCD, NOTIFY, Characteristic, Descriptor, Service
from simulators.bluetooth.link import Link

SERVICE = "org.bluez.GattService1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
DESCRIPTOR = "org.bluez.GattDescriptor1"
_OFF = bytes(2)


class GattObjects:
    """The exported services of a device. They stay while the device is known, whatever its links do."""

    def __init__(self, tree: ObjectTree, device_path: str, security: Security) -> None:
        self._tree = tree
        self._device_path = device_path
        self._security = security
        self._paths: list[str] = []
        self._characteristics: list[CharacteristicObject] = []

    @property
    def exported(self) -> bool:
        """Whether the services are known."""
        return bool(self._paths)

    def export(self, services: tuple[Service, ...]) -> None:
        """Export what discovery found, by handle, in BlueZ's paths."""
        for service in services:
            path = f"{self._device_path}/service{service.handle:04x}"
            self._add(path, self._service(service))
            for characteristic in service.characteristics:
                exported = CharacteristicObject(self._tree, path, characteristic, self._security)
                self._characteristics.append(exported)
                self._add(exported.path, exported.interface())
                for descriptor in characteristic.descriptors:
                    self._descriptor(exported.path, descriptor)

    def _add(self, path: str, interface: Interface) -> None:
        self._paths.append(path)
        self._tree.add(path, interface)

    def _service(self, service: Service) -> Interface:
        properties = {
            "UUID": Variant("s", service.uuid),
            "Device": Variant("o", self._device_path),
            "Primary": Variant("b", True),
            "Includes": Variant("ao", []),
        }
        return Interface(name=SERVICE, properties=properties)

    def _descriptor(self, characteristic_path: str, descriptor: Descriptor) -> None:
        path = f"{characteristic_path}/desc{descriptor.handle:04x}"

        async def read(_call: Call) -> Result:
            value = await self._security.with_security(lambda link: link.read(descriptor.handle))
            self._tree.change(path, DESCRIPTOR, {"Value": Variant("ay", value)}, always=True)
            return (value,)

        async def write(call: Call) -> Result:
            if descriptor.uuid == CCCD:  # bluetoothd writes it itself, for whoever subscribes
                raise BluezError("NotPermitted", "Write not permitted")
            value = bytes_of(call.arguments[0])
            await self._security.with_security(lambda link: link.write(descriptor.handle, value))
            return ()

        properties = {
            "UUID": Variant("s", descriptor.uuid),
            "Characteristic": Variant("o", characteristic_path),
            "Value": Variant("ay", b""),
        }
        methods = {
            "ReadValue": Method(do=read, takes="a{sv}", gives="ay"),
            "WriteValue": Method(do=write, takes="aya{sv}"),
        }
        self._add(path, Interface(name=DESCRIPTOR, methods=methods, properties=properties))

    async def link_up(self, link: Link) -> None:
        """Subscribe again for every client that is still there, before anybody hears of the new link.

        It is what bluetoothd does for a bonded device, and how a client that forgot to go away takes the
        readings of the next session (seen with bluetoothd 5.66).
        """
        for characteristic in self._characteristics:
            await characteristic.link_up(link)

    def link_down(self, *, bonded: bool) -> None:
        """Every subscription has ended; those of a bonded device come back with it."""
        for characteristic in self._characteristics:
            characteristic.link_down(keep=bonded)

    async def drop(self, client: str) -> None:
        """A client is gone."""
        for characteristic in self._characteristics:
            await characteristic.drop(client)

    def withdraw(self) -> None:
        """Unexport everything, the innermost first."""
        for path in reversed(self._paths):
            self._tree.remove(path)
        self._paths.clear()
        self._characteristics.clear()


class CharacteristicObject:
    """One exported characteristic."""

    def __init__(
        self, tree: ObjectTree, service_path: str, characteristic: Characteristic, security: Security
    ) -> None:
        self.path = f"{service_path}/char{characteristic.handle:04x}"
        self._tree = tree
        self._service_path = service_path
        self._characteristic = characteristic
        self._security = security
        self._clients: set[str] = set()
        self._subscribing = asyncio.Lock()
        self._subscribed = False

    def interface(self) -> Interface:
        """What is exported."""
        properties = {
            "UUID": Variant("s", self._characteristic.uuid),
            "Service": Variant("o", self._service_path),
            "Value": Variant("ay", b""),
            "Flags": Variant("as", self._characteristic.flags),
            "MTU": Variant("q", self._security.link.mtu if self._security.link else 23),
        }
        if self._characteristic.cccd is not None:
            properties["Notifying"] = Variant("b", False)
        methods = {
            "ReadValue": Method(do=self._read, takes="a{sv}", gives="ay"),
            "WriteValue": Method(do=self._write, takes="aya{sv}"),
            "StartNotify": Method(do=self._start_notify),
            "StopNotify": Method(do=self._stop_notify),
        }
        return Interface(name=CHARACTERISTIC, methods=methods, properties=properties)

    def _on_value(self, value: bytes) -> None:
        self._tree.change(self.path, CHARACTERISTIC, {"Value": Variant("ay", value)}, always=True)

    async def _read(self, _call: Call) -> Result:
        handle = self._characteristic.value_handle
        value = await self._security.with_security(lambda link: link.read(handle))
        self._on_value(value)  # what was read is told to everybody, as bluetoothd does
        return (value,)

    async def _write(self, call: Call) -> Result:
        value, options = bytes_of(call.arguments[0]), call.arguments[1]
        kind = options.get("type") if isinstance(options, dict) else None
        command = kind.value == "command" if isinstance(kind, Variant) else False
        handle = self._characteristic.value_handle
        await self._security.with_security(lambda link: link.write(handle, value, response=not command))
        return ()

    async def _start_notify(self, call: Call) -> Result:
        if self._characteristic.cccd is None:
            raise BluezError("NotSupported", "Operation is not supported")
        if call.sender in self._clients:
            raise in_progress()
        async with self._subscribing:
            if not self._subscribed:
                await self._security.with_security(self._subscribe)
            self._clients.add(call.sender)
        self._say_notifying()
        return ()

    async def _stop_notify(self, call: Call) -> Result:
        if call.sender not in self._clients:
            raise failed("No notify session started")
        await self.drop(call.sender)
        return ()

    async def drop(self, client: str) -> None:
        """The client does not want values any more; the last one switches them off in the device."""
        if client not in self._clients:
            return
        self._clients.discard(client)
        async with self._subscribing:
            if self._subscribed and not self._clients:
                self._subscribed = False
                with contextlib.suppress(BluezError):  # it went away, or refuses: nobody is left to be told
                    await self._security.with_security(partial(self._configure, value=_OFF))
        self._say_notifying()

    async def link_up(self, link: Link) -> None:
        """See `GattObjects.link_up`."""
        if self._clients:
            async with self._subscribing:
                await self._subscribe(link)
            self._say_notifying()

    def link_down(self, *, keep: bool) -> None:
        """See `GattObjects.link_down`."""
        self._subscribed = False
        if not keep:
            self._clients.clear()
        self._say_notifying()

    async def _subscribe(self, link: Link) -> None:
        link.listen(self._characteristic, self._on_value)
        notifies = self._characteristic.properties & NOTIFY
        await self._configure(link, value=bytes((1 if notifies else 2, 0)))
        self._subscribed = True

    async def _configure(self, link: Link, *, value: bytes) -> None:
        if (cccd := self._characteristic.cccd) is not None:
            await link.write(cccd.handle, value)

    def _say_notifying(self) -> None:
        if self._characteristic.cccd is not None:
            self._tree.change(self.path, CHARACTERISTIC, {"Notifying": Variant("b", self._subscribed)})


def bytes_of(argument: object) -> bytes:
    """The bytes of an `ay` argument."""
    return bytes(argument) if isinstance(argument, bytes | bytearray) else b""
