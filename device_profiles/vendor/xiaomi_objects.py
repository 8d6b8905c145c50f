"""What Xiaomi's scales and thermometers put into MiBeacon objects.

Sources: xiaomi-ble (Apache-2.0), openScale and ble-scale-sync, facts only. One object id is laid out in two
ways, so the product id decides.
"""

import math
from collections.abc import Callable
from datetime import datetime

from device_profiles.device_time import DeviceTime, seconds_since
from device_profiles.fields import Fields, amount_field
from device_profiles.profile import Context
from device_profiles.refusal import Reason, Refusal, layout, truncated
from device_profiles.report import Body, Report, Terms, kilograms, scale, thermometer
from device_profiles.units import Unit
from device_profiles.vendor.mibeacon import MiObject, decode_object

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # device time has no zone
_NO_HEART_RATE = {0, 127}
_HEART_RATE_BASE = 50
S400, S200, S800 = 0x3BD5, 0x4C04, 0x51E2


def _time(value: bytes) -> DeviceTime:
    return seconds_since(_EPOCH, int.from_bytes(value, "little"))


def s400(value: bytes) -> Report | Refusal:
    """A weighing in two objects: weight, heart rate and the high-frequency impedance; then the low one.

    The second has no weight; of a scale that was stepped off, nothing is there at all.
    """
    if len(value) < 9:
        return truncated(len(value), 9)
    packed = int.from_bytes(value[1:5], "little")
    mass, beat, impedance = packed & 0x7FF, packed >> 11 & 0x7F, packed >> 18
    heart_rate = None if beat in _NO_HEART_RATE else beat + _HEART_RATE_BASE
    ohm = impedance / 10 if impedance else None
    said: Fields = {
        "heart_rate": amount_field(heart_rate, Unit.PER_MINUTE),
        "profile_id": value[0],
        "impedance_low": amount_field(ohm if not mass else None, Unit.OHM),
    }
    withheld = None
    if not mass:
        withheld = "the second impedance, without a weight" if ohm else "stepped off"
    return scale(
        kilograms(mass / 10) if mass else None,
        body=Body(impedance_ohm=ohm),
        terms=Terms(time=_time(value[5:9]), withheld=withheld),
        said=said,
    )


def s200(value: bytes) -> Report | Refusal:
    """A weight in hundredths of a kilogram behind the profile number."""
    if len(value) < 9:
        return truncated(len(value), 9)
    raw = int.from_bytes(value[1:3], "little")
    withheld = None if raw else "stepped off"
    return scale(
        kilograms(raw / 100) if raw else None,
        terms=Terms(time=_time(value[5:9]), withheld=withheld),
        said={"profile_id": value[0]},
    )


def s800(value: bytes) -> Report | Refusal:
    """A weight in hundredths of a kilogram in the last two bytes; what else it holds is not known."""
    if len(value) < 9:
        return truncated(len(value), 9)
    raw = int.from_bytes(value[7:9], "little")
    withheld = None if raw else "stepped off"
    return scale(kilograms(raw / 100) if raw else None, terms=Terms(withheld=withheld))


def t201(value: bytes) -> Report | Refusal:
    """Two raw sensor values and the battery; the temperature is a fit that xiaomi-ble made near 37."""
    if len(value) < 5:
        return truncated(len(value), 5)
    skin, ambient = (int.from_bytes(value[at : at + 2], "little", signed=True) / 100 for at in (0, 2))
    celsius = 3.71934e-11 * math.exp(0.69314 * skin) - 1.02801e-8 * math.exp(0.53871 * ambient) + 36.413
    if not math.isfinite(celsius):
        return Refusal(reason=Reason.OUT_OF_RANGE, detail="sensor values beyond any body")
    return thermometer(celsius, said={"battery": amount_field(value[4], Unit.PERCENT)})


def w505(value: bytes) -> Report | Refusal:
    """A temperature in hundredths of a degree."""
    if len(value) < 2:
        return truncated(len(value), 2)
    return thermometer(int.from_bytes(value[:2], "little", signed=True) / 100)


_SCALE_2023, _SCALE_2024 = 0x6E16, 0x4E16
# By product and object; None stands for any product.
_LAYOUTS: dict[tuple[int | None, int], Callable[[bytes], Report | Refusal]] = {
    (None, _SCALE_2023): s400,
    (S200, _SCALE_2024): s200,
    (S800, _SCALE_2024): s800,
    (None, 0x2000): t201,
    (None, 0x000A): w505,
}


def decode(frame: bytes, context: Context) -> Report | Refusal:
    """The reading of a beacon."""
    said = decode_object(frame, context)
    if not isinstance(said, MiObject):
        return said
    read = _LAYOUTS.get((said.product, said.kind)) or _LAYOUTS.get((None, said.kind))
    if read is None:
        return layout(f"object 0x{said.kind:04x} of product 0x{said.product:04x}")
    return read(said.value)
