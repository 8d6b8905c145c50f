"""The numbers that a patient types in: read as people write them, and told kindly what is wrong."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from alerts.clinic.patient_words import Content
from dashboard.numbers import number, short_number
from dashboard.views.me import KINDS
from vitals.measure import SPECS, Measure, plausible

_EXAMPLES = {
    Measure.WEIGHT: 72.5, Measure.SYSTOLIC: 130, Measure.DIASTOLIC: 80, Measure.SPO2: 96,
    Measure.HEART_RATE: 72, Measure.TEMPERATURE: 36.8, Measure.GLUCOSE: 110,
}  # fmt: skip

_NUMBER = re.compile(r"(?P<digits>[0-9]+(?:[.,][0-9]+)?)\s*(?P<unit>[^0-9\s].*)?")
_PAIR = re.compile(r"\s*([0-9]+)\s*[/-]\s*([0-9]+)\s*")

# What people write behind a number that is in the unit which the field asks for.
_OWN_UNITS = {
    Measure.WEIGHT: ("kg", "kgs", "kilo", "kilos", "k"),
    Measure.SYSTOLIC: ("mmhg", "mm", "mm hg"),
    Measure.DIASTOLIC: ("mmhg", "mm", "mm hg"),
    Measure.SPO2: ("%",),
    Measure.HEART_RATE: ("bpm", "lpm", "/min"),
    Measure.TEMPERATURE: ("°c", "ºc", "c", "°", "º"),
    Measure.GLUCOSE: ("mg/dl", "mg", "mgdl"),
}

# Another unit is never changed silently: whoever typed it sees the number that they should type instead.
# NIST SP 811 (2008), appendix B: the pound; glucose: 18.016 g/mol / 10 (mg/dL in a mmol/L).
_OTHER_UNITS: dict[Measure, tuple[tuple[str, ...], Callable[[float], float]]] = {
    Measure.WEIGHT: (("lb", "lbs", "pound", "pounds", "libra", "libras"), lambda value: value * 0.45359237),
    Measure.TEMPERATURE: (("°f", "ºf", "f"), lambda value: (value - 32) / 1.8),
    Measure.GLUCOSE: (("mmol/l", "mmol"), lambda value: value * 18.016),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One number to type in, with what is wrong with it where something is."""

    id: str
    label: str
    hint: str
    unit: str
    value: str
    problem: str | None = None


def fields(
    key: str, typed: Mapping[str, str] | None, said: Content
) -> tuple[list[Field], dict[Measure, float]]:
    """The form's fields, and the values where all of them are right. `typed` None: nothing was sent yet."""
    drawn: list[Field] = []
    values: dict[Measure, float] = {}
    texts = _apart(key, typed or {})
    for measure in KINDS[key]:
        problem = None
        if typed is not None:
            value, problem = _read(measure, texts[measure], said, key)
            if value is not None:
                values[measure] = value
        drawn.append(
            Field(
                id=measure.value,
                label=_label(measure, said, key),
                hint=said.page["like"].format(example=_example(measure, said)),
                unit=said.measures[key].unit,
                value=texts[measure],
                problem=problem,
            )
        )
    if key == "blood_pressure" and len(values) == 2 and values[Measure.DIASTOLIC] >= values[Measure.SYSTOLIC]:
        return [drawn[0], replace(drawn[1], problem=said.page["bottom_below"])], {}
    return drawn, values if len(values) == len(drawn) else {}


def _apart(key: str, typed: Mapping[str, str]) -> dict[Measure, str]:
    """What was typed by measure. Both pressures in the first field, as a cuff shows them, are two numbers."""
    texts = {measure: typed.get(measure.value, "").strip() for measure in KINDS[key]}
    both = _PAIR.fullmatch(texts[KINDS[key][0]]) if len(texts) == 2 else None
    if both is None or texts[KINDS[key][1]]:
        return texts
    return dict(zip(texts, both.groups(), strict=True))


def _label(measure: Measure, said: Content, key: str) -> str:
    if measure is Measure.SYSTOLIC:
        return said.page["top_number"]
    if measure is Measure.DIASTOLIC:
        return said.page["bottom_number"]
    return said.measures[key].name


def _example(measure: Measure, said: Content) -> str:
    return short_number(_EXAMPLES[measure], said.language)


def _read(measure: Measure, text: str, said: Content, key: str) -> tuple[float | None, str | None]:
    """The value, or what is wrong with the text in a sentence that names the field."""
    name, example = _label(measure, said, key).lower(), _example(measure, said)
    found = _NUMBER.fullmatch(text)
    if found is None:
        words = "letters" if re.search(r"[0-9]", text) and re.search(r"[^\W\d_]", text) else "number_needed"
        return None, said.page[words].format(name=name, value=text, example=example)
    value = float(found["digits"].replace(",", "."))
    unit = (found["unit"] or "").strip().rstrip(".").lower()
    others, convert = _OTHER_UNITS.get(measure, ((), float))
    own = said.measures[key].unit
    if unit in others:
        shown = number(convert(value), SPECS[measure].decimals, said.language)
        return None, said.page["other_unit"].format(name=name, value=text, shown=shown, unit=own)
    if unit and unit not in _OWN_UNITS[measure]:
        return None, said.page["letters"].format(name=name, value=text, example=example)
    if not plausible(measure, value):
        low = short_number(SPECS[measure].plausible_low, said.language)
        high = short_number(SPECS[measure].plausible_high, said.language)
        return None, said.page["too_far"].format(name=name, value=text, low=low, high=f"{high} {own}")
    return value, None
