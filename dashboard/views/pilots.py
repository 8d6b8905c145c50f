"""Silent pilots beside what is live, and the moves of the alert budget, as a clinician reads them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from alerts.review.comparison import Comparison
from dashboard.components import Json
from dashboard.numbers import number, short_number
from dashboard.views.history import OUTCOME_WORDS
from dashboard.views.wording import limit_name, rule_name
from dashboard.words import say
from store.calibration import Run
from store.limits import CalibrationRow

_MOST = 20
"""So many alerts of a kind are listed; the command lists all of them."""


def named_in(found: Sequence[Comparison]) -> list[str]:
    """The patients of the alerts that are listed."""
    return [alert.patient_id for one in found for alert in (*one.missed_acted[:_MOST], *one.extra[-_MOST:])]


def pilots_props(found: Sequence[Comparison], names: Mapping[str, str]) -> Json:
    """Every pilot with its numbers, and what it would have missed and added. `names` are of patients."""
    return [_pilot(one, names) for one in found]


def _pilot(one: Comparison, names: Mapping[str, str]) -> Json:
    return {
        "id": f"{one.rule}/{one.fingerprint}",
        "name": rule_name(one.rule),
        "version": one.rule_version,
        "since": None if one.since is None else one.since.isoformat(),
        "ended": one.until.isoformat() if one.ended else None,
        "patients": one.patients,
        "months": number(one.patient_months, 1),
        "would_be": len(one.would_be),
        "would_be_rate": _rate(one.per_month(len(one.would_be))),
        "live": len(one.live),
        "live_rate": _rate(one.per_month(len(one.live))),
        "both": one.coinciding,
        "window": say("{n} days", n=short_number(one.window / timedelta(days=1))),
        "outcomes": [
            {"words": OUTCOME_WORDS[outcome] if outcome else say("Open still"), "count": count}
            for outcome, count in one.outcomes.items()
        ],
        "earlier": one.earlier,
        "later": one.later,
        "lead": _lead(one.median_lead),
        "missed": [
            {
                "alert": miss.alert_id,
                "patient": miss.patient_id,
                "name": names.get(miss.patient_id, miss.patient_id),
                "rule": rule_name(miss.rule),
                "at": miss.raised_at.isoformat(),
            }
            for miss in one.missed_acted[:_MOST]
        ],
        "missed_count": len(one.missed_acted),
        "extra": [
            {
                "patient": more.patient_id,
                "name": names.get(more.patient_id, more.patient_id),
                "at": more.raised_at.isoformat(),
                "words": more.reason,
            }
            for more in one.extra[-_MOST:]
        ],
        "extra_count": len(one.extra),
    }


def _rate(rate: float | None) -> str:
    return "–" if rate is None else number(rate, 2)


def _lead(lead: timedelta | None) -> str:
    """How much earlier the pilot came, in words."""
    if lead is None:
        return say("Nothing coincides yet")
    hours = abs(lead) / timedelta(hours=1)
    span = say("{n} h", n=number(hours, 1)) if hours < 48 else say("{n} days", n=number(hours / 24, 1))
    if lead > timedelta(0):
        return say("{span} earlier", span=span)
    return say("{span} later", span=span) if lead < timedelta(0) else say("At the same time")


def calibrations_props(rows: Sequence[CalibrationRow], runs: Sequence[Run]) -> Json:
    """The moves of the ward's thresholds, newest first, and when they were last looked at."""
    return {
        "looked_at": runs[0].as_of.isoformat() if runs else None,
        "moves": [
            {
                "name": limit_name(row.limit_name),
                "was": short_number(row.was),
                "value": short_number(row.value),
                "at": row.at.isoformat(),
                "why": say(
                    "{found} alerts per patient-month, budget {budget}, in {months} patient-months",
                    found=number(row.found, 2),
                    budget=short_number(row.budget),
                    months=number(row.patient_months, 0),
                ),
            }
            for row in rows
        ],
    }
