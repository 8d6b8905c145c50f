"""Every standard codec by its characteristic, and the few layouts that belong to no device."""

from collections.abc import Callable
from dataclasses import dataclass

from device_profiles import advertising_data
from device_profiles.fields import Fields, number_field
from device_profiles.gatt import (
    blood_pressure,
    blood_pressure_feature,
    blood_pressure_record,
    body_composition,
    body_composition_feature,
    current_time,
    date_of_birth,
    date_time,
    glucose,
    glucose_context,
    heart_rate,
    height,
    intermediate_cuff,
    plx_continuous,
    plx_features,
    plx_spot,
    record_access,
    temperature,
    user_control,
    weight,
    weight_feature,
)
from device_profiles.gatt.ieee_11073 import Number, float32, sfloat
from device_profiles.measurement import Decoded
from device_profiles.profile import Codec, Context, Layout, plain
from device_profiles.refusal import Refusal, truncated
from device_profiles.uuids import full_uuid


@dataclass(frozen=True, slots=True, kw_only=True)
class Primitive:
    """A number by itself."""

    number: Number

    def fields(self) -> Fields:
        """The number."""
        return {"number": number_field(self.number, "1")}

    def measurements(self) -> tuple[()]:
        """A number alone measures nothing."""
        return ()


def _number(size: int, read: Callable[[int], Number]) -> Codec:
    def codec(frame: bytes, _context: Context) -> Decoded | Refusal:
        if len(frame) < size:
            return truncated(len(frame), size)
        return Primitive(number=read(int.from_bytes(frame[:size], "little")))

    return codec


def _primitive(frame: bytes, context: Context) -> Decoded | Refusal:
    """Whichever of the two has this length."""
    return _number(4, float32)(frame, context) if len(frame) > 2 else _number(2, sfloat)(frame, context)


def _weight(frame: bytes, context: Context) -> Decoded | Refusal:
    """In the resolution of the scale's features, where the context has them."""
    known = context.read.get(full_uuid(weight_feature.UUID))
    feature = weight_feature.decode(known) if known else None
    if isinstance(feature, weight_feature.WeightFeature):
        return weight.decode(frame, steps=feature.steps)
    return weight.decode(frame)


_PLAIN: dict[str, Callable[[bytes], Decoded | Refusal]] = {
    blood_pressure.UUID: blood_pressure.decode,
    intermediate_cuff.UUID: intermediate_cuff.decode,
    blood_pressure_feature.UUID: blood_pressure_feature.decode,
    blood_pressure_record.UUID: blood_pressure_record.decode,
    weight_feature.UUID: weight_feature.decode,
    body_composition.UUID: body_composition.decode,
    body_composition_feature.UUID: body_composition_feature.decode,
    plx_spot.UUID: plx_spot.decode,
    plx_continuous.UUID: plx_continuous.decode,
    plx_features.UUID: plx_features.decode,
    temperature.UUID: temperature.decode,
    heart_rate.UUID: heart_rate.decode,
    glucose.UUID: glucose.decode,
    glucose_context.UUID: glucose_context.decode,
    record_access.UUID: record_access.decode,
    user_control.UUID: user_control.decode,
    date_of_birth.UUID: date_of_birth.decode,
    height.UUID: height.decode,
    date_time.UUID: date_time.decode,
    current_time.UUID: current_time.decode,
}
STANDARD: dict[str, Codec] = {full_uuid(uuid): plain(decode) for uuid, decode in _PLAIN.items()} | {
    full_uuid(weight.UUID): _weight,
    "advertisement": plain(advertising_data.decode),
    "(primitive)": _primitive,
}
# How a standard frame is called in words, the narrower name first.
NAMES = (
    (r"\bBLS\b.*\bfeature", blood_pressure_feature.UUID),
    (r"\bBLS\b.*\brecord", blood_pressure_record.UUID),
    (r"\bintermediate cuff", intermediate_cuff.UUID),
    (r"\bBLS\b", blood_pressure.UUID),
    (r"\bWSS feature", weight_feature.UUID),
    (r"\bWSS\b", weight.UUID),
    (r"\bBCS feature", body_composition_feature.UUID),
    (r"\bBCS\b", body_composition.UUID),
    (r"\bPLX\b.*\bfeatures", plx_features.UUID),
    (r"\bPLX\b.*\bspot", plx_spot.UUID),
    (r"\bPLX\b", plx_continuous.UUID),
    (r"\bHTS\b", temperature.UUID),
    (r"\bHRS\b", heart_rate.UUID),
    (r"\bGLS\b.*\bcontext", glucose_context.UUID),
    (r"\bGLS\b", glucose.UUID),
    (r"\bRACP\b", record_access.UUID),
    (r"\bUCP\b", user_control.UUID),
    (r"\bdate of birth\b", date_of_birth.UUID),
    (r"\bUDS height\b", height.UUID),
    (r"\bDate Time\b", date_time.UUID),
)
LAYOUTS = (
    Layout(words=r"11073 SFLOAT|^SFLOAT$", codec=_number(2, sfloat)),
    Layout(words=r"11073 FLOAT|^FLOAT$", codec=_number(4, float32)),
    Layout(words=r"HCI LE advertising report", codec=plain(advertising_data.decode)),
)
