"""How a UUID is written: lower case, 128 bits, so that two spellings of one characteristic are equal."""

from functools import cache

_TAIL = "-0000-1000-8000-00805f9b34fb"


@cache
def full_uuid(text: str) -> str:
    """The 128-bit spelling of a UUID given as 16, 32 or 128 bits (Core specification, vol 3 part B 2.5.1).

    What is no UUID at all comes back stripped and in lower case, and equals none.
    """
    plain = text.strip().lower().removeprefix("0x")
    if len(plain) == 4 and _is_hex(plain):
        return f"0000{plain}{_TAIL}"
    if len(plain) == 8 and _is_hex(plain):
        return plain + _TAIL
    return plain


def short_uuid(uuid: str) -> str:
    """The 16-bit spelling where there is one, else the UUID as it is."""
    whole = full_uuid(uuid)
    return whole[4:8] if whole.startswith("0000") and whole.endswith(_TAIL) else whole


def _is_hex(text: str) -> bool:
    return all(letter in "0123456789abcdef" for letter in text)
