"""The National Early Warning Score 2 (Royal College of Physicians, 2017), from home readings. Pure.

Never scored with an input missing: a partial score reassures where nobody looked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.book.schema import News2Rule
from alerts.readings.measured import Measured
from alerts.rules.breach_of import breach_of
from alerts.rules.view import FRESH, LATE, NOTHING, AnswerGiven, Finding, View
from vitals.alert import Priority
from vitals.measure import Measure
from vitals.message import Message

ALERT, OXYGEN = "fully_awake", "on_oxygen"
QUESTIONS = (ALERT, OXYGEN)
"""The two check-in questions that NEWS2 needs beside the readings."""

TOLD: Mapping[str, Measure] = {
    "rate": Measure.RESPIRATORY_RATE,
    "spo2": Measure.SPO2,
    "systolic": Measure.SYSTOLIC,
    "heart_rate": Measure.HEART_RATE,
    "temperature": Measure.TEMPERATURE,
}
"""Which measure stands in which place of the score's sentence."""

# Chart 1: each band is (up to and including, points); the last holds for everything above.
_BANDS: Mapping[Measure, tuple[tuple[float, int], ...]] = {
    Measure.RESPIRATORY_RATE: ((8, 3), (11, 1), (20, 0), (24, 2), (1e9, 3)),
    Measure.SYSTOLIC: ((90, 3), (100, 2), (110, 1), (219, 0), (1e9, 3)),
    Measure.HEART_RATE: ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (1e9, 3)),
    Measure.TEMPERATURE: ((35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1), (1e9, 2)),
}
_SPO2_SCALE_1 = ((91, 3), (93, 2), (95, 1), (1e9, 0))
_SPO2_SCALE_2_AIR = ((83, 3), (85, 2), (87, 1), (1e9, 0))
_SPO2_SCALE_2_OXYGEN = ((83, 3), (85, 2), (87, 1), (92, 0), (94, 1), (96, 2), (1e9, 3))
_SCALE_2_BELOW = 88
"""A patient whose critical limit is this low is one whose target is 88-92 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The seven inputs: five measures in their own units, oxygen, and whether fully awake."""

    measures: Mapping[Measure, float]
    on_oxygen: bool
    awake: bool
    scale_2: bool = False


def points(inputs: Inputs) -> dict[str, int]:
    """The points of each input."""
    scores = {measure.value: _points(bands, inputs.measures[measure]) for measure, bands in _BANDS.items()}
    if not inputs.scale_2:
        scale = _SPO2_SCALE_1
    else:
        scale = _SPO2_SCALE_2_OXYGEN if inputs.on_oxygen else _SPO2_SCALE_2_AIR
    scores[Measure.SPO2.value] = _points(scale, inputs.measures[Measure.SPO2])
    scores[OXYGEN] = 2 if inputs.on_oxygen else 0
    scores[ALERT] = 0 if inputs.awake else 3
    return scores


def _points(bands: Sequence[tuple[float, int]], value: float) -> int:
    return next(points for up_to, points in bands if value <= up_to)


def find(rule: News2Rule, view: View, now: datetime) -> Finding:
    """What the score says, if all its inputs are there and the patient is old enough for it."""
    found = None if _too_young(rule, view, now) else _readings(view, now)
    answers = None if found is None else _answers(rule, view, found, now)
    if found is None or answers is None:
        return NOTHING
    inputs = _inputs(view, found, on_oxygen=answers[OXYGEN].yes, awake=answers[ALERT].yes)
    readings = list(found.values())
    each = points(inputs)
    score = sum(each.values())
    at = max(m.at for m in readings)
    priority = _priority(rule, view, score, single_three=max(each.values()) >= 3)
    if priority is None:
        return Finding(normal_at=at)
    high = view.limits[rule.high_at]
    used = high if priority is Priority.HIGH else view.limits[rule.medium_at]
    values: dict[str, str | float | int] = {"score": score}
    values |= {name: inputs.measures[measure] for name, measure in TOLD.items()}
    answered = (("part_on_oxygen", inputs.on_oxygen), ("part_not_awake", not inputs.awake))
    breach = breach_of(
        rule,
        priority,
        measure=Measure.RESPIRATORY_RATE,
        message=Message(
            key=rule.message,
            values=values,
            parts=tuple(Message(key=key) for key, counts in answered if counts),
        ),
        magnitude=score / high.value,
        at=at,
        reading_ids=tuple(dict.fromkeys(m.reading_id for m in readings)),
        limits=(used,),
        late=any(m.known_at - m.at > LATE for m in readings),
    )
    return Finding(breach=breach)


def _too_young(rule: News2Rule, view: View, now: datetime) -> bool:
    """Whether the patient is too young for the score, or nobody knows how old."""
    born = view.patient.birth_date
    if born is None:
        return True
    today = view.course.day_of(now)
    age = _age(born.year, born.month, born.day, today.year, today.month, today.day)
    return age < rule.least_age_years


def _age(born_y: int, born_m: int, born_d: int, year: int, month: int, day: int) -> int:
    return year - born_y - ((month, day) < (born_m, born_d))


def _priority(rule: News2Rule, view: View, score: int, *, single_three: bool) -> Priority | None:
    if score >= view.limits[rule.high_at].value:
        return Priority.HIGH
    if score >= view.limits[rule.medium_at].value or (rule.single_three and single_three):
        return Priority.MEDIUM
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """A score that waits for its two questions: its newest reading, and until when an answer counts."""

    newest: Measured
    until: datetime


def unanswered(rule: News2Rule, view: View, now: datetime) -> Unanswered | None:
    """The measured part of a score that lacks the two questions alone and may reach the rule's level.

    Nobody is asked whose readings are well with oxygen and without.
    """
    readings = None if _too_young(rule, view, now) else _readings(view, now)
    if readings is None or _answers(rule, view, readings, now) is not None:
        return None
    within = timedelta(minutes=rule.within_minutes)
    newest = max(readings.values(), key=lambda m: m.at)
    until = min(m.at for m in readings.values()) + within
    if newest.at > until or now >= until:
        return None
    for on_oxygen in (False, True):
        each = points(_inputs(view, readings, on_oxygen=on_oxygen, awake=True)).values()
        if _priority(rule, view, sum(each), single_three=max(each) >= 3) is not None:
            return Unanswered(newest=newest, until=until)
    return None


_Readings = Mapping[Measure, Measured]


def _readings(view: View, now: datetime) -> _Readings | None:
    """The newest reading of each measure; None where one is missing, doubtful or old."""
    newest: dict[Measure, Measured] = {}
    for measure in TOLD.values():
        measured = view.course.last(measure)
        if measured is None or measured.doubtful or now - measured.at > FRESH:
            return None
        newest[measure] = measured
    return newest


def _answers(
    rule: News2Rule, view: View, readings: _Readings, now: datetime
) -> Mapping[str, AnswerGiven] | None:
    """The newest answers to the two questions, if they lie close enough to the readings."""
    answers = {a.question: a for a in sorted(view.answers, key=lambda a: a.at) if a.at <= now}
    if ALERT not in answers or OXYGEN not in answers:
        return None
    times = [m.at for m in readings.values()] + [answers[question].at for question in QUESTIONS]
    return answers if max(times) - min(times) <= timedelta(minutes=rule.within_minutes) else None


def _inputs(view: View, readings: _Readings, *, on_oxygen: bool, awake: bool) -> Inputs:
    critical = view.limits.get("spo2_critical")
    return Inputs(
        measures={measure: m.values[measure] for measure, m in readings.items()},
        on_oxygen=on_oxygen,
        awake=awake,
        scale_2=critical is not None and critical.value < _SCALE_2_BELOW,
    )
