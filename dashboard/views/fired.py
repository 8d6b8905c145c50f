"""The rule that fired, drawn by its own numbers: the baseline, window mean and limit that its alert explains.

A trend rule compares a mean of some days with what was usual for the patient. Its alert's message carries
both numbers, in the measure's own unit, and its limits how far apart they may be: these the chart draws.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dashboard.figures.frame import Line
from dashboard.numbers import number
from dashboard.words import say
from vitals.breach import Breach
from vitals.measure import SPECS, Measure

Drawn = Mapping[Measure, Sequence[Line]]

_Baseline = Callable[[Mapping[str, float]], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Explained:
    """What a message says of one measure.

    `baseline` makes the usual value of the message's numbers, `recent` names the mean of the last `days`
    days, and `limit` makes the value at which the rule fires, of the limit and the baseline.
    """

    measure: Measure
    baseline: _Baseline | None = None
    called: str = "usual {value}"
    recent: str | None = None
    days: int = 0
    limit: Callable[[float, float], float] | None = None


def _usual(values: Mapping[str, float]) -> float:
    return values["usual"]


def _above(limit: float, baseline: float) -> float:
    return baseline + limit


def _below(limit: float, baseline: float) -> float:
    return baseline - limit


_MONTH = "28-day {value}"
_FROM_USUAL = _Explained(measure=Measure.WEIGHT, baseline=_usual, limit=_above)
_FLUID = _Explained(  # its limit is a score of several vital signs: no line of kilograms is it
    measure=Measure.WEIGHT,
    baseline=lambda values: values["recent"] - values["change"],
    called=_MONTH,
    recent="recent",
    days=3,
)
_PRESSURE = _Explained(measure=Measure.SYSTOLIC, baseline=_usual, recent="recent", days=3)
_WEEK = _Explained(measure=Measure.SYSTOLIC, recent="systolic", days=7)
_OXYGEN = _Explained(
    measure=Measure.SPO2, baseline=lambda values: values["spo2_usual"], recent="spo2", days=2
)

_EXPLAINED: Mapping[str, tuple[_Explained, ...]] = {
    "weight_fast": (_FROM_USUAL,),
    "weight_week": (_FROM_USUAL,),
    "weight_with_symptom": (_FROM_USUAL,),
    "hf_trend": (_FLUID,),
    "hf_trend_pulse": (_FLUID,),
    "weight_loss": (
        _Explained(
            measure=Measure.WEIGHT,
            baseline=lambda values: values["recent"] + values["change"],
            called=_MONTH,
            recent="recent",
            days=3,
            limit=_below,
        ),
    ),
    "weight_loss_month": (
        _Explained(
            measure=Measure.WEIGHT,
            baseline=lambda values: values["before"],
            called="month ago {value}",
            recent="recent",
            days=3,
            limit=lambda percent, baseline: baseline * (1 - percent / 100),
        ),
    ),
    "pressure_rise": (_PRESSURE,),
    "pressure_rise_week": (_Explained(measure=Measure.SYSTOLIC, baseline=_usual, recent="recent", days=7),),
    "pressure_fall": (_PRESSURE,),
    "pressure_week": (_WEEK,),
    "pressure_week_diastolic": (_Explained(measure=Measure.DIASTOLIC, recent="diastolic", days=7),),
    "pulse_pressure_narrow": (
        _WEEK,
        _Explained(measure=Measure.DIASTOLIC, recent="diastolic", days=7),
    ),
    "heart_rate_slow": (
        _Explained(measure=Measure.HEART_RATE, baseline=_usual, recent="recent", days=3, limit=_below),
    ),
    "spo2_drop": (_Explained(measure=Measure.SPO2, baseline=_usual, recent="recent", days=2, limit=_below),),
    "copd_trend": (
        _OXYGEN,
        _Explained(
            measure=Measure.HEART_RATE,
            baseline=lambda values: values["heart_rate_usual"],
            recent="heart_rate",
            days=3,
        ),
    ),
    "copd_trend_alone": (_OXYGEN,),
}

_OF = {Measure.SYSTOLIC: "sys. {what}", Measure.DIASTOLIC: "dia. {what}"}
"""Two measures in one chart: whose a line is must stand beside it."""


def fired_lines(breach: Breach | None, zone: ZoneInfo) -> Drawn:
    """The lines of the rule that fired, by the chart that they belong to.

    Empty where it judges readings one by one: the limits that everybody sees are its own then.
    """
    if breach is None:
        return {}
    values = {
        name: float(value) for name, value in breach.message.values.items() if not isinstance(value, str)
    }
    drawn: dict[Measure, list[Line]] = {}
    for part in _EXPLAINED.get(breach.message.key, ()):
        drawn[part.measure] = _lines(part, values, breach, zone)
    return drawn


def _lines(part: _Explained, values: Mapping[str, float], breach: Breach, zone: ZoneInfo) -> list[Line]:
    lines: list[Line] = []
    try:
        baseline = None if part.baseline is None else part.baseline(values)
        recent = None if part.recent is None else values[part.recent]
    except KeyError:
        return []  # an alert of an older release, whose message said less
    if baseline is not None:
        lines.append(_line(part, part.called, baseline, is_limit=False))
    if baseline is not None and part.limit is not None and breach.limits:
        lines.append(_line(part, "limit {value}", part.limit(breach.limits[0].value, baseline)))
    if recent is not None:
        span = (_began(breach.at, part.days, zone), breach.at)
        lines.append(_line(part, f"{part.days}-day {{value}}", recent, is_limit=False, over=span))
    return lines


def _line(
    part: _Explained,
    words: str,
    value: float,
    *,
    is_limit: bool = True,
    over: tuple[datetime, datetime] | None = None,
) -> Line:
    decimals = SPECS[part.measure].decimals
    said = say(words, value=number(value, decimals))
    whose = _OF.get(part.measure)
    return Line(
        value=round(value, decimals),
        words=say(whose, what=said) if whose else said,
        is_limit=is_limit,
        over=over,
    )


def _began(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Where a window of so many of the patient's local days began, the day of the instant being the last."""
    first = at.astimezone(zone).date() - timedelta(days=days - 1)
    return datetime.combine(first, time(), tzinfo=zone)
