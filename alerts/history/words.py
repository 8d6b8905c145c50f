"""What other programs call our measures, units, flags and programmes. Pure."""

import re
from collections.abc import Callable
from functools import cache, lru_cache

from alerts.book import texts
from alerts.history import cells
from alerts.history.cells import unknown
from alerts.rules import news2
from vitals.measure import SPECS, Measure
from vitals.patient import Programme
from vitals.reading import Quality

Convert = Callable[[float], float]

_MEASURES = {
    "sbp": Measure.SYSTOLIC,
    "sys": Measure.SYSTOLIC,
    "bp_systolic": Measure.SYSTOLIC,
    "systolic_bp": Measure.SYSTOLIC,
    "systolic_blood_pressure": Measure.SYSTOLIC,
    "systolic_pressure": Measure.SYSTOLIC,
    "sys_bp": Measure.SYSTOLIC,
    "bp_sys": Measure.SYSTOLIC,
    "blood_pressure_systolic": Measure.SYSTOLIC,
    "dbp": Measure.DIASTOLIC,
    "dia": Measure.DIASTOLIC,
    "bp_diastolic": Measure.DIASTOLIC,
    "diastolic_bp": Measure.DIASTOLIC,
    "diastolic_blood_pressure": Measure.DIASTOLIC,
    "diastolic_pressure": Measure.DIASTOLIC,
    "dia_bp": Measure.DIASTOLIC,
    "bp_dia": Measure.DIASTOLIC,
    "blood_pressure_diastolic": Measure.DIASTOLIC,
    "map": Measure.MEAN_ARTERIAL_PRESSURE,
    "hr": Measure.HEART_RATE,
    "pulse": Measure.HEART_RATE,
    "pulse_rate": Measure.HEART_RATE,
    "pulse_bpm": Measure.HEART_RATE,
    "bpm": Measure.HEART_RATE,
    "o2_sat": Measure.SPO2,
    "o2": Measure.SPO2,
    "oxygen": Measure.SPO2,
    "oxygen_sat": Measure.SPO2,
    "blood_oxygen": Measure.SPO2,
    "saturation": Measure.SPO2,
    "pulse_ox": Measure.SPO2,
    "pulse_oximetry": Measure.SPO2,
    "sao2": Measure.SPO2,
    "sp_o2": Measure.SPO2,
    "oxygen_saturation": Measure.SPO2,
    "pi": Measure.PERFUSION_INDEX,
    "rr": Measure.RESPIRATORY_RATE,
    "resp_rate": Measure.RESPIRATORY_RATE,
    "respiration_rate": Measure.RESPIRATORY_RATE,
    "breathing_rate": Measure.RESPIRATORY_RATE,
    "temp": Measure.TEMPERATURE,
    "body_temp": Measure.TEMPERATURE,
    "body_temperature": Measure.TEMPERATURE,
    "body_weight": Measure.WEIGHT,
    "body_mass": Measure.WEIGHT,
    "mass": Measure.WEIGHT,
    "wt": Measure.WEIGHT,
    "blood_glucose": Measure.GLUCOSE,
    "blood_sugar": Measure.GLUCOSE,
    "bg": Measure.GLUCOSE,
    **{measure.value: measure for measure in Measure},
    **{spec.loinc.replace("-", "_"): measure for measure, spec in SPECS.items() if spec.loinc},
}
_JOINED = {word.replace("_", ""): measure for word, measure in _MEASURES.items()}
PRESSURE = frozenset({"bp", "blood_pressure", "nibp"})
"""A measure whose value is both pressures: 120/80."""


def _same(value: float) -> float:
    return value


_PER_LB, _PER_STONE, _PER_KPA, _PER_MMOL = 0.45359237, 6.35029318, 7.500617, 18.016
_MMHG: dict[str, Convert] = {"mmhg": _same, "mm_hg": _same, "kpa": lambda v: v * _PER_KPA}
_UNITS: dict[Measure, dict[str, Convert]] = {
    Measure.WEIGHT: {
        **dict.fromkeys(("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"), _same),
        "g": lambda v: v / 1000,
        **dict.fromkeys(("lb", "lbs", "lb_av", "pound", "pounds"), lambda v: v * _PER_LB),
        **dict.fromkeys(("st", "stone"), lambda v: v * _PER_STONE),
    },
    Measure.SYSTOLIC: _MMHG,
    Measure.DIASTOLIC: _MMHG,
    Measure.MEAN_ARTERIAL_PRESSURE: _MMHG,
    Measure.HEART_RATE: {"bpm": _same, "min": _same, "beats_min": _same},
    Measure.RESPIRATORY_RATE: {"min": _same, "breaths_min": _same, "bpm": _same},
    Measure.SPO2: {"percent": _same, "pct": _same, "fraction": lambda v: v * 100},
    Measure.PERFUSION_INDEX: {"percent": _same, "pct": _same},
    Measure.TEMPERATURE: {
        **dict.fromkeys(("c", "cel", "celsius", "degc", "deg_c"), _same),
        **dict.fromkeys(("f", "degf", "deg_f", "fahrenheit"), lambda v: (v - 32) / 1.8),
    },
    Measure.GLUCOSE: {
        **dict.fromkeys(("mg_dl", "mgdl"), _same),
        **dict.fromkeys(("mmol_l", "mmol"), lambda v: v * _PER_MMOL),
    },
}
_FLAGS = {
    "irregular": Quality.IRREGULAR_PULSE,
    "irregular_heartbeat": Quality.IRREGULAR_PULSE,
    "body_movement": Quality.MOTION,
    "movement": Quality.MOTION,
    "low_signal": Quality.LOW_PERFUSION,
    "cuff_fit": Quality.POOR_CONTACT,
    **{quality.value: quality for quality in Quality},
}
FINE = frozenset({"ok", "good", "valid", "normal", "0", "false"})
"""What files write in a column of flags to say that there is none."""

_PROGRAMMES = {
    "hf": Programme.HEART_FAILURE,
    "chf": Programme.HEART_FAILURE,
    "hfref": Programme.HEART_FAILURE,
    "hfpef": Programme.HEART_FAILURE,
    "congestive_heart_failure": Programme.HEART_FAILURE,
    "chronic_heart_failure": Programme.HEART_FAILURE,
    "chronic_obstructive_pulmonary_disease": Programme.COPD,
    "htn": Programme.HYPERTENSION,
    "bp": Programme.HYPERTENSION,
    "blood_pressure": Programme.HYPERTENSION,
    "high_blood_pressure": Programme.HYPERTENSION,
    "dm": Programme.DIABETES,
    "diabetes_mellitus": Programme.DIABETES,
    "type_1_diabetes": Programme.DIABETES,
    "type_2_diabetes": Programme.DIABETES,
    "discharge": Programme.POST_DISCHARGE,
    "postnatal": Programme.POST_PARTUM,
    "hypercapnic": Programme.HYPERCAPNIA,
    "af": Programme.ATRIAL_FIBRILLATION,
    "afib": Programme.ATRIAL_FIBRILLATION,
    "chemotherapy": Programme.IMMUNOSUPPRESSED,
    "immunocompromised": Programme.IMMUNOSUPPRESSED,
    **{programme.value: programme for programme in Programme},
}
_PROGRAMMES_JOINED = {word.replace("_", ""): programme for word, programme in _PROGRAMMES.items()}
_YES_OR_NO = {**dict.fromkeys(("true", "yes", "y"), True), **dict.fromkeys(("false", "no", "n"), False)}
_ADDED = ("_programme", "_program", "_pathway")


def plain(word: str) -> str:
    """A word without case and signs: `Weight (lb)` is weight_lb."""
    return re.sub(r"[^a-z0-9]+", "_", word.lower().replace("%", "percent").replace("°", "")).strip("_")


@lru_cache(maxsize=4096)
def measure(word: str, unit: str) -> tuple[Measure, Convert] | str:
    """What the word measures and how its unit becomes ours; or why that cannot be said.

    The unit may also end the word: `weight_lb`. Without one it is ours.
    """
    said = plain(word)
    found, rest = _MEASURES.get(said) or _JOINED.get(said.replace("_", "")), ""
    parts = said.split("_")
    for cut in range(len(parts) - 1, 0, -1):
        if found is None:
            found, rest = _MEASURES.get("_".join(parts[:cut])), "_".join(parts[cut:])
    if found is None:
        return unknown("measure", word, (m.value for m in Measure))
    named = plain(unit) or rest
    own = plain(SPECS[found].unit)
    units = {own: _same, plain(SPECS[found].display_unit): _same, **_UNITS.get(found, {})}
    convert = units.get(named) if named else _same
    if convert is None:
        return f"unknown unit {unit or rest!r} of {found.value}: known are {', '.join(sorted(units))}"
    return found, convert


def flag(word: str) -> Quality | None:
    """The flag; None for a word that is none of ours."""
    return _FLAGS.get(plain(word))


def programme(word: str) -> Programme | None:
    """The programme; None for a word that is none of ours. `Heart failure` and `heart-failure` are one."""
    said = plain(word)
    for added in _ADDED:
        said = said.removesuffix(added)
    return _PROGRAMMES_JOINED.get(said.replace("_", ""))


@cache
def questions() -> tuple[str, ...]:
    """What a check-in asks: each symptom of the catalogues, and the two questions of NEWS2."""
    known = texts.catalogue(texts.ENGLISH)
    symptoms = (key.removeprefix("symptom_") for key in known if key.startswith("symptom_"))
    return (*(symptom for symptom in symptoms if symptom != "too"), *news2.QUESTIONS)


def yes_or_no(word: str) -> bool | None:
    """Whether the answer is a yes; None where it is neither. A severity above 0 is a yes."""
    said = word.strip().lower()
    count = cells.number(said)
    if count is not None:
        return count > 0 if count >= 0 else None
    return _YES_OR_NO.get(said)


def known_flags() -> list[str]:
    """Every flag that readings can have."""
    return [quality.value for quality in Quality]
