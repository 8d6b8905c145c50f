"""Listening, pairing and bonds against a simulated home, in this process and with unmodified bleak."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from bleak import BleakClient, BleakScanner
from bleak.backends.bluezdbus.version import BlueZFeatures
from bleak.exc import BleakError

from device_profiles import catalog
from device_profiles.profile import SessionEnd
from gateway.agent import Agent
from gateway.board import Board, DeviceNotes
from gateway.outbox import Outbox
from gateway.pairing import PairingDesk
from gateway.radio import Radio, RadioUnavailable
from gateway.roster import EnrolledDevice, Roster
from gateway.watch import Watch
from runtime.clock import utc_now
from simulators.bluetooth.home import SimulatedHome
from simulators.bluetooth.peripherals.instrument import LinkLoss
from simulators.ward import Device
from tests.harness.bluetooth import CUFF
from tests.integration.gateway.conftest import until
from vitals.measure import Measure
from vitals.reading import ClockState, Reading

PRESSURE = {Measure.SYSTOLIC: 142.0, Measure.DIASTOLIC: 91.0, Measure.HEART_RATE: 77.0}


@dataclass
class Kept:
    """An outbox that remembers what was stored in it."""

    outbox: Outbox
    readings: list[Reading] = field(default_factory=list[Reading])


def enrolled(device: Device, passkey: int | None = None) -> EnrolledDevice:
    """The device as a roster has it; it may be visited again at once, so that the test need not wait."""
    profile = catalog.profile(device.profile)
    assert profile is not None
    return EnrolledDevice(
        device_id=device.device_id,
        address=device.address,
        profile=replace(profile, session_end=SessionEnd(reconnect_after=timedelta())),
        zone=ZoneInfo("Europe/London"),
        passkey=passkey,
    )


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    kept = Kept(Outbox(tmp_path / "outbox", new_epoch=lambda: "e1", now=utc_now))
    store = kept.outbox.store

    def remember(reading: Reading) -> object:
        kept.readings.append(reading)
        return store(reading)

    kept.outbox.store = remember  # pyright: ignore[reportAttributeAccessIssue]
    return kept


@pytest.fixture
def watching(
    home: SimulatedHome, kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., object]:
    monkeypatch.setattr(BlueZFeatures, "checked_bluez_version", True)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", home.bus_address)

    @asynccontextmanager
    async def watch(*devices: EnrolledDevice) -> AsyncIterator[Callable[[Device], DeviceNotes]]:
        roster = Roster(devices)
        board = Board(lambda: None)
        board.enrol(roster)
        one = Watch(
            roster,
            Radio(),
            kept.outbox,
            board,
            directory=tmp_path,
            stored=lambda _stored: None,
            now=utc_now,
            places=3,
            connect_within_s=0.8,
        )
        async with Agent(roster, board.battery):
            listening = asyncio.create_task(one.listen())
            try:
                yield lambda device: next(
                    board.notes(each) for each in devices if each.device_id == device.device_id
                )
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
                await one.end()

    return watch


async def test_a_cuff_that_lost_its_bond_is_reported_and_paired_anew_only_when_somebody_asks(
    home: SimulatedHome, kept: Kept, watching: Callable[..., object], tmp_path: Path
) -> None:
    cuff = home.instruments[CUFF.device_id]
    async with watching(enrolled(CUFF)) as notes:
        await cuff.take(PRESSURE)
        await until(lambda: len(kept.readings) == 1, what="the first reading")
        await until(lambda: not notes(CUFF).visits.in_session, what="the session is over")
        cuff.forget_bonds()
        await cuff.take({**PRESSURE, Measure.SYSTOLIC: 150.0})
        await until(lambda: notes(CUFF).visits.needs_pairing, what="three failures in a row")
        assert cuff.remembers == 1, "the cuff still has it"
        assert len(kept.readings) == 1
        PairingDesk(tmp_path).open(CUFF.device_id)
        notes(CUFF).visits.rest_until_s = 0.0
        await until(lambda: len(kept.readings) == 2, what="the reading that waited in the cuff")
        await until(lambda: not notes(CUFF).visits.needs_pairing, what="all is well again")
    assert cuff.remembers == 0
    assert not PairingDesk(tmp_path).is_open(CUFF.device_id, utc_now())


@pytest.mark.parametrize(("own", "shown", "pairs"), [(314159, 314159, True), (271828, 314159, False)])
async def test_a_cuff_with_a_passkey_pairs_with_the_one_in_the_roster(
    home: SimulatedHome, kept: Kept, watching: Callable[..., object], own: int, shown: int, pairs: bool
) -> None:
    cuff = home.instruments[CUFF.device_id]
    cuff.manners.passkey = shown
    async with watching(enrolled(CUFF, passkey=own)) as notes:
        await cuff.take(PRESSURE)
        await until(lambda: kept.readings or notes(CUFF).visits.failures, what="paired or refused")
    assert (len(kept.readings) == 1) is pairs


async def test_a_cuff_whose_clock_is_two_days_slow_is_dated_right_and_its_clock_is_set(
    home: SimulatedHome, kept: Kept, watching: Callable[..., object]
) -> None:
    cuff = home.instruments[CUFF.device_id]
    cuff.clock.disturb(timedelta(days=-2))
    before = utc_now()
    async with watching(enrolled(CUFF)) as notes:
        await cuff.take(PRESSURE)
        await until(lambda: kept.readings, what="the reading")
        offset_s = notes(CUFF).clock_offset_s
        assert offset_s is not None
        assert abs(offset_s - timedelta(days=2).total_seconds()) < 5
    (reading,) = kept.readings
    assert abs((reading.measured_at - before).total_seconds()) < 5
    assert reading.clock is ClockState.DOUBTFUL
    told = cuff.clock.time().moment
    assert told is not None
    assert abs(told - utc_now().astimezone(ZoneInfo("Europe/London")).replace(tzinfo=None)) < timedelta(
        seconds=3
    )


@pytest.mark.parametrize("confirmation_lost", [False, True])
async def test_a_link_that_is_lost_in_the_middle_costs_no_reading_and_doubles_none(
    home: SimulatedHome, kept: Kept, watching: Callable[..., object], confirmation_lost: bool
) -> None:
    cuff = home.instruments[CUFF.device_id]
    cuff.manners.link_loss = LinkLoss(after=2, confirmation_lost=confirmation_lost)
    for number in range(6):
        await cuff.take({**PRESSURE, Measure.SYSTOLIC: 120.0 + number})
    async with watching(enrolled(CUFF)):
        await until(lambda: len(kept.readings) >= 2, what="some readings")
        await until(lambda: not cuff.connected, what="the link is lost")
        cuff.manners.link_loss = None
        await until(lambda: cuff.remembers == 0, what="all readings")
    stored = kept.outbox.fetch(kept.outbox.rows())
    assert len(stored) == 6
    assert {reading.values[Measure.SYSTOLIC] for reading in kept.readings} == {120.0 + n for n in range(6)}


async def test_a_cuff_that_hangs_up_loses_no_reading_of_its_next_session_to_the_last_one(
    home: SimulatedHome, kept: Kept, watching: Callable[..., object]
) -> None:
    """bluetoothd subscribes a client that is still there at the next link, and confirms readings to it."""
    cuff = home.instruments[CUFF.device_id]
    # It hands over as soon as anybody at all is subscribed.
    cuff.manners.settle_s = 0
    async with watching(enrolled(CUFF)) as notes:
        for number in range(1, 4):
            await cuff.take({**PRESSURE, Measure.SYSTOLIC: 120.0 + number})
            await until(lambda: cuff.remembers == 0, what="the cuff has handed it over")
            await until(lambda: not notes(CUFF).visits.in_session, what="the session is over")
            assert [reading.values[Measure.SYSTOLIC] for reading in kept.readings][-1] == 120.0 + number
    assert len(kept.readings) == 3


async def test_a_device_that_is_not_enrolled_cannot_pair(
    home: SimulatedHome, watching: Callable[..., object]
) -> None:
    await home.instruments[CUFF.device_id].take(PRESSURE)
    async with watching():
        found = await BleakScanner.find_device_by_address(CUFF.address, timeout=5)
        assert found is not None
        # bluetoothd does not ask the agent about a plain Pair(); it does when security is raised on the way.
        async with BleakClient(found, timeout=5) as stranger:
            with pytest.raises(BleakError):
                await stranger.start_notify("2a35", lambda _characteristic, _value: None)
    assert home.instruments[CUFF.device_id].remembers == 1


async def test_without_bluetoothd_the_agent_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/nothing")
    with pytest.raises(RadioUnavailable):
        async with Agent(Roster(()), lambda _address, _percent: None):
            pass
