"""The standard codecs round trip, refuse every prefix, and never raise."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.device_time import DeviceTime
from device_profiles.gatt import (
    blood_pressure,
    current_time,
    date_time,
    plx_continuous,
    plx_spot,
    weight,
)
from device_profiles.gatt.blood_pressure import BloodPressure
from device_profiles.gatt.ieee_11073 import (
    Number,
    Special,
    decimal,
    encode_float32,
    encode_sfloat,
    float32,
    sfloat,
)
from device_profiles.gatt.plx_continuous import Pair, PlxContinuous
from device_profiles.gatt.plx_spot import PlxSpot
from device_profiles.gatt.weight import Weight
from device_profiles.measurement import Decoded
from device_profiles.refusal import Reason, Refusal
from device_profiles.units import Unit

octets = st.integers(0, 255)
words = st.integers(0, 0xFFFF)
sfloats = words.map(sfloat)
times = st.builds(DeviceTime, year=words, month=octets, day=octets, hour=octets, minute=octets, second=octets)
trailing = st.binary(max_size=3)
cuffs = st.builds(
    BloodPressure,
    unit=st.sampled_from((Unit.MMHG, Unit.KPA)),
    systolic=sfloats,
    diastolic=sfloats,
    mean=sfloats,
    time=st.none() | times,
    pulse=st.none() | sfloats,
    user=st.none() | octets,
    status=st.none() | words,
    trailing=trailing,
)
weights = st.builds(
    Weight,
    weight_raw=words,
    imperial=st.booleans(),
    time=st.none() | times,
    user=st.none() | octets,
    bmi_raw=words,
    height_raw=words,
    trailing=trailing,
)
spots = st.builds(
    PlxSpot,
    spo2=sfloats,
    pulse=sfloats,
    time=st.none() | times,
    status=st.none() | words,
    sensor=st.none() | st.integers(0, 0xFFFFFF),
    amplitude=st.none() | sfloats,
    clock_not_set=st.booleans(),
    trailing=trailing,
)
pairs = st.builds(Pair, spo2=sfloats, pulse=sfloats)
running = st.builds(
    PlxContinuous,
    normal=pairs,
    fast=st.none() | pairs,
    slow=st.none() | pairs,
    status=st.none() | words,
    sensor=st.none() | st.integers(0, 0xFFFFFF),
    amplitude=st.none() | sfloats,
    trailing=trailing,
)
DECODERS: tuple[Callable[[bytes], Decoded | Refusal], ...] = (
    blood_pressure.decode,
    weight.decode,
    plx_spot.decode,
    plx_continuous.decode,
    date_time.decode,
    current_time.decode,
)


@given(words)
def test_every_sfloat_encodes_to_the_bits_it_came_from(raw: int) -> None:
    assert encode_sfloat(sfloat(raw)) == raw


@given(st.integers(0, 0xFFFFFFFF))
def test_every_float_encodes_to_the_bits_it_came_from(raw: int) -> None:
    assert encode_float32(float32(raw)) == raw


@pytest.mark.parametrize(
    ("raw", "value"),
    [(0xF014, 2.0), (0xE0C8, 2.0), (0x1002, 20.0), (0x0B2E, -1234.0), (0xD6A4, 1.7), (0x8078, 1.2e-6)],
)
def test_an_sfloat_has_exponent_and_mantissa_in_twos_complement(raw: int, value: float) -> None:
    assert sfloat(raw).value == value


def test_a_float_keeps_its_decimals_exactly() -> None:
    assert float32(0xFC03FE01).value == 26.1633
    assert float32(0xFE0000C8) == Number(mantissa=200, exponent=-2)


def test_a_number_too_large_for_an_sfloat_is_sent_as_infinity() -> None:
    assert sfloat(encode_sfloat(Number(mantissa=99999))).special == Special.POSITIVE_INFINITY
    assert sfloat(encode_sfloat(Number(mantissa=-99999))).special == Special.NEGATIVE_INFINITY


def test_a_number_too_fine_for_an_sfloat_is_sent_as_not_at_this_resolution() -> None:
    assert sfloat(encode_sfloat(decimal(36.6, decimals=4))).special == Special.NOT_AT_THIS_RESOLUTION


@given(cuffs)
def test_a_blood_pressure_survives_the_wire(value: BloodPressure) -> None:
    decoded = blood_pressure.decode(blood_pressure.encode(value))
    assert decoded == value


@given(weights)
def test_a_weight_survives_the_wire(value: Weight) -> None:
    assert weight.decode(weight.encode(value)) == value


@given(spots)
def test_a_spot_check_survives_the_wire(value: PlxSpot) -> None:
    assert plx_spot.decode(plx_spot.encode(value)) == value


@given(running)
def test_a_running_oximetry_survives_the_wire(value: PlxContinuous) -> None:
    assert plx_continuous.decode(plx_continuous.encode(value)) == value


@given(times)
def test_a_date_time_survives_the_wire_however_impossible(value: DeviceTime) -> None:
    assert date_time.decode(date_time.encode(value)) == value


@given(st.binary(max_size=40))
def test_no_bytes_make_a_standard_codec_raise(frame: bytes) -> None:
    for decode in DECODERS:
        decoded = decode(frame)
        if not isinstance(decoded, Refusal):
            decoded.fields()
            decoded.measurements()


FULL_FRAMES = [
    (blood_pressure.decode, "1e780050005d00ea0709150a1e2d4800010100"),
    (weight.decode, "0fb036e7070c190e1e2d03f500d606"),
    (plx_spot.decode, "1f62004800e10701010122132000200000d5f0"),
    (plx_continuous.decode, "1f62004800630049006100470080000000000a00"),
    (date_time.decode, "e20704110f3300"),
    (current_time.decode, "e20704110f330002ff01"),
]


@pytest.mark.parametrize(("decode", "frame"), FULL_FRAMES)
def test_every_proper_prefix_of_a_full_frame_is_refused(
    decode: Callable[[bytes], Decoded | Refusal], frame: str
) -> None:
    whole = bytes.fromhex(frame)
    assert not isinstance(decode(whole), Refusal)
    for length in range(len(whole)):
        refusal = decode(whole[:length])
        assert isinstance(refusal, Refusal), f"accepted {length} of {len(whole)} bytes"
        assert refusal.reason == Reason.TRUNCATED


@pytest.mark.parametrize(("decode", "frame"), FULL_FRAMES)
def test_trailing_bytes_do_not_spoil_a_frame(
    decode: Callable[[bytes], Decoded | Refusal], frame: str
) -> None:
    assert not isinstance(decode(bytes.fromhex(frame) + b"\x00\x01"), Refusal)


def test_impossible_pressures_under_reserved_flags_are_another_makers_layout() -> None:
    refusal = blood_pressure.decode(bytes.fromhex("fe202700750055005f00e407091810093a690001"))
    assert isinstance(refusal, Refusal)
    assert refusal.reason == Reason.LAYOUT


def test_reserved_flags_alone_are_ignored() -> None:
    decoded = blood_pressure.decode(bytes.fromhex("e0780050005d00"))
    assert isinstance(decoded, BloodPressure)
    assert decoded.systolic.value == 120


def test_a_weight_of_all_ones_is_an_unsuccessful_measurement() -> None:
    decoded = weight.decode(bytes.fromhex("00ffff"))
    assert isinstance(decoded, Weight)
    assert decoded.weight is None
    assert decoded.measurements()[0].failure is not None
