"""The simulated ward as a file describes it: its homes, their devices, and the roster each gateway gets."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ConfigDict, TypeAdapter, ValidationError

from vitals.errors import HubError
from vitals.ids import DeviceId, GatewayId, PatientId

DEMO_WARD = Path(__file__).parent / "scenarios" / "demo_ward.toml"
ROSTER_FILE = "roster.toml"

_Described = TypeVar("_Described")

_ADDRESS = re.compile(r"(?:[0-9A-F]{2}:){5}[0-9A-F]{2}")


class Family(StrEnum):
    """What kind of instrument a simulated device is."""

    CUFF = "cuff"
    SCALE = "scale"
    OXIMETER = "oximeter"
    GLUCOSE_METER = "glucose_meter"


class Script(StrEnum):
    """What happens in a home in the first minutes."""

    STEADY = "steady"
    COPD_DETERIORATES = "copd_deteriorates"
    WRONG_CLOCK_AND_FAILED_READING = "wrong_clock_and_failed_reading"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One simulated Bluetooth device: `address` is upper-case hex, `name` what it advertises.

    `passkey` is what it shows while pairing, `consent_code` what a scale shows for its `user_slot`.
    """

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    device_id: DeviceId
    family: Family
    address: str
    name: str
    profile: str
    user_slot: int | None = None
    consent_code: int | None = None
    passkey: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One home: a gateway, the patient who lives there, their devices, and the script that is played."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    gateway_id: GatewayId
    label: str
    patient_id: PatientId
    time_zone: str
    script: Script
    devices: tuple[Device, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ward:
    """The ward that one team watches, with its simulated homes."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    ward_id: str
    name: str
    time_zone: str
    homes: tuple[Home, ...]


class BadWard(HubError):
    """A ward file does not describe a ward. `mistakes` holds every one of them."""

    def __init__(self, path: Path, mistakes: tuple[str, ...]) -> None:
        self.path = path
        self.mistakes = mistakes
        super().__init__(f"{path.name} is not a ward: {'; '.join(mistakes)}")


def load_ward(path: Path = DEMO_WARD) -> Ward:
    """The ward that the file describes. Raises BadWard with every mistake at once."""
    ward = load_file(path, Ward)
    if mistakes := tuple(_mistakes(ward)):
        raise BadWard(path, mistakes)
    return ward


def load_file(path: Path, kind: type[_Described]) -> _Described:
    """The TOML file as the dataclass it should hold, unknown keys refused. Raises BadWard."""
    try:
        return TypeAdapter(kind).validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        where = (".".join(str(step) for step in mistake["loc"]) for mistake in error.errors())
        what = (mistake["msg"] for mistake in error.errors())
        raise BadWard(path, tuple(f"{a}: {b}" for a, b in zip(where, what, strict=True))) from error
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadWard(path, (str(error),)) from error


def _mistakes(ward: Ward) -> list[str]:
    devices = [device for home in ward.homes for device in home.devices]
    named: tuple[tuple[str, list[str]], ...] = (
        ("gateway", [home.gateway_id for home in ward.homes]),
        ("patient", [home.patient_id for home in ward.homes]),
        ("device", [device.device_id for device in devices]),
        ("address", [device.address for device in devices]),
    )
    said_twice = [
        f"{what} {value} is there twice"
        for what, values in named
        for value in sorted({value for value in values if values.count(value) > 1})
    ]
    bad_addresses = [
        f"{device.address} is no Bluetooth address"
        for device in devices
        if not _ADDRESS.fullmatch(device.address)
    ]
    zones = {ward.time_zone, *(home.time_zone for home in ward.homes)}
    return (
        said_twice + bad_addresses + [f"{zone} is no time zone" for zone in sorted(zones) if not _zone(zone)]
    )


def _zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def roster_toml(home: Home) -> str:
    """What the home's gateway needs to know: devices, and no patient."""
    return "\n".join(
        f'[[device]]\ndevice_id = "{device.device_id}"\naddress = "{device.address}"\n'
        f'profile = "{device.profile}"\ntime_zone = "{home.time_zone}"\n'
        + "".join(
            f"{name} = {number}\n"
            for name, number in (
                ("user_slot", device.user_slot),
                ("consent_code", device.consent_code),
                ("passkey", device.passkey),
            )
            if number is not None
        )
        for device in home.devices
    )


def write_roster(home: Home, directory: Path) -> Path:
    """Write the gateway's roster into its directory, which is made where it is missing; returns the file."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / ROSTER_FILE
    path.write_text(roster_toml(home), encoding="utf-8")
    return path
