"""The ward file, and the rosters that come of it."""

import tomllib
from pathlib import Path

import pytest

from simulators.bluetooth.peripherals.catalog import INSTRUMENTS
from simulators.ward import DEMO_WARD, BadWard, Family, load_ward, roster_toml, write_roster


def test_the_demo_ward_has_homes_with_all_three_kinds_of_device() -> None:
    ward = load_ward()
    assert len(ward.homes) == 3
    assert {Family.CUFF, Family.SCALE, Family.OXIMETER} <= {
        device.family for home in ward.homes for device in home.devices
    }


def test_a_roster_tells_the_gateway_its_devices_and_nothing_about_the_patient(tmp_path: Path) -> None:
    home = load_ward().homes[0]
    written = write_roster(home, tmp_path / "gateway")
    roster = tomllib.loads(written.read_text())
    assert [device["device_id"] for device in roster["device"]] == [d.device_id for d in home.devices]
    assert {"device_id", "address", "profile", "time_zone"} == set(roster["device"][0])
    assert home.patient_id not in roster_toml(home)


def test_a_roster_has_the_codes_that_a_device_wants(tmp_path: Path) -> None:
    home = load_ward(DEMO_WARD.with_name("every_family.toml")).homes[0]
    devices = {device["profile"]: device for device in tomllib.loads(roster_toml(home))["device"]}
    assert (devices["beurer_bf"]["user_slot"], devices["beurer_bf"]["consent_code"]) == (1, 1234)
    assert "consent_code" not in devices["standard_scale"]


def test_the_ward_of_every_family_has_every_family() -> None:
    [home] = load_ward(DEMO_WARD.with_name("every_family.toml")).homes
    assert sorted(device.profile for device in home.devices) == sorted(INSTRUMENTS)
    assert {device.family for device in home.devices} == set(Family)


def test_names_fit_into_an_advertisement_beside_flags_and_one_service() -> None:
    for home in load_ward().homes:
        for device in home.devices:
            assert len(device.name.encode()) + 2 + 3 + 4 <= 31
            assert int(device.address[:2], 16) >= 0xC0  # a random static address


def test_a_ward_file_is_refused_with_every_mistake_at_once(tmp_path: Path) -> None:
    text = DEMO_WARD.read_text(encoding="utf-8")
    spoilt = text.replace("gw-k38vtd", "gw-7q2mx4").replace("E4:5A:21:9C:41:07", "E4:5A")
    path = tmp_path / "ward.toml"
    path.write_text(spoilt)
    with pytest.raises(BadWard) as refused:
        load_ward(path)
    assert refused.value.mistakes == ("gateway gw-7q2mx4 is there twice", "E4:5A is no Bluetooth address")


def test_an_unknown_word_in_a_ward_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ward.toml"
    path.write_text(DEMO_WARD.read_text(encoding="utf-8").replace('label = "Home 1"', 'lable = "Home 1"'))
    with pytest.raises(BadWard, match=r"homes\.0\.lable"):
        load_ward(path)
