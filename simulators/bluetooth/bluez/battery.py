"""Battery1: the charge of a device, which bluetoothd reads itself on every link."""

from dbus_fast import Variant

from simulators.bluetooth.bluez.tree import Interface, ObjectTree
from simulators.bluetooth.gatt_table import Characteristic, Service
from simulators.bluetooth.link import AttRefused, Link

INTERFACE = "org.bluez.Battery1"
_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"


class Battery:
    """The battery of one device; exported while a link stands over which it could be read."""

    def __init__(self, tree: ObjectTree, device_path: str) -> None:
        self._tree = tree
        self._device_path = device_path
        self._level: Characteristic | None = None

    def find(self, services: tuple[Service, ...]) -> None:
        """Look for the level among what discovery found."""
        self._level = next(
            (
                characteristic
                for service in services
                if service.uuid == _SERVICE
                for characteristic in service.characteristics
                if characteristic.uuid == _LEVEL
            ),
            None,
        )

    async def link_up(self, link: Link) -> None:
        """Read the level and ask for its changes. A device that refuses has no battery. Raises LinkLost."""
        if self._level is None:
            return
        try:
            self._show(await link.read(self._level.value_handle))
            if self._level.cccd is not None:
                link.listen(self._level, self._show)
                await link.write(self._level.cccd.handle, bytes((1, 0)))
        except AttRefused:
            return

    def _show(self, value: bytes) -> None:
        if not value:
            return
        percentage = Variant("y", min(value[0], 100))
        if self._tree.has(self._device_path, INTERFACE):
            self._tree.change(self._device_path, INTERFACE, {"Percentage": percentage})
        else:
            properties = {"Percentage": percentage, "Source": Variant("s", "GATT Battery Service")}
            self._tree.add(self._device_path, Interface(name=INTERFACE, properties=properties))

    def withdraw(self) -> None:
        """The link is gone."""
        self._tree.remove(self._device_path, INTERFACE)
