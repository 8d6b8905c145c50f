"""What a host answers a QN scale, frame by frame, until it streams: configuration, time, a guest, the start.

Source: ble-scale-sync and renpho-escs20m (MIT), facts only. The guest slot keeps the app's own users whole.
"""

from collections.abc import Callable
from datetime import datetime

from device_profiles.handshake import Facts
from device_profiles.vendor import qn

_INFO_TO_CONFIG, _TIME, _USER, _START, _DONE = 0x13, 0x20, 0xA0, 0x22, 0x1F
_KILOGRAMS = 0x01
_LEGACY = 0x00
_LEGACY_INFO = 18  # info frames of this length want zero back, all others their own byte
# A guest without a body: the scale weighs, and computes nothing for anybody.
_GUEST = bytes((0x02, 0xFE, 0xFF, 0xEE, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02))
_REPORTS = bytes((0x04, 0xFE, 0, 0, 0, 0, 0, 0, 0, 0))


def _vendor_byte(frame: bytes) -> bytes:
    return bytes((_LEGACY if len(frame) == _LEGACY_INFO else frame[2],))


def _configure(frame: bytes, _local: datetime) -> tuple[bytes, ...]:
    return (qn.encode(_INFO_TO_CONFIG, _vendor_byte(frame) + bytes((_KILOGRAMS, 0x10, 0, 0, 0))),)


def _set_time(frame: bytes, local: datetime) -> tuple[bytes, ...]:
    seconds = qn.seconds_of(local).to_bytes(4, "little")
    return (qn.encode(_TIME, frame[2:3] + seconds),)


def _begin(frame: bytes, _local: datetime) -> tuple[bytes, ...]:
    start = qn.encode(_START, frame[2:3] + b"\x00\x03")
    return (qn.encode(_USER, _REPORTS), qn.encode(_USER, _GUEST), start)


def _thank(frame: bytes, _local: datetime) -> tuple[bytes, ...]:
    stable = frame[5] == 1 if len(frame) == qn.SHORT_LIVE else frame[4] in qn.STABLE_LONG
    return (qn.encode(_DONE, frame[2:3] + b"\x10"),) if stable else ()


_ANSWERS: dict[int, Callable[[bytes, datetime], tuple[bytes, ...]]] = {
    qn.INFO: _configure,
    qn.READY: _set_time,
    qn.CONFIG: _begin,
    qn.LIVE: _thank,
}


def replies(frame: bytes, facts: Facts) -> tuple[bytes, ...]:
    """What to write back; nothing for most frames. `facts.local` is in the profile's zone."""
    answer = _ANSWERS.get(frame[0]) if len(frame) >= qn.SHORTEST else None
    return answer(frame, facts.local) if answer else ()
