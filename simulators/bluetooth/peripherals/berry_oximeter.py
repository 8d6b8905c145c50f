"""A Berry BM1000: the BCI stream, five bytes a hundred times a second, some packets to a notification.

Layout: BCI Protocol V1.2.
"""

import math
from collections.abc import Mapping

from simulators.bluetooth.peripherals.streaming import StreamingOximeter
from vitals.measure import Measure

_SYNC = 0x80
_SIGNAL_STRENGTH = 5
_NO_FINGER, _PULSE_HIGH = 0x10, 0x40
_NO_SPO2, _NO_PULSE = 127, 255
_PACKETS_A_NOTIFICATION = 4
_PACKETS_A_SECOND = 100


class BerryOximeter(StreamingOximeter):
    """Nothing in its stream says which value is the measurement."""

    manufacturer = "Berry"
    model = "BM1000"
    service = "49535343-fe7d-4ae5-8fa9-9fafd205e455"
    stream = "49535343-1e4d-4bd9-ba61-23c647249616"
    interval_s = _PACKETS_A_NOTIFICATION / _PACKETS_A_SECOND

    def packet(self, values: Mapping[Measure, float] | None, number: int) -> bytes:
        first = number * _PACKETS_A_NOTIFICATION
        return b"".join(
            _packet(values, (first + offset) / _PACKETS_A_SECOND) for offset in range(_PACKETS_A_NOTIFICATION)
        )


def _packet(values: Mapping[Measure, float] | None, at_s: float) -> bytes:
    if values is None:
        return bytes((_SYNC, 0, _NO_FINGER | _PULSE_HIGH, _NO_PULSE & 0x7F, _NO_SPO2))
    pulse = round(values[Measure.HEART_RATE])
    pleth = round(50 + 45 * math.sin(2 * math.pi * at_s * pulse / 60))
    high = _PULSE_HIGH if pulse & 0x80 else 0
    return bytes((_SYNC | _SIGNAL_STRENGTH, pleth, high, pulse & 0x7F, round(values[Measure.SPO2])))
