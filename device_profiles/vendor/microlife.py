"""Microlife's memory dump: frames on FFF1 and FFF2, and the ten-byte records in the answer.

Source: blood-pressure-monitor-fl, facts only. The mean pressure is not sent, and none is made up.
"""

from dataclasses import replace
from datetime import datetime

from device_profiles.assembly import StreamAssembler
from device_profiles.checksums import sum8
from device_profiles.device_time import DeviceTime
from device_profiles.fields import Field, Fields
from device_profiles.measurement import Measurement
from device_profiles.refusal import Refusal, checksum, layout, truncated
from device_profiles.report import Report, Terms, cuff

_REQUEST, _ANSWER = b"\x4d\xff", b"\x4d\x3a"
_SET_TIME = 0x0D
_HEAD = 4
_DUMP_HEAD, _RECORD = 38, 10
_LARGEST_ANSWER = 4096


def encode_request(payload: bytes) -> bytes:
    """A request with length and sum."""
    body = _REQUEST + (len(payload) + 1).to_bytes(2, "big") + payload
    return body + bytes((sum8(body),))


def encode_clock(local: datetime) -> bytes:
    """Sets the clock."""
    clock = (local.year % 100, local.month, local.day, local.hour, local.minute, local.second)
    return encode_request(bytes((_SET_TIME, *clock)))


def _payload(frame: bytes, head: bytes) -> bytes | Refusal:
    if frame[:2] != head:
        return layout(f"starts with {frame[:2].hex()}")
    if len(frame) < _HEAD + 1:
        return truncated(len(frame), _HEAD + 1)
    length = int.from_bytes(frame[2:4], "big")
    if length < 1 or len(frame) != _HEAD + length:
        return truncated(len(frame), _HEAD + length)
    if sum8(frame[:-1]) != frame[-1]:
        return checksum()
    return frame[_HEAD:-1]


def decode_answer(frame: bytes) -> Report | Refusal:
    """The payload of an answer; a memory dump inside is decoded too."""
    payload = _payload(frame, _ANSWER)
    if isinstance(payload, Refusal):
        return payload
    said: Fields = {"payload": payload.hex()}
    if len(payload) < _DUMP_HEAD:
        return Report(said=said)
    dump = decode_dump(payload)
    if isinstance(dump, Refusal):
        return dump
    return Report(said=said | dump.said, measured=dump.measured)


def decode_set_time(frame: bytes) -> Report | Refusal:
    """The request that sets the clock, in words."""
    payload = _payload(frame, _REQUEST)
    if isinstance(payload, Refusal):
        return payload
    if len(payload) != 7 or payload[0] != _SET_TIME:
        return layout("not a request to set the clock")
    year, month, day, hour, minute, second = payload[1:]
    time = DeviceTime(year=2000 + year, month=month, day=day, hour=hour, minute=minute, second=second)
    return Report(said={"command": f"set time {time.text}"})


def decode_dump(payload: bytes) -> Report | Refusal:
    """The readings of a memory dump; empty slots and impossible dates are passed over."""
    if len(payload) < _DUMP_HEAD:
        return truncated(len(payload), _DUMP_HEAD)
    readings: list[Field] = []
    measured: list[Measurement] = []
    for offset in range(_DUMP_HEAD, len(payload) - _RECORD + 1, _RECORD):
        systolic, diastolic, pulse, year, month, day, hour, minute = payload[offset : offset + 8]
        time = DeviceTime(
            year=2000 + year, month=month, day=day, hour=hour, minute=minute, seconds_known=False
        )
        if not (systolic and diastolic) or time.moment is None:
            continue
        readings.append(
            {"systolic": systolic, "diastolic": diastolic, "pulse": pulse, "timestamp": time.text}
        )
        row = payload[offset : offset + _RECORD]
        measured += [
            replace(one, raw=row) for one in cuff(systolic, diastolic, pulse, terms=Terms(time=time)).measured
        ]
    measured.sort(key=lambda one: one.device_time.text if one.device_time else "")
    return Report(said={"readings": readings}, measured=tuple(measured))


READ_MEMORY = encode_request(bytes(7) + b"\xfd")
HANG_UP = encode_request(b"\x04")


def _length_of(buffer: bytes) -> int | None:
    if not _ANSWER.startswith(buffer[:2]):
        return None
    return int.from_bytes(buffer[2:4], "big") + _HEAD if len(buffer) >= _HEAD else 0


def answers() -> StreamAssembler:
    """Joins the notifications that one long answer comes in."""
    return StreamAssembler(_length_of, lambda frame: sum8(frame[:-1]) == frame[-1], largest=_LARGEST_ANSWER)
