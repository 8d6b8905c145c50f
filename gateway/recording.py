"""What was recorded of one device, and the file it becomes once everything that identifies it is out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from device_profiles import capture as captures
from device_profiles import catalog
from device_profiles.advertisement import Advertisement
from device_profiles.profile import Evidence, Profile
from device_profiles.refusal import Refusal
from device_profiles.uuids import short_uuid
from gateway.redact import Redaction

MOST_FRAMES = 2_000
_SOURCE = "recorded with hearthward gateway capture"


@dataclass(slots=True, kw_only=True)
class Recording:
    """What one device said, in the order in which it came."""

    address: str
    advertisements: list[Advertisement] = field(default_factory=list[Advertisement])
    frames: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])

    def heard(self, advertisement: Advertisement) -> None:
        """Keep an advertisement that says something new."""
        if advertisement not in self.advertisements and len(self.advertisements) < MOST_FRAMES:
            self.advertisements.append(advertisement)

    def said(self, characteristic: str, frame: bytes) -> None:
        """Keep a notification or an indication."""
        if len(self.frames) < MOST_FRAMES:
            self.frames.append((characteristic, frame))


def redacted(recording: Recording, model: str) -> captures.Capture:
    """The recording as a file of the collection, without identifiers, with what each frame means to us."""
    redaction = Redaction(address=recording.address)
    known = _identified(recording.advertisements)
    family = known.family if known else "unknown"
    return captures.Capture(
        profile=known.name if known else "unknown",
        advertisements=[_seen(advertisement, redaction) for advertisement in recording.advertisements],
        frames=[
            _frame(short_uuid(uuid), redaction.data(data), model, family)
            for uuid, data in dict.fromkeys(recording.frames)
        ],
    )


def _identified(advertisements: Sequence[Advertisement]) -> Profile | None:
    found = (catalog.identify(advertisement) for advertisement in advertisements)
    return next((known for known in found if known is not None), None)


def _seen(advertisement: Advertisement, redaction: Redaction) -> captures.SeenAdvertisement:
    return captures.SeenAdvertisement(
        kind=Evidence.CAPTURED,
        source=_SOURCE,
        name=redaction.name(advertisement.local_name),
        services=sorted(short_uuid(uuid) for uuid in advertisement.service_uuids),
        manufacturer_data={
            f"{company:04x}": redaction.data(data).hex()
            for company, data in advertisement.manufacturer_data.items()
        },
        service_data={
            short_uuid(uuid): redaction.data(data).hex() for uuid, data in advertisement.service_data.items()
        },
    )


def _frame(what: str, data: bytes, model: str, family: str) -> captures.RecordedFrame:
    frame = captures.RecordedFrame(
        what=what,
        device=model,
        protocol=family,
        hex=data.hex(),
        kind=Evidence.CAPTURED,
        source=_SOURCE,
        licence="given by the person who recorded it",
        checked=False,
    )
    decoded = frame.decode()
    if isinstance(decoded, Refusal):
        return msgspec.structs.replace(frame, refused=str(decoded.reason))
    return msgspec.structs.replace(frame, expected=msgspec.Raw(msgspec.json.encode(decoded.fields())))
