"""What runs beside a patient's alerts: the silent pilots, each by itself, and the weekly list. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from alerts.book.rulebook import PatientRules
from alerts.history.track import Track
from alerts.review import pilots, weekly
from alerts.review.pilots import Pilot
from alerts.review.weekly import Line
from alerts.rules.evaluate import Memo
from alerts.rules.view import View
from vitals.breach import LimitUsed
from vitals.ids import PatientId

PILOT_ANSWERED_AFTER = timedelta(days=1)
"""Nobody answers a pilot's would-be alert, so one is played who closes it after a day."""


class Beside:
    """The pilots and the weekly list of one patient in a replay. `tracks` are the pilots' by their ids."""

    def __init__(
        self, patient_id: PatientId, rules: PatientRules, answer_after: timedelta | None = None
    ) -> None:
        self.lines: dict[tuple[str, date], Line] = {}
        self.tracks = {
            pilot.rule.id: Track(patient_id, [pilot.rule], answer_after=answer_after, memo=Memo())
            for pilot in rules.pilots
        }
        self._pilots = rules.pilots
        self._weekly = rules.weekly
        self._newest: dict[str, Line] = {}
        self._memo = Memo()
        self._given: Mapping[str, LimitUsed] | None = None
        self._limits: dict[str, Mapping[str, LimitUsed]] = {}

    def evaluate(self, view: View, now: datetime) -> datetime:
        """Ask everything of the view as of now; when it is to be asked again though nothing new comes."""
        changed, look = weekly.lines(self._weekly, view, self._newest, now, self._memo)
        for line in changed:
            self.lines[line.rule, line.week] = line
            self._newest[line.rule] = line
        looks = [] if look is None else [look]
        if view.limits is not self._given:
            self._given = view.limits
            self._limits = {p.rule.id: pilots.limits_of(p, view.limits) for p in self._pilots}
        for pilot in self._pilots:
            seen = replace(view, limits=self._limits[pilot.rule.id])
            looks.append(self.tracks[pilot.rule.id].evaluate(seen, now))
        return min(looks, default=datetime.max.replace(tzinfo=now.tzinfo))


def view_of(pilot: Pilot, view: View) -> View:
    """The patient as the pilot sees them: under its own limits."""
    return replace(view, limits=pilots.limits_of(pilot, view.limits)) if pilot.limits else view
