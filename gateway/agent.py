"""Our own lasting connection to bluetoothd: it answers pairing questions, and tells batteries and restarts.

bleak has no pairing agent, and without one even devices that ask nothing cannot be bonded.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Self

import structlog
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio.message_bus import MessageBus
from dbus_fast.errors import DBusError, InvalidAddressError

from gateway.radio import RadioUnavailable
from gateway.roster import Roster

log: structlog.types.FilteringBoundLogger = structlog.get_logger()

_BLUEZ = "org.bluez"
_AGENT = "org.bluez.Agent1"
_BATTERY = "org.bluez.Battery1"
_PATH = "/hearthward/agent"
_BUS = "org.freedesktop.DBus"
_REFUSED = "org.bluez.Error.Rejected"
_DEVICE_PATH = re.compile(r"/dev_((?:[0-9A-F]{2}_){5}[0-9A-F]{2})")
_SIGNALS = (
    f"type='signal',sender='{_BLUEZ}',interface='org.freedesktop.DBus.ObjectManager',member='InterfacesAdded'",
    f"type='signal',sender='{_BLUEZ}',interface='org.freedesktop.DBus.Properties',arg0='{_BATTERY}'",
    f"type='signal',sender='{_BUS}',member='NameOwnerChanged',arg0='{_BLUEZ}'",
)
_YES_NO = frozenset({"RequestAuthorization", "AuthorizeService", "RequestConfirmation"})
_TELLS_ONLY = frozenset({"DisplayPasskey", "DisplayPinCode", "Cancel", "Release"})


class Agent:
    """While it is open, devices of the roster can pair, and nobody else."""

    def __init__(self, roster: Roster, battery: Callable[[str, int], None]) -> None:
        """`battery` is called with the address of a device and its charge in percent."""
        self._roster = roster
        self._battery = battery
        self._lost = asyncio.Event()
        self._bus = MessageBus(bus_type=BusType.SYSTEM)

    async def __aenter__(self) -> Self:
        """Connect and register as the default agent. Raises RadioUnavailable."""
        try:
            await self._bus.connect()
            self._bus.add_message_handler(self._on_message)
            for signal in _SIGNALS:
                await self._call(_BUS, "/org/freedesktop/DBus", _BUS, "AddMatch", "s", signal)
            await self._manager("RegisterAgent", "os", _PATH, self._capability())
            await self._manager("RequestDefaultAgent", "o", _PATH)
        except (OSError, EOFError, DBusError, InvalidAddressError) as error:
            await self.__aexit__()
            raise RadioUnavailable(f"no bluetoothd on the system bus ({error})") from error
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect; bluetoothd then forgets the agent by itself."""
        self._bus.disconnect()

    async def until_lost(self) -> None:
        """Wait until bluetoothd, or the bus, is not the one any more that knows our agent."""
        gone = asyncio.ensure_future(self._bus.wait_for_disconnect())
        lost = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait({gone, lost}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            lost.cancel()
            await asyncio.gather(gone, lost, return_exceptions=True)

    def _capability(self) -> str:
        bears_passkey = any(device.passkey is not None for device in self._roster.devices)
        return "KeyboardDisplay" if bears_passkey else "NoInputNoOutput"

    async def _manager(self, member: str, signature: str, *body: object) -> None:
        await self._call(_BLUEZ, "/org/bluez", "org.bluez.AgentManager1", member, signature, *body)

    async def _call(
        self, destination: str, path: str, interface: str, member: str, signature: str, *body: object
    ) -> None:
        reply = await self._bus.call(
            Message(
                destination=destination,
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=list(body),
            )
        )
        if reply.message_type is MessageType.ERROR:
            raise DBusError(reply.error_name or "", str(reply.body[0]) if reply.body else "")

    def _on_message(self, message: Message) -> Message | None:
        if message.message_type is MessageType.METHOD_CALL:
            is_ours = message.path == _PATH and message.interface == _AGENT
            return self._answer(message) if is_ours else None
        if message.message_type is MessageType.SIGNAL:
            self._on_signal(message)
        return None

    def _answer(self, question: Message) -> Message:
        if question.member in _TELLS_ONLY:
            return Message.new_method_return(question)
        address = _address(str(question.body[0])) if question.body else None
        device = self._roster.enrolled(address) if address else None
        if device is None:
            log.warning("pairing refused", asked=question.member, reason="not enrolled")
            return Message.new_error(question, _REFUSED, "not enrolled here")
        if question.member in _YES_NO:
            log.info("pairing allowed", device_id=device.device_id, asked=question.member)
            return Message.new_method_return(question)
        if question.member == "RequestPasskey" and device.passkey is not None:
            log.info("pairing passkey given", device_id=device.device_id)
            return Message.new_method_return(question, "u", [device.passkey])
        if question.member == "RequestPinCode" and device.passkey is not None:
            return Message.new_method_return(question, "s", [f"{device.passkey:06d}"])
        log.warning("pairing refused", device_id=device.device_id, asked=question.member, reason="no passkey")
        return Message.new_error(question, _REFUSED, "no passkey in the roster")

    def _on_signal(self, signal: Message) -> None:
        if signal.member == "NameOwnerChanged" and signal.body[:1] == [_BLUEZ]:
            self._lost.set()
        elif signal.member == "InterfacesAdded" and len(signal.body) == 2:
            self._take_battery(str(signal.body[0]), signal.body[1].get(_BATTERY, {}))
        elif signal.member == "PropertiesChanged" and len(signal.body) == 3 and signal.body[0] == _BATTERY:
            self._take_battery(str(signal.path), signal.body[1])

    def _take_battery(self, path: str, properties: dict[str, Variant]) -> None:
        percentage = properties.get("Percentage")
        address = _address(path)
        if percentage is not None and address is not None:
            self._battery(address, int(percentage.value))


def _address(path: str) -> str | None:
    """The address in a device's object path."""
    found = _DEVICE_PATH.search(path)
    return found[1].replace("_", ":") if found else None
