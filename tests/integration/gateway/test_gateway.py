"""The gateway process from the cuff to the hub's acknowledgement, over real D-Bus and a real broker."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from simulators.bluetooth.home import SimulatedHome
from tests.harness.bluetooth import CUFF, OXIMETER, SCALE
from tests.harness.processes import RunningCommand
from tests.integration.gateway.conftest import PlayedHub, roster_text, until
from vitals.measure import Measure

PRESSURE = {Measure.SYSTOLIC: 142.0, Measure.DIASTOLIC: 91.0, Measure.HEART_RATE: 77.0}
WEIGHT = {Measure.WEIGHT: 81.4}
SATURATION = {Measure.SPO2: 91.0, Measure.HEART_RATE: 88.0}


async def fill(home: SimulatedHome, count: int, first: int = 140) -> None:
    """Readings in the cuff's memory, each with a systolic value of its own."""
    for number in range(count):
        await home.instruments[CUFF.device_id].take({**PRESSURE, Measure.SYSTOLIC: float(first + number)})


def stored_ids(gateway: RunningCommand) -> set[str]:
    """The readings that the gateway has reported as stored."""
    return set(re.findall(r'"reading_id": "([0-9a-f]{32})"[^\n]*"reading stored"', gateway.log))


def settled(hub: PlayedHub, *, quarantined: int = 0) -> Callable[[], bool]:
    """Whether the gateway's own status says that nothing waits."""

    def is_so() -> bool:
        hub.listen()
        last = hub.statuses[-1] if hub.statuses else None
        return last is not None and (last.outbox_waiting, last.outbox_quarantined) == (0, quarantined)

    return is_so


async def test_five_readings_in_a_cuffs_memory_reach_the_hub_once_and_are_forgotten(
    home: SimulatedHome, hub: PlayedHub, start_gateway: Callable[[], RunningCommand]
) -> None:
    await fill(home, 5)
    gateway = start_gateway()
    readings = await hub.hears(5)
    assert sorted(reading.values["systolic"] for reading in readings) == [140, 141, 142, 143, 144]
    assert {reading.device for reading in readings} == {CUFF.device_id}
    assert all(reading.measured_at.utcoffset() is not None for reading in readings)
    assert sorted(reading.seq for reading in readings) == [1, 2, 3, 4, 5]
    await until(settled(hub), what="the outbox is empty")
    assert set(hub.times_heard.values()) == {1}
    assert home.instruments[CUFF.device_id].remembers == 0
    assert stored_ids(gateway) == set(hub.readings)
    assert await asyncio.to_thread(gateway.stop, within_s=3) == 0
    await until(
        lambda: (hub.listen(), not hub.statuses[-1].online)[1],
        what=lambda: f"its goodbye; {hub.statuses[-3:]}\n{gateway.log}",
    )


async def test_every_enrolled_device_is_read_and_a_stranger_is_not(
    home: SimulatedHome,
    hub: PlayedHub,
    start_gateway: Callable[[], RunningCommand],
    gateway_directory: Path,
) -> None:
    (gateway_directory / "roster.toml").write_text(roster_text(CUFF, OXIMETER))
    await home.instruments[SCALE.device_id].take(WEIGHT)
    await home.instruments[OXIMETER.device_id].take(SATURATION)
    await fill(home, 1)
    start_gateway()
    readings = await hub.hears(2)
    assert {reading.device: reading.values.get("spo2", 0) for reading in readings} == {
        CUFF.device_id: 0,
        OXIMETER.device_id: 91,
    }
    assert home.instruments[SCALE.device_id].remembers == 1
    assert not home.instruments[SCALE.device_id].connected

    def batteries_told() -> Mapping[str, int | None]:
        hub.listen()
        told = {device.device: device.battery_percent for device in hub.statuses[-1].devices}
        return told if None not in told.values() else {}

    await until(batteries_told, what="the batteries of both")
    (gateway_directory / "roster.toml").write_text(roster_text(CUFF, OXIMETER, SCALE))
    assert [each.values["weight"] for each in await hub.hears(3) if each.device == SCALE.device_id] == [81.4]


async def test_kill_9_while_the_hub_is_silent_loses_nothing_that_was_stored(
    home: SimulatedHome, hub: PlayedHub, start_gateway: Callable[[], RunningCommand]
) -> None:
    hub.answers = False
    await fill(home, 12)
    gateway = start_gateway()
    await until(lambda: len(stored_ids(gateway)) >= 6, what="some readings are stored")
    gateway.kill()
    stored = stored_ids(gateway)
    second = start_gateway()
    await until(lambda: "gateway started" in second.log, what="it starts again")
    assert f'"waiting": {len(stored)}' in second.log or f'"waiting": {len(stored) + 1}' in second.log, (
        "what the hub never acknowledged is not forgotten, whatever the broker said"
    )
    hub.answers = True
    await until(lambda: (hub.listen(), stored <= set(hub.readings))[1], what="all that was stored")
    await until(settled(hub), what="the outbox is empty")
    epochs_and_seqs = sorted(reading.seq for reading in hub.readings.values())
    assert epochs_and_seqs == list(range(1, len(epochs_and_seqs) + 1)), "no number is missing"


async def test_what_the_hub_refuses_is_moved_aside_on_the_gateway_and_not_deleted(
    home: SimulatedHome,
    hub: PlayedHub,
    start_gateway: Callable[[], RunningCommand],
    gateway_directory: Path,
) -> None:
    hub.refuses = lambda reading: reading.values["systolic"] == 141
    await fill(home, 3)
    gateway = start_gateway()
    await hub.hears(3)
    await until(settled(hub, quarantined=1), what="one set aside, none waiting")
    assert await asyncio.to_thread(gateway.stop, within_s=3) == 0
    file = sqlite3.connect(gateway_directory / "outbox.sqlite")
    kept = file.execute("SELECT id, reason FROM quarantine").fetchall()
    file.close()
    refused = [each.id for each in hub.readings.values() if each.values["systolic"] == 141]
    assert kept == [(refused[0], "as the test wants it")]


async def test_the_gateway_recovers_by_itself_when_bus_and_broker_die(
    home: SimulatedHome, hub: PlayedHub, start_gateway: Callable[[], RunningCommand]
) -> None:
    gateway = start_gateway()
    await until(lambda: "listening" in gateway.log and "broker connected" in gateway.log, what="it is up")
    assert home.bus is not None
    home.bus.process.kill()
    hub.broker.kill()
    await until(lambda: "part starts again" in gateway.log, what="it noticed")
    await fill(home, 2)
    await until(lambda: len(stored_ids(gateway)) == 2, what="both readings, though no hub is there")
    hub.broker.start()
    await hub.hears(2)
    await until(settled(hub), what="the outbox is empty")
    assert gateway.is_running
