"""How every kind of rule says what it found."""

from datetime import datetime

from alerts.book.schema import RuleSpec
from vitals.alert import Priority
from vitals.breach import Breach, LimitUsed
from vitals.ids import ReadingId
from vitals.measure import Measure
from vitals.message import Message

# Two ways to the same number may differ in the last bits; no threshold and no breach must depend on that.
DECIMALS = 6


def breach_of(
    rule: RuleSpec,
    priority: Priority,
    *,
    measure: Measure | None,
    message: Message,
    magnitude: float,
    at: datetime,
    reading_ids: tuple[ReadingId, ...] = (),
    limits: tuple[LimitUsed, ...] = (),
    confirmed: bool = True,
    late: bool = False,
) -> Breach:
    """What the rule found, with what every breach says of its rule."""
    return Breach(
        rule=rule.id,
        rule_version=rule.version,
        problem=rule.problem,
        kind=rule.about,
        asks=rule.asks,
        priority=priority,
        measure=measure,
        message=message,
        magnitude=round(magnitude, DECIMALS),
        at=at,
        reading_ids=reading_ids,
        limits=limits,
        confirmed=confirmed,
        late=late,
    )
