"""What a rule compares with which limit, and in which unit: 5 written for pounds would be read as 5 kg."""

from collections.abc import Iterable
from dataclasses import dataclass

from alerts.book import schema
from alerts.book.schema import AnyRule
from alerts.readings.trend import FEATURES, measure_of
from vitals.measure import SPECS, Measure


@dataclass(frozen=True, slots=True)
class Compared:
    """What is compared with a limit, and the unit that it has, which the limit must have too."""

    what: str
    unit: str


_TECHNICAL = {
    "battery": "%",
    "clock": "s",
    "gap": "h",
    "gateway_silent": "h",
    "gateway_never_heard": "h",
    "typed_in": "%",
    "held_readings": "readings",
    "late_readings": "readings",
    "poor_signal": "readings",
    "pounds": "readings",
}
# Counted in the patient's own deviations, or a share: no unit that a limit could be mistaken in.
_WITHOUT_UNIT = ("_z", "_scaled", "_share")


def limits_of(rule: AnyRule) -> list[tuple[str, Compared | None]]:
    """The limits that a rule compares with, each with what it must have the unit of, if anything."""
    match rule:
        case schema.ThresholdRule():
            apart = rule.confirm.stand_out if rule.confirm is not None else None
            measure = rule.when[0].measure
            others = [] if apart is None else [(apart.by, _of_measure(measure.value, measure))]
            return [*_of_values(rule.when), *_of_bounds(rule.unless), *others]
        case schema.TrendRule():
            return [(rule.threshold, _of_score(rule.score)), *_of_bounds(rule.also)]
        case schema.CompositeRule():
            return [*_of_values(rule.readings), *_of_bounds(rule.trends)]
        case schema.News2Rule():
            return [(rule.high_at, None), (rule.medium_at, None)]
        case schema.TechnicalRule():
            unit = _TECHNICAL.get(rule.what)
            return [(rule.limit, None if unit is None else Compared(rule.what, unit))]
        case schema.StaleRule():
            usual = [bound for when in rule.alarming for bound in when.unless]
            return [*_of_values(rule.alarming), *_of_bounds(usual)]


def _of_values(several: Iterable[schema.When]) -> list[tuple[str, Compared | None]]:
    return [(when.limit, _of_measure(when.measure.value, when.measure)) for when in several]


def _of_bounds(several: Iterable[schema.Bound]) -> list[tuple[str, Compared | None]]:
    return [(bound.limit, _of_feature(bound.feature)) for bound in several]


def _of_score(score: tuple[schema.Term, ...]) -> Compared | None:
    """A feature by itself keeps its unit; what is weighed or summed has none."""
    alone = len(score) == 1 and abs(score[0].weight) == 1
    return _of_feature(score[0].feature) if alone else None


def _of_feature(feature: str) -> Compared | None:
    if feature not in FEATURES or feature.endswith(_WITHOUT_UNIT):
        return None
    return (
        Compared(feature, "days") if feature.endswith("_days") else _of_measure(feature, measure_of(feature))
    )


def _of_measure(what: str, measure: Measure) -> Compared:
    return Compared(what, SPECS[measure].display_unit)
