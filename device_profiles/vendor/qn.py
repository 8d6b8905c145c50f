"""The QN protocol of Renpho, GE, Arboleaf, FitIndex and other scales: op code, length, data, sum.

Sources: captures in ble-scale-sync, renpho-escs20m (MIT), openScale; facts only.
"""

from collections.abc import Callable
from datetime import datetime

from device_profiles.checksums import sum8
from device_profiles.device_time import DeviceTime, seconds_since
from device_profiles.fields import Fields
from device_profiles.refusal import Reason, Refusal, checksum, layout, truncated
from device_profiles.report import Body, Report, Terms, kilograms, scale

EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001  # device time has no zone; UTC or UTC+8, by model
LIVE, INFO, READY, CONFIG, STORED = 0x10, 0x12, 0x14, 0x21, 0x23
_EXTENDED_LIVE, _EXTENDED_STORED = 0xB1, 0xB4
_OTHERS = {0x15, 0x16, 0x24, 0x25, READY, CONFIG, 0xA1, 0xA3}
SHORT_LIVE = 11
STABLE_LONG = {1, 2}
SHORTEST = 4
# Of a person: outside, the announced divisor was wrong.
_LIGHTEST_KG, _HEAVIEST_KG = 5, 250
_FIRST_PLAUSIBLE = 473385600  # 2015


def encode(op: int, data: bytes) -> bytes:
    """A frame with length and sum."""
    body = bytes((op, len(data) + 3)) + data
    return body + bytes((sum8(body),))


def seconds_of(moment: datetime) -> int:
    """What the scale's clock counts at a wall-clock time."""
    return int((moment.replace(tzinfo=None) - EPOCH).total_seconds())


def weight_kg(raw: int, divisor: int = 100) -> float:
    """The weight of a raw value; a divisor that gives nobody's weight is taken for the other one."""
    weight = raw / divisor
    other = raw / (10 if divisor == 100 else 100)
    if not _LIGHTEST_KG < weight < _HEAVIEST_KG and _LIGHTEST_KG < other < _HEAVIEST_KG:
        return other
    return weight


def divisor_of(info: bytes) -> int:
    """What an info frame announces; some scales lie, and `weight_kg` notices."""
    return 100 if len(info) > 10 and info[10] == 1 else 10


def _ohm(first: int, second: int) -> float | None:
    return float(first or second) if first or second else None


def _u16(frame: bytes, at: int) -> int:
    return int.from_bytes(frame[at : at + 2], "big")


def _live(frame: bytes, divisor: int) -> Report | Refusal:
    if len(frame) < SHORT_LIVE:
        return truncated(len(frame), SHORT_LIVE)
    if len(frame) > SHORT_LIVE:
        stable = frame[4] in STABLE_LONG
        raw, first, second = _u16(frame, 5), _u16(frame, 7), _u16(frame, 9)
        fat = _u16(frame, 11) / 10 if len(frame) >= 14 else 0.0
    else:
        stable = frame[5] == 1
        raw, first, second = _u16(frame, 3), _u16(frame, 6), _u16(frame, 8)
        fat = 0.0
    body = Body(impedance_ohm=_ohm(first, second), fat_percent=fat or None)
    return scale(
        kilograms(weight_kg(raw, divisor)),
        body=body,
        terms=Terms(final=stable, stored=False),
        said={"stable": stable},
    )


def _stored_time(seconds: int) -> tuple[DeviceTime, Fields]:
    time = seconds_since(EPOCH, seconds)
    return time, {"device_time": time.text}


def _stored(frame: bytes, _divisor: int) -> Report | Refusal:
    if len(frame) < 18:
        return truncated(len(frame), 18)
    if frame[3] == 0:
        return Refusal(reason=Reason.EMPTY_SLOT, detail="no stored records")
    # Firmware that knows users has their number in front of the time, and all else one byte later.
    for shift in (1, 0):
        seconds = int.from_bytes(frame[5 + shift : 9 + shift], "little")
        weight = _u16(frame, 9 + shift) / 100
        if seconds >= _FIRST_PLAUSIBLE and _LIGHTEST_KG < weight < _HEAVIEST_KG:
            break
    else:
        return Refusal(reason=Reason.OUT_OF_RANGE, detail="no plausible stored record")
    time, said = _stored_time(seconds)
    body = Body(impedance_ohm=_ohm(_u16(frame, 11 + shift), _u16(frame, 13 + shift)))
    said |= {"count": frame[3], "index": frame[4]}
    return scale(kilograms(weight), body=body, terms=Terms(time=time, stored=True), said=said)


def _extended_live(frame: bytes, _divisor: int) -> Report | Refusal:
    if len(frame) < 8:
        return truncated(len(frame), 8)
    if frame[2:4] != b"\x03\x01":
        return Refusal(reason=Reason.CONTROL_FRAME, detail="a later part of the live record")
    weight = int.from_bytes(frame[5:7], "little") / 100
    return scale(kilograms(weight), terms=Terms(stored=False))


def _extended_stored(frame: bytes, _divisor: int) -> Report | Refusal:
    if len(frame) < 14:
        return truncated(len(frame), 14)
    if frame[2:4] != b"\x04\x01":
        return Refusal(reason=Reason.CONTROL_FRAME, detail="a later part of the stored record")
    time, said = _stored_time(int.from_bytes(frame[7:11], "little"))
    weight = int.from_bytes(frame[11:13], "little") / 100
    return scale(kilograms(weight), terms=Terms(time=time, stored=True), said=said)


def _info(frame: bytes, _divisor: int) -> Report | Refusal:
    return Report(said={"info_frame": True, "is_reading": False, "announced_divisor": divisor_of(frame)})


_LAYOUTS: dict[int, Callable[[bytes, int], Report | Refusal]] = {
    LIVE: _live,
    INFO: _info,
    STORED: _stored,
    _EXTENDED_LIVE: _extended_live,
    _EXTENDED_STORED: _extended_stored,
}


def decode(frame: bytes, divisor: int = 100) -> Report | Refusal:
    """A live or stored record, or an info frame; the rest of the dialogue is refused as control frames."""
    if len(frame) < SHORTEST:
        return truncated(len(frame), SHORTEST)
    read = _LAYOUTS.get(frame[0])
    if read is None:
        detail = f"op code 0x{frame[0]:02x}"
        known = frame[0] in _OTHERS
        return Refusal(reason=Reason.CONTROL_FRAME, detail=detail) if known else layout(detail)
    if len(frame) < frame[1]:
        return truncated(len(frame), frame[1])
    whole = frame[: frame[1]] if frame[1] >= SHORTEST else frame
    if sum8(whole[:-1]) != whole[-1]:
        return checksum()
    return read(whole, divisor)
