"""The devices of this home, as roster.toml lists them: nobody else is listened to."""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from device_profiles import catalog
from device_profiles.consent import CONSENT
from device_profiles.profile import Context, Profile
from vitals.errors import HubError
from vitals.ids import DeviceId
from vitals.reading import Reading

_ADDRESS = re.compile(r"(?:[0-9A-F]{2}:){5}[0-9A-F]{2}")
_DEVICE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEYS = frozenset(
    {
        "device_id",
        "address",
        "profile",
        "time_zone",
        "user_slot",
        "bind_key",
        "passkey",
        "consent_code",
    }
)
_EXAMPLE = """\
[[device]]
device_id = "d-9c41e07a"
address = "E4:5A:21:9C:41:07"
profile = "standard_cuff"
time_zone = "Europe/London"
"""


class RosterUnusable(HubError):
    """The roster does not do; `mistakes` has one sentence for each."""

    def __init__(self, path: Path, mistakes: Sequence[str]) -> None:
        listed = "".join(f"\n  - {mistake}" for mistake in mistakes)
        super().__init__(f"{path} needs a correction:{listed}")
        self.path = path
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledDevice:
    """One device of this home. `user_slot` is whose readings they are where the device does not say.

    `bind_key` decrypts the advertisements of devices that encrypt them; `passkey` is what a device that shows
    or bears one wants while pairing; `consent_code` what a scale with user slots shows for `user_slot`.
    """

    device_id: DeviceId
    address: str
    profile: Profile
    zone: ZoneInfo
    user_slot: int | None = None
    bind_key: bytes | None = None
    passkey: int | None = None
    consent_code: int | None = None

    def context(self) -> Context:
        """What a codec may need to know beside the frame."""
        return Context(bind_key=self.bind_key, address=bytes.fromhex(self.address.replace(":", "")))

    def attributed(self, reading: Reading) -> Reading:
        """The reading with the roster's slot where the device named no user."""
        return reading if reading.user_slot is not None else replace(reading, user_slot=self.user_slot)

    def given(self) -> dict[str, bytes]:
        """What a person gave this home for the device's sessions to know, by the words of its handshake."""
        if self.user_slot is None or self.consent_code is None:
            return {}
        return {CONSENT: bytes((self.user_slot,)) + self.consent_code.to_bytes(2, "little")}


class Roster:
    """The enrolled devices by Bluetooth address."""

    def __init__(self, devices: Sequence[EnrolledDevice]) -> None:
        self.devices = tuple(devices)
        self._by_address = {device.address: device for device in devices}

    def enrolled(self, address: str) -> EnrolledDevice | None:
        """The device with this address; None for a stranger."""
        return self._by_address.get(address.upper())


def read_roster(path: Path) -> Roster:
    """The roster in the file. Raises RosterUnusable with everything that is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise RosterUnusable(path, [f"there is no such file: make it, like this:\n{_EXAMPLE}"]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RosterUnusable(path, [f"it cannot be read: {error}"]) from error
    return parse_roster(text, path)


def parse_roster(text: str, path: Path) -> Roster:
    """The roster in the text; `path` is for the messages. Raises RosterUnusable."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RosterUnusable(path, [f"it is not TOML: {error}"]) from error
    mistakes = [
        f"`{key}` means nothing here: devices begin with [[device]]" for key in table if key != "device"
    ]
    entries: object = table.get("device", [])
    if not isinstance(entries, list):
        raise RosterUnusable(path, [*mistakes, "write [[device]], with two brackets, before each device"])
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _starts_device(line)]
    devices: list[EnrolledDevice] = []
    for place, entry in enumerate(entries):
        where = f"line {lines[place]}" if place < len(lines) else f"device {place + 1}"
        device, wrong = _device(entry)
        mistakes += [f"{where}: {mistake}" for mistake in wrong]
        if device is not None:
            devices.append(device)
    mistakes += _repeated("device_id", [device.device_id for device in devices])
    mistakes += _repeated("address", [device.address for device in devices])
    if mistakes:
        raise RosterUnusable(path, mistakes)
    return Roster(devices)


def _starts_device(line: str) -> bool:
    return line.replace(" ", "").startswith("[[device]]")


def _device(entry: object) -> tuple[EnrolledDevice | None, list[str]]:
    if not isinstance(entry, Mapping):
        return None, ["write [[device]] before each device"]
    fields: dict[str, object] = {str(key): value for key, value in entry.items()}
    wrong = [f"`{key}` is not known{_did_you_mean(key, _KEYS)}" for key in fields if key not in _KEYS]
    device_id = _text(fields, "device_id", wrong)
    if device_id and not _DEVICE_ID.fullmatch(device_id):
        wrong.append(f"device_id {device_id!r} must be 1 to 64 letters, digits, - and _")
    address = _text(fields, "address", wrong).upper()
    if address and not _ADDRESS.fullmatch(address):
        wrong.append(f"address {address!r} is no Bluetooth address: six pairs like E4:5A:21:9C:41:07")
    profile = _profile(_text(fields, "profile", wrong), wrong)
    zone = _zone(_text(fields, "time_zone", wrong), wrong)
    user_slot = _number(fields, "user_slot", 254, wrong)
    passkey = _number(fields, "passkey", 999_999, wrong)
    consent_code = _number(fields, "consent_code", 9999, wrong)
    if consent_code is not None and user_slot is None:
        wrong.append("`consent_code` needs the `user_slot` that it belongs to")
    bind_key = _bind_key(fields, wrong)
    if wrong or profile is None or zone is None:
        return None, wrong
    return (
        EnrolledDevice(
            device_id=DeviceId(device_id),
            address=address,
            profile=profile,
            zone=zone,
            user_slot=user_slot,
            bind_key=bind_key,
            passkey=passkey,
            consent_code=consent_code,
        ),
        [],
    )


def _text(fields: Mapping[str, object], key: str, wrong: list[str]) -> str:
    value = fields.get(key)
    if isinstance(value, str) and value.strip():
        return value.strip()
    wrong.append(f"`{key}` is missing" if value is None else f"`{key}` must be a text in quotes")
    return ""


def _profile(name: str, wrong: list[str]) -> Profile | None:
    found = catalog.profile(name)
    if name and found is None:
        hint = _did_you_mean(name, [known.name for known in catalog.PROFILES])
        wrong.append(f"there is no device profile {name!r}{hint}")
    return found


def _zone(name: str, wrong: list[str]) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        wrong.append(f"there is no time zone {name!r}: a name like Europe/London")
        return None


def _number(fields: Mapping[str, object], key: str, most: int, wrong: list[str]) -> int | None:
    value = fields.get(key)
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most):
        return value
    wrong.append(f"`{key}` must be a whole number from 0 to {most}")
    return None


def _bind_key(fields: Mapping[str, object], wrong: list[str]) -> bytes | None:
    value = fields.get("bind_key")
    if value is None:
        return None
    try:
        key = bytes.fromhex(str(value))
    except ValueError:
        key = b""
    if len(key) != 16:
        # The key itself stays out of the message, and so out of the log.
        wrong.append("`bind_key` must be 32 hexadecimal digits")
        return None
    return key


def _repeated(what: str, values: Sequence[str]) -> list[str]:
    return [f"{what} {value!r} is there twice" for value in sorted(set(values)) if values.count(value) > 1]


def _did_you_mean(word: str, known: Sequence[str] | frozenset[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f": did you mean {close[0]!r}?" if close else f": there are {', '.join(sorted(known))}"
