"""One entry point decodes everything, and one profile has an advertisement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles import catalog
from device_profiles.advertisement import advertisement
from device_profiles.catalog import PROFILES, decode, identify
from device_profiles.profile import Codec, Context
from device_profiles.refusal import Reason, Refusal
from device_profiles.standard_codecs import LAYOUTS, STANDARD
from device_profiles.vendor import oxyii, taidoc

CODECS: list[Codec] = [
    *[channel.codec for known in PROFILES for channel in known.channels],
    *[broadcast.codec for known in PROFILES for broadcast in known.broadcasts],
    *[layout.codec for known in PROFILES for layout in known.layouts],
    *STANDARD.values(),
    *[layout.codec for layout in LAYOUTS],
]
KEYED = Context(bind_key=bytes(16), address=bytes(6), read={"password": bytes(4)})
# Frames that get past the head and the length of most protocols, so that what is behind is reached too.
HEADS = [
    bytes.fromhex(head)
    for head in (
        "55aa14000c", "55aa150010", "100eff01", "23130002", "b42c0401", "b12c0301", "e758", "e7590000",
        "cf0e00cf", "ac02", "ac27", "030800a3", "5a0a2610", "55aa55aa", "a502", "7711", "77140163", "eb01",
        "5500ff00000c00", "aa17e8000000", "a5e11e000200", "51", "4d3a", "c0030100", "81", "0a", "4859d53b",
        "7022db00", "c0a3", "043e2b02", "a1", "a0", "51df", "010d",
    )
]  # fmt: skip


@given(st.sampled_from([b"", *HEADS]), st.binary(max_size=60))
def test_no_bytes_make_any_codec_raise(head: bytes, rest: bytes) -> None:
    for codec in CODECS:
        decoded = codec(head + rest, KEYED)
        if not isinstance(decoded, Refusal):
            decoded.fields()
            decoded.measurements()


@given(st.text(max_size=20), st.binary(max_size=20), st.text(max_size=10), st.text(max_size=10))
def test_no_words_make_the_entry_point_raise(what: str, frame: bytes, device: str, protocol: str) -> None:
    decode(what, frame, device=device, protocol=protocol)


@pytest.mark.parametrize("what", ["2a35", "0x2A35", "00002A35-0000-1000-8000-00805F9B34FB", "standard_cuff"])
def test_a_characteristic_may_be_spelt_in_any_way(what: str) -> None:
    decoded = decode(what, bytes.fromhex("00780050005d00"))
    assert not isinstance(decoded, Refusal)
    assert decoded.fields()["systolic"] == {"value": 120.0, "unit": "mm[Hg]"}


@pytest.mark.parametrize(
    ("words", "frame", "device", "field"),
    [
        ("BLS 0x1810", "00780050005d00", "", "systolic"),
        ("BLS 0x1810 intermediate cuff", "00780000000000", "", "cuff_pressure"),
        ("BLS 0x1810 feature", "0400", "", "features"),
        ("WSS 0x181D", "00b036", "Beurer BF720", "weight"),
        ("BCS 0x181B", "0000c800", "Beurer BF720", "body_fat"),
        ("PLX 0x1822 spot-check", "0062004800", "", "device_clock_not_set"),
        ("GLS 0x1808 context", "02040001", "", "meal_raw"),
        ("RACP", "06000101", "", "request"),
        ("UDS 0x181C UCP", "200201", "Beurer BF720", "result"),
    ],
)
def test_words_for_a_service_are_as_good_as_its_characteristic(
    words: str, frame: str, device: str, field: str
) -> None:
    decoded = decode(words, bytes.fromhex(frame), device=device)
    assert not isinstance(decoded, Refusal)
    assert field in decoded.fields()


def test_a_name_decides_where_makers_share_a_characteristic() -> None:
    frame = bytes.fromhex("ac0226b60000caa6")
    weights = []
    for name in ("hutbit", "mgb"):
        decoded = decode(name, frame)
        assert not isinstance(decoded, Refusal)
        weights.append(decoded.fields()["weight"])
    assert weights == [{"value": 991.0, "unit": "kg"}, {"value": 99.1, "unit": "kg"}]


def test_a_whole_advertisement_is_decoded_by_the_profile_that_has_it() -> None:
    seen = advertisement(service_data={"181d": bytes.fromhex("225e40e607020e10293a")})
    decoded = decode(seen)
    assert not isinstance(decoded, Refusal)
    assert decoded.fields()["weight"] == {"value": 82.39, "unit": "kg"}


def test_nothing_is_measured_in_the_advertisement_of_a_cuff() -> None:
    refusal = decode(advertisement(name="BPM", services=("1810",)))
    assert isinstance(refusal, Refusal)
    assert refusal.reason == Reason.NO_CODEC


def test_what_nobody_knows_is_refused() -> None:
    refusal = decode("2aff", b"\x00")
    assert isinstance(refusal, Refusal)
    assert refusal.reason == Reason.NO_CODEC


def test_a_weight_comes_in_the_steps_that_its_scale_announces() -> None:
    decoded = decode("2a9d", bytes.fromhex("007800"), read={"2a9e": bytes.fromhex("08000000")})
    assert not isinstance(decoded, Refusal)
    assert decoded.fields()["weight"] == {"value": 60.0, "unit": "kg"}


def test_a_stranger_is_nobodys() -> None:
    assert identify(advertisement(name="Toothbrush", services=("fe0f",))) is None


def test_a_model_goes_before_its_standard() -> None:
    known = identify(advertisement(name="BM85", services=("1810",)))
    assert known is not None
    assert known.name == "beurer_bm85"


def test_a_negative_match_keeps_a_sanitas_from_a_beurer() -> None:
    known = identify(advertisement(name="SBF72", services=("181d",), manufacturer_data={0x0611: b""}))
    assert known is not None
    assert known.name == "standard_scale"


def test_the_scan_asks_for_every_service_of_every_profile() -> None:
    assert {"00001810-0000-1000-8000-00805f9b34fb"} <= catalog.SCAN_SERVICES


@pytest.mark.parametrize("opcode", [0xE3, 0xEE])
def test_a_command_that_bricks_an_oximeter_cannot_be_built(opcode: int) -> None:
    with pytest.raises(ValueError, match="must never be sent"):
        oxyii.encode(opcode, 0)


def test_the_command_that_clears_a_meter_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="never cleared"):
        taidoc.encode(0x52)
