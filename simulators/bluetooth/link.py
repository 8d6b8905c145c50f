"""One connection to an instrument as the adapter sees it: attribute operations, security, its end."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bumble import att, core, hci
from bumble.device import Connection
from bumble.gatt_client import CharacteristicProxy

from device_profiles.uuids import full_uuid
from simulators.bluetooth.gatt_table import INDICATE, NOTIFY, Characteristic, Descriptor, Service
from vitals.errors import HubError

T = TypeVar("T")
# What BlueZ offers in its MTU exchange.
_MTU = 517


class LinkLost(HubError):
    """The connection ended, with an HCI reason, before an operation on it did."""

    def __init__(self, reason: int) -> None:
        self.reason = reason
        super().__init__(f"the link ended: {hci.HCI_Constant.error_name(reason)}")


class AttRefused(HubError):
    """The device answered an attribute request with an error code (Core, volume 3 part F, 3.4.1.1)."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"the device refused: ATT error 0x{code:02x}")

    @property
    def wants_security(self) -> bool:
        """Whether the same request may succeed over a link with more security."""
        return self.code in (
            att.ErrorCode.INSUFFICIENT_AUTHENTICATION,
            att.ErrorCode.INSUFFICIENT_ENCRYPTION,
            att.ErrorCode.INSUFFICIENT_ENCRYPTION_KEY_SIZE,
        )


class PairingFailed(HubError):
    """The two sides did not come to share a key."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"pairing failed: {reason}")


class KeyRefused(HubError):
    """The device does not have, or no longer has, the key of our bond."""

    def __init__(self) -> None:
        super().__init__("the device refused the key of the bond")


class Link:
    """A connection; `lost` is done, with the HCI reason, once it has ended."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._client = connection.gatt_client
        self.lost: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        connection.on(connection.EVENT_DISCONNECTION, self._on_disconnection)

    @property
    def stands(self) -> bool:
        """Whether the connection has not ended."""
        return not self.lost.done()

    @property
    def mtu(self) -> int:
        """The attribute protocol's MTU."""
        return self._connection.att_mtu

    def _on_disconnection(self, reason: int) -> None:
        if not self.lost.done():
            self.lost.set_result(reason)

    async def _while_it_stands(self, work: Awaitable[T]) -> T:
        """The result of the work. Raises LinkLost where the link ends first: Bumble cancels, or hangs."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task, self.lost}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if task.done() and not task.cancelled():
            return task.result()
        # Not awaited: where its answer came together with our cancel, Python 3.11's wait_for swallows the
        # cancel, and Bumble goes on to wait for something that will never come.
        task.add_done_callback(_forget)
        task.cancel()
        raise LinkLost(self.lost.result() if self.lost.done() else hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    async def _attribute(self, work: Awaitable[T]) -> T:
        try:
            return await self._while_it_stands(work)
        except att.ATT_Error as error:
            raise AttRefused(error.error_code) from error
        except core.TimeoutError as error:
            raise AttRefused(att.ErrorCode.UNLIKELY_ERROR) from error

    async def exchange_mtu(self) -> None:
        """Agree on the longest attribute packet, once."""
        await self._attribute(self._client.request_mtu(_MTU))

    async def read(self, handle: int) -> bytes:
        """The value of an attribute. Raises AttRefused or LinkLost."""
        return await self._attribute(self._client.read_value(handle))

    async def write(self, handle: int, value: bytes, *, response: bool = True) -> None:
        """Write an attribute. Raises AttRefused (only with a response) or LinkLost."""
        await self._attribute(self._client.write_value(handle, value, with_response=response))

    def listen(self, characteristic: Characteristic, on_value: Callable[[bytes], None]) -> None:
        """Call `on_value` for each notification and indication; indications are confirmed after the call."""
        if characteristic.properties & NOTIFY:
            self._client.notification_subscribers[characteristic.value_handle] = {on_value}
        if characteristic.properties & INDICATE:
            self._client.indication_subscribers[characteristic.value_handle] = {on_value}

    async def discover(self) -> tuple[Service, ...]:
        """Every primary service with its characteristics and their descriptors, asked of the device."""
        services: list[Service] = []
        for service in await self._attribute(self._client.discover_services()):
            characteristics = await self._attribute(self._client.discover_characteristics((), service))
            services.append(
                Service(
                    handle=service.handle,
                    uuid=_uuid(service.uuid),
                    characteristics=tuple([await self._characteristic(found) for found in characteristics]),
                )
            )
        return tuple(services)

    async def _characteristic(self, found: CharacteristicProxy[bytes]) -> Characteristic:
        descriptors: list[Descriptor] = []
        if found.end_group_handle > found.handle:
            descriptors = [
                Descriptor(handle=descriptor.handle, uuid=_uuid(descriptor.type))
                for descriptor in await self._attribute(self._client.discover_descriptors(found))
            ]
        return Characteristic(
            value_handle=found.handle,
            uuid=_uuid(found.uuid),
            properties=int(found.properties),
            descriptors=tuple(descriptors),
        )

    async def encrypt(self) -> None:
        """Encrypt with the key of the bond. Raises KeyRefused or LinkLost."""
        try:
            await self._while_it_stands(self._connection.encrypt())
        except (hci.HCI_Error, core.InvalidOperationError) as error:
            raise KeyRefused() from error

    async def pair(self) -> None:
        """Pair and bond, as the pairing configuration decides. Raises PairingFailed or LinkLost."""
        try:
            await self._while_it_stands(self._connection.pair())
        except core.ProtocolError as error:
            raise PairingFailed(error.error_name) from error

    async def disconnect(
        self, reason: int = hci.HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR
    ) -> None:
        """End the connection, and wait until it has ended."""
        if self.stands:
            with contextlib.suppress(LinkLost, core.ConnectionError, hci.HCI_Error):
                await self._while_it_stands(self._connection.disconnect(reason))
            await asyncio.wait({self.lost}, timeout=1)


def _forget(task: "asyncio.Future[T]") -> None:
    """Take note of how a task ended that nobody waits for any more."""
    if not task.cancelled():
        task.exception()


def _uuid(uuid: core.UUID) -> str:
    return full_uuid(uuid.to_hex_str("-"))
