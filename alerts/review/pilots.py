"""Silent pilots: rules that run hidden, by themselves, to be compared with what is live. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from alerts.book.schema import AnyRule, PilotSpec
from vitals.breach import Layer, LimitUsed

_RULES: TypeAdapter[AnyRule] = TypeAdapter(AnyRule)
_OWN_WORDS = frozenset({"id", "version", "kind", "pilot", "weekly", "source", "author"})
"""What a pilot's `change` may not touch: it has these itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """A hidden rule with the limits that it compares with instead of the programme's.

    `fingerprint` changes with the definition: what an earlier definition found is not this one's.
    """

    rule: AnyRule
    limits: Mapping[str, float]
    fingerprint: str


def of_rule(rule: AnyRule) -> Pilot:
    """The pilot of a rule that is written down as hidden itself."""
    return Pilot(rule=rule, limits={}, fingerprint=_hashed(_meaning(rule)))


def of_spec(spec: PilotSpec, rule: AnyRule, versions: Iterable[int]) -> Pilot:
    """The pilot of a changed rule. `versions` are those of every rule of that id in the rulebook.

    Raises ValidationError where the change does not make a rule.
    """
    said = spec.model_dump(mode="json", exclude={"source", "author"})
    fingerprint = _hashed({"pilot": said, "versions": sorted(versions)})
    return Pilot(rule=changed(spec, rule), limits=spec.limits, fingerprint=fingerprint)


def changed(spec: PilotSpec, rule: AnyRule) -> AnyRule:
    """The rule with the pilot's changes. Raises ValidationError."""
    return _RULES.validate_python(words_of(spec, rule))


def words_of(spec: PilotSpec, rule: AnyRule) -> Mapping[str, object]:
    """The changed rule as it would stand in a programme file."""
    own = {
        "id": spec.id,
        "version": spec.version,
        "kind": rule.kind,
        "pilot": True,
        "weekly": False,
        "source": spec.source,
        "author": spec.author,
    }
    return rule.model_dump() | spec.change | own


def wrong(spec: PilotSpec) -> list[str]:
    """What is wrong with what a pilot wants to change, whatever the rule."""
    said = [f"may not change {word!r}: it has its own" for word in sorted(_OWN_WORDS & spec.change.keys())]
    if not spec.limits and not spec.change:
        said.append("changes nothing: say other limits, or what else is to change")
    return said


def limits_of(pilot: Pilot, in_force: Mapping[str, LimitUsed]) -> Mapping[str, LimitUsed]:
    """The limits that the pilot compares with: its own, where no person set one for the patient."""
    if not pilot.limits:
        return in_force
    ours = {
        name: replace(
            in_force[name],
            value=value,
            layer=Layer.PROGRAMME,
            author=pilot.rule.author,
            reason=pilot.rule.source,
        )
        for name, value in pilot.limits.items()
        if name in in_force and in_force[name].layer in (Layer.PROGRAMME, Layer.SITE)
    }
    return {**in_force, **ours}


def _meaning(rule: AnyRule) -> dict[str, object]:
    return rule.model_dump(mode="json", exclude={"source", "author"})


def _hashed(said: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]
