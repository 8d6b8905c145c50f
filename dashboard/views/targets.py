"""A patient's limits in words and as bands: what the page calls their targets."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from alerts.book.rulebook import Rulebook
from dashboard import book
from dashboard.words import say
from vitals.breach import Layer, LimitUsed
from vitals.ids import StaffId
from vitals.measure import SPECS, Measure

_ALONE = (("Oxygen", Measure.SPO2), ("Heart rate", Measure.HEART_RATE), ("Glucose", Measure.GLUCOSE))

Limits = Mapping[str, float]
"""Every limit in force for one patient, by the rulebook's name for it, in its measure's unit."""

Band = tuple[float | None, float | None]
"""At the first or below, or at the second or above, a value is out of range; None: no such edge."""

# The mildest limits of each measure that people are told as targets; the first that a patient has counts.
_EDGES: dict[Measure, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Measure.SYSTOLIC: (("systolic_low",), ("systolic_target", "systolic_stage2")),
    Measure.DIASTOLIC: ((), ("diastolic_target", "diastolic_stage2")),
    Measure.HEART_RATE: (("heart_rate_low",), ("heart_rate_high",)),
    Measure.SPO2: (("spo2_low",), ()),
    Measure.TEMPERATURE: (("temperature_low",), ("temperature_fever",)),
    Measure.GLUCOSE: (("glucose_low",), ("glucose_high",)),
}


def limits_in_force(programmes: Sequence[str], own: Limits) -> Limits:
    """The programmes' limits, each replaced by the patient's own where there is one."""
    usual = _usual(book.in_force(), tuple(programmes))
    return {**usual, **own} if own else usual


@lru_cache(maxsize=256)
def _usual(rulebook: Rulebook, programmes: tuple[str, ...]) -> Limits:
    """The limits of patients who have none of their own: most of them, fifty times a worklist."""
    rules = rulebook.for_programmes(programmes)
    return MappingProxyType({name: limit.spec.value for name, limit in rules.limits.items()})


def band(limits: Limits, measure: Measure) -> Band | None:
    """The measure's target for this patient; None where it has none."""
    lows, highs = _EDGES.get(measure, ((), ()))
    low = next((limits[name] for name in lows if name in limits), None)
    high = next((limits[name] for name in highs if name in limits), None)
    return None if low is None and high is None else (low, high)


def in_words(edges: Band, measure: Measure) -> str:
    """A band as the values that are in it: 50–110 bpm, 93 % or more, under 135 mmHg."""
    spec = SPECS[measure]
    step = 10.0**-spec.decimals
    low, high = edges
    least = None if low is None else f"{low + step:.{spec.decimals}f}"
    most = None if high is None else f"{high - step:.{spec.decimals}f}"
    if least is not None and most is not None:
        return f"{least}–{most} {spec.display_unit}"
    if most is not None:
        return say("up to {value}", value=f"{most} {spec.display_unit}")
    return say("{value} or more", value=f"{least} {spec.display_unit}")


def target_items(limits: Limits) -> list[tuple[str, str]]:
    """What the page lists under Targets."""
    items: list[tuple[str, str]] = []
    systolic, diastolic = band(limits, Measure.SYSTOLIC), band(limits, Measure.DIASTOLIC)
    if systolic is not None and systolic[1] is not None:
        bottom = f"/{diastolic[1]:g}" if diastolic is not None and diastolic[1] is not None else ""
        items.append((say("Blood pressure"), say("under {value}", value=f"{systolic[1]:g}{bottom} mmHg")))
    if systolic is not None and systolic[0] is not None:
        items.append((say("Systolic"), say("over {value}", value=f"{systolic[0]:g} mmHg")))
    for name, measure in _ALONE:
        edges = band(limits, measure)
        if edges is not None:
            items.append((say(name), in_words(edges, measure)))
    if "weight_gain_fast" in limits:
        gain = f"{limits['weight_gain_fast']:g}"
        items.append((say("Weight gain"), say("under {value} kg in 3 days", value=gain)))
    return items


def limit_sentence(limit: LimitUsed, names: Mapping[StaffId, str]) -> str:
    """Which limit an alert was judged by, and whose it is."""
    spec = book.in_force().limit(limit.name)
    unit = f" {spec.unit}" if spec is not None else ""
    author = names.get(StaffId(limit.author), limit.author)
    words = {
        Layer.PROGRAMME: "Limit {value}, from the programme",
        Layer.SITE: "Limit {value}, from the ward's calibration",
        Layer.PATIENT: "Limit {value}, set for this patient by {author}",
        Layer.OVERRIDE: "Limit {value}, set for this patient for now by {author}",
    }[limit.layer]
    return say(words, value=f"{limit.value:g}{unit}", author=author)
