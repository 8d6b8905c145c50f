"""Blood Pressure Record, 0x2B36: a segment of a stored measurement (Blood Pressure Service 1.1.1)."""

import struct
from dataclasses import dataclass

from device_profiles.fields import Fields
from device_profiles.refusal import Refusal, truncated

UUID = "2b36"
_HEAD = struct.Struct("<BHH")


@dataclass(frozen=True, slots=True, kw_only=True)
class BloodPressureRecord:
    """One segment; `data` belongs to the characteristic `inner` (16 bits), whole once the last has come."""

    first: bool
    last: bool
    counter: int
    sequence: int
    inner: int
    data: bytes

    def fields(self) -> Fields:
        """The segment header and the raw data."""
        return {
            "first_segment": self.first,
            "last_segment": self.last,
            "segment_counter": self.counter,
            "sequence": self.sequence,
            "inner_uuid": f"{self.inner:04x}",
            "data": self.data.hex(),
        }

    def measurements(self) -> tuple[()]:
        """A segment is no measurement; the characteristic inside may be one."""
        return ()


def decode(frame: bytes) -> BloodPressureRecord | Refusal:
    """The segment, or a refusal where its header is not complete."""
    if len(frame) < _HEAD.size:
        return truncated(len(frame), _HEAD.size)
    segment, sequence, inner = _HEAD.unpack_from(frame)
    return BloodPressureRecord(
        first=bool(segment & 0x01),
        last=bool(segment & 0x02),
        counter=segment >> 2,
        sequence=sequence,
        inner=inner,
        data=frame[_HEAD.size :],
    )


def encode(value: BloodPressureRecord) -> bytes:
    """The segment."""
    segment = value.counter << 2 | value.last << 1 | value.first
    return _HEAD.pack(segment, value.sequence, value.inner) + value.data
