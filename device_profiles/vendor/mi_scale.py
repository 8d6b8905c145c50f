"""Xiaomi's Mi scales, which put a weighing into the service data of their advertisements.

Sources: openScale's wiki, theengs decoder, ble_monitor; facts only. The same weighing comes four to ten
times, and again with the mark of removal after stepping off. Only the Mi app sets the clock.
"""

from device_profiles.fields import Fields
from device_profiles.gatt import date_time
from device_profiles.measurement import Amount
from device_profiles.refusal import Reason, Refusal
from device_profiles.report import Body, Report, Terms, scale
from device_profiles.units import Unit

_LENGTH_1, _LENGTH_2 = 10, 13
_POUND, _JIN, _STABLE, _OBJECT_1, _REMOVED = 0x01, 0x10, 0x20, 0x40, 0x80
_IMPEDANCE_2, _JIN_2, _OBJECT_2 = 0x02, 0x40, 0x04
_NO_IMPEDANCE = {0x0000, 0xFFFE, 0xFFFD}  # none, still measuring, failed


def decode_1(frame: bytes) -> Report | Refusal:
    """The first generation: service data of 0x181D."""
    if len(frame) != _LENGTH_1:
        return _wrong_length(frame, _LENGTH_1)
    control = frame[0]
    unit = _unit(pound=control & _POUND, jin=control & _JIN)
    raw = int.from_bytes(frame[1:3], "little")
    return _report(frame[3:10], raw, unit, control, bool(control & _OBJECT_1), None)


def decode_2(frame: bytes) -> Report | Refusal:
    """The second generation: service data of 0x181B, with an impedance where it could be measured."""
    if len(frame) != _LENGTH_2:
        return _wrong_length(frame, _LENGTH_2)
    mode, control = frame[0], frame[1]
    unit = _unit(pound=mode & _POUND, jin=control & _JIN_2)
    impedance = int.from_bytes(frame[9:11], "little")
    known = control & _IMPEDANCE_2 and impedance not in _NO_IMPEDANCE
    raw = int.from_bytes(frame[11:13], "little")
    return _report(
        frame[2:9], raw, unit, control, bool(mode & _OBJECT_2), float(impedance) if known else None
    )


def _unit(*, pound: int, jin: int) -> Unit:
    if jin:
        return Unit.JIN
    return Unit.POUND if pound else Unit.KILOGRAM


def _report(
    time: bytes, raw: int, unit: Unit, control: int, is_object: bool, impedance: float | None
) -> Report:
    weight = Amount(value=raw / (200 if unit == Unit.KILOGRAM else 100), unit=unit)
    stable, removed = bool(control & _STABLE), bool(control & _REMOVED)
    withheld = None
    if removed:
        withheld = "repeated after stepping off"
    elif is_object:
        withheld = "an object, or a record of the scale's memory"
    elif not stable:
        withheld = "not stable yet"
    said: Fields = {"stabilized": stable, "removed": removed, "object_mode": is_object}
    return scale(
        weight,
        body=Body(impedance_ohm=impedance),
        terms=Terms(time=date_time.read(time, 0), withheld=withheld),
        said=said,
    )


def _wrong_length(frame: bytes, wanted: int) -> Refusal:
    return Refusal(reason=Reason.LENGTH, detail=f"length {len(frame)}, must be exactly {wanted}")
