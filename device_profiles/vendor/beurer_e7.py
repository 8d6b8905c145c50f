"""The E7 frames of Beurer BF710 and Sanitas SBF70: live weights, and a composition in three parts.

Sources: captures in ble-scale-sync, openScale; facts only. Each part must be acknowledged, or no other comes;
the first live weight of a session can be nonsense.
"""

from datetime import datetime

from device_profiles.device_time import seconds_since
from device_profiles.refusal import Reason, Refusal, layout, truncated
from device_profiles.report import Body, Report, Terms, kilograms, scale

_MARK, _WEIGHT, _COMPOSITION = 0xE7, 0x58, 0x59
_HEAD = 4
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # device time has no zone
_WHOLE = b"\x00\x00"  # where a part has its number, in a joined frame


def part_of(chunk: bytes) -> tuple[int, int] | None:
    """Which part of how many a chunk is; None for a live weight."""
    if len(chunk) < _HEAD or chunk[0] != _MARK or chunk[1] != _COMPOSITION:
        return None
    return chunk[3], chunk[2]


def join(parts: list[bytes]) -> bytes:
    """The composition of all parts: the first says who, the others what."""
    return bytes((_MARK, _COMPOSITION)) + _WHOLE + b"".join(part[_HEAD:] for part in parts[1:])


def acknowledge(chunk: bytes) -> bytes:
    """What answers a chunk."""
    return bytes((_MARK, 0xF1)) + chunk[1:4]


def replies(chunk: bytes) -> tuple[bytes, ...]:
    """The acknowledgement of a chunk of this protocol, nothing for any other."""
    return (acknowledge(chunk),) if len(chunk) >= _HEAD and chunk[0] == _MARK else ()


def decode(frame: bytes) -> Report | Refusal:
    """A live weight, or the joined parts of a composition."""
    if len(frame) < 2:
        return truncated(len(frame), 2)
    if frame[0] != _MARK:
        return layout(f"starts with 0x{frame[0]:02x}")
    if frame[1] == _WEIGHT:
        return _live(frame)
    if frame[1] == _COMPOSITION:
        return _composition(frame)
    return Refusal(reason=Reason.CONTROL_FRAME, detail=f"kind 0x{frame[1]:02x}")


def _live(frame: bytes) -> Report | Refusal:
    if len(frame) < 5:
        return truncated(len(frame), 5)
    raw = int.from_bytes(frame[3:5], "big")
    if not raw:
        return Refusal(reason=Reason.OUT_OF_RANGE, detail="zero")
    return scale(kilograms(raw / 20), terms=Terms(stored=False))


def _composition(frame: bytes) -> Report | Refusal:
    if frame[2:4] != _WHOLE:
        return Refusal(reason=Reason.TRUNCATED, detail="one part of a composition")
    data = frame[_HEAD:]
    if len(data) < 22:
        return truncated(len(data), 22)
    values = [int.from_bytes(data[at : at + 2], "big") for at in range(4, 22, 2)]
    weight, impedance, fat, water, muscle, _bone, metabolism, _active, bmi = values
    if not any(values[1:5]):
        return Refusal(reason=Reason.EMPTY_SLOT, detail="no composition: an unregistered user")
    body = Body(
        impedance_ohm=float(impedance) or None,
        fat_percent=fat / 10 or None,
        water_percent=water / 10 or None,
        muscle_percent=muscle / 10 or None,
        bmr_kcal=metabolism or None,
        bmi=bmi / 10 or None,
    )
    time = seconds_since(_EPOCH, int.from_bytes(data[:4], "big"))
    return scale(kilograms(weight / 20), body=body, terms=Terms(time=time))
