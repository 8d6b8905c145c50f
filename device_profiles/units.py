"""The units that devices state values in (UCUM), and the one conversion of each into its measure's unit."""

from enum import StrEnum

from vitals.measure import SPECS, Measure


class Unit(StrEnum):
    """A unit as a frame gives it, in UCUM; `JIN` (half a kilogram) has no UCUM code."""

    MMHG = "mm[Hg]"
    KPA = "kPa"
    PER_MINUTE = "/min"
    PERCENT = "%"
    KILOGRAM = "kg"
    POUND = "[lb_av]"
    JIN = "jin"
    METRE = "m"
    CENTIMETRE = "cm"
    INCH = "[in_i]"
    BODY_MASS_INDEX = "kg/m2"
    KILOJOULE = "kJ"
    KILOCALORIE = "kcal"
    OHM = "Ohm"
    CELSIUS = "Cel"
    FAHRENHEIT = "[degF]"
    MG_DL = "mg/dL"
    MMOL_L = "mmol/L"
    MINUTE = "min"
    SECOND = "s"
    VOLT = "V"
    DBM = "dBm"
    ONE = "1"


# NIST SP 811 appendix B.8 (pound, inch, mmHg); glucose: molar mass 180.156 g/mol.
_FACTORS: dict[tuple[str, str], float] = {
    (Unit.KPA, Unit.MMHG): 1 / 0.1333224,
    (Unit.POUND, Unit.KILOGRAM): 0.45359237,
    (Unit.JIN, Unit.KILOGRAM): 0.5,
    (Unit.METRE, Unit.CENTIMETRE): 100.0,
    (Unit.INCH, Unit.CENTIMETRE): 2.54,
    (Unit.KILOJOULE, Unit.KILOCALORIE): 1 / 4.184,
    (Unit.MMOL_L, Unit.MG_DL): 18.0156,
}


def convert(value: float, unit: str, measure: Measure) -> float | None:
    """The value in the measure's own unit, to four decimals; None where the unit cannot be that measure's."""
    target = SPECS[measure].unit
    if unit == target:
        return round(value, 4)
    if unit == Unit.FAHRENHEIT and target == Unit.CELSIUS:
        return round((value - 32) / 1.8, 4)
    factor = _FACTORS.get((unit, target))
    return None if factor is None else round(value * factor, 4)
