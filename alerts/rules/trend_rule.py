"""Trend rules: a weighed sum of trend features against a threshold. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.book.schema import Bound, Term, TrendRule
from alerts.readings.day_values import SESSION_GAP
from alerts.rules import trend_messages
from alerts.rules.breach_of import DECIMALS, breach_of
from alerts.rules.threshold_messages import LAST_VALUE
from alerts.rules.view import FRESH, LATE, NOTHING, Finding, TrendRow, View
from vitals.breach import LimitUsed


def find(rule: TrendRule, view: View, now: datetime) -> Finding:
    """What the rule says of the patient's days up to that of the newest reading.

    Nothing, where the rule's own measure has not been measured on that day, or that is no longer fresh. A
    sitting takes a quarter of an hour: before, the day's value is half a value, and the rule waits. It ends
    with the day: what comes after midnight is the next day's.
    """
    trends = view.trends
    newest = view.course.last(rule.measure)
    if trends is None or newest is None or newest.doubtful or now - newest.at > FRESH:
        return NOTHING
    if newest.known_at - newest.at > FRESH or view.course.day_of(newest.at) != trends.day:
        return NOTHING
    settled_at = min(newest.at + SESSION_GAP, view.course.start_of(trends.day + timedelta(days=1)))
    if now < settled_at:
        return Finding(look_at=settled_at)
    score = score_of(rule, trends)
    if score is None:
        return NOTHING
    threshold = view.limits[rule.threshold]
    if score < round(rule.recovered * threshold.value, DECIMALS):
        return Finding(normal_at=newest.at)
    if score < threshold.value or not all(holds(bound, trends, view.limits) for bound in rule.also):
        return NOTHING
    message = trend_messages.message(rule.message, trends, view.limits)
    # Not said: by it a newest value that is set right later is known to be another.
    last_value = {LAST_VALUE: newest.values[rule.measure]}
    breach = breach_of(
        rule,
        rule.priority,
        measure=rule.measure,
        message=replace(message, values={**message.values, **last_value}),
        magnitude=score / threshold.value,
        at=newest.at,
        reading_ids=(newest.reading_id,),
        limits=(threshold, *(view.limits[bound.limit] for bound in rule.also)),
        late=newest.known_at - newest.at > LATE,
    )
    return Finding(breach=breach)


def score_of(rule: TrendRule, trends: TrendRow) -> float | None:
    """The rule's score; None where a term that it needs is not known."""
    total = 0.0
    for term in rule.score:
        value = trends.get(term.feature)
        if value is None and not term.optional:
            return None
        total += 0.0 if value is None else _weighed(term, value)
    return round(total, DECIMALS)


def _weighed(term: Term, value: float) -> float:
    return term.weight * min(max(value, term.least), term.most)


def holds(bound: Bound, trends: TrendRow, limits: Mapping[str, LimitUsed]) -> bool:
    """Whether the feature is known and lies on the wanted side of its limit."""
    value = trends.get(bound.feature)
    if value is None:
        return False
    limit = limits[bound.limit].value
    value = round(value, DECIMALS)
    return value >= limit if bound.at_or_above is not None else value < limit
