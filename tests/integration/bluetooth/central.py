"""What a gateway does with an instrument, in a few lines of unmodified bleak."""

import asyncio
from dataclasses import dataclass, field

from bleak import BleakClient, BleakScanner
from bleak.backends.device import BLEDevice
from dbus_fast import Message
from dbus_fast.aio.message_bus import MessageBus

from device_profiles.uuids import full_uuid
from simulators.ward import Device


async def find(device: Device, *, timeout_s: float = 5.0) -> BLEDevice:
    """Scan until the device advertises."""
    found = await BleakScanner.find_device_by_address(device.address, timeout=timeout_s)
    assert found is not None, f"{device.name} was not heard"
    return found


@dataclass
class Drained:
    """What came of a session: the frames, and whether the device hung up."""

    frames: list[bytes] = field(default_factory=list)
    hung_up: bool = False


async def drain(
    found: BLEDevice, characteristic: str, *, pair: bool = False, timeout_s: float = 5.0
) -> Drained:
    """Connect, subscribe, and collect until the device hangs up; always disconnect."""
    drained = Drained()
    ended = asyncio.Event()
    async with BleakClient(
        found, pair=pair, timeout=timeout_s, disconnected_callback=lambda _: ended.set()
    ) as client:

        def keep(_: object, value: bytearray) -> None:
            drained.frames.append(bytes(value))

        await client.start_notify(full_uuid(characteristic), keep)
        try:
            await asyncio.wait_for(ended.wait(), timeout_s)
            drained.hung_up = True
        except TimeoutError:
            pass
    return drained


async def known_addresses(bus_address: str) -> set[str]:
    """The addresses of every device that BlueZ knows."""
    bus = await MessageBus(bus_address=bus_address).connect()
    reply = await bus.call(
        Message(
            destination="org.bluez",
            path="/",
            interface="org.freedesktop.DBus.ObjectManager",
            member="GetManagedObjects",
        )
    )
    bus.disconnect()
    objects = [interfaces.get("org.bluez.Device1") for interfaces in reply.body[0].values()]
    return {device["Address"].value for device in objects if device is not None}
