"""The ward's reports: how much the alerts ask of people, how fast they are, who measures."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta

from dashboard.components import Json
from dashboard.numbers import number
from dashboard.views.history import OUTCOME_WORDS
from dashboard.views.wording import full_name, rule_name
from dashboard.words import say
from store.reports import Adherence, AlertLine, PatientCount, PriorityCount, RuleCount
from vitals.alert import Outcome, Priority

_WORDS = {Priority.HIGH: "Urgent", Priority.MEDIUM: "Soon", Priority.LOW: "Routine"}


def duration(span: timedelta | None) -> str:
    """A length of time as people say it; words where there is none yet."""
    if span is None:
        return say("Nobody yet")
    minutes = round(span.total_seconds() / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes / 60
    return say("{n} h", n=number(hours, 1)) if hours < 48 else say("{n} days", n=number(hours / 24, 1))


def reports_props(
    days: int,
    rules: Sequence[RuleCount],
    priorities: Sequence[PriorityCount],
    outcomes: Mapping[str, int],
    adherence: Sequence[Adherence],
    patients: int,
) -> dict[str, Json]:
    """The reports of the last `days` days. `patients` is how many the ward watches."""
    raised = sum(one.raised for one in priorities)
    months = patients * days / 30.4
    by_word = {one.priority: one for one in priorities}
    return {
        "days": days,
        "raised": raised,
        "patients": patients,
        "burden": number(raised / months if months else 0.0, 2),
        "priorities": [
            _priority(priority, by_word[priority.value]) for priority in Priority if priority.value in by_word
        ],
        "rules": [_rule(one) for one in rules],
        "outcomes": [
            {"words": OUTCOME_WORDS[Outcome(code)], "count": count} for code, count in outcomes.items()
        ],
        "adherence": [
            {
                "name": full_name(one.given_name, one.family_name),
                "href": f"/app/patients/{one.patient_id}",
                "measured": one.days_measured,
                "days": one.days,
                "percent": round(100 * min(1.0, one.days_measured / one.days)) if one.days else 0,
            }
            for one in adherence
        ],
    }


def busiest_props(patients: Sequence[PatientCount]) -> list[Json]:
    """Who alerts most: whose limits are worth a look, where little of it was acted on."""
    return [
        {
            "name": full_name(one.given_name, one.family_name),
            "href": f"/app/patients/{one.patient_id}",
            "raised": one.raised,
            "acted": one.acted,
            "expected": one.expected,
            "mistaken": one.mistaken,
        }
        for one in patients
    ]


def _priority(priority: Priority, one: PriorityCount) -> Json:
    return {
        "priority": priority,
        "words": _WORDS[priority],
        "raised": one.raised,
        "in_time": f"{round(100 * one.in_time / one.judged)} %" if one.judged else say("None due yet"),
        "median": duration(one.median_to_seen),
        "p90": duration(one.p90_to_seen),
    }


def _rule(one: RuleCount) -> Json:
    return {
        "name": rule_name(one.rule),
        "priority": _WORDS[Priority(one.priority)],
        "raised": one.raised,
        "closed": one.closed,
        "acted": one.acted,
        "mistaken": one.mistaken,
        "seen": duration(one.median_to_seen),
        "done": duration(one.median_to_closed),
    }


def alerts_csv(lines: Sequence[AlertLine]) -> str:
    """The alerts as comma-separated values with a header; instants are ISO 8601 in UTC.

    Everything in it is an id, a code or an instant: nothing that a spreadsheet could take for a formula.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    names = list(AlertLine.__slots__)
    writer.writerow(names)
    for line in lines:
        writer.writerow([_cell(getattr(line, name)) for name in names])
    return text.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if callable(isoformat) else value
