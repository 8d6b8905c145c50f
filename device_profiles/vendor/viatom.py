"""Viatom and Wellue rings: the older protocol (AA and 55 frames), its payloads, and the records of its files.

Source: viatom-o2ring-ble, facts only.
"""

from device_profiles.checksums import crc8
from device_profiles.fields import Fields, amount_field
from device_profiles.refusal import Refusal, checksum, layout, truncated
from device_profiles.report import Report, Terms, oximeter
from device_profiles.units import Unit
from vitals.reading import Quality

COMMAND, ANSWER = 0xAA, 0x55
READ_VALUES, READ_STREAM, READ_INFO = 0x17, 0x1B, 0x14
_OVERHEAD = 8
_VALUES, _STREAM, _RECORD = 12, 12, 5
_FULL = 100
_MOVING = 30  # of 255: a hand that moves spoils the light


def encode(mark: int, command: int, data: bytes = b"", block: int = 0) -> bytes:
    """A frame with the command's complement, block, length and CRC."""
    head = bytes((mark, command, command ^ 0xFF))
    body = head + block.to_bytes(2, "little") + len(data).to_bytes(2, "little") + data
    return body + bytes((crc8(body),))


def length_of(buffer: bytes) -> int | None:
    """How long the frame is that starts here, for an assembler."""
    if buffer[0] not in (COMMAND, ANSWER):
        return None
    if len(buffer) < 3:
        return 0
    if buffer[1] ^ buffer[2] != 0xFF:
        return None
    return int.from_bytes(buffer[5:7], "little") + _OVERHEAD if len(buffer) >= 7 else 0


def is_whole(frame: bytes) -> bool:
    """Whether the CRC of a frame of the right length matches."""
    return crc8(frame[:-1]) == frame[-1]


def _payload(frame: bytes, mark: int) -> bytes | Refusal:
    if frame[:1] != bytes((mark,)):
        return layout(f"starts with {frame[:1].hex()}")
    if len(frame) < _OVERHEAD:
        return truncated(len(frame), _OVERHEAD)
    if frame[1] ^ frame[2] != 0xFF:
        return layout("the command and its complement differ")
    length = int.from_bytes(frame[5:7], "little") + _OVERHEAD
    if len(frame) < length:
        return truncated(len(frame), length)
    if not is_whole(frame[:length]):
        return checksum("CRC does not match")
    return frame[7 : length - 1]


def decode_command(frame: bytes) -> Report | Refusal:
    """A command of the host."""
    payload = _payload(frame, COMMAND)
    if isinstance(payload, Refusal):
        return payload
    return Report(said={"command": frame[1], "data": payload.hex(), "crc_ok": True})


def decode_values(frame: bytes) -> Report | Refusal:
    """The answer to a read of the values; zero while the ring is worn means that it calibrates."""
    payload = _payload(frame, ANSWER)
    if isinstance(payload, Refusal):
        return payload
    if len(payload) < _VALUES:
        return truncated(len(payload), _VALUES)
    spo2, pulse = payload[0] or None, payload[1] or None
    worn = bool(payload[11])
    calibrating = worn and spo2 is None
    said: Fields = {
        "battery": amount_field(payload[7], Unit.PERCENT),
        "charging": bool(payload[8]),
        "movement": payload[9],
        "perfusion_index_raw": payload[10],
        "worn": worn,
        "calibrating": calibrating,
    }
    return _ring(spo2, pulse, worn, calibrating, payload[9], said)


def decode_stream(payload: bytes) -> Report | Refusal:
    """The payload of the real-time answer, with a piece of the wave behind it."""
    if len(payload) < _STREAM:
        return truncated(len(payload), _STREAM)
    wave = int.from_bytes(payload[10:12], "little")
    if len(payload) < _STREAM + wave:
        return truncated(len(payload), _STREAM + wave)
    if payload[0] > _FULL:
        return layout(f"SpO2 {payload[0]}")
    spo2, pulse = payload[0] or None, int.from_bytes(payload[1:3], "little") or None
    worn = bool(payload[6])
    calibrating = worn and spo2 is None
    said: Fields = {
        "battery": amount_field(payload[3], Unit.PERCENT),
        "perfusion_index_raw": payload[5],
        "worn": worn,
        "calibrating": calibrating,
    }
    return _ring(spo2, pulse, worn, calibrating, 0, said)


def _ring(
    spo2: int | None, pulse: int | None, worn: bool, calibrating: bool, movement: int, said: Fields
) -> Report:
    failure = None
    if not worn:
        failure = "the ring is not worn"
    elif calibrating:
        failure = "the ring is calibrating"
    quality = frozenset({Quality.MOTION} if movement > _MOVING else ())
    return oximeter(
        spo2 if worn else None,
        pulse if worn else None,
        terms=Terms(failure=failure, quality=quality, stored=False),
        said=said,
    )


def decode_record(record: bytes) -> Report | Refusal:
    """One record of a file: SpO2, pulse, movement; all ones where there was no finger."""
    if len(record) < _RECORD:
        return truncated(len(record), _RECORD)
    spo2 = None if record[0] in (0, 0xFF) else record[0]
    raw = int.from_bytes(record[1:3], "little")
    pulse = None if raw in (0, 0xFFFF) else raw
    quality = frozenset({Quality.MOTION} if record[3] > _MOVING else ())
    return oximeter(spo2, pulse, terms=Terms(stored=True, quality=quality), said={"acceleration": record[3]})


def decode(frame: bytes) -> Report | Refusal:
    """An answer as framed, or the bare payload of the real-time one."""
    return decode_values(frame) if frame[:1] in (b"\x55", b"\xaa") else decode_stream(frame)
