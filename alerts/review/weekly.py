"""The weekly list: what somebody should know of a patient, and what is no alert. Pure.

A weekly rule is asked whenever the others are. In a week of the patient's own days (Monday to Sunday) in
which it finds something it has one line, which says the newest of it, and on how many days it was so. Between
two lines of a rule lie at least its `rearm_days`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alerts.book.schema import AnyRule
from alerts.rules.evaluate import Memo, find
from alerts.rules.view import View
from vitals.breach import Breach
from vitals.ids import PatientId
from vitals.measure import Measure
from vitals.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One rule's line of one patient's week, which begins on the Monday `week`.

    `first_at` and `evidence_at` are when the first and the newest evidence were measured, on `days` different
    local days. `message` and `magnitude` (1.0 at the limit) are those of the newest.
    """

    patient_id: PatientId
    rule: str
    rule_version: int
    problem: str
    measure: Measure | None
    week: date
    days: int
    first_at: datetime
    evidence_at: datetime
    magnitude: float
    message: Message


def week_of(day: date) -> date:
    """The Monday on which the day's week begins."""
    return day - timedelta(days=day.weekday())


def lines(
    rules: Iterable[AnyRule], view: View, known: Mapping[str, Line], now: datetime, memo: Memo | None = None
) -> tuple[list[Line], datetime | None]:
    """The lines that are new or say something newer, and when a rule wants to be asked again.

    `known` is each rule's newest line so far.
    """
    ask = find if memo is None else memo.find
    changed: list[Line] = []
    looks: list[datetime] = []
    for rule in rules:
        finding = ask(rule, view, now)
        if finding.look_at is not None:
            looks.append(finding.look_at)
        if finding.breach is not None:
            line = _line(rule, finding.breach, known.get(rule.id), view)
            changed += [] if line is None else [line]
    return changed, min(looks, default=None)


def _line(rule: AnyRule, breach: Breach, last: Line | None, view: View) -> Line | None:
    """The breach's line; None where the last one says as much, or keeps the rule quiet."""
    day = view.course.day_of(breach.at)
    week = week_of(day)
    same = last is not None and last.week == week
    if last is not None and same and day <= view.course.day_of(last.evidence_at):
        return None
    if last is not None and not same and (week - last.week).days < max(rule.rearm_days, 1):
        return None
    return Line(
        patient_id=view.patient.patient_id,
        rule=rule.id,
        rule_version=breach.rule_version,
        problem=breach.problem,
        measure=breach.measure,
        week=week,
        days=last.days + 1 if last is not None and same else 1,
        first_at=last.first_at if last is not None and same else breach.at,
        evidence_at=breach.at,
        magnitude=breach.magnitude,
        message=breach.message,
    )
