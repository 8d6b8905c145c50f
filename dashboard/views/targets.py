"""A patient's targets, and the limits beyond which an alert is raised, in words and as bands."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from alerts.book.limits import within_safe
from alerts.book.rulebook import Rulebook
from dashboard import book
from dashboard.numbers import number, short_number
from dashboard.views.wording import limit_name
from dashboard.words import say
from vitals.breach import Breach, Layer, LimitUsed
from vitals.ids import StaffId
from vitals.measure import SPECS, Measure

_ALONE = (("Oxygen", Measure.SPO2), ("Heart rate", Measure.HEART_RATE), ("Glucose", Measure.GLUCOSE))

Limits = Mapping[str, float]
"""Every limit in force for one patient, by the rulebook's name for it, in its measure's unit."""

Band = tuple[float | None, float | None]
"""At the first or below, or at the second or above, a value is out of range; None: no such edge."""

# The mildest limits of each measure; the first that a patient has counts.
_EDGES: dict[Measure, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Measure.SYSTOLIC: (("systolic_low",), ("systolic_target", "systolic_stage2")),
    Measure.DIASTOLIC: ((), ("diastolic_target", "diastolic_stage2")),
    Measure.HEART_RATE: (("heart_rate_low",), ("heart_rate_high",)),
    Measure.SPO2: (("spo2_low",), ()),
    Measure.TEMPERATURE: (("temperature_low",), ("temperature_fever",)),
    Measure.GLUCOSE: (("glucose_low",), ("glucose_high",)),
}

_HYPERCAPNIC_BELOW = 90
_HOME_PRESSURE = (135, 85)
_BEFORE_MEALS, _AFTER_MEALS = (80, 130), 180


def limits_in_force(programmes: Sequence[str], own: Limits) -> Limits:
    """The programmes' limits, each replaced by the patient's own where there is one."""
    usual = _usual(book.in_force(), tuple(programmes))
    if not own:
        return usual
    known = book.in_force().for_programmes(programmes).limits
    return {**usual, **{name: within_safe(known[name], own[name]) for name in own if name in known}}


@lru_cache(maxsize=256)
def _usual(rulebook: Rulebook, programmes: tuple[str, ...]) -> Limits:
    """The limits of patients who have none of their own: most of them, fifty times a worklist."""
    rules = rulebook.for_programmes(programmes)
    return MappingProxyType({name: limit.spec.value for name, limit in rules.limits.items()})


def band(limits: Limits, measure: Measure) -> Band | None:
    """The measure's range without an alert for this patient; None where it has none."""
    lows, highs = _EDGES.get(measure, ((), ()))
    low = next((limits[name] for name in lows if name in limits), None)
    high = next((limits[name] for name in highs if name in limits), None)
    return None if low is None and high is None else (low, high)


def in_words(edges: Band, measure: Measure) -> str:
    """A band as the values that are in it: 50–110 bpm, 93 % or more, under 135 mmHg."""
    spec = SPECS[measure]
    step = 10.0**-spec.decimals
    low, high = edges
    least = None if low is None else number(low + step, spec.decimals)
    most = None if high is None else number(high - step, spec.decimals)
    if least is not None and most is not None:
        return f"{least}–{most} {say(spec.display_unit)}"
    if most is not None:
        return say("up to {value}", value=f"{most} {say(spec.display_unit)}")
    return say("{value} or more", value=f"{least} {say(spec.display_unit)}")


def target(limits: Limits, measure: Measure) -> Band | None:
    """What the patient is treated towards, both ends within it; None where clinical knowledge names none.

    It is no alert limit: those lie further out. Oxygen: BTS 2017, 88-92 % where hypercapnia is a risk, as a
    limit below 90 says, else 94-98 %. Pressure: under the programme's own target, else under 135/85 at home
    (2017 ACC/AHA table 11). Glucose: ADA Standards of Care, 80-130 mg/dL before meals, under 180 after.
    """
    match measure:
        case Measure.SPO2 if "spo2_low" in limits:
            return (88, 92) if limits["spo2_low"] < _HYPERCAPNIC_BELOW else (94, 98)
        case Measure.SYSTOLIC if "systolic_stage2" in limits or "systolic_target" in limits:
            return None, limits.get("systolic_target", _HOME_PRESSURE[0])
        case Measure.DIASTOLIC if "diastolic_stage2" in limits or "diastolic_target" in limits:
            return None, limits.get("diastolic_target", _HOME_PRESSURE[1])
        case Measure.GLUCOSE if "glucose_low" in limits:
            return _BEFORE_MEALS[0], _AFTER_MEALS
        case _:
            return None


def target_items(limits: Limits) -> list[tuple[str, str]]:
    """What the page lists under Targets."""
    items: list[tuple[str, str]] = []
    systolic, diastolic = target(limits, Measure.SYSTOLIC), target(limits, Measure.DIASTOLIC)
    if systolic is not None:
        bottom = "/" + _edge(diastolic[1]) if diastolic is not None else ""
        items.append(
            (say("Blood pressure"), say("under {value}", value=f"{_edge(systolic[1])}{bottom} mmHg"))
        )
    oxygen = target(limits, Measure.SPO2)
    if oxygen is not None:
        items.append((say("Oxygen"), f"{_edge(oxygen[0])}–{_edge(oxygen[1])} %"))
    if target(limits, Measure.GLUCOSE) is not None:
        low, high = _BEFORE_MEALS
        words = say("{range} before meals, under {after} after", range=f"{low}–{high}", after=_AFTER_MEALS)
        items.append((say("Glucose") + " (mg/dL)", words))
    return items


def _edge(value: float | None) -> str:
    return "" if value is None else short_number(value)


def alert_limit_items(limits: Limits) -> list[tuple[str, str]]:
    """The mildest values that raise an alert, as the page lists them beside the targets."""
    items: list[tuple[str, str]] = []
    systolic, diastolic = band(limits, Measure.SYSTOLIC), band(limits, Measure.DIASTOLIC)
    if systolic is not None:
        bottom = (
            "/" + short_number(diastolic[1]) if diastolic is not None and diastolic[1] is not None else ""
        )
        low = None if systolic[0] is None else short_number(systolic[0])
        high = None if systolic[1] is None else short_number(systolic[1]) + bottom
        items.append((say("Blood pressure"), _outside(low, high, "mmHg")))
    for name, measure in _ALONE:
        edges = band(limits, measure)
        if edges is not None:
            low, high = (None if edge is None else short_number(edge) for edge in edges)
            items.append((say(name), _outside(low, high, say(SPECS[measure].display_unit))))
    if "weight_gain_fast" in limits:
        gain = short_number(limits["weight_gain_fast"])
        items.append((say("Weight gain"), say("{value} kg in 3 days", value=gain)))
    return items


def _outside(low: str | None, high: str | None, unit: str) -> str:
    """The values at an edge or beyond it."""
    if low is not None and high is not None:
        return say("{low} or less, {high} or more", low=low, high=high) + f" {unit}"
    if low is not None:
        return say("{value} or less", value=f"{low} {unit}")
    return say("{value} or more", value=f"{high} {unit}")


_WHOSE = {
    Layer.PROGRAMME: "from the programme",
    Layer.SITE: "from the ward's calibration",
    Layer.PATIENT: "set for this patient by {author}",
    Layer.OVERRIDE: "set for this patient for now by {author}",
}
_SCORE = "_score"
"""A trend rule's threshold for several vital signs together, which has no unit that anybody could measure."""


def limit_sentences(breach: Breach, names: Mapping[StaffId, str]) -> list[str]:
    """Which limits an alert was judged by, and whose they are: its own first, then what else had to hold."""
    return [
        f"{_limit_words(limit, breach, is_own=place == 0)}, {_whose(limit, names)}"
        for place, limit in enumerate(breach.limits)
    ]


def _limit_words(limit: LimitUsed, breach: Breach, *, is_own: bool) -> str:
    if is_own and limit.name.endswith(_SCORE):
        score = number(breach.magnitude * limit.value, 1)
        return say("{name} {score}, alert from {value}", name=limit_name(limit.name), score=score,
                   value=short_number(limit.value))  # fmt: skip
    value = value_words(limit.name, limit.value)
    if is_own:
        return say("Limit {value}", value=value)
    return f"{limit_name(limit.name)}: {value}"


def _whose(limit: LimitUsed, names: Mapping[StaffId, str]) -> str:
    return say(_WHOSE[limit.layer], author=names.get(StaffId(limit.author), limit.author))


def value_words(name: str, value: float) -> str:
    """A limit's value with its unit; seconds as minutes, which is how people think of a clock."""
    spec = book.in_force().limit(name)
    if spec is None:
        return short_number(value)
    if spec.unit == "s":
        return f"{short_number(value / 60)} min"
    return f"{short_number(value)} {say(spec.unit)}".rstrip()
