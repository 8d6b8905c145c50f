"""Each of the three instruments, through unmodified bleak: found, connected, drained, hung up."""

import asyncio

from bleak import BleakClient, BleakScanner

from device_profiles.gatt import blood_pressure, date_time, plx_spot, weight
from simulators.bluetooth.home import SimulatedHome
from tests.harness.bluetooth import CUFF, OXIMETER, SCALE, Agent
from tests.harness.waiting import eventually
from tests.integration.bluetooth.central import drain, find
from vitals.measure import Measure

PRESSURE = {Measure.SYSTOLIC: 128.0, Measure.DIASTOLIC: 79.0, Measure.HEART_RATE: 64.0}
WEIGHT = {Measure.WEIGHT: 81.4}
SATURATION = {Measure.SPO2: 93.0, Measure.HEART_RATE: 88.0}


async def test_a_cuff_bonds_and_hands_over_what_it_stored_oldest_first(
    home: SimulatedHome, agent: Agent
) -> None:
    cuff = home.instruments[CUFF.device_id]
    taken = [await cuff.take({**PRESSURE, Measure.SYSTOLIC: 120.0 + n}) for n in range(3)]

    drained = await drain(await find(CUFF), "2a35", pair=True)

    assert drained.frames == [one.frame for one in taken]
    assert drained.hung_up
    assert cuff.remembers == 0
    assert agent.asked == []


async def test_a_scale_needs_no_bond(home: SimulatedHome) -> None:
    taken = await home.instruments[SCALE.device_id].take(WEIGHT)

    drained = await drain(await find(SCALE), "2a9d")

    assert drained.frames == [taken.frame]
    decoded = weight.decode(drained.frames[0])
    assert isinstance(decoded, weight.Weight)
    assert decoded.weight == 81.4


async def test_an_oximeter_indicates_a_spot_check(home: SimulatedHome) -> None:
    taken = await home.instruments[OXIMETER.device_id].take(SATURATION)

    drained = await drain(await find(OXIMETER), "2a5e")

    assert drained.frames == [taken.frame]
    decoded = plx_spot.decode(drained.frames[0])
    assert isinstance(decoded, plx_spot.PlxSpot)
    assert (decoded.spo2.value, decoded.pulse.value) == (93, 88)


async def test_three_instruments_at_once(home: SimulatedHome, agent: Agent) -> None:
    for device, values in ((CUFF, PRESSURE), (SCALE, WEIGHT), (OXIMETER, SATURATION)):
        await home.instruments[device.device_id].take(values)

    async def session(device: object, characteristic: str, pair: bool) -> int:
        return len((await drain(heard[device], characteristic, pair=pair)).frames)

    heard = {device: await find(device) for device in (CUFF, SCALE, OXIMETER)}
    counts = await asyncio.gather(
        session(CUFF, "2a35", True), session(SCALE, "2a9d", False), session(OXIMETER, "2a5e", False)
    )

    assert counts == [1, 1, 1]


async def test_an_instrument_advertises_only_for_a_while(home: SimulatedHome) -> None:
    scale = home.instruments[SCALE.device_id]
    assert await BleakScanner.discover(timeout=0.2) == []

    scale.manners.advertise_s = 0.3
    await scale.take(WEIGHT)
    await find(SCALE)

    async def nothing_is_heard() -> bool:
        return await BleakScanner.discover(timeout=0.15) == []

    await eventually(nothing_is_heard, what="the scale is silent again")

    heard: list[str] = []
    async with BleakScanner(lambda device, _: heard.append(device.address)):
        await scale.advertise()
        await eventually(lambda: SCALE.address in heard)


async def test_a_clock_that_is_set_dates_the_next_reading(home: SimulatedHome, agent: Agent) -> None:
    cuff = home.instruments[CUFF.device_id]
    cuff.clock.disturb(None)
    await cuff.take(PRESSURE)
    found = await find(CUFF)
    async with BleakClient(found, pair=True) as client:
        said = date_time.decode(await client.read_gatt_char("2a08"))
        assert said == date_time.DeviceTime(year=0, month=0, day=0)
        wanted = date_time.DeviceTime(year=2026, month=3, day=29, hour=8, minute=30)
        await client.write_gatt_char("2a08", date_time.encode(wanted), response=True)
    later = await cuff.take(PRESSURE)

    undated, dated = (await drain(await find(CUFF), "2a35")).frames

    assert dated == later.frame
    first, second = blood_pressure.decode(undated), blood_pressure.decode(dated)
    assert isinstance(first, blood_pressure.BloodPressure)
    assert isinstance(second, blood_pressure.BloodPressure)
    assert first.time is not None
    assert first.time.moment is None
    assert second.time is not None
    assert second.time.text.startswith("2026-03-29T08:30:0")


async def test_a_running_value_is_notified_while_a_finger_is_in(home: SimulatedHome) -> None:
    oximeter = home.instruments[OXIMETER.device_id]
    running: list[bytes] = []
    spots: list[bytes] = []
    holding = asyncio.create_task(oximeter.hold_finger(SATURATION, seconds=4, every_s=0.2))
    ended = asyncio.Event()
    async with BleakClient(await find(OXIMETER), disconnected_callback=lambda _: ended.set()) as client:
        await client.start_notify("2a5f", lambda _, value: running.append(bytes(value)))
        await client.start_notify("2a5e", lambda _, value: spots.append(bytes(value)))
        await asyncio.wait_for(ended.wait(), 3)
    await holding

    assert len(running) >= 2
    assert len(spots) == 1
