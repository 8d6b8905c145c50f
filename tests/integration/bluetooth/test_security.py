"""Who may pair, and what happens to a bond: as bluetoothd 5.66 was seen to behave."""

import pytest
from bleak import BleakClient
from bleak.exc import BleakDBusError, BleakGATTProtocolError

from simulators.bluetooth.home import SimulatedHome
from tests.harness.bluetooth import CUFF, Agent, registered
from tests.integration.bluetooth.central import drain, find
from vitals.measure import Measure

PRESSURE = {Measure.SYSTOLIC: 128.0, Measure.DIASTOLIC: 79.0, Measure.HEART_RATE: 64.0}


async def test_without_an_agent_pairing_is_refused(home: SimulatedHome) -> None:
    cuff = home.instruments[CUFF.device_id]
    await cuff.take(PRESSURE)

    with pytest.raises(BleakDBusError, match="AuthenticationFailed"):
        await drain(await find(CUFF), "2a35", pair=True)

    assert cuff.remembers == 1


async def test_without_an_agent_a_subscription_that_needs_a_bond_is_refused(home: SimulatedHome) -> None:
    cuff = home.instruments[CUFF.device_id]
    await cuff.take(PRESSURE)

    with pytest.raises(BleakDBusError, match="Not paired"):
        await drain(await find(CUFF), "2a35")

    assert cuff.remembers == 1


async def test_a_subscription_that_needs_a_bond_makes_one_once_the_agent_authorises_it(
    home: SimulatedHome, agent: Agent
) -> None:
    await home.instruments[CUFF.device_id].take(PRESSURE)

    drained = await drain(await find(CUFF), "2a35")

    assert len(drained.frames) == 1
    assert agent.asked == ["authorization"]


async def test_an_agent_that_says_no_is_heard(home: SimulatedHome) -> None:
    cuff = home.instruments[CUFF.device_id]
    await cuff.take(PRESSURE)

    async with registered(Agent(accepts=False), home.bus_address) as agent:
        with pytest.raises(BleakDBusError, match="Not paired"):
            await drain(await find(CUFF), "2a35")

    assert agent.asked == ["authorization"]
    assert cuff.remembers == 1


async def test_a_bonded_cuff_comes_back_without_pairing(home: SimulatedHome, agent: Agent) -> None:
    cuff = home.instruments[CUFF.device_id]
    await cuff.take(PRESSURE)
    await drain(await find(CUFF), "2a35", pair=True)
    await cuff.take(PRESSURE)

    drained = await drain(await find(CUFF), "2a35")

    assert len(drained.frames) == 1
    assert agent.asked == []


async def test_a_cuff_that_lost_its_bond_is_out_of_reach_until_it_is_paired_again(
    home: SimulatedHome, agent: Agent
) -> None:
    cuff = home.instruments[CUFF.device_id]
    await cuff.take(PRESSURE)
    await drain(await find(CUFF), "2a35", pair=True)
    cuff.forget_bonds()
    await cuff.take(PRESSURE)
    found = await find(CUFF)

    with pytest.raises(TimeoutError):
        await drain(found, "2a35", pair=True, timeout_s=0.6)
    assert cuff.remembers == 1

    await BleakClient(found).unpair()
    drained = await drain(await find(CUFF), "2a35", pair=True)
    assert len(drained.frames) == 1


@pytest.mark.parametrize(("typed", "shown", "pairs"), [(314159, 314159, True), (271828, 314159, False)])
async def test_a_cuff_with_a_display_wants_its_passkey(
    home: SimulatedHome, typed: int, shown: int, pairs: bool
) -> None:
    cuff = home.instruments[CUFF.device_id]
    cuff.manners.passkey = shown
    await cuff.take(PRESSURE)

    async with registered(Agent(passkey=typed), home.bus_address, "KeyboardDisplay") as agent:
        if pairs:
            assert len((await drain(await find(CUFF), "2a35", pair=True)).frames) == 1
        else:
            with pytest.raises(BleakDBusError, match="AuthenticationFailed"):
                await drain(await find(CUFF), "2a35", pair=True)

    assert agent.asked == ["passkey"]


async def test_the_clock_cannot_be_set_where_the_cuff_refuses_it(home: SimulatedHome, agent: Agent) -> None:
    cuff = home.instruments[CUFF.device_id]
    cuff.clock.refuses = True
    await cuff.take(PRESSURE)

    async with BleakClient(await find(CUFF), pair=True) as client:
        with pytest.raises(BleakGATTProtocolError) as refused:
            await client.write_gatt_char("2a08", bytes.fromhex("ea0703 1d081e00"), response=True)

    assert refused.value.code == 0x80
