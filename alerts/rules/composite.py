"""Composite rules: a patient's own words, alone or together with a reading or a trend. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from alerts.book.schema import CompositeRule, Recent
from alerts.readings.measured import Measured
from alerts.rules import trend_messages
from alerts.rules.breach_of import breach_of
from alerts.rules.threshold_messages import LAST_VALUE
from alerts.rules.trend_rule import holds
from alerts.rules.view import FRESH, LATE, NOTHING, AnswerGiven, Finding, View, magnitude
from vitals.breach import Breach, LimitUsed
from vitals.measure import SPECS, Measure
from vitals.message import Message

_Values = dict[str, str | float | int]


def find(rule: CompositeRule, view: View, now: datetime) -> Finding:
    """What the rule says of the patient's newest answers, readings and trends."""
    said_yes = _said_yes(rule, view, now) if view.answers else []
    if not said_yes:
        return NOTHING
    breach = _breach_of(rule, view, said_yes[0], now, more=len(said_yes) - 1)
    if breach is None:
        return NOTHING
    too = tuple(Message(key="symptom_too", values=_symptom(answer)) for answer in said_yes[1:])
    return Finding(breach=replace(breach, message=replace(breach.message, parts=too)))


def _symptom(answer: AnswerGiven) -> _Values:
    return {"symptom": f"symptom_{answer.question}"}


def _breach_of(
    rule: CompositeRule, view: View, answer: AnswerGiven, now: datetime, *, more: int
) -> Breach | None:
    """The breach by the newest answer; a symptom alone is half as bad again with each of `more` others."""
    values = _symptom(answer)
    if not rule.readings and not rule.trends:
        return _breach(rule, answer, None, (), 1 + more / 2, values)
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
            return replace(breach, message=Message(key=key, values=values))
    return _with_trend(rule, view, answer, values, now)


def _said_yes(rule: CompositeRule, view: View, now: datetime) -> list[AnswerGiven]:
    """Every question whose newest answer is a yes, those last answered first."""
    given = [
        answer
        for asked in rule.answers
        for answer in view.answers
        if answer.question == asked.question
        and timedelta(0) <= now - answer.at <= timedelta(hours=asked.within_hours)
    ]
    # A later "no" to the same question takes the "yes" back.
    newest = {answer.question: answer for answer in sorted(given, key=lambda a: a.at)}
    return sorted((answer for answer in newest.values() if answer.yes), key=lambda a: a.at, reverse=True)


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
) -> Breach | None:
    trends = view.trends
    if trends is None or now - trends.at > FRESH:
        return None
    for bound in rule.trends:
        if holds(bound, trends, view.limits):
            limit = view.limits[bound.limit]
            change = trends.get(bound.feature) or 0.0
            said = values | trend_messages.weight_change(trends, bound.feature)
            measured = view.course.last(Measure.WEIGHT)
            if measured is not None:
                # Not said: by it a weight that is set right later is known to be another.
                said[LAST_VALUE] = measured.values[Measure.WEIGHT]
            far = change / limit.value
            return _breach(rule, answer, measured, (limit,), far, said, Measure.WEIGHT)
    return None


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
    return breach_of(
        rule,
        rule.priority,
        measure=measure,
        message=Message(key=rule.message, values=values),
        magnitude=far,
        at=answer.at if measured is None else max(answer.at, measured.at),
        reading_ids=() if measured is None else (measured.reading_id,),
        limits=limits,
        late=measured is not None and measured.known_at - measured.at > LATE,
    )
