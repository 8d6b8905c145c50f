"""Recordings: frames of devices with the values they mean, as JSON files that prove what is supported."""

import json
from typing import cast

import msgspec

from device_profiles import catalog
from device_profiles.advertisement import Advertisement, advertisement
from device_profiles.fields import Fields
from device_profiles.measurement import Decoded
from device_profiles.profile import Evidence
from device_profiles.refusal import Refusal


class SeenAdvertisement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a device broadcast: UUIDs in any spelling, company ids and data in hexadecimal."""

    kind: Evidence
    source: str
    name: str | None = None
    services: list[str] = []
    manufacturer_data: dict[str, str] = {}
    service_data: dict[str, str] = {}

    def advertisement(self) -> Advertisement:
        """The same, as the radio hands it over."""
        return advertisement(
            name=self.name,
            services=tuple(self.services),
            manufacturer_data={
                int(company, 16): bytes.fromhex(data) for company, data in self.manufacturer_data.items()
            },
            service_data={uuid: bytes.fromhex(data) for uuid, data in self.service_data.items()},
        )


class RecordedFrame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Bytes with the fields they must decode to, or why they must be refused.

    `what`, `device`, `protocol` and the rest are what `catalog.decode` takes. `checked` is false where no
    second decoder has confirmed the values; such a frame proves nothing.
    """

    what: str
    device: str
    protocol: str
    hex: str
    kind: Evidence
    source: str
    licence: str
    expected: msgspec.Raw = msgspec.Raw(b"")
    refused: str | None = None
    bind_key: str | None = None
    address: str | None = None
    before: list[str] = []
    read: dict[str, str] = {}
    checked: bool = True

    def expected_fields(self) -> Fields:
        """By name; empty where the frame must be refused."""
        return cast(Fields, json.loads(bytes(self.expected))) if bytes(self.expected) else {}

    def measures(self) -> bool:
        """Whether a reading may come of it; names, clocks and placeholders prove nothing."""
        decoded = self.decode()
        if isinstance(decoded, Refusal):
            return False
        return any(measurement.withheld is None for measurement in decoded.measurements())

    def decode(self) -> Decoded | Refusal:
        """What the catalogue makes of it."""
        return catalog.decode(
            self.what,
            bytes.fromhex(self.hex),
            device=self.device,
            protocol=self.protocol,
            bind_key=bytes.fromhex(self.bind_key) if self.bind_key else None,
            address=bytes.fromhex(self.address) if self.address else None,
            before=[bytes.fromhex(chunk) for chunk in self.before],
            read={uuid: bytes.fromhex(value) for uuid, value in self.read.items()},
        )


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is recorded of the devices of one profile."""

    profile: str
    advertisements: list[SeenAdvertisement]
    frames: list[RecordedFrame]

    def evidence(self) -> Evidence:
        """The best of what proves the profile: a frame of which a reading may come, its values confirmed."""
        kinds = {frame.kind for frame in self.frames if frame.checked and frame.measures()}
        return next((kind for kind in Evidence if kind in kinds), Evidence.CONSTRUCTED)

    def count(self, kind: Evidence) -> int:
        """How many confirmed frames of that kind there are, the refused ones included."""
        return sum(1 for frame in self.frames if frame.kind == kind and frame.checked)


def parse(text: bytes) -> Capture:
    """A capture out of its file. Raises msgspec.ValidationError where the file is no capture."""
    return msgspec.json.decode(text, type=Capture)


def render(capture: Capture) -> bytes:
    """The file of a capture."""
    return msgspec.json.format(msgspec.json.encode(capture), indent=1) + b"\n"
