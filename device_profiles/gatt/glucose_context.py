"""Glucose Measurement Context, 0x2A34 (Glucose Service 1.0.1, section 3.2): meal, health, exercise, drugs."""

import struct
from dataclasses import dataclass, replace

from device_profiles.fields import Fields, number_field
from device_profiles.gatt.ieee_11073 import Number, encode_sfloat, sfloat
from device_profiles.measurement import Companion
from device_profiles.refusal import Refusal, truncated

UUID = "2a34"
_CARBOHYDRATE, _MEAL, _HEALTH, _EXERCISE = 0x01, 0x02, 0x04, 0x08
_MEDICATION, _LITRES, _HBA1C, _EXTENDED = 0x10, 0x20, 0x40, 0x80
_HEAD = struct.Struct("<BH")
# The optional fields in their order: flag and size.
_OPTIONAL = (
    (_EXTENDED, 1),
    (_CARBOHYDRATE, 3),
    (_MEAL, 1),
    (_HEALTH, 1),
    (_EXERCISE, 3),
    (_MEDICATION, 3),
    (_HBA1C, 2),
)
_MEALS = {1: "preprandial", 2: "postprandial", 3: "fasting", 4: "casual", 5: "bedtime"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """An amount of one kind: carbohydrate in kg; medication in kg, or litres where the frame says so."""

    kind: int
    amount: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class GlucoseContext:
    """The context of the record with the same sequence number; every part raw, None where not sent.

    `health` holds health in the high nibble and tester in the low one; `exercise` seconds and percent.
    """

    sequence: int
    extended: int | None = None
    carbohydrate: Dose | None = None
    meal: int | None = None
    health: int | None = None
    exercise: tuple[int, int] | None = None
    medication: Dose | None = None
    medication_in_litres: bool = False
    hba1c: Number | None = None
    trailing: bytes = b""

    def fields(self) -> Fields:
        """The sequence, and what the frame has."""
        said: Fields = {"sequence": self.sequence}
        if self.extended is not None:
            said["extended_flags_raw"] = self.extended
        if self.carbohydrate is not None:
            said["carbohydrate_id"] = self.carbohydrate.kind
            said["carbohydrate"] = number_field(self.carbohydrate.amount, "kg")
        if self.meal is not None:
            said["meal_raw"] = self.meal
            said["meal"] = _MEALS.get(self.meal, "reserved")
        if self.health is not None:
            said["tester_raw"] = self.health & 0x0F
            said["health_raw"] = self.health >> 4
        if self.exercise is not None:
            said["exercise_duration"] = {"value": self.exercise[0], "unit": "s"}
            said["exercise_intensity"] = {"value": self.exercise[1], "unit": "%"}
        if self.medication is not None:
            said["medication_id"] = self.medication.kind
            said["medication"] = number_field(
                self.medication.amount, "L" if self.medication_in_litres else "kg"
            )
        if self.hba1c is not None:
            said["hba1c"] = number_field(self.hba1c, "%")
        return said

    def measurements(self) -> tuple[()]:
        """A context is no measurement; it may unmake one."""
        return ()

    def companion(self) -> Companion:
        """Of the record with the same sequence number; the standard has nothing that unmakes it."""
        return Companion(sequence=self.sequence)


def decode(frame: bytes) -> GlucoseContext | Refusal:
    """The context, or a refusal where a flagged field is not there."""
    length = len(frame)
    if length < _HEAD.size:
        return truncated(length, _HEAD.size)
    flags, sequence = _HEAD.unpack_from(frame)
    needed = _HEAD.size + sum(size for flag, size in _OPTIONAL if flags & flag)
    if length < needed:
        return truncated(length, needed)
    parts: dict[int, bytes] = {}
    offset = _HEAD.size
    for flag, size in _OPTIONAL:
        if flags & flag:
            parts[flag] = frame[offset : offset + size]
            offset += size
    context = GlucoseContext(
        sequence=sequence, medication_in_litres=bool(flags & _LITRES), trailing=frame[needed:]
    )
    return _with_parts(context, parts)


def _with_parts(context: GlucoseContext, parts: dict[int, bytes]) -> GlucoseContext:
    exercise, hba1c = parts.get(_EXERCISE), parts.get(_HBA1C)
    return replace(
        context,
        extended=_octet(parts.get(_EXTENDED)),
        carbohydrate=_dose(parts.get(_CARBOHYDRATE)),
        meal=_octet(parts.get(_MEAL)),
        health=_octet(parts.get(_HEALTH)),
        exercise=(int.from_bytes(exercise[:2], "little"), exercise[2]) if exercise else None,
        medication=_dose(parts.get(_MEDICATION)),
        hba1c=sfloat(int.from_bytes(hba1c, "little")) if hba1c else None,
    )


def encode(value: GlucoseContext) -> bytes:
    """The frame."""
    parts: dict[int, bytes] = {}
    if value.extended is not None:
        parts[_EXTENDED] = bytes((value.extended,))
    if value.carbohydrate is not None:
        parts[_CARBOHYDRATE] = _dose_bytes(value.carbohydrate)
    if value.meal is not None:
        parts[_MEAL] = bytes((value.meal,))
    if value.health is not None:
        parts[_HEALTH] = bytes((value.health,))
    if value.exercise is not None:
        parts[_EXERCISE] = value.exercise[0].to_bytes(2, "little") + bytes((value.exercise[1],))
    if value.medication is not None:
        parts[_MEDICATION] = _dose_bytes(value.medication)
    if value.hba1c is not None:
        parts[_HBA1C] = encode_sfloat(value.hba1c).to_bytes(2, "little")
    flags = sum(parts) | (_LITRES if value.medication_in_litres else 0)
    body = b"".join(parts[flag] for flag, _size in _OPTIONAL if flag in parts)
    return _HEAD.pack(flags, value.sequence) + body + value.trailing


def _octet(part: bytes | None) -> int | None:
    return part[0] if part else None


def _dose(part: bytes | None) -> Dose | None:
    return Dose(kind=part[0], amount=sfloat(int.from_bytes(part[1:], "little"))) if part else None


def _dose_bytes(dose: Dose) -> bytes:
    return bytes((dose.kind,)) + encode_sfloat(dose.amount).to_bytes(2, "little")
