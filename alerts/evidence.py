"""What an alert speaks of, looked at again: whether its readings still stand, and say what it says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alerts import rearm
from alerts.book.schema import AnyRule, CompositeRule, News2Rule, ThresholdRule, TrendRule
from alerts.readings.measured import Measured
from alerts.rules.evaluate import Assessment
from alerts.rules.news2 import TOLD
from alerts.rules.threshold_messages import LAST_VALUE
from vitals.alert import Alert, Kind
from vitals.breach import Breach
from vitals.measure import Measure
from vitals.message import Message

WITHDRAWN_WITHIN = timedelta(days=30)
"""Evidence older than this stands, whatever becomes of its readings."""

EVIDENCE_SPANS = timedelta(days=5)
"""How long before its newest the first reading of one breach may be: a confirmation waits for four days."""


_PRESSURE = {"systolic": Measure.SYSTOLIC, "diastolic": Measure.DIASTOLIC}


def says_otherwise(alert: Alert, breach: Breach, rules: Mapping[str, AnyRule]) -> bool:
    """Whether the same readings amount to something else now: a value was set right, or a limit moved.

    Of a trend nobody can tell: it moves with everything that is measured beside it.
    """
    same = breach.rule == alert.rule and breach.reading_ids == alert.reading_ids
    if not same or alert.message is None or not alert.reading_ids:
        return False
    match rules.get(breach.rule):
        case ThresholdRule() | News2Rule() | CompositeRule():
            return _of_readings(breach.message) != _of_readings(alert.message)
        case _:
            return False


def _of_readings(message: Message) -> Message:
    """Without what changes though the readings do not: how often it was so, and which symptoms came too."""
    values = {name: value for name, value in message.values.items() if name not in ("n", "symptom")}
    return replace(message, values=values, parts=())


def is_withdrawn(alert: Alert, assessment: Assessment, rules: Mapping[str, AnyRule], now: datetime) -> bool:
    """Whether a reading that the alert speaks of counts no more, or is another: left out, or set right."""
    course, known_at = assessment.course, rearm.evidence_until(alert, now)
    if course is None or not alert.reading_ids or alert.kind is Kind.TECHNICAL or known_at is None:
        return False
    if now - known_at > WITHDRAWN_WITHIN:
        return False
    since = known_at - EVIDENCE_SPANS
    counted = {m.reading_id: m for measure in course.measures() for m in course.usable(measure, since)}
    spoken_of = [m for reading_id in alert.reading_ids if (m := counted.get(reading_id)) is not None]
    return len(spoken_of) < len(alert.reading_ids) or _are_others(alert, spoken_of, rules)


def is_within_now(alert: Alert, assessment: Assessment) -> bool:
    """Whether the rule finds the patient well by the reading that was evidence: it or a limit was changed."""
    return bool(alert.reading_ids) and assessment.normal.get(alert.rule) == alert.evidence_at


def _are_others(alert: Alert, spoken_of: Sequence[Measured], rules: Mapping[str, AnyRule]) -> bool:
    """Whether the readings have other values than the alert was told, where it was told them."""
    told = alert.message.values if alert.message is not None else {}
    rule = rules.get(alert.rule)
    if LAST_VALUE in told and alert.measure is not None:
        first, last = (m.values.get(alert.measure) for m in (spoken_of[0], spoken_of[-1]))
        # Where a trend is part of it, the newest reading's value alone was told.
        told_first = last if isinstance(rule, TrendRule | CompositeRule) else told["value"]
        return (first, last) != (told_first, told[LAST_VALUE])
    match rule:
        case News2Rule():
            named = TOLD
        case CompositeRule() if alert.measure is not None and "value" in told:
            named = {"value": alert.measure, **_PRESSURE}
        case _:
            return False
    for name, measure in named.items():
        values = {m.values[measure] for m in spoken_of if measure in m.values}
        # Several instruments may have taken the same measure, of which one was told.
        if values and told.get(name) not in values:
            return True
    return False
