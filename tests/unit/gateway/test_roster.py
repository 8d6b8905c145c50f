"""roster.toml: who is listened to, and what is said when it does not do."""

from pathlib import Path

import pytest

from device_profiles.consent import CONSENT
from gateway.roster import RosterUnusable, parse_roster, read_roster

PATH = Path("roster.toml")
CUFF = """\
[[device]]
device_id = "d-1"
address = "d8:13:6e:2b:7f:16"
profile = "standard_cuff"
time_zone = "Europe/London"
"""


def test_a_device_is_known_by_its_address_in_any_case() -> None:
    roster = parse_roster(CUFF, PATH)
    device = roster.enrolled("D8:13:6e:2B:7F:16")
    assert device is not None
    assert (device.device_id, device.profile.name, device.zone.key) == (
        "d-1",
        "standard_cuff",
        "Europe/London",
    )
    assert device.user_slot is None
    assert roster.enrolled("00:00:00:00:00:00") is None


def test_a_roster_may_be_empty() -> None:
    assert parse_roster("", PATH).devices == ()


def test_slot_passkey_and_key_are_read() -> None:
    text = CUFF + f'user_slot = 2\npasskey = 12\nbind_key = "{"0f" * 16}"\n'
    device = parse_roster(text, PATH).devices[0]
    assert (device.user_slot, device.passkey, device.bind_key) == (2, 12, b"\x0f" * 16)
    assert device.given() == {}


def test_a_consent_code_is_given_to_the_session_with_its_slot() -> None:
    device = parse_roster(CUFF + "user_slot = 2\nconsent_code = 4660\n", PATH).devices[0]
    assert device.given() == {CONSENT: bytes.fromhex("023412")}


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[[device]\n", "it is not TOML"),
        ("[device]\n", "write [[device]], with two brackets"),
        (CUFF + "[other]\n", "`other` means nothing here"),
        (CUFF.replace("d8:13", "d8-13"), "line 1: address 'D8-13:6E:2B:7F:16' is no Bluetooth address"),
        (CUFF.replace("standard_cuff", "standard_cuf"), "did you mean 'standard_cuff'?"),
        (CUFF.replace("Europe/London", "Europe/Londn"), "there is no time zone 'Europe/Londn'"),
        (CUFF.replace("Europe/London", "../../etc/passwd"), "there is no time zone"),
        (CUFF.replace('device_id = "d-1"\n', ""), "line 1: `device_id` is missing"),
        (CUFF.replace('"d-1"', "1"), "`device_id` must be a text in quotes"),
        (CUFF.replace("time_zone", "timezone"), "`timezone` is not known: did you mean 'time_zone'?"),
        (CUFF.replace("d-1", "../d"), "must be 1 to 64 letters, digits, - and _"),
        (CUFF + "consent_code = 1234\n", "`consent_code` needs the `user_slot`"),
        (CUFF + "user_slot = 300\n", "`user_slot` must be a whole number from 0 to 254"),
        (CUFF + "user_slot = true\n", "`user_slot` must be a whole number"),
        (CUFF + 'bind_key = "secret"\n', "`bind_key` must be 32 hexadecimal digits"),
        (CUFF + "\n# again\n" + CUFF.replace("d-1", "d-2"), "address 'D8:13:6E:2B:7F:16' is there twice"),
        (CUFF + CUFF.replace("7f:16", "7f:17"), "device_id 'd-1' is there twice"),
    ],
)
def test_a_mistake_is_said_with_its_line_and_what_to_do(text: str, mistake: str) -> None:
    with pytest.raises(RosterUnusable) as unusable:
        parse_roster(text, PATH)
    assert mistake in str(unusable.value)


def test_every_mistake_is_said_at_once_and_no_key_is_repeated() -> None:
    second = CUFF.replace("d-1", "d-2").replace("d8:13", "nonsense") + 'bind_key = "topsecret"\n'
    with pytest.raises(RosterUnusable) as unusable:
        parse_roster(CUFF.replace("Europe/London", "Mars/Olympus") + "\n" + second, PATH)
    assert len(unusable.value.mistakes) == 3
    assert [mistake.split(":")[0] for mistake in unusable.value.mistakes] == ["line 1", "line 7", "line 7"]
    assert "topsecret" not in str(unusable.value)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(RosterUnusable, match="there is no such file"):
        read_roster(tmp_path / "roster.toml")
