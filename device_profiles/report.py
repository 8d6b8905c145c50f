"""What a maker's own frame said: its values by the names of the captures, and the measurement they make."""

from dataclasses import dataclass, replace
from datetime import timedelta

from device_profiles.device_time import DeviceTime
from device_profiles.fields import Fields, amount_field, user_fields
from device_profiles.measurement import Amount, Measurement
from device_profiles.units import Unit
from vitals.measure import Measure
from vitals.reading import Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One decoded frame of a maker's protocol; without `measured` it is a control frame."""

    said: Fields
    measured: tuple[Measurement, ...] = ()

    def fields(self) -> Fields:
        """Everything the frame said."""
        return self.said

    def measurements(self) -> tuple[Measurement, ...]:
        """What was measured."""
        return self.measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What surrounds the values of a measurement; see `Measurement` for each."""

    time: DeviceTime | None = None
    user: int | None = None
    age: timedelta | None = None
    final: bool = True
    stored: bool | None = None
    quality: frozenset[Quality] = frozenset()
    failure: str | None = None
    withheld: str | None = None


PLAIN = Terms()


def _measurement(amounts: dict[Measure, Amount], terms: Terms) -> Measurement:
    return Measurement(
        amounts=amounts,
        device_time=terms.time,
        user=terms.user,
        age=terms.age,
        final=terms.final,
        stored=terms.stored,
        quality=terms.quality,
        failure=terms.failure,
        withheld=terms.withheld,
    )


def time_fields(time: DeviceTime | None) -> Fields:
    """`timestamp` and its raw form; null where there is none."""
    return time.fields() if time is not None else {"timestamp": None}


def cuff(
    systolic: int, diastolic: int, pulse: int | None, *, terms: Terms = PLAIN, said: Fields | None = None
) -> Report:
    """The report of a cuff that counts in mmHg."""
    amounts = {
        Measure.SYSTOLIC: Amount(value=systolic, unit=Unit.MMHG),
        Measure.DIASTOLIC: Amount(value=diastolic, unit=Unit.MMHG),
    }
    if pulse:
        amounts[Measure.HEART_RATE] = Amount(value=pulse, unit=Unit.PER_MINUTE)
    fields: Fields = {
        "systolic": amount_field(systolic, Unit.MMHG),
        "diastolic": amount_field(diastolic, Unit.MMHG),
        "pulse": amount_field(pulse, Unit.PER_MINUTE),
    }
    fields |= time_fields(terms.time) | user_fields(terms.user) | (said or {})
    return Report(said=fields, measured=(_measurement(amounts, terms),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a body composition scale adds to the weight; None where it does not."""

    impedance_ohm: float | None = None
    fat_percent: float | None = None
    water_percent: float | None = None
    muscle_percent: float | None = None
    skeletal_muscle_percent: float | None = None
    bone_kg: float | None = None
    bmi: float | None = None
    bmr_kcal: int | None = None
    visceral_fat_level: float | None = None
    body_age: int | None = None

    def fields(self) -> Fields:
        """By the names of the captures; what is not there is null."""
        return {
            "impedance": amount_field(self.impedance_ohm, Unit.OHM),
            "body_fat": amount_field(self.fat_percent, Unit.PERCENT),
            "body_water": amount_field(self.water_percent, Unit.PERCENT),
            "muscle": amount_field(self.muscle_percent, Unit.PERCENT),
            "skeletal_muscle": amount_field(self.skeletal_muscle_percent, Unit.PERCENT),
            "bone": amount_field(self.bone_kg, Unit.KILOGRAM),
            "bmi": amount_field(self.bmi, Unit.BODY_MASS_INDEX),
            "bmr": amount_field(self.bmr_kcal, Unit.KILOCALORIE),
            "visceral_fat_level": self.visceral_fat_level,
            "body_age": self.body_age,
        }

    def amounts(self) -> dict[Measure, Amount]:
        """What of it is a measure; zero is a scale's way to say nothing."""
        said = (
            (Measure.IMPEDANCE, self.impedance_ohm, Unit.OHM),
            (Measure.BODY_FAT, self.fat_percent, Unit.PERCENT),
            (Measure.BODY_MASS_INDEX, self.bmi, Unit.BODY_MASS_INDEX),
            (Measure.BASAL_METABOLISM, self.bmr_kcal, Unit.KILOCALORIE),
        )
        return {measure: Amount(value=value, unit=unit) for measure, value, unit in said if value}


NO_BODY = Body()


def scale(
    weight: Amount | None, *, body: Body = NO_BODY, terms: Terms = PLAIN, said: Fields | None = None
) -> Report:
    """The report of a scale; without a weight it is body composition alone, and nothing if that is empty."""
    amounts = body.amounts()
    if weight is not None:
        amounts = {Measure.WEIGHT: weight} | amounts
    fields: Fields = {"weight": amount_field(weight.value, weight.unit) if weight is not None else None}
    fields |= body.fields() | time_fields(terms.time) | user_fields(terms.user) | (said or {})
    measured = (_measurement(amounts, terms),) if amounts or terms.withheld else ()
    return Report(said=fields, measured=measured)


def kilograms(value: float) -> Amount:
    """A weight in kilograms."""
    return Amount(value=value, unit=Unit.KILOGRAM)


def oximeter(
    spo2: float | None,
    pulse: float | None,
    *,
    perfusion_index: float | None = None,
    terms: Terms = PLAIN,
    said: Fields | None = None,
) -> Report:
    """The report of an oximeter; without SpO2 it failed to measure. Sentinels are already None."""
    amounts: dict[Measure, Amount] = {Measure.SPO2: Amount(value=spo2, unit=Unit.PERCENT)}
    if pulse:
        amounts[Measure.HEART_RATE] = Amount(value=pulse, unit=Unit.PER_MINUTE)
    if perfusion_index is not None:
        amounts[Measure.PERFUSION_INDEX] = Amount(value=perfusion_index, unit=Unit.PERCENT)
    fields: Fields = {
        "spo2": amount_field(spo2, Unit.PERCENT),
        "pulse": amount_field(pulse, Unit.PER_MINUTE),
    }
    fields |= said or {}
    failure = terms.failure or (None if spo2 else "no SpO2")
    measured = _measurement(amounts, replace(terms, failure=failure))
    return Report(said=fields, measured=(measured,))


def thermometer(celsius: float, *, terms: Terms = PLAIN, said: Fields | None = None) -> Report:
    """The report of a thermometer that counts in degrees Celsius."""
    value = Amount(value=celsius, unit=Unit.CELSIUS)
    fields: Fields = {"temperature": amount_field(celsius, Unit.CELSIUS)}
    fields |= said or {}
    return Report(said=fields, measured=(_measurement({Measure.TEMPERATURE: value}, terms),))
