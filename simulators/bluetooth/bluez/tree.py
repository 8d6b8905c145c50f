"""The objects that the service exports: their interfaces, properties and methods, and the calls to them.

dbus-fast carries the messages. Its own service classes are not used: they hide who is calling, which every
rule of BlueZ about clients needs, and cannot leave a property out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog
from dbus_fast import Message, MessageFlag, MessageType, PropertyAccess, Variant
from dbus_fast import introspection as xml
from dbus_fast.aio.message_bus import MessageBus
from dbus_fast.signature import get_signature_tree

from simulators.bluetooth.bluez.errors import BluezError

log = structlog.get_logger()

OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"
INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
_DBUS_ERROR = "org.freedesktop.DBus.Error."

Properties = dict[str, Variant]
Result = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A method call: the unique bus name of the caller, and the arguments."""

    sender: str
    arguments: tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method: D-Bus signatures of what it takes and gives, and what it does."""

    do: Callable[[Call], Awaitable[Result]]
    takes: str = ""
    gives: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One interface of one object. `writable` says what setting a property does, by its name."""

    name: str
    methods: Mapping[str, Method] = field(default_factory=dict[str, Method])
    properties: Properties = field(default_factory=dict[str, Variant])
    writable: Mapping[str, Callable[[object], None]] = field(
        default_factory=dict[str, Callable[[object], None]]
    )


class ObjectTree:
    """Every exported object by its path. It outlives the bus: `attach` it to the next one."""

    def __init__(self) -> None:
        self._objects: dict[str, dict[str, Interface]] = {}
        self._bus: MessageBus | None = None
        self._answering: set[asyncio.Task[None]] = set()

    def attach(self, bus: MessageBus | None) -> None:
        """Answer calls on this bus from now on, and send signals there; None: nowhere."""
        self._bus = bus
        if bus is not None:
            bus.add_message_handler(self._on_message)

    def add(self, path: str, *interfaces: Interface) -> None:
        """Export interfaces of an object, and say so."""
        self._objects.setdefault(path, {}).update({interface.name: interface for interface in interfaces})
        added = {interface.name: interface.properties for interface in interfaces}
        self._signal("/", OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", [path, added])

    def remove(self, path: str, *names: str) -> None:
        """Withdraw interfaces of an object, or all of them, and say so."""
        interfaces = self._objects.get(path, {})
        gone = [name for name in (names or tuple(interfaces)) if interfaces.pop(name, None)]
        if not interfaces:
            self._objects.pop(path, None)
        if gone:
            self._signal("/", OBJECT_MANAGER, "InterfacesRemoved", "oas", [path, gone])

    def has(self, path: str, name: str) -> bool:
        """Whether the object has that interface."""
        return name in self._objects.get(path, {})

    def change(self, path: str, name: str, properties: Properties, *, always: bool = False) -> None:
        """Set properties, and tell who listens which of them changed; all of them if `always`."""
        interface = self._objects.get(path, {}).get(name)
        if interface is None:
            return
        changed = {
            key: value
            for key, value in properties.items()
            if always or key not in interface.properties or interface.properties[key].value != value.value
        }
        interface.properties.update(changed)
        if changed:
            self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [name, changed, []])

    def forget(self, path: str, name: str, *keys: str) -> None:
        """Leave properties out from now on, and say so."""
        interface = self._objects.get(path, {}).get(name)
        gone = [key for key in keys if interface is not None and interface.properties.pop(key, None)]
        if gone:
            self._signal(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [name, {}, gone])

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[object]) -> None:
        self._send(Message.new_signal(path, interface, member, signature, body))

    def _send(self, message: Message) -> None:
        if self._bus is not None and self._bus.connected:
            self._bus.send(message)

    def _on_message(self, message: Message) -> bool:
        """Take every call to an object of ours; leave the rest to dbus-fast."""
        if message.message_type is not MessageType.METHOD_CALL or message.interface == (
            "org.freedesktop.DBus.Peer"
        ):
            return False
        task = asyncio.get_running_loop().create_task(self._answer(message))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        return True

    async def _answer(self, message: Message) -> None:
        try:
            signature, result = await self._call(message)
            reply = Message.new_method_return(message, signature, list(result))
        except BluezError as error:
            reply = Message.new_error(message, error.name, error.text)
        except Exception:  # the outermost loop of the service: one call must not end it
            log.exception("bluez call broke", path=message.path, member=message.member)
            reply = Message.new_error(message, "org.bluez.Error.Failed", "Internal error of the simulator")
        if not message.flags & MessageFlag.NO_REPLY_EXPECTED:
            self._send(reply)

    async def _call(self, message: Message) -> tuple[str, Result]:
        path, interface, member = message.path or "/", message.interface or "", message.member or ""
        arguments = tuple(message.body)
        if interface == OBJECT_MANAGER and member == "GetManagedObjects" and path == "/":
            return "a{oa{sa{sv}}}", (self._managed(),)
        if interface == INTROSPECTABLE and member == "Introspect":
            return "s", (self._introspect(path),)
        if path not in self._objects:
            raise BluezError(_DBUS_ERROR + "UnknownObject", f"Method {member} on an object that is not there")
        if interface == PROPERTIES:
            return self._on_properties(path, member, arguments)
        named = self._objects[path].get(interface)
        method = named.methods.get(member) if named is not None else None
        if method is None or message.signature != method.takes:
            said = f'Method "{member}" with signature "{message.signature}" on interface "{interface}"'
            raise BluezError(_DBUS_ERROR + "UnknownMethod", f"{said} doesn't exist")
        return method.gives, await method.do(Call(sender=message.sender or "", arguments=arguments))

    def _managed(self) -> dict[str, dict[str, Properties]]:
        return {
            path: {name: interface.properties for name, interface in interfaces.items()}
            for path, interfaces in self._objects.items()
        }

    def _on_properties(self, path: str, member: str, arguments: tuple[object, ...]) -> tuple[str, Result]:
        interface = self._objects[path].get(str(arguments[0]) if arguments else "")
        if interface is None:
            raise BluezError(_DBUS_ERROR + "UnknownInterface", "No such interface")
        if member == "GetAll":
            return "a{sv}", (interface.properties,)
        key = str(arguments[1])
        if member == "Get" and key in interface.properties:
            return "v", (interface.properties[key],)
        if member == "Set" and key in interface.writable:
            value = arguments[2]
            interface.writable[key](value.value if isinstance(value, Variant) else value)
            return "", ()
        raise BluezError(_DBUS_ERROR + "InvalidArgs", f"No such property '{key}', or not in this way")

    def _introspect(self, path: str) -> str:
        node = xml.Node.default(path)
        for interface in self._objects.get(path, {}).values():
            node.interfaces.append(_describe(interface))
        prefix = path.rstrip("/") + "/"
        below = {other[len(prefix) :].split("/")[0] for other in self._objects if other.startswith(prefix)}
        node.nodes.extend(xml.Node(name) for name in sorted(below) if name)
        return node.tostring()


def _describe(interface: Interface) -> xml.Interface:
    methods = [
        xml.Method(
            name,
            in_args=[xml.Arg(part) for part in _split(method.takes)],
            out_args=[xml.Arg(part) for part in _split(method.gives)],
        )
        for name, method in interface.methods.items()
    ]
    properties = [
        xml.Property(
            name,
            value.signature,
            PropertyAccess.READWRITE if name in interface.writable else PropertyAccess.READ,
        )
        for name, value in interface.properties.items()
    ]
    return xml.Interface(interface.name, methods=methods, properties=properties)


def _split(signature: str) -> list[str]:
    return [part.signature for part in get_signature_tree(signature).types]
