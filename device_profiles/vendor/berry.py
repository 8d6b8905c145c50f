"""The BCI stream of Berry BM1000 and its clones: five bytes, a hundred times a second.

Source: BCI Protocol V1.2 and berry-oximeter (MIT). The first byte of a packet alone has its highest bit set.
"""

from device_profiles.fields import Fields
from device_profiles.refusal import Reason, Refusal, layout
from device_profiles.report import Report, Terms, oximeter

PACKET = 5
_SYNC = 0x80
_BEEP, _UNPLUGGED, _NO_SIGNAL = 0x40, 0x20, 0x10
_PULSE_HIGH, _SEARCHING, _NO_FINGER = 0x40, 0x20, 0x10
_NO_SPO2, _NO_PULSE = 127, 255


def length_of(buffer: bytes) -> int | None:
    """How long the packet is that starts here, for an assembler."""
    return PACKET if buffer[0] & _SYNC else None


def is_whole(packet: bytes) -> bool:
    """Whether only the first byte has its highest bit set."""
    return not any(octet & _SYNC for octet in packet[1:])


def decode(frame: bytes) -> Report | Refusal:
    """The first whole packet in the bytes."""
    for start in range(len(frame) - PACKET + 1):
        packet = frame[start : start + PACKET]
        if packet[0] & _SYNC and is_whole(packet):
            return _decode(packet)
    if not frame:
        return Refusal(reason=Reason.TRUNCATED, detail=f"0 of {PACKET} bytes")
    return layout("no packet begins here")


def _decode(packet: bytes) -> Report:
    unplugged, no_signal = bool(packet[0] & _UNPLUGGED), bool(packet[0] & _NO_SIGNAL)
    searching, no_finger = bool(packet[2] & _SEARCHING), bool(packet[2] & _NO_FINGER)
    off = unplugged or no_finger
    pulse = (packet[2] & _PULSE_HIGH) << 1 | packet[3]
    spo2 = packet[4]
    said: Fields = {
        "signal_strength": packet[0] & 0x0F,
        "beep": bool(packet[0] & _BEEP),
        "probe_unplugged": unplugged,
        "no_signal": no_signal,
        "searching": searching,
        "no_finger": no_finger,
        "pleth": packet[1],
    }
    failure = "the probe is not on a finger" if off else None
    return oximeter(
        None if off or spo2 in (0, _NO_SPO2) else spo2,
        None if off or pulse in (0, _NO_PULSE) else pulse,
        terms=Terms(failure=failure),
        said=said,
    )
