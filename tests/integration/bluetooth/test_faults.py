"""What goes wrong between an instrument and a gateway, and that no reading is lost by it."""

import asyncio
import contextlib
import tempfile
from pathlib import Path

import pytest
from bleak import BleakClient
from bleak.exc import BleakError

from device_profiles.gatt import blood_pressure, plx_spot, weight
from device_profiles.gatt.ieee_11073 import Special
from simulators.bluetooth.chip import hci_address
from simulators.bluetooth.home import SimulatedHome
from simulators.bluetooth.peripherals.instrument import LinkLoss
from tests.harness.bluetooth import CUFF, OXIMETER, SCALE, Agent, registered, running_home
from tests.harness.waiting import eventually, let_pass
from tests.integration.bluetooth.central import drain, find, known_addresses
from vitals.measure import Measure

PRESSURE = {Measure.SYSTOLIC: 128.0, Measure.DIASTOLIC: 79.0, Measure.HEART_RATE: 64.0}


async def five_readings(home: SimulatedHome) -> list[bytes]:
    cuff = home.instruments[CUFF.device_id]
    return [(await cuff.take({**PRESSURE, Measure.SYSTOLIC: 120.0 + n})).frame for n in range(5)]


async def test_a_link_lost_in_the_middle_loses_nothing(home: SimulatedHome, agent: Agent) -> None:
    cuff = home.instruments[CUFF.device_id]
    taken = await five_readings(home)
    cuff.manners.link_loss = LinkLoss(after=2)

    before = await drain(await find(CUFF), "2a35", pair=True)
    assert cuff.remembers == 3
    cuff.manners.link_loss = None
    after = await drain(await find(CUFF), "2a35")

    assert before.frames + after.frames == taken


async def test_a_reading_whose_confirmation_was_lost_comes_twice(home: SimulatedHome, agent: Agent) -> None:
    cuff = home.instruments[CUFF.device_id]
    taken = await five_readings(home)
    cuff.manners.link_loss = LinkLoss(after=2, confirmation_lost=True)

    before = await drain(await find(CUFF), "2a35", pair=True)
    cuff.manners.link_loss = None
    after = await drain(await find(CUFF), "2a35")

    assert before.frames == taken[:3]
    assert after.frames == taken[2:]


async def test_a_client_that_never_says_goodbye_takes_the_next_reading(
    home: SimulatedHome, agent: Agent
) -> None:
    """bluetoothd subscribes the stale client again, confirms for it, and the cuff forgets."""
    cuff = home.instruments[CUFF.device_id]
    await cuff.take(PRESSURE)
    ended = asyncio.Event()
    stale = BleakClient(await find(CUFF), pair=True, disconnected_callback=lambda _: ended.set())
    await stale.connect()
    await stale.start_notify("2a35", lambda *_: None)
    await asyncio.wait_for(ended.wait(), 3)

    await cuff.take(PRESSURE)
    # A cuff that hands over as soon as anybody is subscribed leaves the new session nothing.
    cuff.manners.settle_s = 0
    eaten = await drain(await find(CUFF), "2a35", timeout_s=1)
    assert (eaten.frames, cuff.remembers) == ([], 0)

    await stale.disconnect()
    last = await cuff.take(PRESSURE)
    assert (await drain(await find(CUFF), "2a35")).frames == [last.frame]


async def test_an_instrument_that_fell_silent_times_out_and_wedges_nothing(
    home: SimulatedHome, agent: Agent
) -> None:
    cuff, scale = home.instruments[CUFF.device_id], home.instruments[SCALE.device_id]
    cuff.manners.again_s = 60
    await cuff.take(PRESSURE)
    silent = await find(CUFF)
    await cuff.fall_silent()

    with pytest.raises(TimeoutError):
        await drain(silent, "2a35", pair=True, timeout_s=0.3)

    await scale.take({Measure.WEIGHT: 80.0})
    assert len((await drain(await find(SCALE), "2a9d")).frames) == 1


async def test_most_advertisements_lost_only_costs_time(home: SimulatedHome) -> None:
    home.air.lose_adverts(hci_address(SCALE.address), 0.7)
    await home.instruments[SCALE.device_id].take({Measure.WEIGHT: 80.0})

    assert len((await drain(await find(SCALE), "2a9d")).frames) == 1


async def test_a_failed_measurement_is_handed_over_as_such(home: SimulatedHome, agent: Agent) -> None:
    await home.instruments[CUFF.device_id].take(PRESSURE, failed=True)
    await home.instruments[SCALE.device_id].take({Measure.WEIGHT: 80.0}, failed=True)
    await home.instruments[OXIMETER.device_id].take(
        {Measure.SPO2: 95.0, Measure.HEART_RATE: 60.0}, failed=True
    )

    pressure = blood_pressure.decode((await drain(await find(CUFF), "2a35", pair=True)).frames[0])
    weighing = weight.decode((await drain(await find(SCALE), "2a9d")).frames[0])
    saturation = plx_spot.decode((await drain(await find(OXIMETER), "2a5e")).frames[0])

    assert isinstance(pressure, blood_pressure.BloodPressure)
    assert isinstance(weighing, weight.Weight)
    assert isinstance(saturation, plx_spot.PlxSpot)
    assert pressure.systolic.special is Special.NAN
    assert weighing.weight is None
    assert saturation.spo2.special is Special.NAN


async def test_a_killed_home_comes_back_with_its_bonds_and_what_it_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with tempfile.TemporaryDirectory(prefix="hw-") as short:
        directory = Path(short)
        async with running_home((CUFF,), directory) as home, registered(Agent(), home.bus_address):
            monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", home.bus_address)
            address = home.bus_address
            cuff = home.instruments[CUFF.device_id]
            await cuff.take(PRESSURE)
            await drain(await find(CUFF), "2a35", pair=True)
            kept = await cuff.take(PRESSURE)

        async with running_home((CUFF,), directory) as home:
            assert home.bus_address == address
            # No agent: a cuff that had to pair again would be refused.
            assert (await drain(await find(CUFF), "2a35")).frames == [kept.frame]


async def test_a_bus_that_dies_comes_back_at_the_same_address(home: SimulatedHome) -> None:
    scale = home.instruments[SCALE.device_id]
    await scale.take({Measure.WEIGHT: 80.0})
    found = await find(SCALE)
    dead = home.bus
    assert dead is not None

    dead.process.kill()
    with pytest.raises((BleakError, EOFError, OSError, TimeoutError)):
        await drain(found, "2a9d", timeout_s=1)
    await eventually(lambda: home.bus is not dead)

    assert len((await drain(await find(SCALE), "2a9d")).frames) == 1


@pytest.mark.parametrize("after_s", [0.1, 0.2, 0.3])
async def test_a_home_stops_at_once_whatever_it_is_doing(
    monkeypatch: pytest.MonkeyPatch, after_s: float
) -> None:
    async with running_home((SCALE,)) as home:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", home.bus_address)
        await home.instruments[SCALE.device_id].take({Measure.WEIGHT: 80.0})
        session = asyncio.create_task(_session_at_all_costs())
        await let_pass(after_s)

        await asyncio.wait_for(home.stop(), 2)

        session.cancel()
        await asyncio.wait({session})


async def _session_at_all_costs() -> None:
    with contextlib.suppress(BleakError, EOFError, OSError, AssertionError):
        await drain(await find(SCALE), "2a9d")


async def test_a_device_that_nobody_bonded_with_is_forgotten_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running_home((CUFF, SCALE), temporary_s=0.3) as home, registered(Agent(), home.bus_address):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", home.bus_address)
        await home.instruments[CUFF.device_id].take(PRESSURE)
        await drain(await find(CUFF), "2a35", pair=True)
        await home.instruments[SCALE.device_id].take({Measure.WEIGHT: 80.0})
        await drain(await find(SCALE), "2a9d")
        assert await known_addresses(home.bus_address) == {CUFF.address, SCALE.address}

        async def only_the_cuff() -> bool:
            return await known_addresses(home.bus_address) == {CUFF.address}

        await eventually(only_the_cuff, what="the scale is forgotten, the cuff is not")
