"""Readings that a repeat measurement confirms or refutes: the trials of a threshold rule. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from alerts.book.schema import Confirm, ThresholdRule
from alerts.readings.day_values import SESSION_GAP
from alerts.readings.measured import Measured
from alerts.rules.hits import Beyond, Hit, Waiting, beyond_by
from alerts.rules.view import View
from vitals.measure import Measure

FAR_BEYOND = 1.5
"""A reading that is a whole step beyond its limit (20 mmHg, 3 % of saturation) counts, whatever the usual."""


def trials(
    rule: ThresholdRule, confirm: Confirm, view: View, readings: Sequence[Measured], now: datetime
) -> Iterator[Hit | Waiting]:
    """Each reading beyond the limit opens a trial, which the readings of the next minutes decide."""
    place = tried = 0
    while place < len(readings):
        first = beyond_by(rule, view, readings[place])
        if first is None or _is_artefact(readings[place]):
            place += 1
            continue
        refuted = confirm.all_agree and _was_within(rule, confirm, view, readings[tried:place], first)
        until = first.measured.at + timedelta(minutes=confirm.within_minutes)
        trial = _Trial(confirm)
        while place < len(readings) and readings[place].at <= until and not trial.decided:
            trial.add(readings[place], beyond_by(rule, view, readings[place]))
            place += 1
        tried = place
        if trial.confirmed:
            yield Hit(first=first, last=trial.beyond[-1], confirmed=True, magnitude=trial.magnitude)
        elif not trial.decided and now < until:
            yield Waiting(until=until, first=first)
        elif not trial.within and confirm.alone != "ignored":
            alone = None if refuted else _alone(confirm, view, first, trial)
            alone = alone or _next_says(rule, confirm, view, first, readings[place:])
            if alone is not None:
                yield alone


def _was_within(
    rule: ThresholdRule, confirm: Confirm, view: View, before: Sequence[Measured], first: Beyond
) -> bool:
    """Whether the reading before, of the same sitting, lies within the limit: of two the better counts.

    The sitting has its two, whichever came first; a third one is asked for nevertheless. `before` leaves out
    what another trial has had: of three readings a single good one stands against a single bad one only.
    """
    last = next((m for m in reversed(before) if not m.doubtful), None)
    if last is None:
        return False
    apart = first.measured.at - last.at
    in_sitting = timedelta(minutes=confirm.apart_minutes) <= apart <= SESSION_GAP
    return in_sitting and beyond_by(rule, view, last) is None


def _alone(confirm: Confirm, view: View, first: Beyond, trial: "_Trial") -> Hit | None:
    """A reading that nobody repeated, where it is enough by itself."""
    worst = max(trial.all_beyond, key=lambda b: b.magnitude)
    if confirm.alone == "unconfirmed" and _stands_out(confirm, view, worst):
        return Hit(first=first, last=trial.all_beyond[-1], confirmed=False, magnitude=worst.magnitude)
    return None


def _next_says(
    rule: ThresholdRule, confirm: Confirm, view: View, first: Beyond, later: Sequence[Measured]
) -> Hit | None:
    """What the next reading makes of one that nobody repeated."""
    following = next((m for m in later if not m.doubtful), None)
    if following is None or following.at - first.measured.at > timedelta(hours=confirm.next_hours):
        return None
    beyond = beyond_by(rule, view, following)
    if beyond is None:
        return None
    agreed = min(first.magnitude, beyond.magnitude)
    return Hit(first=first, last=beyond, confirmed=True, magnitude=agreed)


def _stands_out(confirm: Confirm, view: View, worst: Beyond) -> bool:
    """Whether a reading that nobody repeated counts by itself: far from the patient's own, or far beyond."""
    apart = confirm.stand_out
    usual = view.trends.get(apart.feature) if apart is not None and view.trends is not None else None
    if apart is None or usual is None or not apart.feature.startswith(worst.when.measure.value):
        return True
    return worst.magnitude > FAR_BEYOND or abs(worst.value - usual) >= view.limits[apart.by].value


class _Trial:
    """The readings that confirm or refute a first one. A doubtful reading does neither."""

    def __init__(self, confirm: Confirm) -> None:
        self._confirm = confirm
        self._last: datetime | None = None
        self.beyond: list[Beyond] = []
        self.all_beyond: list[Beyond] = []
        self.within = 0

    def add(self, measured: Measured, beyond: Beyond | None) -> None:
        apart = timedelta(minutes=self._confirm.apart_minutes)
        if self._last is not None and measured.at - self._last < apart:
            return
        self._last = measured.at
        if beyond is not None:
            self.all_beyond.append(beyond)
        if measured.doubtful:
            return
        if beyond is None:
            self.within += 1
        else:
            self.beyond.append(beyond)

    @property
    def confirmed(self) -> bool:
        return len(self.beyond) >= self._confirm.need

    @property
    def decided(self) -> bool:
        return self.confirmed or self.within + len(self.beyond) >= self._confirm.of

    @property
    def magnitude(self) -> float:
        """What the readings agree on: that of the mildest of the worst that are needed."""
        return sorted((b.magnitude for b in self.beyond), reverse=True)[self._confirm.need - 1]


def _is_artefact(measured: Measured) -> bool:
    """An oximeter's value under motion or poor perfusion asks nothing; the rule for poor signal counts it."""
    return measured.doubtful and Measure.SPO2 in measured.values
