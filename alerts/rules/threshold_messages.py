"""How threshold rules explain themselves: the readings, the limit, and what repeats said, in words."""

from collections.abc import Sequence
from datetime import timedelta

from alerts.book.schema import ThresholdRule
from alerts.rules.hits import Hit, counted
from alerts.rules.view import View
from vitals.measure import SPECS, Measure
from vitals.message import Message

_SAME_SITTING = timedelta(hours=2)

LAST_VALUE = "last_value"
"""In a message about two readings: the last one's value, by which a correction of it is noticed."""


def message(rule: ThresholdRule, view: View, hit: Hit, hits: Sequence[Hit]) -> Message:
    """What the hit says: the first reading, what the repeat said or how often, and the limit."""
    measure = hit.first.when.measure
    shown = hit.first.measured.values
    both = Measure.SYSTOLIC in shown and Measure.DIASTOLIC in shown
    key = rule.message if both or not rule.message.startswith("pressure") else "value"
    values: dict[str, str | float | int] = {
        "measure": f"measure_{measure.value}",
        "value": hit.first.value,
        "unit": SPECS[measure].display_unit,
        "limit": hit.first.limit,
        "systolic": shown.get(Measure.SYSTOLIC, 0.0),
        "diastolic": shown.get(Measure.DIASTOLIC, 0.0),
    }
    if rule.on == "reading" and measure in hit.last.measured.values:
        values[LAST_VALUE] = hit.last.measured.values[measure]
    if rule.count is not None:
        values |= {"n": len(counted(rule, view, hits)), "window": _window(rule.count.within_hours)}
        return Message(key=f"{key}_count", values=values)
    if rule.confirm is None:
        return Message(key=key, values=values)
    if hit.confirmed:
        apart = hit.last.measured.at - hit.first.measured.at
        if apart > _SAME_SITTING:
            values["hours"] = round(apart / timedelta(hours=1))
            return Message(key=f"{key}_again", values=values)
        values["minutes"] = max(1, round(apart / timedelta(minutes=1)))
        return Message(key=f"{key}_confirmed", values=values)
    values["minutes"] = round(rule.confirm.within_minutes)
    return Message(key=f"{key}_unconfirmed", values=values)


def _window(hours: float) -> str:
    return f"{hours:g} h" if hours < 48 else f"{hours / 24:g} d"
