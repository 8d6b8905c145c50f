"""The Renpho ES-WBE28's dialect of the weight and body composition services.

Weights come in steps ten times the standard's; the second composition frame does not follow its own flags.
Source: captures in ble-scale-sync.
"""

from device_profiles.gatt import body_composition, weight
from device_profiles.gatt.body_composition import BodyComposition
from device_profiles.gatt.weight import Steps, Weight
from device_profiles.refusal import Refusal
from device_profiles.report import Body, Report, scale

_STEPS = Steps(per_kilogram=20, per_pound=10)
_SECOND_FRAME = 19
_IMPEDANCE_AT = 7


def decode_weight(frame: bytes) -> Weight | Refusal:
    """The weighing, in steps of 0.05 kg or 0.1 lb."""
    return weight.decode(frame, steps=_STEPS)


def decode_composition(frame: bytes) -> BodyComposition | Report | Refusal:
    """The impedance of the second frame; any other frame as the standard has it."""
    if len(frame) != _SECOND_FRAME:
        return body_composition.decode(frame)
    impedance = int.from_bytes(frame[_IMPEDANCE_AT : _IMPEDANCE_AT + 2], "little") / 10
    return scale(None, body=Body(impedance_ohm=impedance))
