"""The line to the hub at its end."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from gateway.outbox import Outbox
from gateway.uplink import Uplink
from hub.broker import free_port
from vitals.ids import GatewayId
from wire.broker import Broker
from wire.messages import VERSION, GatewayStatus

GATEWAY = GatewayId("gw-1")


def now() -> datetime:
    return datetime(2026, 3, 1, 9, tzinfo=UTC)


def status(online: bool) -> GatewayStatus:
    return GatewayStatus(v=VERSION, gateway=GATEWAY, online=online)


async def test_a_stop_that_comes_together_with_an_event_is_not_forgotten(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, new_epoch=lambda: "epoch-1", now=now)
    nobody = Broker(host="127.0.0.1", port=free_port(), client_id=GATEWAY)
    uplink = Uplink(GATEWAY, nobody, outbox, status, now=now, seed=1)
    running = asyncio.create_task(uplink.run())
    await asyncio.sleep(0)  # the line waits for what comes next
    uplink.status_changed()
    # The event has woken the line, and before the line runs somebody stops it.
    asyncio.get_running_loop().call_soon(running.cancel)
    done, _ = await asyncio.wait({running}, timeout=10)
    outbox.close()
    assert done == {running}
    assert running.cancelled()
