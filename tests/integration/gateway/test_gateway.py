"""The gateway process from the cuff to the hub's acknowledgement, over real D-Bus and a real broker."""

import asyncio
from collections.abc import Callable

from simulators.bluetooth.home import SimulatedHome
from tests.harness.bluetooth import CUFF
from tests.harness.processes import RunningCommand
from tests.integration.gateway.conftest import PlayedHub, until
from vitals.measure import Measure

VALUES = {Measure.SYSTOLIC: 142.0, Measure.DIASTOLIC: 91.0, Measure.HEART_RATE: 77.0}


async def test_five_readings_in_a_cuffs_memory_reach_the_hub_once_and_are_forgotten(
    home: SimulatedHome, hub: PlayedHub, start_gateway: Callable[[], RunningCommand]
) -> None:
    cuff = home.instruments[CUFF.device_id]
    for number in range(5):
        await cuff.take({**VALUES, Measure.SYSTOLIC: 140.0 + number})
    gateway = start_gateway()
    readings = await hub.hears(5)
    assert sorted(reading.values["systolic"] for reading in readings) == [140, 141, 142, 143, 144]
    assert {reading.device for reading in readings} == {CUFF.device_id}
    assert {reading.measured_at.utcoffset() is not None for reading in readings} == {True}
    assert sorted(reading.seq for reading in readings) == [1, 2, 3, 4, 5]

    def all_forgotten() -> bool:
        hub.listen()
        return bool(hub.statuses) and hub.statuses[-1].outbox_waiting == 0

    await until(all_forgotten, what="the outbox is empty")
    assert set(hub.times_heard.values()) == {1}
    assert cuff.remembers == 0
    for reading in readings:
        assert reading.id in gateway.log
    assert await asyncio.to_thread(gateway.stop, within_s=3) == 0
    await until(lambda: (hub.listen(), hub.statuses[-1].online is False)[1], what="it said goodbye")
