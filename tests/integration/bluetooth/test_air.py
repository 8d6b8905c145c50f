"""The air of a home and the radio on it, without any bus."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import pytest

from runtime.clock import utc_now
from simulators.bluetooth.air import Air
from simulators.bluetooth.chip import hci_address
from simulators.bluetooth.link import Link
from simulators.bluetooth.memory import BondStore, HomeMemory
from simulators.bluetooth.peripherals.instrument import Identity, Surroundings
from simulators.bluetooth.peripherals.scale import Scale
from simulators.bluetooth.radio import NoConnection, Radio
from tests.harness.bluetooth import CUFF, SCALE, quick_manners
from tests.harness.waiting import eventually, let_pass
from vitals.measure import Measure


@pytest.fixture
def air() -> Air:
    return Air(seed=3)


@pytest.fixture
async def radio(air: Air) -> AsyncIterator[Radio]:
    memory = HomeMemory(None)
    radio = await Radio.power_on("gateway", "C0:11:22:33:44:55", air, BondStore(memory.bonds, memory.save))
    yield radio
    await radio.power_off()


@pytest.fixture
async def scale(air: Air) -> AsyncIterator[Scale]:
    identity = Identity(device_id=SCALE.device_id, address=SCALE.address, name=SCALE.name)
    around = Surroundings(air=air, memory=HomeMemory(None), zone=ZoneInfo("Europe/London"), now=utc_now)
    scale = Scale(identity, around, quick_manners())
    await scale.power_on()
    yield scale
    await scale.power_off()


async def test_a_connection_that_was_given_up_does_not_block_the_next(radio: Radio, scale: Scale) -> None:
    nobody_there = asyncio.create_task(radio.connect(CUFF.address))
    await let_pass(0.05)
    nobody_there.cancel()
    with pytest.raises(asyncio.CancelledError):
        await nobody_there

    await scale.take({Measure.WEIGHT: 80.0})
    link = await radio.connect(SCALE.address)
    assert link.stands


@pytest.mark.parametrize("turns", [0, 1, 2, 4, 8, 16, 32, 64])
async def test_who_gives_up_twice_in_a_hurry_spoils_nothing_for_the_next(
    radio: Radio, scale: Scale, turns: int
) -> None:
    await scale.take({Measure.WEIGHT: 80.0})
    impatient = asyncio.create_task(radio.connect(SCALE.address))
    for _ in range(turns):
        await asyncio.sleep(0)
    for _ in range(2):
        impatient.cancel()
        await asyncio.sleep(0)

    link = await asyncio.wait_for(_connected(radio), 3)

    assert {service.uuid[4:8] for service in await link.discover()} >= {"181d"}


async def _connected(radio: Radio) -> Link:
    """A link, however often it takes: the instrument may be busy with who has just given up."""
    while True:
        with contextlib.suppress(NoConnection):
            return await radio.connect(SCALE.address)


async def test_both_ends_learn_that_a_link_was_cut(radio: Radio, scale: Scale, air: Air) -> None:
    await scale.take({Measure.WEIGHT: 80.0})
    link = await radio.connect(SCALE.address)
    await eventually(lambda: scale.connected)

    air.cut(hci_address(SCALE.address))

    assert await asyncio.wait_for(link.lost, 1) == 0x08
    await eventually(lambda: not scale.connected)


async def test_discovery_finds_what_the_instrument_has(radio: Radio, scale: Scale) -> None:
    await scale.take({Measure.WEIGHT: 80.0})
    link = await radio.connect(SCALE.address)

    services = {service.uuid[4:8]: service for service in await link.discover()}

    assert {"181d", "1805", "180a", "180f"} <= services.keys()
    [measurement, features] = services["181d"].characteristics
    assert (measurement.uuid[4:8], measurement.flags) == ("2a9d", ["indicate"])
    assert measurement.cccd is not None
    assert (features.uuid[4:8], features.flags) == ("2a9e", ["read"])


def test_a_signal_fades_a_little_and_stays_where_the_device_is(air: Air) -> None:
    strengths = {air.rssi(hci_address(SCALE.address)) for _ in range(50)}
    assert max(strengths) - min(strengths) <= 6
    assert min(strengths) >= -85
    assert max(strengths) <= -40
