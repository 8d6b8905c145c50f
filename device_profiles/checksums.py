"""The checks that makers put behind their frames."""

from functools import reduce
from operator import xor


def sum8(octets: bytes) -> int:
    """The sum of the octets, modulo 256."""
    return sum(octets) & 0xFF


def xor8(octets: bytes) -> int:
    """The exclusive or of the octets."""
    return reduce(xor, octets, 0)


def _crc8_row(octet: int) -> int:
    for _bit in range(8):
        octet = (octet << 1 ^ 0x07) & 0xFF if octet & 0x80 else octet << 1
    return octet


_CRC8 = tuple(_crc8_row(octet) for octet in range(256))


def crc8(octets: bytes) -> int:
    """CRC-8 with polynomial 0x07, from zero."""
    crc = 0
    for octet in octets:
        crc = _CRC8[crc ^ octet]
    return crc
