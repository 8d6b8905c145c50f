"""Data quality before the rules: what cannot be, what contradicts itself, and what looks typed in."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from alerts.readings.measured import HeldFor, Measured
from vitals.measure import SPECS, Measure

# Clinical data quality, section 3 of the project's evidence review.
LEAST_PULSE_PRESSURE_MMHG = 10
PULSE_MISMATCH_BPM = 15
LEAST_PERFUSION_PERCENT = 0.3
ROUNDING_SHARE = 0.30
ROUNDING_LEAST = 30
SAME_VALUE_RUN = 4

# Asked of every reading: what is looked up once need not be each time.
_SYSTOLIC, _DIASTOLIC, _PERFUSION = Measure.SYSTOLIC, Measure.DIASTOLIC, Measure.PERFUSION_INDEX
_PLAUSIBLE = {measure: (spec.plausible_low, spec.plausible_high) for measure, spec in SPECS.items()}


def impossible(values: Mapping[Measure, float]) -> bool:
    """Whether a value is outside what physiology allows, or the pressures contradict each other."""
    for measure, value in values.items():
        low, high = _PLAUSIBLE[measure]
        if not low <= value <= high:
            return True
    systolic, diastolic = values.get(_SYSTOLIC), values.get(_DIASTOLIC)
    if systolic is None or diastolic is None:
        return False
    return systolic - diastolic < LEAST_PULSE_PRESSURE_MMHG


def weakly_perfused(measured: Measured) -> bool:
    """Whether the oximeter had too little pulse to be believed."""
    perfusion = measured.values.get(_PERFUSION)
    return perfusion is not None and perfusion < LEAST_PERFUSION_PERCENT


def pulse_mismatch(oximeter: Measured, cuff: Measured) -> HeldFor | None:
    """Whether two instruments in one session disagree about the pulse, so that the oximeter is suspect."""
    rates = [m.values.get(Measure.HEART_RATE) for m in (oximeter, cuff)]
    if rates[0] is None or rates[1] is None:
        return None
    return HeldFor.PULSE_MISMATCH if abs(rates[0] - rates[1]) > PULSE_MISMATCH_BPM else None


def looks_typed_in(values: Sequence[float], share: float = ROUNDING_SHARE) -> bool:
    """Whether a series of readings ends in 0 too often, or repeats itself, to be a device's own.

    `share`: above which share of at least `ROUNDING_LEAST` readings that end in 0 it does.
    """
    if len(values) >= ROUNDING_LEAST:
        zeros = sum(1 for value in values if round(value) % 10 == 0)
        if zeros / len(values) > share:
            return True
    run = 1
    for before, after in pairwise(values):
        run = run + 1 if after == before else 1
        if run >= SAME_VALUE_RUN:
            return True
    return False
