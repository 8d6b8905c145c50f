"""A patient's limits in words: what the page calls their targets."""

from collections.abc import Mapping

from vitals.breach import Layer, LimitUsed
from vitals.ids import StaffId

Limits = Mapping[str, float]
"""Every limit in force for one patient, by the rulebook's name for it, in its measure's unit."""

Band = tuple[float | None, float | None]


def band(limits: Limits, measure: str) -> Band | None:
    """The measure's low and high limit; None where it has neither."""
    low, high = limits.get(f"{measure}_low"), limits.get(f"{measure}_high")
    return None if low is None and high is None else (low, high)


def between(edges: Band, unit: str) -> str:
    """A band in words: 88–92 %, under 140 mmHg, at least 92 %."""
    low, high = edges
    if low is not None and high is not None:
        return f"{low:g}–{high:g} {unit}"
    return f"under {high:g} {unit}" if high is not None else f"at least {low:g} {unit}"


def target_items(limits: Limits) -> list[tuple[str, str]]:
    """What the page lists under Targets."""
    items: list[tuple[str, str]] = []
    systolic, diastolic = limits.get("systolic_high"), limits.get("diastolic_high")
    if systolic is not None:
        pair = f"{systolic:g}/{diastolic:g}" if diastolic is not None else f"{systolic:g}"
        items.append(("Blood pressure", f"under {pair} mmHg"))
    for name, measure, unit in (("Oxygen", "spo2", "%"), ("Heart rate", "heart_rate", "bpm")):
        edges = band(limits, measure)
        if edges is not None:
            items.append((name, between(edges, unit)))
    return items


def limit_sentence(limit: LimitUsed, names: Mapping[StaffId, str]) -> str:
    """Which limit an alert was judged by, and whose it is."""
    name = limit.name.replace("_", " ").capitalize()
    author = names.get(StaffId(limit.author), limit.author)
    whose = {
        Layer.PROGRAMME: "the programme's",
        Layer.SITE: "the ward's",
        Layer.PATIENT: f"this patient's, set by {author}",
        Layer.OVERRIDE: f"this patient's for now, set by {author}",
    }[limit.layer]
    return f"{name} {limit.value:g} ({whose})"
