"""Eufy's CF frames: sixteen bytes of a P2 Pro with an impedance, eleven of the older scales.

Sources: captures in ble-scale-sync, a thread on a CF-header scale; facts only.
"""

from device_profiles.checksums import xor8
from device_profiles.fields import Fields
from device_profiles.profile import Layout, plain
from device_profiles.refusal import Reason, Refusal, checksum, layout, truncated
from device_profiles.report import Body, Report, Terms, kilograms, scale

_MARK = 0xCF
_LONG, _SHORT = 16, 11
_COMPANY, _BROADCAST = b"\x48\xff", 19


def decode(frame: bytes) -> Report | Refusal:
    """The weighing, by the length of its frame."""
    if not frame or frame[0] != _MARK:
        return layout("does not start with 0xcf")
    if len(frame) == _SHORT:
        return _decode_short(frame)
    if len(frame) < _LONG:
        return truncated(len(frame), _LONG)
    return _decode_long(frame)


def _decode_long(frame: bytes) -> Report | Refusal:
    """Weight in hundredths, impedance in tenths; with a wrong check only the weight stands."""
    if frame[2] != 0:
        return layout(f"third byte 0x{frame[2]:02x}")
    if not any(frame[6:8]):
        return Refusal(reason=Reason.OUT_OF_RANGE, detail="no weight")
    whole = xor8(frame[2:15]) == frame[15]
    ohm = int.from_bytes(frame[4:6], "little") / 10
    final = frame[12] == 0
    said: Fields = {"checksum_ok": whole, "final": final}
    return scale(
        kilograms(int.from_bytes(frame[6:8], "little") / 100),
        body=Body(impedance_ohm=ohm if whole and ohm else None),
        terms=Terms(final=final, stored=False),
        said=said,
    )


def _decode_short(frame: bytes) -> Report | Refusal:
    if xor8(frame[:-1]) != frame[-1]:
        return checksum()
    return scale(kilograms(int.from_bytes(frame[3:5], "little") / 100), terms=Terms(stored=False))


def decode_broadcast(frame: bytes) -> Report | Refusal:
    """The weight in manufacturer data, company id in front: the address, then the head of a CF frame."""
    body = frame.removeprefix(_COMPANY)
    if len(body) < _BROADCAST:
        return truncated(len(body), _BROADCAST)
    if body[6] != _MARK:
        return layout("does not hold a CF frame")
    final = body[15] == 0
    weight = int.from_bytes(body[9:11], "little") / 100
    return scale(kilograms(weight), terms=Terms(final=final, stored=False), said={"final": final})


LAYOUTS = (Layout(words=r"CF protocol", codec=plain(decode), on=("fff2", "fff4")),)
