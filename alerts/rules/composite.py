"""Composite rules: a patient's own words, alone or together with a reading or a trend. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.book.schema import CompositeRule, Recent
from alerts.readings.measured import Measured
from alerts.rules import trend_messages
from alerts.rules.trend_rule import holds
from alerts.rules.view import FRESH, LATE, NOTHING, AnswerGiven, Finding, View, magnitude
from vitals.breach import Breach, LimitUsed
from vitals.measure import SPECS, Measure
from vitals.message import Message

_Values = dict[str, str | float | int]


def find(rule: CompositeRule, view: View, now: datetime) -> Finding:
    """What the rule says of the patient's newest answers, readings and trends."""
    answer = _newest_yes(rule, view, now) if view.answers else None
    if answer is None:
        return NOTHING
    values: _Values = {"symptom": f"symptom_{answer.question}"}
    if not rule.readings and not rule.trends:
        return Finding(breach=_breach(rule, answer, None, (), 1.0, values))
    for recent in rule.readings:
        measured = _beyond(recent, view, now)
        if measured is not None:
            limit = view.limits[recent.limit]
            value = measured.values[recent.measure]
            far = magnitude(recent.measure, value, limit.value, is_high=recent.is_high)
            values |= _said(recent.measure, measured, limit)
            both = recent.measure is not Measure.SYSTOLIC or Measure.DIASTOLIC in measured.values
            key = rule.message if both else "value_with_symptom"
            breach = _breach(rule, answer, measured, (limit,), far, values, recent.measure)
            return Finding(breach=replace(breach, message=Message(key=key, values=values)))
    return _with_trend(rule, view, answer, values, now)


def _newest_yes(rule: CompositeRule, view: View, now: datetime) -> AnswerGiven | None:
    given = [
        answer
        for asked in rule.answers
        for answer in view.answers
        if answer.question == asked.question
        and timedelta(0) <= now - answer.at <= timedelta(hours=asked.within_hours)
    ]
    # A later "no" to the same question takes the "yes" back.
    newest = {answer.question: answer for answer in sorted(given, key=lambda a: a.at)}
    yes = [answer for answer in newest.values() if answer.yes]
    return max(yes, key=lambda a: a.at) if yes else None


def _beyond(recent: Recent, view: View, now: datetime) -> Measured | None:
    """The measure's newest reading, if it is recent, trustworthy and beyond the limit."""
    since = now - timedelta(hours=recent.within_hours)
    readings = [m for m in view.course.usable(recent.measure, since) if not m.doubtful and m.at <= now]
    if not readings:
        return None
    beyond = recent.beyond(readings[-1].values[recent.measure], view.limits[recent.limit].value)
    return readings[-1] if beyond else None


def _with_trend(
    rule: CompositeRule, view: View, answer: AnswerGiven, values: _Values, now: datetime
) -> Finding:
    trends = view.trends
    if trends is None or now - trends.at > FRESH:
        return NOTHING
    for bound in rule.trends:
        if holds(bound, trends, view.limits):
            limit = view.limits[bound.limit]
            change = trends.get(bound.feature) or 0.0
            said = values | trend_messages.weight_change(trends, bound.feature)
            measured = view.course.last(Measure.WEIGHT)
            far = change / limit.value
            return Finding(breach=_breach(rule, answer, measured, (limit,), far, said, Measure.WEIGHT))
    return NOTHING


def _said(measure: Measure, measured: Measured, limit: LimitUsed) -> _Values:
    return {
        "measure": f"measure_{measure.value}",
        "value": measured.values[measure],
        "unit": SPECS[measure].display_unit,
        "limit": limit.value,
        "systolic": measured.values.get(Measure.SYSTOLIC, 0.0),
        "diastolic": measured.values.get(Measure.DIASTOLIC, 0.0),
    }


def _breach(
    rule: CompositeRule,
    answer: AnswerGiven,
    measured: Measured | None,
    limits: tuple[LimitUsed, ...],
    far: float,
    values: _Values,
    measure: Measure | None = None,
) -> Breach:
    return Breach(
        rule=rule.id,
        rule_version=rule.version,
        problem=rule.problem,
        kind=rule.about,
        priority=rule.priority,
        measure=measure,
        message=Message(key=rule.message, values=values),
        magnitude=round(far, 6),
        at=answer.at if measured is None else max(answer.at, measured.at),
        reading_ids=() if measured is None else (measured.reading_id,),
        limits=limits,
        asks=rule.asks,
        late=measured is not None and measured.known_at - measured.at > LATE,
    )
