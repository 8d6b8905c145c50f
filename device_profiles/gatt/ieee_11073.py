"""SFLOAT and FLOAT, the numbers of IEEE 11073-20601: decimal, with their precision and special values."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Special(StrEnum):
    """What a device sends where it has no number."""

    NAN = "NaN"
    NOT_AT_THIS_RESOLUTION = "NRes"
    POSITIVE_INFINITY = "+INFINITY"
    NEGATIVE_INFINITY = "-INFINITY"
    RESERVED = "RFU"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """`mantissa` times ten to the power of `exponent`, or a special value with both zero.

    The exponent is precision and is kept: 200 with exponent -2 says 2.00, where 2 with exponent 0 says 2.
    """

    mantissa: int = 0
    exponent: int = 0
    special: Special | None = None

    @property
    def value(self) -> float | None:
        """The nearest float; None for a special value."""
        if self.special is not None:
            return None
        if self.exponent < 0:
            return self.mantissa / 10**-self.exponent
        return float(self.mantissa * 10**self.exponent)


# IEEE 11073-20601 section F.8.4: the codes that are not numbers. Their exponent is zero.
_SFLOAT_SPECIALS = {
    0x07FF: Special.NAN,
    0x0800: Special.NOT_AT_THIS_RESOLUTION,
    0x07FE: Special.POSITIVE_INFINITY,
    0x0802: Special.NEGATIVE_INFINITY,
    0x0801: Special.RESERVED,
}
_FLOAT_SPECIALS = {
    0x007FFFFF: Special.NAN,
    0x00800000: Special.NOT_AT_THIS_RESOLUTION,
    0x007FFFFE: Special.POSITIVE_INFINITY,
    0x00800002: Special.NEGATIVE_INFINITY,
    0x00800001: Special.RESERVED,
}
_SFLOAT_CODES = {special: code for code, special in _SFLOAT_SPECIALS.items()}
_FLOAT_CODES = {special: code for code, special in _FLOAT_SPECIALS.items()}


@lru_cache(maxsize=8192)
def sfloat(raw: int) -> Number:
    """The number of a 16-bit SFLOAT: four bits of exponent, twelve of mantissa, both two's complement."""
    special = _SFLOAT_SPECIALS.get(raw)
    if special is not None:
        return Number(special=special)
    exponent, mantissa = raw >> 12, raw & 0x0FFF
    return Number(
        mantissa=mantissa - 0x1000 if mantissa & 0x0800 else mantissa,
        exponent=exponent - 0x10 if exponent & 0x8 else exponent,
    )


def float32(raw: int) -> Number:
    """The number of a 32-bit FLOAT: 8 bits of exponent, 24 of mantissa, both two's complement."""
    special = _FLOAT_SPECIALS.get(raw)
    if special is not None:
        return Number(special=special)
    exponent, mantissa = raw >> 24, raw & 0x00FFFFFF
    return Number(
        mantissa=mantissa - 0x01000000 if mantissa & 0x00800000 else mantissa,
        exponent=exponent - 0x100 if exponent & 0x80 else exponent,
    )


def encode_sfloat(number: Number) -> int:
    """The 16 bits of a number; one that does not fit becomes an infinity or "not at this resolution"."""
    if number.special is not None:
        return _SFLOAT_CODES[number.special]
    raw = ((number.exponent & 0xF) << 12) | (number.mantissa & 0x0FFF)
    if -8 <= number.exponent <= 7 and -2048 <= number.mantissa <= 2047 and raw not in _SFLOAT_SPECIALS:
        return raw
    return _SFLOAT_CODES[_nearest_special(number)]


def encode_float32(number: Number) -> int:
    """The 32 bits of a number; one that does not fit becomes an infinity or "not at this resolution"."""
    if number.special is not None:
        return _FLOAT_CODES[number.special]
    raw = ((number.exponent & 0xFF) << 24) | (number.mantissa & 0x00FFFFFF)
    fits = -128 <= number.exponent <= 127 and -(1 << 23) <= number.mantissa < 1 << 23
    if fits and raw not in _FLOAT_SPECIALS:
        return raw
    return _FLOAT_CODES[_nearest_special(number)]


def decimal(value: float, decimals: int = 0) -> Number:
    """The number with so many decimals that is nearest to `value`: how a simulated device states it."""
    return Number(mantissa=round(value * 10**decimals), exponent=-decimals)


def _nearest_special(number: Number) -> Special:
    if number.exponent < 0:
        return Special.NOT_AT_THIS_RESOLUTION
    return Special.POSITIVE_INFINITY if number.mantissa > 0 else Special.NEGATIVE_INFINITY
