"""The catalogue as rows and as a page: what can be read, how, and what proves it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from device_profiles.capture import Capture
from device_profiles.catalog import PROFILES
from device_profiles.profile import Bond, Evidence, Profile, Stored

_OPENING = """\
# Devices

<!-- Written by `make docs` from the profiles and the recordings in tests/captures; a test fails where it is
stale. -->

A device is supported if, and only if, a recording of one proves it: bytes that came from a real device, with
the values that it showed. What is read by a published test, or by the layout alone, says so. The readings of
a profile that has neither are *experimental*: they carry that mark, and a nurse confirms them before a rule
uses them. Recordings prove the bytes; few of the dialogues that lead to them have met a real device.
`hearthward devices list` prints the same on a terminal; [add-a-device.md](add-a-device.md) tells how to add
one.

## Decoding bytes by hand

One function decodes everything, `device_profiles.catalog.decode`:

```python
from device_profiles.catalog import decode

decode("2a35", bytes.fromhex("1e780050005d00ea0709150a1e2d4800020100")).fields()
decode("beurer_bm85", frame)  # a profile's name
decode("BLS 0x1810", frame)  # a standard service, in words
decode("ffb2", frame, device="Hutbit")  # a UUID that makers share, and whose device it is
decode("advertisement", data, protocol="Mi scale v2")
decode("advertisement", data, device="S400", bind_key=key, address=address)
decode("ffe1", last, device="Beurer BF710", before=[first, second])
```

It takes the name of a profile, the UUID of a characteristic, or `"advertisement"` (or a whole
`Advertisement`), and bytes. It returns the decoded value, whose `fields()` are the names and units of the
recordings and whose `measurements()` are what a reading is made of; or a `Refusal` with its reason. It never
raises. `device` and `protocol` are free words; `bind_key` and `address` open encrypted advertisements;
`before` holds earlier chunks of a frame that spans notifications; `read` other characteristics that were
read.
"""
_SECTIONS = {
    Evidence.CAPTURED: ("Supported", "A recording of a real device proves each of these."),
    Evidence.PUBLISHED: (
        "Read, without a recording",
        "The bytes were published by others as tests. A recording of a real device is welcome.",
    ),
    Evidence.CONSTRUCTED: (
        "Experimental",
        "Built from a layout, or not confirmed by a second decoder. Readings need a nurse's confirmation.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One profile in plain words."""

    name: str
    family: str
    models: str
    transport: str
    evidence: str
    experimental: bool


def rows(profiles: Sequence[Profile] = PROFILES) -> list[Row]:
    """The catalogue in its order, for a terminal or a page."""
    return [
        Row(
            name=known.name,
            family=known.family,
            models=", ".join(known.models),
            transport=_transport(known),
            evidence=known.evidence.value,
            experimental=known.experimental,
        )
        for known in profiles
    ]


def page(captures: Mapping[str, Capture]) -> str:
    """docs/devices.md, from the profiles and their captures by name."""
    sections = [_section(evidence, captures) for evidence in Evidence]
    return _OPENING + "".join(sections)


def _section(evidence: Evidence, captures: Mapping[str, Capture]) -> str:
    title, about = _SECTIONS[evidence]
    known = [profile for profile in PROFILES if profile.evidence == evidence]
    lines = [_line(profile, captures[profile.name]) for profile in known]
    head = "| profile | devices | how | frames | to know |\n|---|---|---|---|---|\n"
    return f"\n## {title}\n\n{about}\n\n{head}{''.join(lines)}"


def _line(profile: Profile, capture: Capture) -> str:
    counts = [f"{capture.count(kind)} {kind.value}" for kind in Evidence if capture.count(kind)]
    cells = (
        f"`{profile.name}`",
        ", ".join(profile.models),
        _transport(profile),
        ", ".join(counts) or "none confirmed",
        "; ".join((*profile.quirks, *profile.sentinels)),
    )
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |\n"


def _transport(profile: Profile) -> str:
    words = ["connects" if profile.connects else "listens to advertisements"]
    if not profile.channels and not profile.broadcasts:
        words = ["reads memory (records only)"]
    if profile.bond != Bond.NONE:
        words.append(f"bond {profile.bond.value}")
    if profile.stored != Stored.NONE:
        words.append(f"stored readings {profile.stored.value}")
    return ", ".join(words)
