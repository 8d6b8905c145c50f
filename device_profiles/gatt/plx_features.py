"""PLX Features, 0x2A60 (Pulse Oximeter Service 1.0.1, section 3.3)."""

from dataclasses import dataclass

from device_profiles.fields import Fields
from device_profiles.refusal import Refusal, truncated

UUID = "2a60"
_STATUS_SUPPORT, _SENSOR_SUPPORT = 0x01, 0x02


@dataclass(frozen=True, slots=True, kw_only=True)
class PlxFeatures:
    """The feature field, raw, and which status bits the oximeter can set, where it says so."""

    raw: int
    status_support: int | None = None
    sensor_support: int | None = None
    trailing: bytes = b""

    def fields(self) -> Fields:
        """All raw."""
        said: Fields = {"features_raw": self.raw}
        if self.status_support is not None:
            said["status_support"] = self.status_support
        if self.sensor_support is not None:
            said["device_status_support"] = self.sensor_support
        return said

    def measurements(self) -> tuple[()]:
        """A feature is no measurement."""
        return ()


def decode(frame: bytes) -> PlxFeatures | Refusal:
    """The features, or a refusal where a flagged field is not there."""
    if len(frame) < 2:
        return truncated(len(frame), 2)
    raw = int.from_bytes(frame[:2], "little")
    needed = 2 + (2 if raw & _STATUS_SUPPORT else 0) + (3 if raw & _SENSOR_SUPPORT else 0)
    if len(frame) < needed:
        return truncated(len(frame), needed)
    status = sensor = None
    offset = 2
    if raw & _STATUS_SUPPORT:
        status = int.from_bytes(frame[offset : offset + 2], "little")
        offset += 2
    if raw & _SENSOR_SUPPORT:
        sensor = int.from_bytes(frame[offset : offset + 3], "little")
        offset += 3
    return PlxFeatures(raw=raw, status_support=status, sensor_support=sensor, trailing=frame[offset:])


def encode(value: PlxFeatures) -> bytes:
    """The frame; the two support flags follow what is given."""
    raw = value.raw & ~(_STATUS_SUPPORT | _SENSOR_SUPPORT)
    body = b""
    if value.status_support is not None:
        raw |= _STATUS_SUPPORT
        body += value.status_support.to_bytes(2, "little")
    if value.sensor_support is not None:
        raw |= _SENSOR_SUPPORT
        body += value.sensor_support.to_bytes(3, "little")
    return raw.to_bytes(2, "little") + body + value.trailing
