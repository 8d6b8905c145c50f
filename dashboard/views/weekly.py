"""The weekly list: each patient's lines of one week, who has looked at them, and the list as a file."""

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from alerts.book import texts
from dashboard.components import Json
from dashboard.views.wording import full_name, rule_name, written_date
from dashboard.words import LANGUAGE, say
from store.weekly import ListedLine, WeekCount

_COLUMNS = (
    "line_id", "patient_id", "week", "rule", "rule_version", "problem", "days", "first_at", "evidence_at",
    "text", "deed", "marked_by", "marked_at",
)  # fmt: skip


def weekly_props(
    weeks: Sequence[WeekCount], chosen: date | None, lines: Sequence[ListedLine], *, only_open: bool
) -> dict[str, Json]:
    """One week's list by patient; `only_open`: without what somebody has looked at."""
    shown = [line for line in lines if line.open or not only_open]
    return {
        "weeks": [
            {"id": week.week.isoformat(), "words": _week(week.week), "lines": week.lines, "open": week.open}
            for week in weeks
        ],
        "chosen": None if chosen is None else chosen.isoformat(),
        "only_open": only_open,
        "total": len(lines),
        "open": sum(line.open for line in lines),
        "patients": [
            _patient(list(theirs)) for _, theirs in groupby(shown, key=lambda line: line.patient_id)
        ],
    }


def _week(monday: date) -> str:
    return say("{first} to {last}", first=written_date(monday), last=written_date(monday + timedelta(days=6)))


def _patient(lines: Sequence[ListedLine]) -> Json:
    first = lines[0]
    return {
        "id": first.patient_id,
        "name": full_name(first.given_name, first.family_name),
        "href": f"/app/patients/{first.patient_id}",
        "lines": [_line(line) for line in lines],
    }


def _line(line: ListedLine) -> Json:
    return {
        "id": line.line_id,
        "rule": rule_name(line.rule),
        "words": texts.say(line.said, LANGUAGE.get()),
        "days": say("1 day") if line.days == 1 else say("{n} days", n=line.days),
        "newest": line.evidence_at.isoformat(),
        "open": line.open,
        "deed": line.deed,
        "by": line.marked_by_name,
        "at": None if line.marked_at is None else line.marked_at.isoformat(),
    }


def weekly_csv(lines: Sequence[ListedLine]) -> str:
    """The lines as comma-separated values with a header, without names; instants are ISO 8601 in UTC."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for line in lines:
        writer.writerow([
            line.line_id, line.patient_id, line.week.isoformat(), line.rule, line.rule_version, line.problem,
            line.days, line.first_at.isoformat(), line.evidence_at.isoformat(), texts.say(line.said),
            line.deed or "", line.marked_by or "",
            "" if line.marked_at is None else line.marked_at.isoformat(),
        ])  # fmt: skip
    return text.getvalue()
