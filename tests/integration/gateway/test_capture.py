"""Recording a device of the simulated home, as a person with a new device would."""

import asyncio
from pathlib import Path

import pytest
from bleak.backends.bluezdbus.version import BlueZFeatures

from device_profiles import capture as captures
from gateway import capture
from gateway.radio import Radio
from simulators.bluetooth.home import SimulatedHome
from tests.harness.bluetooth import CUFF, SCALE
from vitals.measure import Measure


@pytest.fixture
def _on_the_bus(home: SimulatedHome, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BlueZFeatures, "checked_bluez_version", True)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", home.bus_address)


@pytest.mark.usefixtures("_on_the_bus")
async def test_a_cuffs_session_is_recorded(home: SimulatedHome) -> None:
    taken = await home.instruments[CUFF.device_id].take({Measure.SYSTOLIC: 131.0, Measure.DIASTOLIC: 82.0})
    said: list[str] = []
    recording = await capture.record(Radio(), CUFF.address, seconds=10, say=said.append)
    assert ("00002a35-0000-1000-8000-00805f9b34fb", taken.frame) in recording.frames
    assert recording.advertisements[0].local_name == CUFF.name
    assert said[0].startswith("Listening")


@pytest.mark.usefixtures("_on_the_bus")
async def test_who_is_near_is_told_with_what_they_are_taken_for(home: SimulatedHome) -> None:
    await home.instruments[SCALE.device_id].take({Measure.WEIGHT: 80.0})
    assert await capture.nearby(Radio(), for_s=0.5) == [f"{SCALE.address}  standard_scale"]


@pytest.mark.usefixtures("_on_the_bus")
async def test_a_device_that_is_not_there_is_said(home: SimulatedHome) -> None:
    with pytest.raises(capture.NothingRecorded, match="it was not heard"):
        await capture.record(Radio(), "00:11:22:33:44:55", seconds=0.3, say=lambda _: None)


@pytest.mark.parametrize("agrees", [True, False])
def test_nothing_is_kept_without_a_yes(agrees: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def recorded(*_: object, **__: object) -> capture.Recording:
        await asyncio.sleep(0)
        return capture.Recording(address=CUFF.address, frames=[("2a35", bytes(19))])

    monkeypatch.setattr(capture, "record", recorded)
    out, said = tmp_path / "cuff.json", list[str]()
    capture.run(
        address=CUFF.address,
        model="HW",
        out=out,
        say=said.append,
        ask=lambda question: agrees and "Keep" in question,
    )
    assert out.exists() is agrees
    assert '"2a35"' in said[0], "what would be kept is shown first"
    if agrees:
        assert captures.parse(out.read_bytes()).frames[0].hex == "00" * 19
