"""A connection as the adapter sees it, where Bumble does not behave."""

import asyncio
from typing import cast

import pytest
from bumble.device import Connection
from bumble.utils import EventEmitter

from simulators.bluetooth.link import Link, LinkLost


class Stubborn(EventEmitter):
    """A Bumble connection at whose end a disconnection goes on waiting, cancelled or not.

    Python 3.11's wait_for swallows a cancel that comes together with its answer; this was seen to happen.
    """

    EVENT_DISCONNECTION = "disconnection"
    gatt_client = None

    async def disconnect(self, _reason: int) -> None:
        for _ in range(2):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    async def encrypt(self) -> None:
        await self.disconnect(0)


async def test_a_lost_link_lets_go_of_what_bumble_still_waits_for() -> None:
    connection = Stubborn()
    link = Link(cast(Connection, connection))
    ending = asyncio.create_task(link.disconnect())
    encrypting = asyncio.create_task(link.encrypt())
    await asyncio.sleep(0)

    connection.emit(connection.EVENT_DISCONNECTION, 0x08)

    done, _ = await asyncio.wait({ending, encrypting}, timeout=2)
    assert done == {ending, encrypting}
    with pytest.raises(LinkLost) as lost:
        await encrypting
    assert lost.value.reason == 0x08
    assert not link.stands
