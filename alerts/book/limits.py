"""Limits in force: the programme's, the ward's calibration, the patient's own, an override that expires."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from alerts.book.order import ORDERED
from alerts.book.rulebook import PatientRules, ProgrammeLimit
from vitals.breach import Layer, LimitUsed
from vitals.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLimit:
    """A limit that somebody set for one patient; with `expires_at` it is an override until then."""

    name: str
    value: float
    author: str
    reason: str
    set_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A trend threshold that was moved to the ward's alert budget.

    `base` is the programme's own number at that time: once that is another, the calibration counts no more.
    """

    limit_name: str
    value: float
    at: datetime
    reason: str
    base: float | None = None


def resolve(
    rules: PatientRules,
    calibrations: Iterable[Calibration],
    own: Iterable[OwnLimit],
    now: datetime,
) -> Mapping[str, LimitUsed]:
    """Every limit by its name, as it is in force now, with who set it and why.

    A patient's own limit of a name that no rule of theirs knows is left out. One that was safe when it was
    set and is no longer, as the patient has joined a programme with narrower bounds, counts as the nearest
    bound.
    """
    moves = sorted(calibrations, key=lambda c: c.at)
    valid = [o for o in own if o.set_at <= now and (o.expires_at is None or now < o.expires_at)]
    if not moves and not valid:
        return rules.in_force
    in_force = dict(rules.in_force)
    for moved in moves:
        limit = rules.limits.get(moved.limit_name)
        stands = limit is not None and moved.base in (None, limit.spec.value)
        if limit is not None and stands and limit.spec.calibrated and moved.at <= now:
            in_force[moved.limit_name] = LimitUsed(
                name=moved.limit_name,
                value=moved.value,
                layer=Layer.SITE,
                author="calibration",
                reason=moved.reason,
            )
    # Of two in the same layer the later counts; an override stands above any limit without an end.
    for one in sorted(valid, key=lambda o: (o.expires_at is not None, o.set_at)):
        if one.name in in_force:
            in_force[one.name] = _own(one, rules.limits[one.name])
    return in_force


def within_safe(limit: ProgrammeLimit, value: float) -> float:
    """The value, or the nearest that is safe for the programme's patients."""
    low, high = limit.spec.safe
    return min(max(value, low), high)


def _own(one: OwnLimit, limit: ProgrammeLimit) -> LimitUsed:
    layer = Layer.PATIENT if one.expires_at is None else Layer.OVERRIDE
    value = within_safe(limit, one.value)
    return LimitUsed(name=one.name, value=value, layer=layer, author=one.author, reason=one.reason)


def refusal(
    rules: PatientRules, in_force: Mapping[str, LimitUsed], name: str, value: float
) -> Message | None:
    """Why this value is unsafe as a limit for the patient; None where it may be set."""
    known = rules.limits.get(name)
    if known is None:
        return Message(key="refused_limit_unknown", values={"name": name})
    low, high = known.spec.safe
    if not low <= value <= high:
        values: dict[str, str | float | int] = {"low": low, "high": high, "unit": known.spec.unit}
        return Message(key="refused_limit_unsafe", values=values)
    for lower, higher in ORDERED:
        other = in_force.get(higher if name == lower else lower)
        if other is None or name not in (lower, higher):
            continue
        if (name == lower and value >= other.value) or (name == higher and value <= other.value):
            return Message(key="refused_limit_order", values={"other": other.name, "value": other.value})
    return None
