"""One home with a device of every family that can be simulated: the gateway reads each by its profile."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from simulators.bluetooth.home import SimulatedHome
from simulators.bluetooth.peripherals.catalog import INSTRUMENTS
from simulators.ward import Device, Family
from tests.harness.bluetooth import running_home
from tests.harness.processes import RunningCommand
from tests.integration.gateway.conftest import PlayedHub, roster_text, until
from vitals.ids import DeviceId
from vitals.measure import Measure

PRESSURE = {Measure.SYSTOLIC: 128.0, Measure.DIASTOLIC: 79.0, Measure.HEART_RATE: 64.0}
WEIGHT = {Measure.WEIGHT: 81.4}
SATURATION = {Measure.SPO2: 94.0, Measure.HEART_RATE: 71.0}
GLUCOSE = {Measure.GLUCOSE: 113.0}
# Profile: what it advertises as, what is measured, and the measure that must arrive.
DEVICES = {
    "standard_cuff": ("HW Cuff 16", PRESSURE, Measure.SYSTOLIC),
    "standard_scale": ("HW Scale 30", WEIGHT, Measure.WEIGHT),
    "standard_oximeter": ("HW Oximeter 5E", SATURATION, Measure.SPO2),
    "standard_glucose_meter": ("HW Meter 07", GLUCOSE, Measure.GLUCOSE),
    "a_and_d_cuff": ("A&D_UA-651BLE_1A2B3C", PRESSURE, Measure.SYSTOLIC),
    "omron_cuff": ("BLESmart_0000015FC00000000002", PRESSURE, Measure.SYSTOLIC),
    "beurer_bf": ("Beurer BF720", WEIGHT, Measure.WEIGHT),
    "mi_scale_2": ("MIBFS", WEIGHT, Measure.WEIGHT),
    "qn_scale": ("QN-Scale", WEIGHT, Measure.WEIGHT),
    "berry_bm1000": ("BerryMed", SATURATION, Measure.SPO2),
}


def device(profile: str) -> Device:
    return Device(
        device_id=DeviceId(f"d-{profile}"),
        family=Family.CUFF,
        address=f"C0:00:00:00:00:{sorted(DEVICES).index(profile):02X}",
        name=DEVICES[profile][0],
        profile=profile,
    )


@pytest.fixture
async def home() -> AsyncIterator[SimulatedHome]:
    async with running_home([device(profile) for profile in DEVICES]) as running:
        yield running


def test_every_family_that_can_be_simulated_is_here() -> None:
    assert set(DEVICES) == set(INSTRUMENTS)


async def test_the_gateway_reads_a_device_of_every_family(
    home: SimulatedHome,
    hub: PlayedHub,
    start_gateway: Callable[[], RunningCommand],
    gateway_directory: Path,
) -> None:
    text = "".join(
        roster_text(device(profile))
        + ("user_slot = 1\nconsent_code = 1234\n" if profile == "beurer_bf" else "")
        for profile in DEVICES
    )
    (gateway_directory / "roster.toml").write_text(text)
    # A real scale gives its host time to commit the user's data; without that it sends zeros.
    home.instruments[device("beurer_bf").device_id].manners.settle_s = 1.0
    gateway = start_gateway()
    await until(lambda: "listening" in gateway.log, what="it listens")
    for profile, (_, values, _) in DEVICES.items():
        await home.instruments[device(profile).device_id].take(values)

    def missing() -> set[str]:
        hub.listen()
        return {
            profile
            for profile, (_, values, measure) in DEVICES.items()
            if not any(
                abs(reading.values.get(measure, 0) - values[measure]) <= 0.11
                for reading in hub.readings.values()
                if reading.device == device(profile).device_id
            )
        }

    try:
        await until(lambda: not missing(), deadline_s=60)
    except AssertionError as late:
        raise AssertionError(f"nothing came of {sorted(missing())}") from late
    per_device: dict[str, list[dict[str, float]]] = {}
    for reading in hub.readings.values():
        per_device.setdefault(reading.device, []).append(reading.values)
    # A Beurer scale says weight and body composition as two measurements.
    once = {f"d-{profile}": 2 if profile == "beurer_bf" else 1 for profile in DEVICES}
    assert {name: len(values) for name, values in per_device.items()} == once
