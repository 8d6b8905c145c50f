"""The 0x77 frames of Masimo's MightySat: length, payload, CRC; longer than a notification can carry.

Source: an unnamed public Swift client, facts only.
"""

from collections.abc import Callable

from device_profiles.checksums import crc8
from device_profiles.fields import Fields, amount_field
from device_profiles.refusal import Refusal, checksum, layout, truncated
from device_profiles.report import Report, Terms, oximeter
from device_profiles.units import Unit
from vitals.reading import Quality

_MARK = 0x77
_INFO, _STREAM, _VALUES, _ACKNOWLEDGED = 0x01, 0x03, 0x05, 0xFE
_SENSOR_OFF, _PULSE_SEARCH, _INTERFERENCE, _LOW_PERFUSION = 1 << 21, 1 << 22, 1 << 23, 1 << 24
_LOW_CONFIDENCE, _INVALID = 0x01, 0x04
_PARAMETERS = ("SpO2", "PR", "PVi", "PI", "RRp")


def encode(payload: bytes) -> bytes:
    """A frame with length and CRC."""
    return bytes((_MARK, len(payload) + 1)) + payload + bytes((crc8(payload),))


GET_INFO = encode(bytes((_INFO,)))
START_STREAM = encode(bytes((_STREAM, 0x1F, 0x00, 0x03)))


def length_of(buffer: bytes) -> int | None:
    """How long the frame is that starts here, for an assembler."""
    if buffer[0] != _MARK:
        return None
    return buffer[1] + 2 if len(buffer) > 1 else 0


def is_whole(frame: bytes) -> bool:
    """Whether the CRC of a frame of the right length matches."""
    return len(frame) > 3 and crc8(frame[2:-1]) == frame[-1]


def _u32(payload: bytes, at: int) -> int:
    return int.from_bytes(payload[at : at + 4], "little")


def _values(payload: bytes) -> Report | Refusal:
    if len(payload) < 16:
        return truncated(len(payload), 16)
    state = _u32(payload, 1)
    off = bool(state & _SENSOR_OFF)
    flags = {"spo2": payload[5], "pulse": payload[7], "pvi": payload[9], "perfusion_index": payload[11]}
    flags["respiration_rate"] = payload[14]
    raw: dict[str, float] = {"spo2": payload[6], "pulse": payload[8], "pvi": payload[10]}
    raw["perfusion_index"] = int.from_bytes(payload[12:14], "little") / 100
    raw["respiration_rate"] = payload[15]
    kept = {name: None if off or flags[name] & _INVALID or not raw[name] else raw[name] for name in raw}
    said: Fields = {
        "pvi": amount_field(kept["pvi"], Unit.PERCENT),
        "perfusion_index": amount_field(kept["perfusion_index"], Unit.PERCENT),
        "respiration_rate": amount_field(kept["respiration_rate"], Unit.PER_MINUTE),
        "sensor_off": off,
        "pulse_search": bool(state & _PULSE_SEARCH),
        "interference": bool(state & _INTERFERENCE),
        "low_perfusion": bool(state & _LOW_PERFUSION),
    }
    said |= {f"{name}_exception": flag for name, flag in flags.items() if flag}
    quality = {Quality.LOW_PERFUSION} if state & _LOW_PERFUSION else set[Quality]()
    if flags["spo2"] & _LOW_CONFIDENCE or state & _INTERFERENCE:
        quality.add(Quality.QUESTIONABLE)
    return oximeter(
        kept["spo2"],
        kept["pulse"],
        perfusion_index=kept["perfusion_index"],
        terms=Terms(quality=frozenset(quality), failure="the sensor is off" if off else None),
        said=said,
    )


def _info(payload: bytes) -> Report | Refusal:
    if len(payload) == 1:
        return Report(said={"command": "get device info"})
    if len(payload) < 19:
        return truncated(len(payload), 19)
    return Report(
        said={
            "available_parameters": payload[3],
            "trend_record_count": payload[10],
            "oldest_session": _u32(payload, 11),
            "current_session": _u32(payload, 15),
        }
    )


def _stream(payload: bytes) -> Report | Refusal:
    if len(payload) < 4:
        return truncated(len(payload), 4)
    asked = [name for bit, name in enumerate(_PARAMETERS) if payload[1] & 1 << bit]
    waves = " + waveforms" if payload[3] else ""
    return Report(said={"command": f"configure streaming: {'|'.join(asked)}{waves}"})


def _acknowledged(_payload: bytes) -> Report | Refusal:
    return Report(said={})


_MESSAGES: dict[int, Callable[[bytes], Report | Refusal]] = {
    _INFO: _info,
    _STREAM: _stream,
    _VALUES: _values,
    _ACKNOWLEDGED: _acknowledged,
}


def decode(frame: bytes) -> Report | Refusal:
    """A message of the oximeter, or a command of the host."""
    if len(frame) < 4:
        return truncated(len(frame), 4)
    if frame[0] != _MARK:
        return layout(f"starts with 0x{frame[0]:02x}")
    length = frame[1] + 2
    if len(frame) < length or length < 4:
        return truncated(len(frame), max(length, 4))
    if not is_whole(frame[:length]):
        return checksum("CRC does not match")
    payload = frame[2 : length - 1]
    read = _MESSAGES.get(payload[0])
    if read is None:
        return layout(f"message 0x{payload[0]:02x}")
    report = read(payload)
    if isinstance(report, Refusal):
        return report
    envelope: Fields = {"message_id": payload[0], "crc_ok": True}
    return Report(said=envelope | report.said, measured=report.measured)
