"""What the instruments write is what the codecs read."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from device_profiles.catalog import PROFILES
from device_profiles.gatt import blood_pressure, plx_spot, weight
from simulators.bluetooth.air import Air
from simulators.bluetooth.memory import HomeMemory
from simulators.bluetooth.peripherals.catalog import INSTRUMENTS, NotSimulated, make_instrument
from simulators.bluetooth.peripherals.instrument import Identity, Instrument, Manners, Surroundings
from vitals.measure import Measure

NOW = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)


@pytest.fixture
def surroundings() -> Surroundings:
    return Surroundings(air=Air(), memory=HomeMemory(None), zone=ZoneInfo("Europe/London"), now=lambda: NOW)


def instrument(profile: str, surroundings: Surroundings) -> Instrument:
    identity = Identity(device_id="d-1", address="C0:00:00:00:00:01", name="Test")
    return make_instrument(profile, identity, surroundings, Manners())


def test_a_cuff_writes_pressures_pulse_and_time(surroundings: Surroundings) -> None:
    values = {Measure.SYSTOLIC: 131.0, Measure.DIASTOLIC: 84.0, Measure.HEART_RATE: 71.0}
    taken = instrument("standard_cuff", surroundings).write(values, failed=False)

    said = blood_pressure.decode(taken.frame)
    assert isinstance(said, blood_pressure.BloodPressure)
    assert (said.systolic.value, said.diastolic.value, said.mean.value) == (131, 84, 100)
    assert said.pulse is not None
    assert said.pulse.value == 71
    assert said.time is not None
    assert said.time.text == taken.device_time == "2026-01-15T08:30:00"


def test_a_scale_writes_weight_and_time(surroundings: Surroundings) -> None:
    taken = instrument("standard_scale", surroundings).write({Measure.WEIGHT: 81.4}, failed=False)

    said = weight.decode(taken.frame)
    assert isinstance(said, weight.Weight)
    assert said.weight == 81.4
    assert taken.device_time == "2026-01-15T08:30:00"


def test_an_oximeter_writes_saturation_and_pulse(surroundings: Surroundings) -> None:
    values = {Measure.SPO2: 91.0, Measure.HEART_RATE: 99.0}
    taken = instrument("standard_oximeter", surroundings).write(values, failed=False)

    said = plx_spot.decode(taken.frame)
    assert isinstance(said, plx_spot.PlxSpot)
    assert (said.spo2.value, said.pulse.value) == (91, 99)


@pytest.mark.parametrize("profile", sorted(INSTRUMENTS))
def test_every_instrument_is_there_for_a_profile_and_says_what_it_needs(
    profile: str, surroundings: Surroundings
) -> None:
    assert any(known.name == profile for known in PROFILES)
    assert instrument(profile, surroundings).needs


def test_a_profile_that_nothing_simulates_is_refused_with_those_that_are(surroundings: Surroundings) -> None:
    with pytest.raises(NotSimulated, match="standard_cuff"):
        instrument("sundial", surroundings)
