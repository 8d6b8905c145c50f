"""Small scales that put a weight into the manufacturer data of their advertisements.

Sources: ble_monitor (MIT) for Senssun, Xiaogui and Laica; renpho-escs20m (MIT) for the 0xAABB broadcast. The
frames start with the company id, low byte first, where the maker's own bytes stand in its place.
"""

from device_profiles.fields import Fields
from device_profiles.refusal import Refusal, layout, truncated
from device_profiles.report import Body, Report, Terms, kilograms, scale

_STABLE_SENSSUN = 0xA0
_SENSSUN_AT, _SENSSUN_LENGTH = 11, 6  # behind the company id and the address
_XIAOGUI_LENGTH = 15
# Marks of Xiaogui's weight byte: how many steps make a kilogram.
_XIAOGUI_STEPS = {0x20: 10, 0x21: 10, 0x24: 100, 0x25: 100}
_LAICA_KEY = 0xA0
_LAICA_WEIGHT, _LAICA_IMPEDANCE = 0x0D, 0x06
_AABB = b"\xaa\xbb"


def _settled(stable: bool) -> Terms:
    return Terms(withheld=None if stable else "not stable yet")


def decode_senssun(frame: bytes) -> Report | Refusal:
    """Senssun IF_B7: a count, weight in hundredths, impedance and a state, alone or in the whole data."""
    if len(frame) >= _SENSSUN_AT + _SENSSUN_LENGTH:
        frame = frame[_SENSSUN_AT : _SENSSUN_AT + _SENSSUN_LENGTH]
    if len(frame) != _SENSSUN_LENGTH:
        return truncated(len(frame), _SENSSUN_LENGTH)
    weight, impedance = (int.from_bytes(frame[at : at + 2], "big") for at in (1, 3))
    stable = frame[5] & _STABLE_SENSSUN == _STABLE_SENSSUN
    said: Fields = {"stabilized": stable}
    body = Body(impedance_ohm=impedance or None)
    return scale(kilograms(weight / 100), body=body, terms=_settled(stable), said=said)


def decode_xiaogui(frame: bytes) -> Report | Refusal:
    """Xiaogui TZC4 and QJ-J: a count, weight, impedance, model, state and the address."""
    if len(frame) < _XIAOGUI_LENGTH:
        return truncated(len(frame), _XIAOGUI_LENGTH)
    if frame[0] != 0xC0:
        return layout(f"starts with 0x{frame[0]:02x}")
    steps = _XIAOGUI_STEPS.get(frame[8])
    if steps is None:
        return layout(f"state 0x{frame[8]:02x}")
    weight, impedance = (int.from_bytes(frame[at : at + 2], "big") for at in (2, 4))
    stable = bool(frame[8] & 0x01)
    body = Body(impedance_ohm=impedance / 10 if stable and impedance else None)
    return scale(kilograms(weight / steps), body=body, terms=_settled(stable), said={"stabilized": stable})


def decode_laica(frame: bytes) -> Report | Refusal:
    """Laica: the address, then four bytes under a constant key: a weight in grams, or an impedance.

    The scale shows tenths of a kilogram, and so does this.
    """
    if len(frame) < 12:
        return truncated(len(frame), 12)
    opened = bytes(octet ^ _LAICA_KEY for octet in frame[6:10])
    kind = frame[10]
    if kind == _LAICA_WEIGHT:
        grams = int.from_bytes(opened, "big") & 0x3FFFF
        return scale(kilograms(round(grams / 1000, 1)))
    if kind == _LAICA_IMPEDANCE:
        return scale(None, body=Body(impedance_ohm=float(int.from_bytes(opened[:2], "big"))))
    return layout(f"kind 0x{kind:02x}")


def decode_aabb(frame: bytes) -> Report | Refusal:
    """Renpho's broadcast-only scales: company 0xFFFF, a mark, the address, and a weight once it is final."""
    body = frame.removeprefix(b"\xff\xff")
    if len(body) < 19:
        return truncated(len(body), 19)
    if body[:2] != _AABB:
        return layout(f"starts with {body[:2].hex()}")
    stable = bool(body[15] & 0x01)
    weight = int.from_bytes(body[17:19], "little") / 100
    return scale(kilograms(weight), terms=_settled(stable), said={"stabilized": stable})
