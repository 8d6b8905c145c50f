"""Body Composition Measurement, 0x2A9C (Body Composition Service 1.0, section 3.2). Indicated."""

from dataclasses import dataclass

from device_profiles.device_time import DeviceTime
from device_profiles.fields import Fields, amount_field, user_fields
from device_profiles.gatt import date_time
from device_profiles.measurement import Amount, Measurement
from device_profiles.refusal import Refusal, layout, truncated
from device_profiles.units import Unit
from vitals.measure import Measure

UUID = "2a9c"
UNSUCCESSFUL = 0xFFFF
_IMPERIAL, _TIME, _USER, _MULTIPLE = 0x0001, 0x0002, 0x0004, 0x1000
_EVERYTHING = 0x0FFE
_HEAD = 4
# The optional 16-bit fields in the order of their bits 3 to 11.
_QUANTITIES = (
    "basal_metabolism",
    "muscle_percentage",
    "muscle_mass",
    "fat_free_mass",
    "soft_lean_mass",
    "body_water_mass",
    "impedance",
    "weight",
    "height",
)
_MASSES = {"muscle_mass", "fat_free_mass", "soft_lean_mass", "body_water_mass", "weight"}
_MEASURES = {
    "basal_metabolism": Measure.BASAL_METABOLISM,
    "muscle_mass": Measure.MUSCLE_MASS,
    "fat_free_mass": Measure.FAT_FREE_MASS,
    "soft_lean_mass": Measure.SOFT_LEAN_MASS,
    "body_water_mass": Measure.BODY_WATER,
    "impedance": Measure.IMPEDANCE,
    "weight": Measure.WEIGHT,
    "height": Measure.HEIGHT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyComposition:
    """One measurement; `raw` holds the optional quantities in the steps of the frame, by their field names.

    Steps: fat and muscle percentage 0.1 %, metabolism 1 kJ, masses 0.005 kg or 0.01 lb, impedance 0.1 ohm,
    height 0.001 m or 0.1 in.
    """

    fat_raw: int
    imperial: bool = False
    time: DeviceTime | None = None
    user: int | None = None
    raw: tuple[tuple[str, int], ...] = ()
    multiple_packet: bool = False
    trailing: bytes = b""

    @property
    def body_fat(self) -> float | None:
        """Percent; None where the measurement was unsuccessful."""
        return None if self.fat_raw == UNSUCCESSFUL else self.fat_raw / 10

    def quantity(self, name: str) -> Amount | None:
        """An optional quantity in the unit of the frame; None where the frame does not have it."""
        raw = dict(self.raw).get(name)
        if raw is None:
            return None
        if name in _MASSES:
            if self.imperial:
                return Amount(value=raw / 100, unit=Unit.POUND)
            return Amount(value=raw / 200, unit=Unit.KILOGRAM)
        if name == "height":
            if self.imperial:
                return Amount(value=raw / 10, unit=Unit.INCH)
            return Amount(value=raw / 1000, unit=Unit.METRE)
        if name == "basal_metabolism":
            return Amount(value=raw, unit=Unit.KILOJOULE)
        return Amount(value=raw / 10, unit=Unit.OHM if name == "impedance" else Unit.PERCENT)

    def fields(self) -> Fields:
        """The values in the unit of the frame; optional fields only where the frame has them."""
        said: Fields = {"body_fat": amount_field(self.body_fat, Unit.PERCENT), "timestamp": None}
        if self.body_fat is None:
            said["unsuccessful"] = True
        if self.time is not None:
            said |= self.time.fields()
        said |= user_fields(self.user)
        for name, _raw in self.raw:
            quantity = self.quantity(name)
            if quantity is not None:
                said[name] = amount_field(quantity.value, quantity.unit)
        if self.multiple_packet:
            said["multiple_packet"] = True
        if self.trailing:
            said["trailing_bytes"] = len(self.trailing)
        return said

    def measurements(self) -> tuple[Measurement, ...]:
        """Fat and what else is not zero; withheld where the frame only holds the place of one to come."""
        amounts = {Measure.BODY_FAT: Amount(value=self.body_fat, unit=Unit.PERCENT)}
        for name, raw in self.raw:
            quantity = self.quantity(name)
            if raw and quantity is not None and name in _MEASURES:
                amounts[_MEASURES[name]] = quantity
        measured = Measurement(
            amounts=amounts,
            device_time=self.time,
            user=self.user,
            final=not self.multiple_packet,
            failure="the scale could not measure" if self.body_fat is None else None,
            withheld="a placeholder without body composition" if self.fat_raw == 0 else None,
        )
        return (measured,)


def decode(frame: bytes) -> BodyComposition | Refusal:
    """The measurement, or a refusal where a flagged field is not there."""
    length = len(frame)
    if length < _HEAD:
        return truncated(length, _HEAD)
    flags = int.from_bytes(frame[:2], "little")
    names = [name for bit, name in enumerate(_QUANTITIES, start=3) if flags & 1 << bit]
    head = _HEAD + (date_time.LENGTH if flags & _TIME else 0) + (1 if flags & _USER else 0)
    needed = head + 2 * len(names)
    if length < needed:
        return truncated(length, needed)
    if flags & _MULTIPLE and flags & _EVERYTHING == _EVERYTHING:
        return layout("every field is here, and yet a second packet is announced")
    raw = tuple(
        (name, int.from_bytes(frame[head + 2 * index : head + 2 * index + 2], "little"))
        for index, name in enumerate(names)
    )
    return BodyComposition(
        fat_raw=int.from_bytes(frame[2:4], "little"),
        imperial=bool(flags & _IMPERIAL),
        time=date_time.read(frame, _HEAD) if flags & _TIME else None,
        user=frame[head - 1] if flags & _USER else None,
        raw=raw,
        multiple_packet=bool(flags & _MULTIPLE),
        trailing=frame[needed:],
    )


def encode(value: BodyComposition) -> bytes:
    """The frame."""
    raw = dict(value.raw)
    flags = (_IMPERIAL if value.imperial else 0) | (_MULTIPLE if value.multiple_packet else 0)
    body = b""
    if value.time is not None:
        flags |= _TIME
        body += date_time.encode(value.time)
    if value.user is not None:
        flags |= _USER
        body += bytes((value.user,))
    for bit, name in enumerate(_QUANTITIES, start=3):
        if name in raw:
            flags |= 1 << bit
            body += raw[name].to_bytes(2, "little")
    return flags.to_bytes(2, "little") + value.fat_raw.to_bytes(2, "little") + body + value.trailing
