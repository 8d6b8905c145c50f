"""TaiDoc and FORA meters: frames of eight bytes, and records that count backwards from the newest.

Source: glucometerutils (MIT). Command 0x52 clears the memory and is never sent. The layout of a blood
pressure value is not proven here, so only glucose is read.
"""

from device_profiles.checksums import sum8
from device_profiles.device_time import DeviceTime
from device_profiles.fields import Fields, amount_field
from device_profiles.measurement import Amount, Measurement
from device_profiles.refusal import Refusal, checksum, layout, truncated
from device_profiles.report import Report
from device_profiles.units import Unit
from vitals.measure import Measure

_MARK, _HOST, _DEVICE = 0x51, 0xA3, 0xA5
_LENGTH = 8
READ_TIME, SET_TIME, COUNT, RECORD_TIME, RECORD_VALUE, OFF = 0x23, 0x33, 0x2B, 0x25, 0x26, 0x50
_CLEAR = 0x52
_TIMES = {READ_TIME, RECORD_TIME}


def encode(command: int, data: bytes = bytes(4)) -> bytes:
    """A command of the host.

    Raises ValueError for the command that clears the memory.
    """
    if command == _CLEAR:
        raise ValueError("the memory of a meter is never cleared")
    body = bytes((_MARK, command)) + data + bytes((_HOST,))
    return body + bytes((sum8(body),))


def time_of(data: bytes) -> DeviceTime:
    """The time in four data bytes: a day word of year, month and day, then minute and hour."""
    day = int.from_bytes(data[:2], "little")
    return DeviceTime(
        year=2000 + (day >> 9),
        month=day >> 5 & 0xF,
        day=day & 0x1F,
        hour=data[3] & 0x1F,
        minute=data[2] & 0x3F,
        seconds_known=False,
    )


def encode_time(time: DeviceTime) -> bytes:
    """The four data bytes of a time."""
    day = (time.year - 2000) << 9 | time.month << 5 | time.day
    return day.to_bytes(2, "little") + bytes((time.minute, time.hour))


def decode_time(data: bytes) -> Report | Refusal:
    """The device time in the data bytes of an answer."""
    if len(data) < 4:
        return truncated(len(data), 4)
    time = time_of(data)
    if time.moment is None:
        return layout(f"no time: {time.text}")
    return Report(said={"device_time": time.text})


def decode(frame: bytes) -> Report | Refusal:
    """A frame of either side; four bytes alone are the data of a time, sixteen a record's time and value."""
    if len(frame) == 4:
        return decode_time(frame)
    if len(frame) == 2 * _LENGTH:
        return _record(frame[:_LENGTH], frame[_LENGTH:])
    if len(frame) < _LENGTH:
        return truncated(len(frame), _LENGTH)
    if frame[0] != _MARK or frame[6] not in (_HOST, _DEVICE):
        return layout(f"starts with 0x{frame[0]:02x}")
    if sum8(frame[:7]) != frame[7]:
        return checksum()
    said: Fields = {
        "command": frame[1],
        "data": frame[2:6].hex(),
        "from_device": frame[6] == _DEVICE,
        "checksum_ok": True,
    }
    if frame[6] == _HOST:
        return Report(said=said)
    if frame[1] in _TIMES:
        time = decode_time(frame[2:6])
        return Report(said=said | (time.said if isinstance(time, Report) else {}))
    return Report(said=said)


def _record(when: bytes, what: bytes) -> Report | Refusal:
    """A glucose in mg/dL with its time."""
    for frame in (when, what):
        part = decode(frame)
        if isinstance(part, Refusal):
            return part
    value = int.from_bytes(what[2:4], "little")
    time = time_of(when[2:6])
    measured = Measurement(
        amounts={Measure.GLUCOSE: Amount(value=value, unit=Unit.MG_DL)}, device_time=time, stored=None
    )
    said: Fields = {"glucose": amount_field(value, Unit.MG_DL), "device_time": time.text}
    return Report(said=said, measured=(measured,))
