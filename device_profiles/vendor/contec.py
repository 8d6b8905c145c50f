"""The EB frames of Contec CMS50D-BT and EMAY SleepO2, about once a second, with a seven-bit sum.

Sources: OxiVis issue 2, emay-sleepo2 (MIT).
"""

from device_profiles.refusal import Reason, Refusal, checksum, layout, truncated
from device_profiles.report import Report, oximeter

_MARK, _PLETH, _VALUES = 0xEB, 0x00, 0x01
_SHORT, _LONG = 6, 8
_EMAY = 0x05
_TRAILER = b"\x7f\x00"
_SENTINELS = {0x00, 0xFF}
_SLOWEST, _FASTEST, _FULL = 30, 220, 100
_COMMAND = 0x9B


def sum7(octets: bytes) -> int:
    """The sum of the octets, modulo 128."""
    return sum(octets) & 0x7F


def command(payload: bytes) -> bytes:
    """A command of the host with its sum."""
    return payload + bytes((sum7(payload),))


# Hello, state, start, battery.
OPENING = (command(b"\x89"), command(b"\x8e\x05"), command(b"\x9b\x01"), command(b"\x86"))


def decode_command(frame: bytes) -> Report | Refusal:
    """Whether a command of the host is whole."""
    if len(frame) < 2:
        return truncated(len(frame), 2)
    if frame[0] & 0x80 == 0:
        return layout(f"starts with 0x{frame[0]:02x}")
    if sum7(frame[:-1]) != frame[-1]:
        return checksum()
    return Report(said={"checksum_ok": True})


def decode_emay(frame: bytes) -> Report | Refusal:
    """As Contec's, with a third byte that is always the same."""
    if len(frame) > 2 and frame[1] == _VALUES and frame[2] != _EMAY:
        return layout(f"third byte 0x{frame[2]:02x}")
    return decode(frame)


def decode(frame: bytes) -> Report | Refusal:
    """The values; a pleth frame is understood and has none."""
    if len(frame) < 2:
        return truncated(len(frame), _LONG)
    if frame[0] != _MARK or frame[1] not in (_PLETH, _VALUES):
        return layout(f"starts with {frame[:2].hex()}")
    length = _LONG if frame[1] == _VALUES else _SHORT
    if len(frame) < length:
        return truncated(len(frame), length)
    if sum7(frame[: length - 1]) != frame[length - 1]:
        return checksum()
    if frame[1] == _PLETH:
        return Report(said={"is_reading": False, "checksum_ok": True})
    if frame[5:7] != _TRAILER:
        return layout(f"trailer {frame[5:7].hex()}")
    pulse = None if frame[3] in _SENTINELS else frame[3]
    spo2 = None if frame[4] in _SENTINELS else frame[4]
    if pulse is not None and not _SLOWEST <= pulse <= _FASTEST:
        return Refusal(reason=Reason.OUT_OF_RANGE, detail=f"pulse {pulse}")
    if spo2 is not None and spo2 > _FULL:
        return Refusal(reason=Reason.OUT_OF_RANGE, detail=f"SpO2 {spo2}")
    return oximeter(spo2, pulse, said={"checksum_ok": True})
