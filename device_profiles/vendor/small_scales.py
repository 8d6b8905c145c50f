"""Scales with one small frame each: Taylor, Robi, Vitafit, Koogeek, Etekcity.

Sources: captures in openScale and ble-scale-sync, etekcity_esf551_ble (MIT); facts only.
"""

from device_profiles.checksums import sum8, xor8
from device_profiles.fields import Fields
from device_profiles.handshake import Facts
from device_profiles.refusal import Reason, Refusal, checksum, layout, truncated
from device_profiles.report import Body, Report, Terms, kilograms, scale

_TAYLOR = b"\xac\x27"
_TAYLOR_STABLE, _TAYLOR_SUMMARY = 0x80, 0x01
_ROBI_FINAL = 0xA3
_VITAFIT_HEAD, _VITAFIT_PRODUCT, _VITAFIT_TAIL = 0x5A, 0x26, 0xAA
_VITAFIT_WEIGHT, _VITAFIT_IMPEDANCE, _VITAFIT_STABLE = 0x10, 0x11, 0x02
_KOOGEEK = b"\x55\xaa\x55\xaa"
_ETEKCITY = ((0, b"\xa5\x02"), (3, b"\x10\x00"), (6, b"\x01\x61\xa1\x00"))
_ETEKCITY_UNITS = ("kg", "lb", "st")


def _terms(stable: bool) -> Terms:
    return Terms(final=stable, stored=False)


def decode_taylor(frame: bytes) -> Report | Refusal:
    """Taylor 5331891: grams in seventeen bits, the highest in the channel byte; or the summary of them."""
    if len(frame) < 6:
        return truncated(len(frame), 6)
    if frame[:2] != _TAYLOR:
        return layout(f"starts with {frame[:2].hex()}")
    at = 3
    if frame[2] == _TAYLOR_SUMMARY and frame[3] == 0:
        at = 8
        if len(frame) < at + 3:
            return truncated(len(frame), at + 3)
    grams = (frame[at] & 1) << 16 | int.from_bytes(frame[at + 1 : at + 3], "big")
    stable = bool(frame[2] & (_TAYLOR_STABLE | _TAYLOR_SUMMARY))
    return scale(kilograms(grams / 1000), terms=_terms(stable), said={"stable": stable})


def decode_robi(frame: bytes) -> Report | Refusal:
    """Robi S9: the final frame, grams in three bytes. The trailer is a check of unknown kind."""
    if len(frame) < 11:
        return truncated(len(frame), 11)
    if frame[2] != 0:
        return layout(f"third byte 0x{frame[2]:02x}")
    if frame[3] != _ROBI_FINAL:
        return Refusal(reason=Reason.CONTROL_FRAME, detail=f"kind 0x{frame[3]:02x}")
    grams = int.from_bytes(frame[5:8], "big")
    if not grams:
        return Refusal(reason=Reason.OUT_OF_RANGE, detail="no weight")
    return scale(kilograms(grams / 1000), terms=_terms(True))


def encode_vitafit(kind: int, data: bytes = b"") -> bytes:
    """A command of the host to a Vitafit scale."""
    body = bytes((len(data) + 4, _VITAFIT_PRODUCT, kind)) + data
    return b"\xa5" + body + bytes((xor8(body), _VITAFIT_TAIL))


VITAFIT_HELLO = (
    encode_vitafit(0x33, b"\x00"),
    encode_vitafit(0x44),
    encode_vitafit(0x17, b"\x01"),
)


def vitafit_reply(frame: bytes, _facts: Facts) -> tuple[bytes, ...]:
    """What lets the scale go on: a stable weight and an impedance want to be acknowledged."""
    decoded = decode_vitafit(frame)
    if isinstance(decoded, Refusal):
        return ()
    if frame[3] == _VITAFIT_WEIGHT:
        stable = frame[4] == _VITAFIT_STABLE
        return (encode_vitafit(_VITAFIT_WEIGHT, bytes((_VITAFIT_STABLE,))),) if stable else ()
    return (encode_vitafit(_VITAFIT_IMPEDANCE, b"\x00"),)


def decode_vitafit(frame: bytes) -> Report | Refusal:
    """Vitafit VT701: a weight in hundredths, or an impedance, between a head and a tail."""
    if len(frame) < 6 or len(frame) != frame[1] + 2:
        return truncated(len(frame), frame[1] + 2 if len(frame) > 1 else 6)
    if frame[0] != _VITAFIT_HEAD or frame[2] != _VITAFIT_PRODUCT or frame[-1] != _VITAFIT_TAIL:
        return layout("not a Vitafit frame")
    if xor8(frame[1:-2]) != frame[-2]:
        return checksum()
    if frame[3] == _VITAFIT_WEIGHT and len(frame) >= 12:
        stable = frame[4] == _VITAFIT_STABLE
        weight = int.from_bytes(frame[8:10], "big") / 100
        return scale(kilograms(weight), terms=_terms(stable), said={"stable": stable})
    if frame[3] == _VITAFIT_IMPEDANCE and len(frame) >= 13:
        ohm = int.from_bytes(frame[9:11], "big")
        return scale(None, body=Body(impedance_ohm=float(ohm) if ohm else None))
    return Refusal(reason=Reason.CONTROL_FRAME, detail=f"kind 0x{frame[3]:02x}")


def decode_koogeek(frame: bytes) -> Report | Refusal:
    """Koogeek S1: a weight in tenths, an impedance, an exclusive or behind a doubled head."""
    if len(frame) < 14:
        return truncated(len(frame), 14)
    if frame[:4] != _KOOGEEK:
        return layout(f"starts with {frame[:4].hex()}")
    if xor8(frame[4:13]) != frame[13]:
        return checksum()
    weight, ohm = (int.from_bytes(frame[at : at + 2], "big") for at in (9, 11))
    return scale(kilograms(weight / 10), body=Body(impedance_ohm=float(ohm) if ohm else None))


def decode_etekcity(frame: bytes) -> Report | Refusal:
    """Etekcity ESF-551: grams in three bytes, whatever the display shows, and an impedance in the end."""
    if len(frame) < 22:
        return truncated(len(frame), 22)
    if any(frame[at : at + len(mark)] != mark for at, mark in _ETEKCITY):
        return layout("not a measurement of an Etekcity scale")
    if 0xFF - sum8(frame[:5] + frame[6:22]) != frame[5]:
        return checksum()
    grams = int.from_bytes(frame[10:13], "little")
    ohm = int.from_bytes(frame[13:15], "little")
    stable = frame[19] == 1
    unit = frame[21]
    said: Fields = {
        "stable": stable,
        "display_unit": _ETEKCITY_UNITS[unit] if unit < len(_ETEKCITY_UNITS) else None,
    }
    body = Body(impedance_ohm=float(ohm) if frame[20] == 1 and ohm else None)
    return scale(kilograms(grams / 1000), body=body, terms=_terms(stable), said=said)
