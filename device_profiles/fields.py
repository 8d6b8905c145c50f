"""The projection of a decoded frame: names and units as in the captures, plain enough for JSON."""

from typing import TypeAlias

from device_profiles.gatt.ieee_11073 import Number

Field: TypeAlias = "bool | int | float | str | list[Field] | dict[str, Field] | None"
Fields: TypeAlias = dict[str, Field]


def number_field(number: Number, unit: str) -> Field:
    """An IEEE 11073 number as `{"value", "unit"}`, with `"special"` where it is none."""
    if number.special is not None:
        return {"value": None, "unit": unit, "special": number.special.value}
    return {"value": number.value, "unit": unit}


def amount_field(value: float | None, unit: str) -> Field:
    """A plain value as `{"value", "unit"}`; null where there is none."""
    return None if value is None else {"value": value, "unit": unit}


def user_fields(user: int | None) -> Fields:
    """`user_id` and whether it is the unknown user, where the frame has one."""
    if user is None:
        return {}
    return {"user_id": user, "user": "unknown" if user == 0xFF else str(user)}
