"""A patient's history gone through again, instant by instant, with rules and alerts as they are live.

What is different is only where things come from and go to: readings from a list, alerts into memory. A person
who answers every alert is played: each is closed some time after it was raised.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

import numpy as np

from alerts.book.limits import Calibration, OwnLimit, resolve
from alerts.book.rulebook import PatientRules
from alerts.book.schema import TrendRule
from alerts.history.track import Call, Track
from alerts.readings import trend
from alerts.readings.course import Course, Window
from alerts.readings.measured import HeldFor, Measured
from alerts.review.beside import Beside
from alerts.review.budget import Scored
from alerts.rules.evaluate import Memo
from alerts.rules.trend_rule import holds, score_of
from alerts.rules.view import AnswerGiven, Break, TrendRow, View, Watched
from vitals.alert import Alert
from vitals.alert_event import AlertEvent, Happening
from vitals.breach import LimitUsed
from vitals.ids import AlertId

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One patient's past: readings and answers in the order in which they became known.

    `until` is when the patient left; None: never.
    """

    patient: Watched
    readings: Sequence[Measured]
    limits: Sequence[OwnLimit] = ()
    answers: Sequence[AnswerGiven] = ()
    breaks: Sequence[Break] = ()
    until: datetime | None = None


class Replay:
    """One patient's replay, which can be advanced in steps; `calls` is what has come of it so far.

    `beside`: whether the silent pilots and the weekly list are gone through, too.
    """

    def __init__(
        self,
        history: History,
        rules: PatientRules,
        *,
        answer_after: timedelta | None,
        since: datetime,
        beside: bool = False,
    ) -> None:
        patient_id = history.patient.patient_id
        self.patient = history.patient
        self.beside = Beside(patient_id, rules, answer_after) if beside else None
        self._history = history
        self._rules = rules
        self._track = Track(patient_id, rules.live, answer_after=answer_after, memo=Memo())
        self._groups = _grouped(history.readings)
        self._next_group = 0
        self._answers = sorted(history.answers, key=attrgetter("at"))
        self._next_answer = 0
        self._look = since
        self.trends = _trends(history)
        self._course = Course(ZoneInfo(history.patient.time_zone))

    @property
    def calls(self) -> list[Call]:
        """Every call on a nurse so far, in order."""
        return self._track.calls

    @property
    def until(self) -> datetime:
        """When the patient left, and the replay with them."""
        return self._history.until or _NEVER

    @property
    def held(self) -> Counter[HeldFor]:
        """How many readings the checks hold for a person, by what they take them for."""
        return Counter(self._course.held.values())

    @property
    def alerts(self) -> list[Alert]:
        """Every alert so far, as it stands."""
        return list(self._track.alerts.values())

    def has_rule(self, rule_id: str) -> bool:
        """Whether the rule is asked of this patient."""
        return self._track.has_rule(rule_id)

    def scores(self, rule: TrendRule) -> list[Scored]:
        """The rule's score after the last reading of each day, where its other conditions hold.

        Under the programme's own limits: calibration must not chase its own tail.
        """
        limits = resolve(self._rules, (), (), self._look)
        measured = {self._course.day_of(m.at) for m in self._history.readings if rule.measure in m.values}
        newest: dict[date, Scored] = {}
        for trends in self.trends:
            score = score_of(rule, trends) if trends is not None and trends.day in measured else None
            if trends is None or score is None:
                continue
            ok = all(holds(bound, trends, limits) for bound in rule.also)
            newest[trends.day] = Scored(at=trends.at, score=score if ok else -math.inf)
        return [newest[day] for day in sorted(newest)]

    def events(self, alert_id: AlertId) -> Sequence[AlertEvent]:
        """What happened to one of them."""
        return self._track.events(alert_id)

    def learn(self, until: datetime) -> None:
        """Let what became known before that instant be known, and ask no rule of it."""
        while (known_at := self._next_news()) < until:
            self._take_news(known_at)

    def act(self, problem: str, what: Happening, actor: str, at: datetime) -> None:
        """Go on until before that instant, and let a person do something to the open alert of the problem."""
        self.advance(at)
        self._track.act(problem, what, actor, at)

    def advance(self, until: datetime, calibrations: Sequence[Calibration] = ()) -> None:
        """Go on until before that instant, under these calibrated thresholds."""
        until = min(until, self.until)
        fixed = None if self._history.limits else resolve(self._rules, calibrations, (), until)
        while True:
            now = min(self._look, self._next_news())
            if now >= until:
                return
            self._take_news(now)
            limits = fixed or resolve(self._rules, calibrations, self._history.limits, now)
            view = self._view(limits)
            self._look = self._track.evaluate(view, now)
            if self.beside is not None:
                self._look = min(self._look, self.beside.evaluate(view, now))

    def _view(self, limits: Mapping[str, LimitUsed]) -> View:
        return View(
            patient=self._history.patient,
            rules=self._rules,
            limits=limits,
            course=self._course,
            trends=self.trends[self._next_group - 1] if self._next_group else None,
            answers=self._answers[: self._next_answer],
            breaks=self._history.breaks,
        )

    def _next_news(self) -> datetime:
        """When the next reading or answer becomes known."""
        group, answer = self._next_group, self._next_answer
        reading_at = self._groups[group][0].known_at if group < len(self._groups) else _NEVER
        return min(reading_at, self._answers[answer].at) if answer < len(self._answers) else reading_at

    def _take_news(self, now: datetime) -> None:
        if self._next_group < len(self._groups) and self._groups[self._next_group][0].known_at <= now:
            for measured in self._groups[self._next_group]:
                self._course.add(measured)
            self._next_group += 1
        while self._next_answer < len(self._answers) and self._answers[self._next_answer].at <= now:
            self._next_answer += 1


def _grouped(readings: Iterable[Measured]) -> list[list[Measured]]:
    """The readings by the instant at which they became known, as one evaluation sees them."""
    groups: list[list[Measured]] = []
    for measured in sorted(readings, key=attrgetter("known_at", "at", "reading_id")):
        if groups and groups[-1][0].known_at == measured.known_at:
            groups[-1].append(measured)
        else:
            groups.append([measured])
    return groups


def _trends(history: History) -> list[TrendRow | None]:
    """The trend features after each group of readings, all at once."""
    course = Course(ZoneInfo(history.patient.time_zone))
    windows: list[Window | None] = []
    for group in _grouped(history.readings):
        for measured in group:
            course.add(measured)
        windows.append(course.window())
    known = [window for window in windows if window is not None]
    if not known:
        return [None] * len(windows)
    features = trend.features(np.stack([window.values for window in known]))
    rows: list[TrendRow | None] = []
    row = 0
    for window in windows:
        if window is None:
            rows.append(None)
        else:
            rows.append(TrendRow(features=features, row=row, day=window.day, at=window.at))
            row += 1
    return rows
