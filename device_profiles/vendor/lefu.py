"""The 0x55AA protocol of LeFu scales, sold as Renpho and others: command, length, data, sum.

Sources: captures in ble-scale-sync, renpho-escs20m (MIT), openScale; facts only.
"""

from collections.abc import Callable
from datetime import timedelta

from device_profiles.checksums import sum8
from device_profiles.fields import Fields, amount_field
from device_profiles.handshake import Facts
from device_profiles.refusal import Reason, Refusal, checksum, layout, truncated
from device_profiles.report import Body, Report, Terms, kilograms, scale
from device_profiles.units import Unit

_HEAD = b"\x55\xaa"
_OVERHEAD = 6
_STORED = 0x15
_FINAL = {0x01, 0x11}


def encode(command: int, payload: bytes) -> bytes:
    """A frame with length and sum."""
    body = _HEAD + bytes((command,)) + len(payload).to_bytes(2, "big") + payload
    return body + bytes((sum8(body),))


START = encode(0x90, b"\x01\x00\x00\x00")
STORED_RECEIVED = encode(0x95, b"\x01")


def length_of(buffer: bytes) -> int | None:
    """How long the frame is that starts here, for an assembler."""
    if not _HEAD.startswith(buffer[:2]) or (len(buffer) > 1 and buffer[:2] != _HEAD):
        return None
    return int.from_bytes(buffer[3:5], "big") + _OVERHEAD if len(buffer) >= 5 else 0


def is_whole(frame: bytes) -> bool:
    """Whether the sum of a frame of the right length matches."""
    return sum8(frame[:-1]) == frame[-1]


def _ohm(payload: bytes, at: int) -> float | None:
    return float(int.from_bytes(payload[at : at + 2], "big")) or None


def _weight(payload: bytes, at: int, size: int) -> float:
    return int.from_bytes(payload[at : at + size], "big") / 100


def _live(payload: bytes) -> Report:
    final = payload[0] in _FINAL
    said: Fields = {"final": final, "stable": final}
    body = Body(impedance_ohm=_ohm(payload, 5))
    return scale(
        kilograms(_weight(payload, 1, 4)), body=body, terms=Terms(final=final, stored=False), said=said
    )


def _stored_record(payload: bytes) -> Report:
    ago = int.from_bytes(payload[6:10], "big")
    said: Fields = {"final": True, "seconds_ago": amount_field(ago, Unit.SECOND)}
    terms = Terms(age=timedelta(seconds=ago), stored=True)
    return scale(
        kilograms(_weight(payload, 0, 4)), body=Body(impedance_ohm=_ohm(payload, 4)), terms=terms, said=said
    )


def _extended(payload: bytes) -> Report:
    final = payload[0] in _FINAL
    body = Body(
        impedance_ohm=_ohm(payload, 7),
        bmi=int.from_bytes(payload[9:11], "big") / 10 or None,
        fat_percent=int.from_bytes(payload[11:13], "big") / 10 or None,
    )
    said: Fields = {"final": final}
    return scale(
        kilograms(_weight(payload, 3, 4)), body=body, terms=Terms(final=final, stored=False), said=said
    )


def _tail(payload: bytes, *, final: bool) -> Report:
    weight = kilograms(_weight(payload, len(payload) - 2, 2))
    return scale(weight, terms=Terms(final=final, stored=False), said={"final": final})


def _streamed(payload: bytes) -> Report:
    return _tail(payload, final=False)


def _settled(payload: bytes) -> Report:
    return _tail(payload, final=True)


def acknowledge_stored(frame: bytes, _facts: Facts) -> tuple[bytes, ...]:
    """What answers a stored record, so that it comes only once; nothing for any other frame."""
    return (STORED_RECEIVED,) if frame[:3] == _HEAD + bytes((_STORED,)) else ()


# By command: the least length of the data, and how they are laid out.
_LAYOUTS: dict[int, tuple[int, Callable[[bytes], Report]]] = {
    0x14: (7, _live),
    _STORED: (10, _stored_record),
    0x18: (13, _extended),
    0x21: (5, _streamed),
    0x24: (6, _settled),
}


def decode(frame: bytes) -> Report | Refusal:
    """A live, final or stored record."""
    if frame[:2] != _HEAD[: len(frame[:2])] or not frame:
        return layout(f"starts with {frame[:2].hex()}")
    if len(frame) < _OVERHEAD:
        return truncated(len(frame), _OVERHEAD)
    length = int.from_bytes(frame[3:5], "big") + _OVERHEAD
    if len(frame) < length:
        return truncated(len(frame), length)
    if not is_whole(frame[:length]):
        return checksum()
    known = _LAYOUTS.get(frame[2])
    if known is None:
        return Refusal(reason=Reason.CONTROL_FRAME, detail=f"command 0x{frame[2]:02x}")
    least, read = known
    payload = frame[5 : length - 1]
    if len(payload) < least:
        return truncated(len(payload), least)
    report = read(payload)
    return Report(said=report.said | {"command": frame[2]}, measured=report.measured)
