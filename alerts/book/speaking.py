"""What a rule may say: the catalogue's keys, and whether the rule can fill their places."""

from collections.abc import Iterator

from alerts.book import schema, texts
from alerts.book.mistakes import near
from alerts.book.schema import AnyRule
from alerts.book.tables import GAP

TREND_MESSAGES = frozenset({
    "hf_trend", "copd_trend", "weight_fast", "weight_week", "weight_loss", "weight_loss_month", "spo2_drop",
    "pressure_rise", "pressure_rise_week", "pressure_fall", "pressure_week", "pressure_week_diastolic",
    "pulse_pressure", "pulse_pressure_narrow", "heart_rate_slow",
})  # fmt: skip
"""The messages whose numbers are trend features; `alerts.rules.trend_messages` fills them."""

_READING = frozenset({"measure", "value", "unit", "limit", "systolic", "diastolic"})
_GAIN = frozenset({"change", "usual", "days"})
_NEWS2 = frozenset({"score", "rate", "spo2", "systolic", "heart_rate", "temperature"})
_TECHNICAL: dict[str, frozenset[str]] = {
    "gateway_silent": frozenset({"hours"}),
    "gateway_never_heard": frozenset({"hours"}),
    "gap": frozenset({"n", "hours"}),
    "pairing": frozenset(),
    "battery": frozenset({"value", "limit"}),
    "clock": frozenset({"minutes"}),
    "held_readings": frozenset({"n", "days"}),
    "late_readings": frozenset({"n", "days"}),
    "pounds": frozenset({"n"}),
    "poor_signal": frozenset({"value", "n", "days"}),
    "typed_in": frozenset({"n", "days"}),
}


def message_keys(rule: AnyRule, message: str | None = None) -> list[str]:
    """The catalogue keys that a rule may speak with; another message's, if one is given."""
    message = rule.message if message is None else message
    match rule:
        case schema.ThresholdRule() if rule.count is not None:
            return [f"{message}_count"]
        case schema.ThresholdRule() if rule.confirm is not None:
            return [f"{message}_{how}" for how in ("confirmed", "again", "unconfirmed")]
        case schema.StaleRule():
            steps = [rung.step for rung in rule.ladder if rung.priority is not None]
            return [f"{message}_{step}" for step in (*steps, *(["alarming"] if rule.alarming else []))]
        case _:
            return [message]


def fills(rule: AnyRule) -> frozenset[str]:
    """The places of a sentence that a rule has values for; of trend rules the features fill others."""
    match rule:
        case schema.ThresholdRule() if rule.count is not None:
            return _READING | {"n", "window"}
        case schema.ThresholdRule():
            return _READING | {"minutes", "hours"} if rule.confirm is not None else _READING
        case schema.CompositeRule():
            parts = [places for said, places in ((rule.readings, _READING), (rule.trends, _GAIN)) if said]
            both = parts[0].intersection(*parts) if parts else frozenset[str]()
            return both | {"symptom"}
        case schema.StaleRule():
            return frozenset({"measure", "days", *(("value", "unit") if rule.alarming else ())})
        case schema.News2Rule():
            return _NEWS2
        case schema.TechnicalRule():
            return _TECHNICAL[rule.what]
        case schema.TrendRule():
            return frozenset()


def wrong_texts(rule: AnyRule) -> Iterator[tuple[str, str | None]]:
    """What a rule wants to say and cannot, each with what was perhaps meant."""
    known = texts.catalogue(texts.ENGLISH)
    if rule.message != GAP and not _speaks(rule, rule.message):
        choices = _messages(rule)
        if any(key not in known for key in message_keys(rule)):
            why = f"unknown message {rule.message!r} for a {rule.kind} rule"
        else:
            why = f"message {rule.message!r} tells of numbers that this rule does not have"
        yield why, near(rule.message, choices)
    for prefix, names in (("ask_", rule.asks), ("symptom_", _questions(rule))):
        of_kind = [key for key in known if key.startswith(prefix)]
        for key in names:
            if key not in of_kind and not key.endswith(GAP):
                what = "ask" if prefix == "ask_" else "question"
                shown = key if prefix == "ask_" else key.removeprefix(prefix)
                meant = near(key, of_kind)
                if meant is not None and prefix == "symptom_":
                    meant = meant.removeprefix(prefix)
                yield f"unknown {what} {shown!r}", meant


def _speaks(rule: AnyRule, message: str) -> bool:
    if isinstance(rule, schema.TrendRule):
        return message in TREND_MESSAGES
    known, filled = texts.catalogue(texts.ENGLISH), fills(rule)
    keys = message_keys(rule, message)
    return all(key in known and texts.places(known[key]) <= filled for key in keys)


def _messages(rule: AnyRule) -> list[str]:
    """The messages that the rule could speak with."""
    if isinstance(rule, schema.TrendRule):
        return sorted(TREND_MESSAGES)
    known = texts.messages()
    stems = known | {key.rsplit("_", 1)[0] for key in known}
    return sorted(stem for stem in stems if message_keys(rule, stem) and _speaks(rule, stem))


def _questions(rule: AnyRule) -> list[str]:
    if not isinstance(rule, schema.CompositeRule):
        return []
    return [f"symptom_{answer.question}" for answer in rule.answers]
