"""Whose layout some bytes have: by profile, by characteristic, by what the captures call it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from device_profiles.profile import Assembler, Codec, Layout, Profile
from device_profiles.standard_codecs import LAYOUTS, NAMES, STANDARD
from device_profiles.uuids import full_uuid

ADVERTISEMENT = "advertisement"
_PLACES = (ADVERTISEMENT, "(")


# A codec, and what makes the assembler of its frames where they span chunks.
Candidate: TypeAlias = tuple[Codec, Callable[[], Assembler] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Codecs in the order to ask them; `certain` where names told that it is one of them."""

    codecs: tuple[Candidate, ...]
    certain: bool


def candidates(profiles: tuple[Profile, ...], what: str, device: str, protocol: str) -> Candidates:
    """The codecs that could read bytes of `what`; names go before places, a device before a standard."""
    named = [known for known in profiles if known.name == what]
    if named:
        return _certain(_codecs(named))
    place = full_uuid(what)
    is_place = what.startswith(_PLACES) or re.fullmatch(r"[0-9a-f]{4,8}(-[0-9a-f-]+)?", place) is not None
    words = " ".join(word for word in (protocol, device, "" if is_place else what) if word)
    if not is_place:
        place = next((full_uuid(uuid) for name, uuid in NAMES if re.search(name, what)), place)
    mentioned = [known for known in profiles if known.known_as and re.search(known.known_as, words)]
    worded = _worded(mentioned, words) or _worded(profiles, words)
    if worded:
        return Candidates(codecs=tuple((layout.codec, None) for layout in worded), certain=True)
    there = _codecs(mentioned, place)
    if there:
        return _certain(there[:1] if place in STANDARD else there)
    standard = [(STANDARD[place], None)] if place in STANDARD else []
    if standard and (mentioned or place != ADVERTISEMENT):
        return _certain(standard)
    if mentioned:
        return _certain(_codecs(mentioned))
    return Candidates(codecs=(*_codecs(profiles, place), *standard), certain=False)


def _certain(codecs: Iterable[Candidate]) -> Candidates:
    return Candidates(codecs=tuple(codecs), certain=True)


def _worded(profiles: Iterable[Profile], words: str) -> list[Layout]:
    layouts = [layout for known in profiles for layout in known.layouts]
    return [layout for layout in (*LAYOUTS, *layouts) if re.search(layout.words, words)]


def _codecs(profiles: Iterable[Profile], place: str | None = None) -> list[Candidate]:
    """The codecs of profiles, all or those for one place; some layouts have no place."""
    found: list[Candidate] = []
    for known in profiles:
        found += [
            (channel.codec, channel.assembler)
            for channel in known.channels
            if place in (None, full_uuid(channel.characteristic))
        ]
        if place in (None, ADVERTISEMENT):
            found += [(broadcast.codec, None) for broadcast in known.broadcasts]
        found += [
            (layout.codec, None)
            for layout in known.layouts
            if place is None or place in [full_uuid(on) for on in layout.on]
        ]
    return found
