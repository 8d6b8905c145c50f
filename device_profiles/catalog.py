"""Every device profile that there is, and the one way to find one and to decode with it."""

import re
from collections.abc import Iterable, Mapping, Sequence

from device_profiles.advertisement import Advertisement
from device_profiles.devices import (
    a_and_d,
    beurer,
    beurer_scales,
    broadcasters,
    contour,
    cuffs,
    glucose_meters,
    lefu,
    lefu_others,
    lifesense,
    masimo,
    omron,
    omron_memory,
    oximeters,
    qn,
    renpho,
    small_scales,
    standard,
    standard_others,
    viatom,
    xiaomi,
)
from device_profiles.measurement import Decoded
from device_profiles.profile import Assembler, Codec, Context, Layout, Profile
from device_profiles.refusal import Reason, Refusal
from device_profiles.standard_codecs import LAYOUTS, STANDARD
from device_profiles.uuids import full_uuid

PROFILES: tuple[Profile, ...] = (
    *standard.PROFILES,
    *standard_others.PROFILES,
    *a_and_d.PROFILES,
    *omron.PROFILES,
    *omron_memory.PROFILES,
    *beurer.PROFILES,
    *beurer_scales.PROFILES,
    *cuffs.PROFILES,
    *xiaomi.PROFILES,
    *qn.PROFILES,
    *renpho.PROFILES,
    *lefu.PROFILES,
    *lefu_others.PROFILES,
    *lifesense.PROFILES,
    *small_scales.PROFILES,
    *broadcasters.PROFILES,
    *viatom.PROFILES,
    *oximeters.PROFILES,
    *masimo.PROFILES,
    *glucose_meters.PROFILES,
    *contour.PROFILES,
)

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
    what: str,
    frame: bytes,
    *,
    device: str = "",
    protocol: str = "",
    bind_key: bytes | None = None,
    address: bytes | None = None,
    before: Sequence[bytes] = (),
    read: Mapping[str, bytes] | None = None,
) -> Decoded | Refusal:
    """What bytes mean, or why they mean nothing. Never raises, whatever the bytes.

    `what` is the name of a profile, a characteristic's UUID in any spelling, or "advertisement". Where makers
    share a UUID, `device` (the model) and `protocol`, in the words of the captures, say whose layout it is;
    without them the first that understands the bytes is taken. `bind_key` (16 bytes) and `address` (6 bytes,
    printed order) open an encrypted advertisement; `before` holds the chunks that came before `frame` where
    a frame spans notifications; `read` the values of other characteristics by UUID, which may tell units.
    """
    known = {full_uuid(uuid): value for uuid, value in (read or {}).items()}
    context = Context(bind_key=bind_key, address=address, read=known)
    refusals: list[Refusal] = []
    for codec, assembler in _candidates(what, device, protocol):
        whole = _assembled(assembler, [*before, frame]) if assembler and before else frame
        decoded = codec(whole, context)
        if not isinstance(decoded, Refusal):
            return decoded
        refusals.append(decoded)
    telling = [refusal for refusal in refusals if refusal.reason != Reason.LAYOUT]
    unknown = Refusal(reason=Reason.NO_CODEC, detail=f"nothing decodes {what}")
    return next(iter(telling or refusals), unknown)


def _assembled(assembler: Assembler, chunks: Iterable[bytes]) -> bytes:
    frames = [frame for chunk in chunks for frame in assembler.feed(chunk)]
    return frames[-1] if frames else b""


_ADVERTISEMENT = "advertisement"
_Candidate = tuple[Codec, Assembler | None]


def _candidates(what: str, device: str, protocol: str) -> list[_Candidate]:
    named = profile(what)
    if named is not None:
        return [candidate for _on, candidate in _codecs(named)]
    words = f"{protocol} {device}"
    mentioned = [known for known in PROFILES if known.known_as and re.search(known.known_as, words)]
    for layouts in ([one for known in mentioned for one in known.layouts], [*LAYOUTS, *_all_layouts()]):
        fitting = [one.codec for one in layouts if protocol and re.search(one.words, protocol)]
        if fitting:
            return [(codec, None) for codec in fitting]
    uuid = full_uuid(what)
    of_mentioned = [pair for known in mentioned for on, pair in _codecs(known) if on == uuid]
    anyone = [pair for known in PROFILES for on, pair in _codecs(known) if on == uuid]
    standard: list[_Candidate] = [(STANDARD[uuid], None)] if uuid in STANDARD else []
    if of_mentioned:
        return of_mentioned[:1]
    if standard and (mentioned or uuid != _ADVERTISEMENT):
        return standard
    if mentioned:
        return [pair for known in mentioned for _on, pair in _codecs(known)]
    return [*anyone, *standard]


def _all_layouts() -> list[Layout]:
    return [one for known in PROFILES for one in known.layouts]


def _codecs(known: Profile) -> list[tuple[str, _Candidate]]:
    """Every codec of a profile with where its bytes come from."""
    pairs: list[tuple[str, _Candidate]] = [
        (channel.characteristic, (channel.codec, channel.assembler() if channel.assembler else None))
        for channel in known.channels
    ]
    pairs += [(_ADVERTISEMENT, (broadcast.codec, None)) for broadcast in known.broadcasts]
    pairs += [("(layout)", (layout.codec, None)) for layout in known.layouts]
    return pairs
