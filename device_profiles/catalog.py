"""Every device profile that there is, and the one way to find one and to decode with it."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module

from device_profiles.advertisement import Advertisement
from device_profiles.measurement import Decoded
from device_profiles.profile import NO_CONTEXT, Assembler, Context, Profile, broadcast_data
from device_profiles.refusal import Reason, Refusal
from device_profiles.routing import Candidates, candidates
from device_profiles.uuids import full_uuid

# One line for each file of `devices`, in the order of the listing.
MAKERS = (
    "standard",
    "standard_others",
    "a_and_d",
    "omron",
    "omron_memory",
    "omron_memory_scales",
    "beurer",
    "beurer_scales",
    "cuffs",
    "xiaomi",
    "qn",
    "renpho",
    "lefu",
    "lefu_others",
    "lifesense",
    "small_scales",
    "broadcasters",
    "viatom",
    "oximeters",
    "contec",
    "masimo",
    "glucose_meters",
    "contour",
)


def _of(maker: str) -> tuple[Profile, ...]:
    declared: tuple[Profile, ...] = import_module(f"device_profiles.devices.{maker}").PROFILES
    return declared


PROFILES: tuple[Profile, ...] = tuple(known for maker in MAKERS for known in _of(maker))

# Refusals after which another codec may be asked: surely of this device, and among strangers.
_NOT_THIS_ONE = {Reason.LAYOUT}
_NOT_THIS_GUESS = {Reason.LAYOUT, Reason.LENGTH, Reason.TRUNCATED}

_BY_NAME = {known.name: known for known in PROFILES}

# What a scan asks the radio for; devices that advertise none of these are known by name or data.
SCAN_SERVICES: frozenset[str] = frozenset(
    full_uuid(service) for known in PROFILES for service in known.services
)


def profile(name: str) -> Profile | None:
    """The profile of that name; None where there is none (any longer)."""
    return _BY_NAME.get(name)


def claiming(advertisement: Advertisement) -> list[Profile]:
    """Every profile that recognises the advertisement, the one that has it first."""
    claimed = [known for known in PROFILES if known.recognition.claims(advertisement)]
    return sorted(claimed, key=lambda known: -known.recognition.priority)


def identify(advertisement: Advertisement) -> Profile | None:
    """The one profile that the advertisement belongs to; None for a stranger."""
    return next(iter(claiming(advertisement)), None)


def decode(
    what: str | Advertisement,
    frame: bytes = b"",
    *,
    device: str = "",
    protocol: str = "",
    bind_key: bytes | None = None,
    address: bytes | None = None,
    before: Sequence[bytes] = (),
    read: Mapping[str, bytes] | None = None,
) -> Decoded | Refusal:
    """What bytes mean, or why they mean nothing. Never raises, whatever the bytes.

    `what` is the name of a profile, a characteristic's UUID in any spelling, "advertisement" for the data of
    one, or a whole `Advertisement`, which needs no `frame`. Where makers share a UUID, `device` (the model)
    and `protocol`, in the words of the captures, say whose layout it is; without them the first that
    understands the bytes is taken. `bind_key` (16 bytes) and `address` (6 bytes, printed order) open an
    encrypted advertisement; `before` holds the chunks that came before `frame` where a frame spans
    notifications; `read` the values of other characteristics by UUID, which may tell units.
    """
    context = NO_CONTEXT
    if read or bind_key is not None or address is not None:
        known = {full_uuid(uuid): value for uuid, value in (read or {}).items()}
        context = Context(bind_key=bind_key, address=address, read=known)
    if isinstance(what, Advertisement):
        return _decode_advertisement(what, context)
    found = _candidates(what, device, protocol)
    refusals: list[Refusal] = []
    for codec, assembler in found.codecs:
        whole = _assembled(assembler(), [*before, frame]) if assembler and before else frame
        decoded = codec(whole, context)
        if not isinstance(decoded, Refusal):
            return decoded
        refusals.append(decoded)
        if decoded.reason not in (_NOT_THIS_ONE if found.certain else _NOT_THIS_GUESS):
            break
    telling = [refusal for refusal in refusals if refusal.reason != Reason.LAYOUT]
    unknown = Refusal(reason=Reason.NO_CODEC, detail=f"nothing decodes {what}")
    return next(iter(telling[-1:] or refusals), unknown)


@lru_cache(maxsize=256)
def _candidates(what: str, device: str, protocol: str) -> Candidates:
    return candidates(PROFILES, what, device, protocol)


def _decode_advertisement(seen: Advertisement, context: Context) -> Decoded | Refusal:
    known = identify(seen)
    for broadcast in known.broadcasts if known else ():
        for data in broadcast_data(broadcast, seen):
            return broadcast.codec(data, context)
    name = known.name if known else "a stranger"
    return Refusal(reason=Reason.NO_CODEC, detail=f"nothing is measured in the advertisement of {name}")


def _assembled(assembler: Assembler, chunks: Iterable[bytes]) -> bytes:
    frames = [frame for chunk in chunks for frame in assembler.feed(chunk)]
    return frames[-1] if frames else b""
