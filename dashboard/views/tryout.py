"""A tryout of a limit as a clinician reads it, and the pilot of it to copy."""

from collections.abc import Mapping, Sequence

from alerts.book.piloting import pilot_text
from alerts.book.rulebook import Rulebook
from alerts.history.tryout import LostAlert, TriedAlert, Tryout
from dashboard.components import Json
from dashboard.numbers import number, short_number
from dashboard.tryouts import Run
from dashboard.views.history import OUTCOME_WORDS
from dashboard.views.wording import limit_name, rule_name
from dashboard.words import say

_MOST = 50
"""So many alerts of a kind are listed; the command lists all of them."""


def named_in(run: Run | None) -> Sequence[str]:
    """The patients of the alerts that are listed."""
    if run is None or run.found is None:
        return []
    found = run.found
    return [one.alert.patient_id for one in found.lost[:_MOST]] + [
        one.patient_id for one in found.gained[-_MOST:]
    ]


def tryout_props(run: Run | None, book: Rulebook, names: Mapping[str, str]) -> Json:
    """The ward's newest tryout: none, under way, failed, or what it found. `names` are of patients."""
    if run is None:
        return {"state": "none"}
    asked: dict[str, Json] = {
        "limit": limit_name(run.proposal.name),
        "was": short_number(run.proposal.was),
        "value": short_number(run.proposal.value),
        "done": run.done,
        "of": run.of,
    }
    if run.found is None:
        return {"state": "working" if run.failed is None else "failed", "why": run.failed, **asked}
    tried = run.proposal
    pilot = pilot_text(book, tried.programme, tried.name, tried.value)
    return {"state": "found", **asked, **_found(run.found, names), "pilot": pilot}


def _found(found: Tryout, names: Mapping[str, str]) -> dict[str, Json]:
    return {
        "weeks": number(found.weeks, 1),
        "patients": found.patients,
        "changed": found.changed,
        "before": number(found.per_week(found.before), 2),
        "after": number(found.per_week(found.after), 2),
        "rules": [
            {
                "id": one.rule,
                "name": rule_name(one.rule),
                "before": number(found.per_week(one.before), 2),
                "after": number(found.per_week(one.after), 2),
                "changed": one.before != one.after,
            }
            for one in found.rules
        ],
        "lost": [_lost(one, names) for one in found.lost[:_MOST]],
        "lost_count": len(found.lost),
        "acted_count": sum(one.acted_on for one in found.lost),
        "gained": [_alert(one, names) for one in found.gained[-_MOST:]],
        "gained_count": len(found.gained),
    }


def _alert(one: TriedAlert, names: Mapping[str, str]) -> dict[str, Json]:
    return {
        "patient": one.patient_id,
        "name": names.get(one.patient_id, one.patient_id),
        "rule": rule_name(one.rule),
        "at": one.raised_at.isoformat(),
        "words": one.reason,
    }


def _lost(one: LostAlert, names: Mapping[str, str]) -> Json:
    if one.real is None:
        became = say("No such alert was raised")
    else:
        became = OUTCOME_WORDS[one.outcome] if one.outcome else "Open still"
    return {**_alert(one.alert, names), "alert": one.real, "became": became, "acted_on": one.acted_on}
