"""Every device profile that there is, and the one way to find one and to decode with it."""

from device_profiles.advertisement import Advertisement
from device_profiles.devices import standard
from device_profiles.measurement import Decoded
from device_profiles.profile import Channel, Codec, Context, Profile
from device_profiles.refusal import Reason, Refusal
from device_profiles.uuids import full_uuid

PROFILES: tuple[Profile, ...] = (
    standard.CUFF,
    standard.SCALE,
    standard.OXIMETER,
)

_BY_NAME = {known.name: known for known in PROFILES}

# What a scan asks the radio for; devices that advertise none of these are known by name or data.
SCAN_SERVICES: frozenset[str] = frozenset(
    full_uuid(service) for known in PROFILES for service in known.services
)


def profile(name: str) -> Profile | None:
    """The profile of that name; None where there is none (any longer)."""
    return _BY_NAME.get(name)


def identify(advertisement: Advertisement) -> Profile | None:
    """The one profile that the advertisement belongs to; None for a stranger."""
    claimed = [known for known in PROFILES if known.recognition.claims(advertisement)]
    return max(claimed, key=lambda known: known.recognition.priority, default=None)


def decode(what: str, frame: bytes, *, context: Context | None = None) -> Decoded | Refusal:
    """What the bytes of a profile or characteristic mean, or why they mean nothing. Never raises."""
    codec = _codec(what)
    if codec is None:
        return Refusal(reason=Reason.NO_CODEC, detail=f"nothing decodes {what}")
    return codec(frame, context or Context())


def _codec(what: str) -> Codec | None:
    known = profile(what)
    if known is not None and known.channels:
        return known.channels[0].codec
    return next((channel.codec for channel in _channels() if channel.characteristic == full_uuid(what)), None)


def _channels() -> list[Channel]:
    return [channel for known in PROFILES for channel in known.channels]
