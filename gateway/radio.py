"""The Bluetooth radio: it hears advertisements and holds connections. The only file with bleak."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Collection, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from bleak import BleakClient, BleakScanner
from bleak.args.bluez import BlueZClientArgs, BlueZDiscoveryFilters, BlueZScannerArgs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import BleakDBusError, BleakError, BleakGATTProtocolError

from device_profiles.advertisement import Advertisement, advertisement
from device_profiles.uuids import full_uuid
from vitals.errors import HubError

# It warns of every attempt at a device that lost its bond; the session says so once.
logging.getLogger("bleak").setLevel(logging.ERROR)

# What bleak lets through: its own errors, time-outs, and those of a bus or a bluetoothd that went away.
_RADIO_ERRORS = (BleakError, TimeoutError, OSError, EOFError, AssertionError)
_PAIRING_REFUSED = "org.bluez.Error.Authentication"
# With nothing heard for this long the scan is started afresh: some adapters fall asleep without a word.
_SILENCE_S = 120.0
# A device that does not answer to the end of a link must not hold up the end of the process.
_DISCONNECT_WITHIN_S = 2.5
# Attribute Protocol error "Attribute Not Found" (Core specification, vol 3 part F 3.4.1.1).
_NOT_FOUND = 0x0A


class RadioUnavailable(HubError):
    """There is no Bluetooth now: no adapter, no bluetoothd, or switched off."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Bluetooth is not available: {reason}")
        self.reason = reason


class DeviceUnreachable(HubError):
    """No connection came about."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address} cannot be reached: {reason}")
        self.address = address
        self.reason = reason


class PairingRefused(HubError):
    """Device or agent did not agree to pair."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address} did not pair: {reason}")
        self.address = address
        self.reason = reason


class LinkLost(HubError):
    """The connection ended while something was asked of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the link was lost: {reason}")
        self.reason = reason


class RefusedByDevice(HubError):
    """The device answered with an error; `code` is that of the Attribute Protocol."""

    def __init__(self, characteristic: str, code: int) -> None:
        super().__init__(f"{characteristic}: the device answered with error {code:#04x}")
        self.characteristic = characteristic
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One advertisement as it came. `paired`: the system has a bond with the device."""

    address: str
    advertisement: Advertisement
    paired: bool
    device: BLEDevice


class Link:
    """A connection to one device; characteristics are named by UUID."""

    def __init__(self, client: BleakClient, hung_up: asyncio.Event) -> None:
        self._client = client
        self.hung_up = hung_up

    def has(self, characteristic: str, service: str | None = None) -> bool:
        """Whether the device has it."""
        return self._find(characteristic, service) is not None

    def notifying(self) -> list[str]:
        """Every characteristic that the device can send on its own."""
        known = self._client.services.characteristics.values() if self._client.is_connected else ()
        return [each.uuid for each in known if {"notify", "indicate"} & set(each.properties)]

    async def read(self, characteristic: str, service: str | None = None) -> bytes:
        """Its value. Raises LinkLost or RefusedByDevice."""
        found = self._must_find(characteristic, service)
        with _asking(characteristic):
            return bytes(await self._client.read_gatt_char(found))

    async def write(
        self, characteristic: str, data: bytes, service: str | None = None, *, response: bool = True
    ) -> None:
        """Write it, and with `response` wait until it is taken. Raises LinkLost or RefusedByDevice."""
        found = self._must_find(characteristic, service)
        with _asking(characteristic):
            await self._client.write_gatt_char(found, data, response=response)

    async def subscribe(self, characteristic: str, said: Callable[[bytes], None]) -> None:
        """Call `said` with every value, notified or indicated. Raises LinkLost or RefusedByDevice."""
        found = self._must_find(characteristic, None)

        def pass_on(_characteristic: BleakGATTCharacteristic, value: bytearray) -> None:
            said(bytes(value))

        with _asking(characteristic):
            await self._client.start_notify(found, pass_on)

    def _must_find(self, characteristic: str, service: str | None) -> BleakGATTCharacteristic:
        found = self._find(characteristic, service)
        if found is None:
            raise RefusedByDevice(characteristic, _NOT_FOUND)
        return found

    def _find(self, characteristic: str, service: str | None) -> BleakGATTCharacteristic | None:
        if not self._client.is_connected:
            return None
        wanted = full_uuid(characteristic)
        for known in self._client.services.characteristics.values():
            in_service = service is None or known.service_uuid.lower() == full_uuid(service)
            if in_service and known.uuid.lower() == wanted:
                return known
        return None


class Radio:
    """One Bluetooth adapter: the given one, or the system's first."""

    def __init__(self, adapter: str | None = None) -> None:
        self._adapter = adapter

    async def listen(self, heard: Callable[[Heard], None], services: Collection[str] | None) -> None:
        """Hand over advertisements until the scan needs a fresh start.

        `services` narrows the scan to devices that advertise one of them; None hears everything. Raises
        RadioUnavailable.
        """
        last_heard_s = time.monotonic()

        def pass_on(device: BLEDevice, data: AdvertisementData) -> None:
            nonlocal last_heard_s
            last_heard_s = time.monotonic()
            heard(_heard(device, data))

        # Without this BlueZ keeps a scale's repeated broadcasts to itself.
        filters = BlueZDiscoveryFilters(DuplicateData=True)
        wanted = sorted(services) if services else None
        scanner = BleakScanner(pass_on, wanted, bluez=BlueZScannerArgs(filters=filters, **self._which()))
        try:
            await scanner.start()
        except _RADIO_ERRORS as error:
            raise RadioUnavailable(_said(error)) from error
        try:
            while time.monotonic() - last_heard_s < _SILENCE_S:
                await asyncio.sleep(_SILENCE_S / 10)
        finally:
            with suppress(*_RADIO_ERRORS):
                await scanner.stop()

    @asynccontextmanager
    async def connect(self, heard: Heard, *, pair: bool, within_s: float) -> AsyncGenerator[Link]:
        """A connection to a device that was just heard; with `pair` it is bonded where it is not yet.

        Raises DeviceUnreachable or PairingRefused.
        """
        hung_up = asyncio.Event()
        client = BleakClient(
            heard.device,
            lambda _client: hung_up.set(),
            timeout=within_s,
            pair=pair,
            bluez=BlueZClientArgs(**self._which()),
        )
        try:
            try:
                await client.connect()
            except _RADIO_ERRORS as error:
                raise _no_connection(heard.address, error) from error
            yield Link(client, hung_up)
        finally:
            # Even after the device hung up: bleak keeps the D-Bus connection of this client open until then,
            # and at the next link bluetoothd would subscribe it again, confirm a reading to it, and lose it.
            with suppress(*_RADIO_ERRORS):
                async with asyncio.timeout(_DISCONNECT_WITHIN_S):
                    await client.disconnect()

    async def forget_bond(self, heard: Heard) -> None:
        """Make the system forget its bond with the device, so that it can be paired anew."""
        client = BleakClient(heard.device, bluez=BlueZClientArgs(**self._which()))
        with suppress(*_RADIO_ERRORS):
            await client.unpair()

    def _which(self) -> dict[Literal["adapter"], str]:
        return {} if self._adapter is None else {"adapter": self._adapter}


@contextmanager
def _asking(characteristic: str) -> Generator[None]:
    try:
        yield
    except BleakGATTProtocolError as error:
        raise RefusedByDevice(characteristic, int(error.code)) from error
    except _RADIO_ERRORS as error:
        raise LinkLost(_said(error)) from error


def _heard(device: BLEDevice, data: AdvertisementData) -> Heard:
    said = advertisement(
        name=data.local_name,
        services=tuple(data.service_uuids),
        manufacturer_data=data.manufacturer_data,
        service_data=data.service_data,
        address=device.address,
    )
    # What BlueZ knows now; what hangs on `device` may be of before the bond.
    properties: Mapping[str, object] = data.platform_data[1]
    return Heard(
        address=device.address.upper(),
        advertisement=said,
        paired=properties.get("Paired") is True,
        device=device,
    )


def _no_connection(address: str, error: BaseException) -> HubError:
    if isinstance(error, BleakDBusError) and error.dbus_error.startswith(_PAIRING_REFUSED):
        return PairingRefused(address, _said(error))
    return DeviceUnreachable(address, _said(error))


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__
