"""The alerts of some rules for one patient, in memory, as they would live: raised, answered, re-armed.

A person who answers is played: each alert is closed some time after it was raised. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import life
from alerts.book import texts
from alerts.book.schema import AnyRule
from alerts.rearm import REMEMBER
from alerts.reconcile import Step, in_play, next_look, reconcile
from alerts.rules.evaluate import Memo, assess
from alerts.rules.view import View
from vitals.alert import Alert, Outcome
from vitals.alert_event import SYSTEM, AlertEvent, Closed, Happening, PriorityRaised, Raised, Worsened
from vitals.breach import Breach
from vitals.ids import AlertId, PatientId

PLAYED = "replay"
"""Who closes an alert where no person does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A moment at which a nurse is called to an alert: it was raised, rose, or grew markedly worse."""

    alert: Alert
    breach: Breach
    at: datetime
    is_new: bool


class Track:
    """What becomes of some rules' breaches for one patient; `calls` is what has come of it so far.

    `answer_after`: how long after it was raised the played person closes an alert; None: nobody does.
    `alerts` are those that it begins with.
    """

    def __init__(
        self,
        patient_id: PatientId,
        rules: Iterable[AnyRule],
        *,
        answer_after: timedelta | None,
        alerts: Iterable[Alert] = (),
        memo: Memo | None = None,
    ) -> None:
        self.calls: list[Call] = []
        self.alerts: dict[AlertId, Alert] = {alert.alert_id: alert for alert in alerts}
        self._patient_id = patient_id
        self._rules = tuple(rules)
        self._by_id: Mapping[str, AnyRule] = {rule.id: rule for rule in self._rules}
        self._answer_after = answer_after
        self._events: dict[AlertId, list[AlertEvent]] = {}
        self._memo = memo

    def has_rule(self, rule_id: str) -> bool:
        """Whether the rule is asked."""
        return rule_id in self._by_id

    def events(self, alert_id: AlertId) -> Sequence[AlertEvent]:
        """What happened to one of the alerts since the track began."""
        return self._events.get(alert_id, ())

    def evaluate(self, view: View, now: datetime) -> datetime:
        """Ask the rules of the view as of now; when they want to be asked again though nothing new comes."""
        self._play_the_person(now)
        theirs = in_play(
            alert
            for alert in self.alerts.values()
            if alert.closed_at is None or alert.closed_at >= now - REMEMBER
        )
        assessment = assess(self._rules, view, now, self._memo)
        for step in reconcile(self._patient_id, theirs, assessment, self._by_id, now):
            self._take(step, now)
        return next_look(assessment, theirs, self._by_id, now)

    def act(self, problem: str, what: Happening, actor: str, at: datetime) -> None:
        """Let a person do something to the open alert of the problem. Raises KeyError where there is none."""
        open_ = {alert.problem: alert for alert in self.alerts.values() if alert.closed_at is None}
        self._append(open_[problem], what, actor, at)

    def _play_the_person(self, now: datetime) -> None:
        if self._answer_after is None:
            return
        for alert in list(self.alerts.values()):
            if alert.closed_at is None and now >= alert.raised_at + self._answer_after:
                self._append(alert, Closed(outcome=Outcome.ACTED, note=""), PLAYED, now)

    def _take(self, step: Step, now: datetime) -> None:
        if isinstance(step.what, Raised):
            alert_id = AlertId(max(self.alerts, default=0) + 1)
            alert = life.begin(step.what, now, texts.english, alert_id)
            self.alerts[alert_id] = alert
            self._events[alert_id] = [AlertEvent(rev=1, actor=SYSTEM, at=now, what=step.what)]
            self.calls.append(Call(alert=alert, breach=step.what.breach, at=now, is_new=True))
        elif step.alert is not None:
            alert = self._append(self.alerts[step.alert.alert_id], step.what, SYSTEM, now)
            if isinstance(step.what, PriorityRaised | Worsened):
                self.calls.append(Call(alert=alert, breach=step.what.breach, at=now, is_new=False))

    def _append(self, alert: Alert, what: Happening, actor: str, now: datetime) -> Alert:
        event = AlertEvent(rev=alert.rev + 1, actor=actor, at=now, what=what)
        after = life.apply(alert, event, texts.english)
        self.alerts[alert.alert_id] = after
        self._events.setdefault(alert.alert_id, []).append(event)
        return after
