"""The instruments that are not of the standard kind, through unmodified bleak."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakDBusError, BleakGATTProtocolError

from device_profiles.assembly import StreamAssembler
from device_profiles.consent import refused
from device_profiles.gatt import body_composition, date_time, glucose, record_access, user_control, weight
from device_profiles.handshake import Facts
from device_profiles.qn_dialogue import replies
from device_profiles.uuids import full_uuid
from device_profiles.vendor import berry, mi_scale, omron_advertisement, qn
from runtime.clock import utc_now
from simulators.bluetooth.home import SimulatedHome
from simulators.bluetooth.peripherals.beurer_scale import BeurerScale
from simulators.bluetooth.peripherals.mi_scale import MiScale
from simulators.bluetooth.peripherals.omron_cuff import OmronCuff
from simulators.bluetooth.peripherals.qn_scale import QnScale
from simulators.bluetooth.peripherals.streaming import StreamingOximeter
from simulators.ward import Device, Family
from tests.harness.bluetooth import Agent, running_home
from tests.harness.waiting import eventually
from tests.integration.bluetooth.central import drain, find
from vitals.ids import DeviceId
from vitals.measure import Measure

PRESSURE = {Measure.SYSTOLIC: 128.0, Measure.DIASTOLIC: 79.0, Measure.HEART_RATE: 64.0}


def device(profile: str, name: str, number: int, family: Family = Family.CUFF) -> Device:
    return Device(
        device_id=DeviceId(f"{profile}-1"),
        family=family,
        address=f"C0:00:00:00:00:{number:02X}",
        name=name,
        profile=profile,
    )


A_AND_D = device("a_and_d_cuff", "A&D_UA-651BLE_1A2B3C", 1)
OMRON = device("omron_cuff", "BLESmart_0000015FC00000000002", 2)
BEURER = device("beurer_bf", "Beurer BF720", 3, Family.SCALE)
XIAOMI = device("mi_scale_2", "MIBFS", 4, Family.SCALE)
QN = device("qn_scale", "QN-Scale", 5, Family.SCALE)
BERRY = device("berry_bm1000", "BerryMed", 6, Family.OXIMETER)
METER = device("standard_glucose_meter", "HW Meter 07", 7, Family.GLUCOSE_METER)
EVERYTHING = (A_AND_D, OMRON, BEURER, XIAOMI, QN, BERRY, METER)


@pytest.fixture
async def home(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SimulatedHome]:
    async with running_home(EVERYTHING) as running:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", running.bus_address)
        yield running


async def test_an_a_and_d_cuff_hands_over_only_after_the_host_let_go_of_it_once(
    home: SimulatedHome, agent: Agent
) -> None:
    cuff = home.instruments[A_AND_D.device_id]
    taken = await cuff.take(PRESSURE)

    first = await drain(await find(A_AND_D), "2a35", pair=True, timeout_s=0.8)
    assert (first.frames, first.hung_up) == ([], False)

    second = await drain(await find(A_AND_D), "2a35")
    assert second.frames == [taken.frame]


async def test_an_omron_cuff_says_its_mode_in_its_name_and_pairs_only_when_asked_to(
    home: SimulatedHome, agent: Agent
) -> None:
    cuff = home.instruments[OMRON.device_id]
    assert isinstance(cuff, OmronCuff)
    names: list[str | None] = []
    counters: list[bytes] = []

    def hear(found: object, said: object) -> None:
        if getattr(found, "address", "") == OMRON.address:
            names.append(getattr(said, "local_name", None))
            counters.append(getattr(said, "manufacturer_data", {}).get(omron_advertisement.COMPANY, b""))

    async with BleakScanner(hear) as scanner:
        await cuff.take(PRESSURE)
        await eventually(lambda: names and counters[-1])
        assert names[-1] == "BLEsmart_0000015FC00000000002"
        heard = scanner.discovered_devices_and_advertisement_data[OMRON.address][0]
        assert len((await drain(heard, "2a35", pair=True)).frames) == 1
        await cuff.take(PRESSURE)
        await eventually(lambda: names[-1] == "BLESmart_0000015FC00000000002")
        said = omron_advertisement.decode_manufacturer_data(counters[-1]).fields()
    assert said["users"] == [{"user": 1, "sequence": 2, "records": 1}]

    found = await find(OMRON)
    await BleakClient(found).unpair()
    with pytest.raises(BleakDBusError, match="AuthenticationFailed"):
        await drain(await find(OMRON), "2a35", pair=True)
    await cuff.press_long()
    assert len((await drain(await find(OMRON), "2a35", pair=True)).frames) == 1


async def test_a_beurer_scale_speaks_to_who_knows_the_code_and_commits(
    home: SimulatedHome, agent: Agent
) -> None:
    scale = home.instruments[BEURER.device_id]
    await scale.take({Measure.WEIGHT: 81.4})
    said: list[tuple[str, bytes]] = []

    def keep(characteristic: object, value: bytearray) -> None:
        said.append((getattr(characteristic, "uuid", "")[4:8], bytes(value)))

    async with BleakClient(await find(BEURER), pair=True) as client:
        for uuid in ("2a9f", "2a9d", "2a9c"):
            await client.start_notify(full_uuid(uuid), keep)
        await client.write_gatt_char("2a9f", user_control.consent(1, 4321), response=True)
        await eventually(lambda: said)
        assert refused(said[0][1]) is user_control.Result.USER_NOT_AUTHORIZED
        await client.write_gatt_char("2a85", await client.read_gatt_char("2a85"), response=True)
        await client.write_gatt_char("2a99", (1).to_bytes(4, "little"), response=True)
        await client.write_gatt_char("2a9f", user_control.consent(1, 1234), response=True)
        await eventually(lambda: not client.is_connected)

    assert [uuid for uuid, _ in said] == ["2a9f", "2a9f", "2a9d", "2a9c"]
    weighed, composed = weight.decode(said[2][1]), body_composition.decode(said[3][1])
    assert isinstance(weighed, weight.Weight)
    assert (weighed.weight, weighed.user) == (81.4, 1)
    assert isinstance(composed, body_composition.BodyComposition)
    assert composed.body_fat is not None
    assert composed.body_fat > 0


async def test_without_a_commit_a_beurer_scale_sends_zeros(home: SimulatedHome, agent: Agent) -> None:
    scale = home.instruments[BEURER.device_id]
    assert isinstance(scale, BeurerScale)
    scale.commit_s = 0.1
    await scale.take({Measure.WEIGHT: 81.4})
    fat: list[float | None] = []

    def keep(_: object, value: bytearray) -> None:
        composed = body_composition.decode(bytes(value))
        assert isinstance(composed, body_composition.BodyComposition)
        fat.append(composed.body_fat)

    async with BleakClient(await find(BEURER), pair=True) as client:
        for uuid in ("2a9f", "2a9d"):
            await client.start_notify(full_uuid(uuid), lambda *_: None)
        await client.start_notify(full_uuid("2a9c"), keep)
        await client.write_gatt_char("2a9f", user_control.consent(1, 1234), response=True)
        await eventually(lambda: fat)
    assert fat == [0]


async def test_a_xiaomi_scale_weighs_into_the_air(home: SimulatedHome) -> None:
    scale = home.instruments[XIAOMI.device_id]
    assert isinstance(scale, MiScale)
    scale.phases_s = (0.15, 0.15, 0.15, 0.15)
    frames: list[bytes] = []

    def hear(found: object, said: object) -> None:
        if data := getattr(said, "service_data", {}).get(full_uuid("181b")):
            frames.append(bytes(data))

    async with BleakScanner(hear) as scanner:
        taken = await scale.take({Measure.WEIGHT: 74.5, Measure.IMPEDANCE: 480.0})
        await eventually(lambda: taken.frame in frames)
        await eventually(lambda: frames[-1] != taken.frame)
        seen = scanner.discovered_devices_and_advertisement_data[XIAOMI.address][0]
        with pytest.raises((TimeoutError, BleakDBusError)):
            await BleakClient(seen, timeout=0.3).connect()

    final = mi_scale.decode_2(taken.frame).fields()
    assert final["stabilized"] is True
    kinds = [mi_scale.decode_2(frame).fields() for frame in dict.fromkeys(frames)]
    assert [(kind["stabilized"], kind["removed"]) for kind in kinds] == [
        (False, False),
        (True, False),
        (True, False),
        (True, True),
    ]


async def test_a_qn_scale_streams_to_a_host_that_answers(home: SimulatedHome) -> None:
    scale = home.instruments[QN.device_id]
    assert isinstance(scale, QnScale)
    scale.pace_s = 0.05
    await scale.take({Measure.WEIGHT: 70.0})
    await scale.fall_silent()  # nobody came: it is stored now
    live = await scale.take({Measure.WEIGHT: 66.6})
    frames: list[bytes] = []
    facts = Facts(local=utc_now().astimezone(UTC))
    answers: asyncio.Queue[bytes] = asyncio.Queue()

    def hear(_: object, value: bytearray) -> None:
        frames.append(bytes(value))
        for answer in replies(bytes(value), facts):
            answers.put_nowait(answer)

    async with BleakClient(await find(QN)) as client:
        await client.start_notify(full_uuid("ffe1"), hear)
        while client.is_connected:
            try:
                answer = await asyncio.wait_for(answers.get(), 0.2)
            except TimeoutError:
                continue
            await client.write_gatt_char("ffe3", answer, response=False)

    assert [frame[0] for frame in frames[:4]] == [qn.INFO, qn.READY, qn.CONFIG, qn.STORED]
    assert frames[-1] == live.frame
    assert {frame[0] for frame in frames[4:]} == {qn.LIVE}
    stored, last = qn.decode(frames[3]).fields(), qn.decode(frames[-1]).fields()
    assert (stored["count"], last["stable"]) == (1, True)
    assert not scale.restless


async def test_a_berry_oximeter_streams_until_the_finger_is_out(home: SimulatedHome) -> None:
    oximeter = home.instruments[BERRY.device_id]
    assert isinstance(oximeter, StreamingOximeter)
    oximeter.finger_s = 0.4
    await oximeter.take({Measure.SPO2: 91.0, Measure.HEART_RATE: 132.0})

    drained = await drain(await find(BERRY), oximeter.stream)

    assert drained.hung_up
    assembler = StreamAssembler(berry.length_of, berry.is_whole, largest=64)
    packets = [packet for chunk in drained.frames for packet in assembler.feed(chunk)]
    said = [berry.decode(packet).fields() for packet in packets]
    assert len(packets) >= 20
    assert {one["no_finger"] for one in said[:-4]} == {False}
    assert said[-1]["no_finger"] is True


async def test_a_glucose_meter_reports_what_it_is_asked_for_and_forgets_nothing(
    home: SimulatedHome, agent: Agent
) -> None:
    meter = home.instruments[METER.device_id]
    taken = [await meter.take({Measure.GLUCOSE: 100.0 + n}) for n in range(3)]
    records: list[bytes] = []
    answers: list[bytes] = []

    async with BleakClient(await find(METER), pair=True) as client:
        await client.start_notify(full_uuid("2a18"), lambda _, value: records.append(bytes(value)))
        await client.start_notify(full_uuid("2a52"), lambda _, value: answers.append(bytes(value)))

        async def ask(request: bytes) -> bytes:
            answers.clear()
            await client.write_gatt_char("2a52", request, response=True)
            await eventually(lambda: answers)
            return answers[0]

        assert await ask(bytes((4, 1))) == bytes((5, 0, 3, 0))
        assert await ask(record_access.report_all()) == bytes((6, 0, 1, 1))
        assert records == [one.frame for one in taken]
        records.clear()
        assert await ask(record_access.report_from(3)) == bytes((6, 0, 1, 1))
        assert records == [taken[2].frame]
        assert await ask(record_access.report_from(9)) == bytes((6, 0, 1, 6))
        assert await ask(bytes((1, 4))) == bytes((6, 0, 1, 4))

    last = glucose.decode(taken[2].frame)
    assert isinstance(last, glucose.Glucose)
    assert last.glucose is not None
    assert last.glucose.value == 102
    assert meter.remembers == 3
    assert not meter.restless


async def test_a_glucose_meter_wants_a_bond(home: SimulatedHome) -> None:
    await home.instruments[METER.device_id].take({Measure.GLUCOSE: 100.0})

    async with BleakClient(await find(METER)) as client:
        with pytest.raises(BleakDBusError, match="Not paired"):
            await client.write_gatt_char("2a52", record_access.report_all(), response=True)


async def test_an_a_and_d_cuff_takes_the_time_only_from_a_quick_host(
    home: SimulatedHome, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    await home.instruments[A_AND_D.device_id].take(PRESSURE)
    now = date_time.encode_clock(utc_now())

    async with BleakClient(await find(A_AND_D), pair=True) as client:
        await client.write_gatt_char("2a08", now, response=True)
        module = "simulators.bluetooth.peripherals.a_and_d_cuff._CLOCK_WITHIN_S"
        monkeypatch.setattr(module, 0.0)
        with pytest.raises(BleakGATTProtocolError):
            await client.write_gatt_char("2a08", now, response=True)
