"""docs/add-a-device.md works: its declaration and its recording are run as they stand there."""

import re
from pathlib import Path

from device_profiles.capture import Capture, parse, render
from device_profiles.profile import Evidence, Profile
from device_profiles.refusal import Refusal
from tests.contract.device_profiles.test_captures import agrees

TEXT = (Path(__file__).parents[3] / "docs" / "add-a-device.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found[1]


def declared() -> Profile:
    names: dict[str, object] = {}
    exec(block("python"), names)
    profiles = names["PROFILES"]
    assert isinstance(profiles, tuple)
    (profile,) = profiles
    assert isinstance(profile, Profile)
    return profile


def recorded() -> Capture:
    return parse(block("json").encode())


def test_the_declaration_is_of_the_device_that_was_recorded() -> None:
    profile, capture = declared(), recorded()
    assert capture.profile == profile.name
    assert capture.evidence() == profile.evidence == Evidence.CAPTURED
    assert all(profile.recognition.claims(seen.advertisement()) for seen in capture.advertisements)


def test_the_recorded_frames_mean_what_the_page_says() -> None:
    for frame in recorded().frames:
        decoded = frame.decode()
        assert not isinstance(decoded, Refusal)
        assert agrees(frame.expected_fields(), decoded.fields())


def test_the_recording_is_written_as_the_other_recordings_are() -> None:
    assert render(recorded()).decode().strip() == block("json").strip()
