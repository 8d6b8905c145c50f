"""Viatom's newer protocol (O2Ring-S): A5 frames. Never send 0xE3 or 0xEE: factory reset, or worse.

Source: o2ring-s-protocol (MIT).
"""

from device_profiles.checksums import crc8
from device_profiles.refusal import Refusal, checksum, layout, truncated
from device_profiles.report import Report

_MARK = 0xA5
_OVERHEAD = 8
_FORBIDDEN = {0xE3, 0xEE}


def encode(opcode: int, sequence: int, data: bytes = b"", flag: int = 0) -> bytes:
    """A frame with the op code's complement, length and CRC.

    Raises ValueError for the two op codes that destroy.
    """
    if opcode in _FORBIDDEN:
        raise ValueError(f"op code 0x{opcode:02x} must never be sent")
    head = bytes((_MARK, opcode, opcode ^ 0xFF, flag, sequence & 0xFF))
    body = head + len(data).to_bytes(2, "little") + data
    return body + bytes((crc8(body),))


def length_of(buffer: bytes) -> int | None:
    """How long the frame is that starts here, for an assembler."""
    if buffer[0] != _MARK or (len(buffer) > 2 and buffer[1] ^ buffer[2] != 0xFF):
        return None
    return int.from_bytes(buffer[5:7], "little") + _OVERHEAD if len(buffer) >= 7 else 0


def is_whole(frame: bytes) -> bool:
    """Whether the CRC of a frame of the right length matches."""
    return crc8(frame[:-1]) == frame[-1]


def decode(frame: bytes) -> Report | Refusal:
    """The op code and data of a frame; what the data mean is not known to us yet."""
    if frame[:1] != bytes((_MARK,)):
        return layout(f"starts with {frame[:1].hex()}")
    if len(frame) < _OVERHEAD:
        return truncated(len(frame), _OVERHEAD)
    if frame[1] ^ frame[2] != 0xFF:
        return layout("the op code and its complement differ")
    length = int.from_bytes(frame[5:7], "little") + _OVERHEAD
    if len(frame) < length:
        return truncated(len(frame), length)
    if not is_whole(frame[:length]):
        return checksum("CRC does not match")
    said = {"opcode": frame[1], "sequence": frame[4], "data": frame[7 : length - 1].hex(), "crc_ok": True}
    return Report(said={**said})
