"""Makers' protocols where a recording alone would not notice a mistake."""

import pytest

from device_profiles.refusal import Reason, Refusal
from device_profiles.report import Report
from device_profiles.vendor import ac02, berry, contec, lifesense, mi_scale, nonin, qn, viatom


def said(decoded: object, name: str) -> object:
    assert isinstance(decoded, Report), decoded
    return decoded.said[name]


@pytest.mark.parametrize("impedance", ["feff", "fdff", "0000"])
def test_an_impedance_that_is_still_measured_or_failed_is_none(impedance: str) -> None:
    frame = bytes.fromhex(f"0226e307011d113518{impedance}4c40")
    assert said(mi_scale.decode_2(frame), "impedance") is None


@pytest.mark.parametrize(("flags", "unit"), [("1d", "kg"), ("3d", "lb"), ("5d", "st")])
def test_the_display_unit_leaves_the_weight_in_kilograms(flags: str, unit: str) -> None:
    decoded = lifesense.decode_weight(bytes.fromhex(flags + "802500fe800ff40d6a1700ff010900000000"))
    assert said(decoded, "display_unit") == unit
    assert said(decoded, "weight") == {"value": 96.0, "unit": "kg"}


def test_an_unstable_weight_of_a_lifesense_scale_is_not_final() -> None:
    decoded = lifesense.decode_weight(bytes.fromhex("10802500fe08"))
    assert isinstance(decoded, Report)
    assert [measurement.final for measurement in decoded.measured] == [False]


@pytest.mark.parametrize(
    ("raw", "divisor", "weight"), [(9785, 10, 97.85), (9785, 100, 97.85), (978, 10, 97.8), (978, 100, 9.78)]
)
def test_a_divisor_that_makes_nobodys_weight_is_the_other_one(raw: int, divisor: int, weight: float) -> None:
    assert qn.weight_kg(raw, divisor) == weight


@pytest.mark.parametrize("shift", [0, 1])
def test_a_stored_record_is_read_with_and_without_a_user(shift: int) -> None:
    seconds = (840_000_000).to_bytes(4, "little")
    body = b"\xff\x01\x01" + bytes(shift) + seconds + (7260).to_bytes(2, "big") + b"\x01\xf4\x01\xf3"
    decoded = qn.decode(qn.encode(0x23, body + bytes(4 - shift)))
    assert said(decoded, "weight") == {"value": 72.6, "unit": "kg"}
    assert said(decoded, "impedance") == {"value": 500.0, "unit": "Ohm"}
    assert said(decoded, "device_time") == "2026-08-14T05:20:00"


def test_a_scale_without_stored_records_says_so() -> None:
    refusal = qn.decode(qn.encode(0x23, b"\xff" + bytes(15)))
    assert isinstance(refusal, Refusal)
    assert refusal.reason == Reason.EMPTY_SLOT


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("ac02fd000000cbc8", Reason.CONTROL_FRAME),
        ("ac02fd010000cbc9", Reason.OUT_OF_RANGE),
        ("ac02034900 00cd19".replace(" ", ""), Reason.LAYOUT),
    ],
)
def test_what_is_neither_weight_nor_impedance_is_refused(frame: str, reason: Reason) -> None:
    refusal = ac02.decode_tenths(bytes.fromhex(frame))
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason


def test_a_display_unit_that_the_frame_does_not_say_gives_no_reading() -> None:
    decoded = ac02.decode_display_unit(bytes.fromhex("ac0205510000ca20"))
    assert isinstance(decoded, Report)
    assert all(measurement.withheld for measurement in decoded.measured)


def test_a_ring_on_the_table_has_no_values_though_it_sends_some() -> None:
    payload = bytes.fromhex("614800000000005501030600")
    decoded = viatom.decode_values(viatom.encode(viatom.ANSWER, 0, payload))
    values = [said(decoded, name) for name in ("spo2", "worn", "calibrating")]
    assert values == [None, False, False]


def test_a_probe_off_the_finger_has_no_pulse_either() -> None:
    decoded = berry.decode(bytes.fromhex("8032154862"))
    assert (said(decoded, "pulse"), said(decoded, "no_finger")) == (None, True)


def test_a_disconnected_sensor_is_a_failure() -> None:
    decoded = nonin.decode(bytes.fromhex("0a501e00fa0001610048"))
    assert isinstance(decoded, Report)
    assert decoded.measured[0].failure == "the sensor is not connected"


def test_only_emay_insists_on_its_third_byte() -> None:
    frame = bytes.fromhex("eb010453637f0025")
    assert isinstance(contec.decode(frame), Report)
    assert isinstance(contec.decode_emay(frame), Refusal)
