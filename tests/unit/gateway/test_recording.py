"""A recording keeps what a device said, and nothing that says whose device it was."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles import capture as captures
from device_profiles.advertisement import advertisement
from gateway.recording import Recording, redacted
from gateway.redact import Redaction

ADDRESS = "D8:13:6E:2B:7F:16"
OWN = bytes.fromhex(ADDRESS.replace(":", ""))
FRAME = bytes.fromhex("1e7d0050005f00ea0709150a1e2d4400010000")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (None, None),
        ("Beurer BF720", "Beurer BF720"),
        ("BerryMed", "BerryMed"),
        ("A&D_UA-651BLE_5A3C1F", "A&D_UA-651BLE_000000"),
        ("BLESmart_0000015FD8136E2B7F16", "BLESmart_0000015F000000000000"),
        ("Cuff D8:13:6E:2B:7F:16", "Cuff 00000000000000000"),
        ("cuff-d8136e2b7f16-x", "cuff-000000000000-x"),
        ("Meter 0123456789", "Meter 0000000000"),
    ],
)
def test_a_name_loses_serial_and_address_and_keeps_the_model(name: str | None, kept: str | None) -> None:
    assert Redaction(address=ADDRESS).name(name) == kept


@given(before=st.binary(max_size=20), after=st.binary(max_size=20), reverse=st.booleans())
def test_the_address_is_in_no_bytes_in_either_order(before: bytes, after: bytes, reverse: bool) -> None:
    data = before + (OWN[::-1] if reverse else OWN) + after
    clean = Redaction(address=ADDRESS).data(data)
    assert len(clean) == len(data)
    assert OWN not in clean
    assert OWN[::-1] not in clean


def test_the_file_says_what_each_frame_means_and_that_nobody_has_checked_it() -> None:
    recording = Recording(address=ADDRESS)
    recording.heard(advertisement(name="A&D_UA-651BLE_5A3C1F", services=("1810",), address=ADDRESS))
    recording.heard(advertisement(name="A&D_UA-651BLE_5A3C1F", services=("1810",), address=ADDRESS))
    recording.said("00002a35-0000-1000-8000-00805f9b34fb", FRAME)
    recording.said("00002a35-0000-1000-8000-00805f9b34fb", b"\x1e")
    capture = redacted(recording, "A&D UA-651BLE")
    text = captures.render(capture)
    assert captures.render(captures.parse(text)) == text
    assert capture.profile == "a_and_d_cuff"
    assert len(capture.advertisements) == 1
    good, bad = capture.frames
    assert good.expected_fields()["systolic"] == {"value": 125.0, "unit": "mm[Hg]"}
    assert bad.refused == "truncated"
    assert not good.checked
    for identifier in (ADDRESS, ADDRESS.replace(":", ""), OWN[::-1].hex(), "5A3C1F"):
        assert identifier.lower() not in text.decode().lower()


def test_a_device_that_no_profile_knows_is_recorded_all_the_same() -> None:
    recording = Recording(address=ADDRESS)
    recording.heard(advertisement(name="New thing", manufacturer_data={0x1234: OWN + b"\x01"}))
    capture = redacted(recording, "New thing")
    assert capture.profile == "unknown"
    assert capture.advertisements[0].manufacturer_data == {"1234": "00000000000001"}
    assert json.loads(captures.render(capture))["frames"] == []
