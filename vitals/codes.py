"""The codes that one measure alone does not settle: by source, by site, of panels, units and device types.

MDC is ISO/IEEE 11073-10101 (partition times 65536 plus term), as used by the HL7 Personal Health Device guide
and US Core.
"""

from dataclasses import dataclass
from enum import StrEnum

from vitals.measure import Measure

MDC_SYSTEM = "urn:iso:std:iso:11073:10101"
LOINC_SYSTEM = "http://loinc.org"
UCUM_SYSTEM = "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A group of measures that belong to one measurement, by its own code and theirs."""

    loinc: str
    mdc: int | None
    loinc_of: dict[Measure, str]


BLOOD_PRESSURE = Panel(
    loinc="85354-9",
    mdc=150020,
    loinc_of={Measure.SYSTOLIC: "8480-6", Measure.DIASTOLIC: "8462-4"},
)
# Averages of several home measurements are coded apart from a single one (US Core).
AVERAGE_BLOOD_PRESSURE = Panel(
    loinc="96607-7",
    mdc=None,
    loinc_of={Measure.SYSTOLIC: "96608-5", Measure.DIASTOLIC: "96609-3"},
)

# US Core asks for both codes on a pulse oximetry.
SPO2_LOINC: tuple[str, ...] = ("59408-5", "2708-6")


class PulseSource(StrEnum):
    """What a heart rate was counted from; LOINC has one code for all, MDC one for each."""

    CUFF = "cuff"
    OXIMETER = "oximeter"
    ELECTRICAL = "electrical"


HEART_RATE_MDC: dict[PulseSource, int] = {
    PulseSource.CUFF: 149546,
    PulseSource.OXIMETER: 149530,
    PulseSource.ELECTRICAL: 147842,
}


class GlucoseSample(StrEnum):
    """What a glucose was measured in, as far as it has codes of its own."""

    CAPILLARY_WHOLE_BLOOD = "capillary_whole_blood"
    UNDETERMINED_PLASMA = "undetermined_plasma"


GLUCOSE_MDC: dict[GlucoseSample, int] = {
    GlucoseSample.CAPILLARY_WHOLE_BLOOD: 160184,
    GlucoseSample.UNDETERMINED_PLASMA: 160368,
}
# LOINC by the unit of the result: mass or molar; capillary by glucometer has its own pair.
GLUCOSE_LOINC: dict[str, str] = {"mg/dL": "2339-0", "mmol/L": "15074-8"}
CAPILLARY_GLUCOSE_LOINC: dict[str, str] = {"mg/dL": "41653-7", "mmol/L": "14743-9"}

EAR_TEMPERATURE_MDC = 188428

SPO2_MODALITY_MDC: dict[str, int] = {"qualifier": 150320, "spot": 150588}
STATUS_MDC: dict[str, int] = {"blood_pressure": 8410608, "oximeter": 150604, "glucose": 8417752}

UNIT_MDC: dict[str, int] = {
    "mm[Hg]": 266016,
    "kPa": 265987,
    "%": 262688,
    "kg": 263875,
    "[lb_av]": 263904,
    "/min": 264864,
    "Cel": 268192,
    "[degF]": 266560,
    "mg/dL": 264274,
    "mmol/L": 266866,
    "kg/m2": 264096,
}

DEVICE_TYPE_MDC: dict[str, int] = {
    "oximeter": 528388,
    "cuff": 528391,
    "thermometer": 528392,
    "scale": 528399,
    "glucose_meter": 528401,
}
