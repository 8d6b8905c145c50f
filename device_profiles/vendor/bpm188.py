"""The live cuff stream of a BPM-188 on 0x2AF0: a counter that rises as the cuff inflates, of unknown scale.

Source: ble_monitor issue 1432. It must never become a reading.
"""

from device_profiles.checksums import xor8
from device_profiles.measurement import Measurement
from device_profiles.refusal import Refusal, checksum, layout, truncated
from device_profiles.report import Report

_HEAD = b"\x02\x40\xdd\x02"
_LENGTH = 7


def decode(frame: bytes) -> Report | Refusal:
    """The raw counter."""
    if len(frame) < _LENGTH:
        return truncated(len(frame), _LENGTH)
    if frame[:4] != _HEAD:
        return layout(f"starts with {frame[:4].hex()}")
    if xor8(frame[1:6]) != frame[6]:
        return checksum()
    return Report(
        said={"raw_pressure_counter": int.from_bytes(frame[4:6], "big"), "is_reading": False},
        measured=(Measurement(withheld="the cuff is inflating"),),
    )
