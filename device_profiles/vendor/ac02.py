"""The eight-byte AC02 frames of service FFB0: Hutbit, SWAN, Icomon, FitTrack; one shape, different divisors.

Sources: captures in ble-scale-sync and openScale, facts only. Nothing in the frame tells the divisor, nor,
for FitTrack, the unit: the model decides.
"""

from device_profiles.checksums import sum8
from device_profiles.measurement import Measurement
from device_profiles.refusal import Reason, Refusal, checksum, layout
from device_profiles.report import Body, Report, Terms, kilograms, scale

_HEAD = b"\xac\x02"
_LENGTH = 8
_FINAL, _LIVE, _BODY, _ECHO = 0xCA, 0xCE, 0xCB, 0xCC
_IMPEDANCE, _KNOWN = 0xFD, 0x01
_HIGHEST_OHM = 1500


def encode(command: int, a: int = 0, b: int = 0, c: int = 0) -> bytes:
    """A command of the host."""
    body = bytes((command, a, b, c, _ECHO))
    return _HEAD + body + bytes((sum8(body),))


def _checked(frame: bytes) -> Refusal | None:
    if len(frame) != _LENGTH:
        return Refusal(reason=Reason.LENGTH, detail=f"{len(frame)} of {_LENGTH} bytes")
    if frame[:2] != _HEAD:
        return layout(f"starts with {frame[:2].hex()}")
    if sum8(frame[2:7]) != frame[7]:
        return checksum()
    if frame[6] == _ECHO:
        return Refusal(reason=Reason.CONTROL_FRAME, detail="the echo of a command")
    return None


def _impedance(frame: bytes) -> Report | Refusal:
    if frame[2] != _IMPEDANCE or frame[3] != _KNOWN:
        return Refusal(reason=Reason.CONTROL_FRAME, detail="no impedance in it")
    ohm = int.from_bytes(frame[4:6], "big")
    if not 0 < ohm < _HIGHEST_OHM:
        return Refusal(reason=Reason.OUT_OF_RANGE, detail=f"{ohm} ohm")
    return scale(None, body=Body(impedance_ohm=float(ohm)))


def _decode(frame: bytes, divisor: int) -> Report | Refusal:
    refusal = _checked(frame)
    if refusal is not None:
        return refusal
    if frame[6] == _BODY:
        return _impedance(frame)
    if frame[6] not in (_FINAL, _LIVE):
        return layout(f"kind 0x{frame[6]:02x}")
    if frame[4:6] != b"\x00\x00":
        return layout("not a weight")
    stable = frame[6] == _FINAL
    weight = int.from_bytes(frame[2:4], "big") / divisor
    return scale(kilograms(weight), terms=Terms(final=stable, stored=False), said={"stable": stable})


def decode_tenths(frame: bytes) -> Report | Refusal:
    """Hutbit and its like: tenths of a kilogram."""
    return _decode(frame, 10)


def decode_hundredths(frame: bytes) -> Report | Refusal:
    """SWAN, Icomon, YG ("MGB"), Dr Trust: hundredths of a kilogram."""
    return _decode(frame, 100)


def decode_display_unit(frame: bytes) -> Report | Refusal:
    """FitTrack: tenths of whatever the display shows, so that no reading may come of it."""
    decoded = _decode(frame, 10)
    if isinstance(decoded, Refusal) or frame[6] == _BODY:
        return decoded
    withheld = Measurement(withheld="the frame does not say its unit")
    said = {"raw_tenths_of_display_unit": int.from_bytes(frame[2:4], "big"), "stable": frame[6] == _FINAL}
    return Report(said={**said}, measured=(withheld,))
