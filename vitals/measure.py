"""What is measured: each measure with its one unit, its codes and what physiology allows."""

from dataclasses import dataclass
from enum import StrEnum


class Measure(StrEnum):
    """One measured quantity, always stored in the one unit of its `MeasureSpec`."""

    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    MEAN_ARTERIAL_PRESSURE = "mean_arterial_pressure"
    HEART_RATE = "heart_rate"
    SPO2 = "spo2"
    PERFUSION_INDEX = "perfusion_index"
    RESPIRATORY_RATE = "respiratory_rate"
    WEIGHT = "weight"
    HEIGHT = "height"
    BODY_MASS_INDEX = "body_mass_index"
    BODY_FAT = "body_fat"
    BODY_WATER = "body_water"
    MUSCLE_MASS = "muscle_mass"
    FAT_FREE_MASS = "fat_free_mass"
    SOFT_LEAN_MASS = "soft_lean_mass"
    BASAL_METABOLISM = "basal_metabolism"
    IMPEDANCE = "impedance"
    TEMPERATURE = "temperature"
    GLUCOSE = "glucose"
    PEAK_FLOW = "peak_flow"
    FEV1 = "fev1"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSpec:
    """How one measure is stored, coded and shown.

    `unit` is UCUM, `display_unit` what people read. `plausible_low` and `plausible_high` bound what can be
    physiology at all, in `unit` (clinical data quality, hard limits); outside them a value is an artefact.
    `mdc` is the ISO/IEEE 11073-10101 code as a decimal, `loinc` the vital-signs code; None where there is
    none. Codes that depend on the source or the site of a measurement are in `vitals.codes`.
    """

    unit: str
    display_unit: str
    decimals: int
    plausible_low: float
    plausible_high: float
    loinc: str | None
    mdc: int | None


def _spec(
    unit: str, display_unit: str, decimals: int, low: float, high: float, loinc: str | None, mdc: int | None
) -> MeasureSpec:
    return MeasureSpec(
        unit=unit,
        display_unit=display_unit,
        decimals=decimals,
        plausible_low=low,
        plausible_high=high,
        loinc=loinc,
        mdc=mdc,
    )


SPECS: dict[Measure, MeasureSpec] = {
    Measure.SYSTOLIC: _spec("mm[Hg]", "mmHg", 0, 50, 300, "8480-6", 150021),
    Measure.DIASTOLIC: _spec("mm[Hg]", "mmHg", 0, 20, 200, "8462-4", 150022),
    Measure.MEAN_ARTERIAL_PRESSURE: _spec("mm[Hg]", "mmHg", 0, 30, 250, "8478-0", 150023),
    Measure.HEART_RATE: _spec("/min", "bpm", 0, 25, 250, "8867-4", 147842),
    Measure.SPO2: _spec("%", "%", 0, 50, 100, "59408-5", 150456),
    Measure.PERFUSION_INDEX: _spec("%", "%", 1, 0, 30, "61006-3", 150488),
    Measure.RESPIRATORY_RATE: _spec("/min", "/min", 0, 3, 70, "9279-1", 151562),
    Measure.WEIGHT: _spec("kg", "kg", 1, 20, 350, "29463-7", 188736),
    Measure.HEIGHT: _spec("cm", "cm", 0, 40, 250, "8302-2", 188740),
    Measure.BODY_MASS_INDEX: _spec("kg/m2", "kg/m²", 1, 8, 100, "39156-5", 188752),
    Measure.BODY_FAT: _spec("%", "%", 1, 2, 75, "41982-0", 188748),
    Measure.BODY_WATER: _spec("kg", "kg", 1, 5, 200, None, 188764),
    Measure.MUSCLE_MASS: _spec("kg", "kg", 1, 5, 200, "73964-9", None),
    Measure.FAT_FREE_MASS: _spec("kg", "kg", 1, 10, 250, "41981-2", 188756),
    Measure.SOFT_LEAN_MASS: _spec("kg", "kg", 1, 10, 250, None, 188760),
    Measure.BASAL_METABOLISM: _spec("kcal", "kcal", 0, 400, 6000, None, 188768),
    Measure.IMPEDANCE: _spec("Ohm", "Ω", 0, 50, 3000, None, 188780),
    Measure.TEMPERATURE: _spec("Cel", "°C", 1, 30, 43, "8310-5", 150364),
    Measure.GLUCOSE: _spec("mg/dL", "mg/dL", 0, 10, 800, "2339-0", 160184),
    Measure.PEAK_FLOW: _spec("L/min", "L/min", 0, 30, 1000, "19935-6", 152584),
    Measure.FEV1: _spec("L", "L", 2, 0.1, 10, "20150-9", 152586),
}


def plausible(measure: Measure, value: float) -> bool:
    """Whether the value, in the measure's own unit, can be physiology at all."""
    spec = SPECS[measure]
    return spec.plausible_low <= value <= spec.plausible_high
