"""A device is supported if, and only if, a recording proves it: rules over all profiles and recordings."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from device_profiles import catalog
from device_profiles.capture import Capture, RecordedFrame, SeenAdvertisement, parse, render
from device_profiles.catalog import PROFILES
from device_profiles.devices_page import read_captures
from device_profiles.fields import Field
from device_profiles.listing import page, rows
from device_profiles.profile import Evidence, Profile
from device_profiles.refusal import Refusal

ROOT = Path(__file__).parents[3]
DIRECTORY = ROOT / "tests" / "captures"
CAPTURES = read_captures(DIRECTORY)
LONGEST_DEVICE_FILE = 80
NAMES = [known.name for known in PROFILES]


def agrees(expected: Field, said: Field) -> bool:
    """Whether what was said has all that was expected; numbers to a billionth."""
    if isinstance(expected, dict):
        return isinstance(said, dict) and all(
            key in said and agrees(value, said[key]) for key, value in expected.items()
        )
    if isinstance(expected, list):
        same_length = isinstance(said, list) and len(said) == len(expected)
        return same_length and all(map(agrees, expected, said))
    if isinstance(expected, float) and isinstance(said, int | float):
        return abs(expected - said) < 1e-9
    return expected == said


def frames() -> Iterator[tuple[str, RecordedFrame]]:
    for capture in CAPTURES.values():
        for frame in capture.frames:
            yield capture.profile, frame


def advertisements() -> Iterator[tuple[str, SeenAdvertisement]]:
    for capture in CAPTURES.values():
        for seen in capture.advertisements:
            yield capture.profile, seen


FRAMES = list(frames())
ADVERTISEMENTS = list(advertisements())


def test_every_profile_has_a_recording_and_every_recording_a_profile() -> None:
    assert sorted(CAPTURES) == sorted(NAMES)
    assert sorted(path.stem for path in DIRECTORY.glob("*.json")) == sorted(CAPTURES)


def test_every_device_file_is_in_the_catalogue() -> None:
    files = {path.stem for path in (ROOT / "device_profiles" / "devices").glob("*.py")} - {"__init__"}
    assert sorted(catalog.MAKERS) == sorted(files)


def test_no_two_profiles_share_a_name() -> None:
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize(("profile", "frame"), FRAMES, ids=[f"{name}-{one.hex[:24]}" for name, one in FRAMES])
def test_every_recorded_frame_means_what_its_recording_says(profile: str, frame: RecordedFrame) -> None:
    decoded = frame.decode()
    if frame.refused is not None:
        assert isinstance(decoded, Refusal), f"{profile} accepts what must be refused: {frame.refused}"
        return
    assert not isinstance(decoded, Refusal), f"{profile} refuses: {decoded}"
    said = decoded.fields()
    for name, value in frame.expected_fields().items():
        assert name in said, f"{name} is missing"
        assert agrees(value, said[name]), f"{name}: expected {value}, said {said[name]}"


@pytest.mark.parametrize("known", PROFILES, ids=NAMES)
def test_a_profile_claims_the_evidence_that_its_recording_is(known: Profile) -> None:
    assert known.evidence == CAPTURES[known.name].evidence()
    assert known.experimental == (known.evidence == Evidence.CONSTRUCTED)


@pytest.mark.parametrize(
    ("profile", "seen"), ADVERTISEMENTS, ids=[f"{name}-{one.name}" for name, one in ADVERTISEMENTS]
)
def test_every_known_advertisement_resolves_to_one_profile(profile: str, seen: SeenAdvertisement) -> None:
    claiming = catalog.claiming(seen.advertisement())
    assert claiming, "nobody's"
    assert claiming[0].name == profile
    first = claiming[0].recognition.priority
    assert [known.name for known in claiming if known.recognition.priority == first] == [profile]


@pytest.mark.parametrize("known", PROFILES, ids=NAMES)
def test_a_profile_is_recognised_or_chosen_by_hand(known: Profile) -> None:
    by_hand = not known.recognition.any_of
    assert by_hand != bool(CAPTURES[known.name].advertisements)


def test_no_two_profiles_that_recognise_devices_have_the_same_priority() -> None:
    ranks = [known.recognition.priority for known in PROFILES if known.recognition.any_of]
    assert len(set(ranks)) == len(ranks)


# Protocols whose frames carry a check over all of their bytes.
CHECKED = {
    "qn_scale",
    "lefu_55aa",
    "hutbit",
    "mgb",
    "vitafit_vt701",
    "koogeek_s1",
    "etekcity_esf551",
    "masimo_mightysat",
    "viatom_o2ring_s",
    "emay_sleepo2",
    "bpm_188",
}
WHOLE = [(name, one) for name, one in FRAMES if name in CHECKED and one.refused is None]


@pytest.mark.parametrize(("profile", "frame"), WHOLE, ids=[f"{name}-{one.hex[:24]}" for name, one in WHOLE])
def test_one_wrong_bit_anywhere_in_a_checked_frame_is_refused(profile: str, frame: RecordedFrame) -> None:
    whole = bytes.fromhex(frame.hex)
    lowest_bits = 7 if profile == "emay_sleepo2" else 8  # its sum has only seven
    for at in range(len(whole)):
        for bit in range(lowest_bits):
            spoilt = bytearray(whole)
            spoilt[at] ^= 1 << bit
            wrong = structs.replace(frame, hex=spoilt.hex())
            assert isinstance(wrong.decode(), Refusal), f"{spoilt.hex()} is accepted"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "device_profiles" / "devices").glob("*.py")), ids=lambda p: p.stem
)
def test_a_device_file_is_short_and_only_declares(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST_DEVICE_FILE
    branches = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.If | ast.For | ast.While)]
    assert branches == [], "a device file declares; what decides or loops belongs to a codec"


def test_no_codec_dispatches_by_a_chain_of_elif() -> None:
    for path in (ROOT / "device_profiles").rglob("*.py"):
        chain = sum(1 for line in path.read_text().splitlines() if line.strip().startswith("elif "))
        assert chain <= 2, f"{path.name} has a chain of {chain} elif"


def test_the_devices_page_is_what_the_profiles_and_recordings_say() -> None:
    assert (ROOT / "docs" / "devices.md").read_text() == page(CAPTURES), "run `make docs`"


def test_the_listing_has_a_row_for_every_profile() -> None:
    assert [row.name for row in rows()] == NAMES


@pytest.mark.parametrize("path", sorted(DIRECTORY.glob("*.json")), ids=lambda p: p.stem)
def test_a_recording_is_written_as_it_would_be_rendered(path: Path) -> None:
    capture: Capture = parse(path.read_bytes())
    assert render(capture) == path.read_bytes()


@pytest.mark.parametrize("known", PROFILES, ids=NAMES)
def test_a_profile_says_what_it_is_built_on(known: Profile) -> None:
    assert known.models
    assert known.source
    assert known.channels or known.broadcasts or known.layouts
