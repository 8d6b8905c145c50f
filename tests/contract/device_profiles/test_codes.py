"""Measures carry the codes of US Core and the HL7 Personal Health Device guide."""

import re
from pathlib import Path

import pytest

from vitals import codes
from vitals.measure import SPECS, Measure

LISTED = Path(__file__).parents[4] / "shared" / "devices" / "devices.md"
# Measure: UCUM unit, LOINC, MDC.
EXPECTED: dict[Measure, tuple[str, str | None, int]] = {
    Measure.SYSTOLIC: ("mm[Hg]", "8480-6", 150021),
    Measure.DIASTOLIC: ("mm[Hg]", "8462-4", 150022),
    Measure.MEAN_ARTERIAL_PRESSURE: ("mm[Hg]", "8478-0", 150023),
    Measure.HEART_RATE: ("/min", "8867-4", 147842),
    Measure.SPO2: ("%", "59408-5", 150456),
    Measure.PERFUSION_INDEX: ("%", "61006-3", 150488),
    Measure.WEIGHT: ("kg", "29463-7", 188736),
    Measure.HEIGHT: ("cm", "8302-2", 188740),
    Measure.BODY_MASS_INDEX: ("kg/m2", "39156-5", 188752),
    Measure.BODY_FAT: ("%", "41982-0", 188748),
    Measure.FAT_FREE_MASS: ("kg", "41981-2", 188756),
    Measure.SOFT_LEAN_MASS: ("kg", None, 188760),
    Measure.BODY_WATER: ("kg", None, 188764),
    Measure.BASAL_METABOLISM: ("kcal", None, 188768),
    Measure.IMPEDANCE: ("Ohm", None, 188780),
    Measure.TEMPERATURE: ("Cel", "8310-5", 150364),
    Measure.GLUCOSE: ("mg/dL", "2339-0", 160184),
    Measure.PEAK_FLOW: ("L/min", "19935-6", 152584),
    Measure.FEV1: ("L", "20150-9", 152586),
}
# In the list, but no measure of ours: oxygen flow and concentration that accompany an SpO2.
NOT_OURS = {"3151-8", "3150-0"}


@pytest.mark.parametrize("measure", EXPECTED)
def test_a_measure_has_its_unit_and_codes(measure: Measure) -> None:
    spec = SPECS[measure]
    assert (spec.unit, spec.loinc, spec.mdc) == EXPECTED[measure]


def test_every_measure_has_an_mdc_or_a_loinc_code() -> None:
    assert [measure for measure, spec in SPECS.items() if spec.mdc is None and spec.loinc is None] == []


def test_no_two_measures_share_an_mdc_code() -> None:
    known = [spec.mdc for spec in SPECS.values() if spec.mdc is not None]
    assert len(set(known)) == len(known)


def every_code() -> set[str]:
    found = {str(spec.mdc) for spec in SPECS.values()} | {spec.loinc or "" for spec in SPECS.values()}
    for panel in (codes.BLOOD_PRESSURE, codes.AVERAGE_BLOOD_PRESSURE):
        found |= {panel.loinc, str(panel.mdc), *panel.loinc_of.values()}
    for table in (
        codes.HEART_RATE_MDC,
        codes.GLUCOSE_MDC,
        codes.SPO2_MODALITY_MDC,
        codes.STATUS_MDC,
        codes.UNIT_MDC,
        codes.DEVICE_TYPE_MDC,
    ):
        found |= {str(code) for code in table.values()}
    found |= {*codes.SPO2_LOINC, *codes.GLUCOSE_LOINC.values(), *codes.CAPILLARY_GLUCOSE_LOINC.values()}
    return found | {str(codes.EAR_TEMPERATURE_MDC)}


def test_the_table_has_every_code_of_the_published_list() -> None:
    if not LISTED.exists():
        pytest.skip(f"the list of codes is not there: {LISTED}")
    section = LISTED.read_text().split("\n## 4.")[1].split("\n## 5.")[0].split("PHD IG rules")[0]
    listed = set(re.findall(r"\b\d{4,5}-\d\b|\b\d{6,7}\b", section))
    assert len(listed) > 50
    assert listed - every_code() - NOT_OURS == set()
