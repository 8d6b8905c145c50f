"""The SilverCrest SBM69's dialect of 0x2A35: plain 16-bit integers where the standard has SFLOATs.

The same for pressures below 2048. Source: the advertisement in OpenMQTTGateway issue 806 and PyPI sbm69.
"""

from dataclasses import replace

from device_profiles.gatt import blood_pressure
from device_profiles.gatt.blood_pressure import BloodPressure
from device_profiles.gatt.ieee_11073 import Number, encode_sfloat
from device_profiles.refusal import Refusal


def decode(frame: bytes) -> BloodPressure | Refusal:
    """The measurement."""
    standard = blood_pressure.decode(frame)
    if isinstance(standard, Refusal):
        return standard
    systolic, diastolic, mean = (
        Number(mantissa=int.from_bytes(frame[at : at + 2], "little")) for at in (1, 3, 5)
    )
    pulse = standard.pulse
    if pulse is not None:
        pulse = Number(mantissa=encode_sfloat(pulse))
    return replace(standard, systolic=systolic, diastolic=diastolic, mean=mean, pulse=pulse)
