"""The rulebook as a clinician reads it: each rule, its limits, where they come from, who chose them."""

from alerts.book import texts
from alerts.book.rulebook import Rulebook
from alerts.book.schema import EVERYONE, AnyRule, LimitSpec, ProgrammeFile
from dashboard.components import Json
from dashboard.numbers import short_number
from dashboard.views.wording import limit_name, rule_name
from dashboard.words import LANGUAGE, say

_PRIORITY = {"high": "Urgent", "medium": "Soon", "low": "Routine"}


def rules_props(book: Rulebook, chosen: str | None) -> dict[str, Json]:
    """One programme's rules and limits; the programmes to choose from."""
    name = chosen if chosen is not None and chosen in book.programmes else EVERYONE
    file = book.programmes[name]
    return {
        "programmes": [
            {"id": key, "name": texts.text(one.title, {}, LANGUAGE.get()), "rules": len(one.rules)}
            for key, one in book.programmes.items()
        ],
        "chosen": name,
        "title": texts.text(file.title, {}, LANGUAGE.get()),
        "version": file.version,
        "approved_by": file.approved_by,
        "rules": [_rule(rule, file) for rule in file.rules],
        "limits": [_limit(key, spec) for key, spec in file.limits.items()],
        "schedule": [
            {
                "measure": texts.text(f"measure_{entry.measure.value}", {}, LANGUAGE.get()),
                "words": say("every day")
                if entry.every_days == 1
                else say("every {n} days", n=entry.every_days),
                "by": f"{entry.by:%H:%M}",
                "source": entry.source,
            }
            for entry in file.schedule
        ],
    }


def _rule(rule: AnyRule, file: ProgrammeFile) -> Json:
    return {
        "id": rule.id,
        "name": rule_name(rule.id),
        "version": rule.version,
        "priority": rule.priority,
        "priority_word": _PRIORITY[rule.priority],
        "kind": rule.kind,
        "weekly": rule.weekly,
        "pilot": rule.pilot,
        "quiet": _quiet(rule.rearm_days),
        "asks": [texts.text(key, {}, LANGUAGE.get()) for key in rule.asks],
        "source": rule.source,
        "author": rule.author,
        "programme": file.programme,
    }


def _quiet(days: float) -> str:
    """How long the problem stays quiet after its alert was closed."""
    if days == 0:
        return say("Not quiet")
    if days < 1:
        return say("{n} hours", n=f"{days * 24:.0f}")
    return say("1 day") if days == 1 else say("{n} days", n=short_number(days))


def _limit(name: str, spec: LimitSpec) -> Json:
    return {
        "id": name,
        "name": limit_name(name),
        "value": f"{short_number(spec.value)} {say(spec.unit)}",
        "safe": say(
            "{low} to {high}",
            low=short_number(spec.safe[0]),
            high=f"{short_number(spec.safe[1])} {say(spec.unit)}",
        ),
        "calibrated": spec.calibrated,
        "source": spec.source,
        "author": spec.author,
    }
