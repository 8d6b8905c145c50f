"""The attributes that simulated instruments share: subscriptions, clocks, device information, battery."""

from collections.abc import Callable

from bumble import att
from bumble.device import Connection
from bumble.gatt import GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR as CCCD
from bumble.gatt import Characteristic, Descriptor, Service
from bumble.gatt_server import Server

Properties = Characteristic.Properties
Permissions = att.Attribute.Permissions
ReadValue = Callable[[], bytes]
WriteValue = Callable[[bytes], None]

DATA_FIELD_IGNORED = 0x80
"""Date Time and Current Time: the device did not take the time (Current Time Service 1.1, table 1.1)."""


def measured_by(server: Server, uuid: str, properties: Properties, *, secured: bool) -> Characteristic[bytes]:
    """A characteristic that is only ever notified or indicated.

    `secured`: to subscribe needs an encrypted link. Bumble's own descriptor would let anybody in.
    """
    permissions = Permissions.READABLE | Permissions.WRITEABLE
    if secured:
        permissions |= Permissions.WRITE_REQUIRES_ENCRYPTION
    subscription = Descriptor(CCCD, permissions)
    characteristic: Characteristic[bytes] = Characteristic(
        uuid, properties, Permissions(0), descriptors=[subscription]
    )
    subscription.value = server.make_descriptor_value(characteristic)
    return characteristic


def readable(uuid: str, read: ReadValue | bytes) -> Characteristic[bytes]:
    """A characteristic that anybody may read."""
    if isinstance(read, bytes):
        return Characteristic(uuid, Properties.READ, Permissions.READABLE, read)
    ask = read

    def on_read(_connection: Connection) -> bytes:
        return ask()

    return Characteristic(uuid, Properties.READ, Permissions.READABLE, att.AttributeValue(read=on_read))


def settable(uuid: str, read: ReadValue, write: WriteValue, *, secured: bool) -> Characteristic[bytes]:
    """A characteristic that is read and written; `write` may raise `att.ATT_Error`."""

    def on_read(_connection: Connection) -> bytes:
        return read()

    def on_write(_connection: Connection, value: bytes) -> None:
        write(value)

    permissions = Permissions.READABLE | Permissions.WRITEABLE
    if secured:
        permissions |= Permissions.WRITE_REQUIRES_ENCRYPTION
    return Characteristic(
        uuid,
        Properties.READ | Properties.WRITE,
        permissions,
        att.AttributeValue(read=on_read, write=on_write),
    )


def writable(uuid: str, write: WriteValue) -> Characteristic[bytes]:
    """A characteristic that anybody may write, with or without asking for a response."""

    def on_write(_connection: Connection, value: bytes) -> None:
        write(value)

    return Characteristic(
        uuid,
        Properties.WRITE | Properties.WRITE_WITHOUT_RESPONSE,
        Permissions.WRITEABLE,
        att.AttributeValue(write=on_write),
    )


def control_point(
    server: Server, uuid: str, on_request: Callable[[Connection, bytes], None]
) -> Characteristic[bytes]:
    """A characteristic that takes requests over an encrypted link, and indicates its answers."""
    characteristic = measured_by(server, uuid, Properties.WRITE | Properties.INDICATE, secured=True)
    characteristic.permissions = Permissions.WRITEABLE | Permissions.WRITE_REQUIRES_ENCRYPTION
    characteristic.value = att.AttributeValue(write=on_request)
    return characteristic


def notified_clock(server: Server, read: ReadValue, write: WriteValue) -> Characteristic[bytes]:
    """Current Time that is read, written over an encrypted link, and notified."""
    properties = Properties.READ | Properties.WRITE | Properties.NOTIFY
    characteristic = measured_by(server, "2a2b", properties, secured=False)
    shown = settable("2a2b", read, write, secured=True)
    characteristic.permissions, characteristic.value = shown.permissions, shown.value
    return characteristic


def device_information(*, manufacturer: str, model: str, serial: str) -> Service:
    """0x180A."""
    said = {"2a29": manufacturer, "2a24": model, "2a25": serial, "2a26": "1.0"}
    return Service("180a", [readable(uuid, text.encode()) for uuid, text in said.items()])


def battery(percent: Callable[[], int]) -> Service:
    """0x180F."""

    def on_read(_connection: Connection) -> bytes:
        return bytes((percent(),))

    level: Characteristic[bytes] = Characteristic(
        "2a19",
        Properties.READ | Properties.NOTIFY,
        Permissions.READABLE,
        att.AttributeValue(read=on_read),
    )
    return Service("180f", [level])
