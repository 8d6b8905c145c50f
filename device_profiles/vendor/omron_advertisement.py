"""Omron's advertisements: the name that tells pairing from transfer, and the counters of each user.

Source: SpeziDevices `OmronManufacturerData`, device names as captured there.
"""

import re
import struct

from device_profiles.advertisement import Advertisement
from device_profiles.fields import Field, Fields
from device_profiles.refusal import Refusal, layout, truncated
from device_profiles.report import Report

COMPANY = 0x020E
_NAME = re.compile(r"BLE(?P<mode>[Ss])mart_(?P<model>[0-9A-Fa-f]{8})(?P<mac>[0-9A-Fa-f]{12})")
_TAG = 0x01
_USERS, _TIME_NOT_SET, _PAIRING, _STREAMING, _STANDARD = 0x03, 0x04, 0x08, 0x10, 0x20
_SLOT = struct.Struct("<HB")


def decode_name(frame: bytes) -> Report | Refusal:
    """Model code, address and mode of a local name; a small s is pairing, a capital S transfer."""
    name = frame.decode("ascii", errors="replace")
    match = _NAME.fullmatch(name)
    if match is None:
        return layout("not an Omron name")
    return Report(
        said={
            "local_name": name,
            "model_code": match["model"],
            "mac": match["mac"],
            "mode": "pairing" if match["mode"] == "s" else "transfer",
        }
    )


def decode_manufacturer_data(frame: bytes) -> Report | Refusal:
    """State and counters, from the bytes after the company id; they may have it in front.

    A sequence number above the one last seen means new records, without connecting.
    """
    body = frame.removeprefix(COMPANY.to_bytes(2, "little"))
    if len(body) < 2:
        return truncated(len(body), 2)
    if body[0] != _TAG:
        return layout(f"tag 0x{body[0]:02x}")
    flags = body[1]
    count = (flags & _USERS) + 1
    if len(body) < 2 + count * _SLOT.size:
        return truncated(len(body), 2 + count * _SLOT.size)
    users: list[Field] = []
    for user in range(count):
        sequence, records = _SLOT.unpack_from(body, 2 + user * _SLOT.size)
        slot: Fields = {"user": user + 1, "sequence": sequence, "records": records}
        users.append(slot)
    return Report(
        said={
            "users": users,
            "time_not_set": bool(flags & _TIME_NOT_SET),
            "pairing": bool(flags & _PAIRING),
            "streaming": bool(flags & _STREAMING),
            "bluetooth_standard": bool(flags & _STANDARD),
        }
    )


def mark(seen: Advertisement) -> bytes | None:
    """The sequence numbers of all users: where they are as they were, there is nothing new to fetch.

    None in an advertisement without them.
    """
    data = seen.manufacturer_data.get(COMPANY)
    if data is None or isinstance(decode_manufacturer_data(data), Refusal):
        return None
    return b"".join(
        data[2 + user * _SLOT.size : 4 + user * _SLOT.size] for user in range((data[1] & _USERS) + 1)
    )


def decode(frame: bytes) -> Report | Refusal:
    """A name or manufacturer data, whichever it is."""
    named = decode_name(frame)
    return decode_manufacturer_data(frame) if isinstance(named, Refusal) else named
