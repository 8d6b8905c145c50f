"""How trend rules explain themselves: the numbers behind a score, in words."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from alerts.rules.view import TrendRow
from vitals.breach import LimitUsed
from vitals.message import Message

Limits = Mapping[str, LimitUsed]
_Values = dict[str, str | float | int]
_LEAST_BPM, _LEAST_PERCENT = 3, 1
"""A smaller change of pulse or saturation is not worth a nurse's eye."""


def message(key: str, trends: TrendRow, limits: Limits) -> Message:
    """The message of this key, filled from the features."""
    return _MESSAGES[key](key, trends, limits)


def _number(trends: TrendRow, name: str) -> float:
    value = trends.get(name)
    return 0.0 if value is None else value


def _pair(recent: str, usual: str, sign: int) -> Callable[[str, TrendRow, Limits], Message]:
    def made(key: str, trends: TrendRow, _limits: Limits) -> Message:
        now, before = _number(trends, recent), _number(trends, usual)
        values: _Values = {"recent": now, "usual": before, "change": sign * (now - before)}
        return Message(key=key, values=values)

    return made


def _fall(key: str, trends: TrendRow, limits: Limits) -> Message:
    said = _pair("systolic_fall_shown", "systolic_usual_shown", -1)(key, trends, limits)
    return replace(said, values={**said.values, "days": round(_number(trends, "systolic_fall_days"))})


def _fluid(key: str, trends: TrendRow, _limits: Limits) -> Message:
    change = _number(trends, "weight_macd")
    values: _Values = {"recent": _number(trends, "weight_recent"), "change": change}
    return Message(key=key, values=values, parts=_vital_parts(trends))


def _vital_parts(trends: TrendRow) -> tuple[Message, ...]:
    parts: list[Message] = []
    pulse = _number(trends, "heart_rate_recent") - _number(trends, "heart_rate_usual")
    if trends.get("heart_rate_z") is not None and pulse >= _LEAST_BPM:
        parts.append(Message(key="part_heart_rate", values={"change": pulse}))
    saturation = _number(trends, "spo2_recent") - _number(trends, "spo2_usual")
    if trends.get("spo2_z") is not None and saturation <= -_LEAST_PERCENT:
        parts.append(Message(key="part_spo2", values={"change": saturation}))
    return tuple(parts)


def weight_change(trends: TrendRow, feature: str) -> dict[str, str | float | int]:
    """By how much the newest weight differs from before, over how many days, and what was usual."""
    change = _number(trends, feature)
    return {"change": change, "usual": _number(trends, "weight") - change, "days": 3}


def _gain(feature: str) -> Callable[[str, TrendRow, Limits], Message]:
    def made(key: str, trends: TrendRow, _limits: Limits) -> Message:
        return Message(key=key, values=weight_change(trends, feature))

    return made


def _loss(key: str, trends: TrendRow, _limits: Limits) -> Message:
    values: _Values = {
        "recent": _number(trends, "weight_recent"),
        "change": -_number(trends, "weight_macd"),
    }
    return Message(key=key, values=values)


def _saturation_and_pulse(key: str, trends: TrendRow, _limits: Limits) -> Message:
    values: _Values = {"spo2": _number(trends, "spo2_recent"), "spo2_usual": _number(trends, "spo2_usual")}
    if trends.get("heart_rate_z") is None:
        return Message(key=f"{key}_alone", values=values)
    values |= {
        "heart_rate": _number(trends, "heart_rate_recent"),
        "heart_rate_usual": _number(trends, "heart_rate_usual"),
    }
    return Message(key=key, values=values)


def _month_loss(key: str, trends: TrendRow, _limits: Limits) -> Message:
    recent, share = _number(trends, "weight_recent"), _number(trends, "weight_month_share")
    return Message(
        key=key, values={"recent": recent, "before": recent / (1 + share), "percent": -100 * share}
    )


def _week(limit: str) -> Callable[[str, TrendRow, Limits], Message]:
    def made(key: str, trends: TrendRow, limits: Limits) -> Message:
        values: _Values = {
            "systolic": _number(trends, "systolic_week"),
            "diastolic": _number(trends, "diastolic_week"),
            "limit": limits[limit].value,
        }
        return Message(key=key, values=values)

    return made


def _pulse_pressure(key: str, trends: TrendRow, limits: Limits) -> Message:
    value = _number(trends, "systolic_week") - _number(trends, "diastolic_week")
    return Message(key=key, values={"value": value, "limit": limits["pulse_pressure_wide"].value})


def _narrow(key: str, trends: TrendRow, limits: Limits) -> Message:
    values: _Values = {
        "value": _number(trends, "pulse_pressure_week"),
        "systolic": _number(trends, "systolic_week"),
        "diastolic": _number(trends, "diastolic_week"),
        "limit": limits["pulse_pressure_narrow"].value,
    }
    return Message(key=key, values=values)


_MESSAGES: dict[str, Callable[[str, TrendRow, Limits], Message]] = {
    "hf_trend": _fluid,
    "weight_fast": _gain("weight_jump"),
    "weight_week": _gain("weight_week"),
    "weight_loss": _loss,
    "pressure_rise": _pair("systolic_shown", "systolic_usual_shown", 1),
    "pressure_rise_week": _pair("systolic_week", "systolic_usual_shown", 1),
    "pressure_fall": _fall,
    "weight_loss_month": _month_loss,
    "pressure_week": _week("systolic_target"),
    "pressure_week_diastolic": _week("diastolic_target"),
    "pulse_pressure": _pulse_pressure,
    "pulse_pressure_narrow": _narrow,
    "heart_rate_slow": _pair("heart_rate_recent", "heart_rate_usual", 1),
    "spo2_drop": _pair("spo2_recent", "spo2_usual", 1),
    "copd_trend": _saturation_and_pulse,
}

KEYS = frozenset(_MESSAGES)
"""The messages that a trend rule may use."""
