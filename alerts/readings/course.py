"""A patient's course: readings folded in, one after the other, judged, and summed up by local day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from alerts.readings import day_values, quality
from alerts.readings.day_columns import SUMS, Column
from alerts.readings.measured import HeldFor, Measured
from alerts.readings.quality_weight import WeighingJudge
from alerts.readings.series import Series
from vitals.ids import DeviceId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

DAYS = 120
"""How many local days a window shows: 90 of a 28-day mean need 118."""

# Clinical data quality: after a change of scale the old level is taken over once three days are known.
SETTLING_DAYS = 3
OLD_LEVEL_DAYS = 14
STEP_KG = 0.5
_GROWTH = 512

# A member's name is looked up in several steps each time, which shows where it is asked for each reading.
_WEIGHT, _HEART_RATE, _PERFUSION = Measure.WEIGHT, Measure.HEART_RATE, Measure.PERFUSION_INDEX
_WEIGHED, _REWEIGHED = int(Column.WEIGHT), int(Column.REWEIGHED)

HABIT = timedelta(days=60)
HABIT_LEAST = 14
"""A habit is what 60 days show, if there are as many measured days in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The `DAYS` local days up to `day`, oldest first, as `values[column, day]`.

    `at` is the newest reading in it; `readings` are those of the last day.
    """

    values: NDArray[np.float64]
    day: date
    at: datetime


class Course:
    """All that is known of one patient up to now. Feed it in the order in which readings became known."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._series: dict[Measure, Series] = {}
        self._changes = 0
        self._judge = WeighingJudge()
        self.held: dict[ReadingId, HeldFor] = {}
        self._held: list[Measured] = []
        self._flipped_at: datetime | None = None
        self._first_day: int | None = None
        self._columns = np.full((len(Column), _GROWTH), np.nan)
        self._newest: datetime | None = None
        self._scale: DeviceId | None = None
        self._scales: dict[DeviceId, int] = {}
        self._scale_since: int | None = None

    def add(self, measured: Measured) -> None:
        """Fold in one more reading."""
        if measured.decided is Standing.EXCLUDED:
            return
        if measured.decided is not Standing.ACCEPTED and quality.impossible(measured.values):
            self._hold(measured, HeldFor.IMPLAUSIBLE)
            return
        if _PERFUSION in measured.values and quality.weakly_perfused(measured):
            measured = replace(measured, quality=measured.quality | {Quality.LOW_PERFUSION})
        if _WEIGHT in measured.values:
            self._weigh(measured)
        else:
            self._take(measured)

    def usable(self, measure: Measure, since: datetime) -> Sequence[Measured]:
        """The readings of this measure that rules may use, from that instant on, in order of time."""
        series = self._series.get(measure)
        return series.since(since) if series is not None else ()

    def last(self, measure: Measure) -> Measured | None:
        """The newest usable reading of this measure."""
        series = self._series.get(measure)
        return series.last() if series is not None else None

    def last_taken(self, measure: Measure) -> datetime | None:
        """When the patient last took this measure; a weighing that is held for its unit was taken, too."""
        usable = self.last(measure)
        last = None if usable is None else usable.at
        if measure is Measure.WEIGHT and self._flipped_at is not None:
            return self._flipped_at if last is None else max(last, self._flipped_at)
        return last

    def held_since(self, since: datetime) -> Sequence[Measured]:
        """The readings measured since then that wait for a person, in order of time."""
        if not self.held:
            return ()
        held = {m.reading_id: m for m in self._held if m.reading_id in self.held and m.at >= since}
        return sorted(held.values(), key=_at)

    def changes(self, measure: Measure | None) -> int:
        """A number that grows whenever the usable readings of this measure change; None: of any measure."""
        if measure is None:
            return self._changes
        series = self._series.get(measure)
        return series.changes if series is not None else 0

    def measures(self) -> frozenset[Measure]:
        """What the patient has ever measured."""
        return frozenset(self._series)

    def usual_gap(self, measure: Measure, now: datetime) -> int:
        """How many days in a row the patient leaves out now and then: one step in fifty is longer."""
        days = sorted({self.day_of(m.at) for m in self.usable(measure, now - HABIT)})
        gaps = sorted((after - before).days - 1 for before, after in pairwise(days))
        return gaps[int(0.98 * (len(gaps) - 1))] if len(gaps) >= HABIT_LEAST else 0

    def day_of(self, at: datetime) -> date:
        """The patient's local day."""
        return at.astimezone(self._zone).date()

    def start_of(self, day: date) -> datetime:
        """The instant at which the patient's local day begins."""
        return _start_of(self._zone, day)

    def newest(self) -> tuple[date, datetime] | None:
        """The local day and the instant of the newest usable reading, to which a window reaches."""
        return None if self._newest is None else (self.day_of(self._newest), self._newest)

    def window(self) -> Window | None:
        """The days up to that of the newest reading; None before the first."""
        if self._newest is None or self._first_day is None:
            return None
        self._catch_up()
        day = self.day_of(self._newest)
        end = self._index(day.toordinal()) + 1
        values = self._columns[:, end - DAYS : end].copy()
        if self._settling(day.toordinal()):
            values[Column.WEIGHT] = np.nan
        return Window(values=values, day=day, at=self._newest)

    def _weigh(self, measured: Measured) -> None:
        judgement = self._judge.judge(measured)
        for other in judgement.retracted:
            self._hold(other, HeldFor.OTHER_PERSON)
            self._drop(other)
        for other in judgement.released:
            del self.held[other.reading_id]
            self._take(other)
        if judgement.held is not None:
            self._hold(measured, judgement.held)
            return
        self._take(measured)
        self._watch_scale(measured)

    def _hold(self, measured: Measured, why: HeldFor) -> None:
        self.held[measured.reading_id] = why
        self._held.append(measured)
        if why is HeldFor.UNIT_FLIP and (self._flipped_at is None or measured.at > self._flipped_at):
            self._flipped_at = measured.at
            for measure in measured.values:
                if measure in self._series:
                    self._series[measure].changes += 1
            self._changes += 1

    def _take(self, measured: Measured) -> None:
        values, at = measured.values, measured.at
        if _HEART_RATE in values and self._rate_since(at - day_values.SESSION_GAP):
            measured = self._compared(measured)
        day = at.astimezone(self._zone).toordinal()
        if self._first_day is None:
            self._first_day = day - 2 * DAYS
        for measure in values:
            series = self._series.get(measure)
            if series is None:
                series = self._series[measure] = Series(summed=measure in SUMS)
            series.put(measured, day)
        self._changes += 1
        if self._newest is None or at > self._newest:
            self._newest = at
        if _WEIGHT in values:
            self._sum_weight(day)

    def _drop(self, measured: Measured) -> None:
        day = measured.at.astimezone(self._zone).toordinal()
        for measure in measured.values:
            self._series[measure].drop(measured.reading_id, day)
        self._changes += 1
        if _WEIGHT in measured.values:
            self._sum_weight(day)

    def _rate_since(self, begin: datetime) -> bool:
        rates = self._series.get(_HEART_RATE)
        return rates is not None and bool(rates.times) and rates.times[-1] >= begin

    def _compared(self, measured: Measured) -> Measured:
        """The reading, doubtful now if it is an oximeter's and the cuff beside it counts another pulse."""
        near = [
            m
            for m in self.usable(_HEART_RATE, measured.at - day_values.SESSION_GAP)
            if m.at <= measured.at + day_values.SESSION_GAP
        ]
        if Measure.SPO2 in measured.values:
            cuffs = [m for m in near if Measure.SYSTOLIC in m.values]
            if any(quality.pulse_mismatch(measured, cuff) for cuff in cuffs):
                return replace(measured, quality=measured.quality | {Quality.QUESTIONABLE})
        elif Measure.SYSTOLIC in measured.values:
            for oximeter in [m for m in near if Measure.SPO2 in m.values]:
                if quality.pulse_mismatch(oximeter, measured) and not oximeter.doubtful:
                    self._drop(oximeter)
                    self._take(replace(oximeter, quality=oximeter.quality | {Quality.QUESTIONABLE}))
        return measured

    def _sum_weight(self, day: int) -> None:
        """Bring a day's weight up to date at once.

        It depends on what was usual when it was weighed, and the next scale is judged by it. What the other
        measures of a day amount to waits until somebody asks for a window: years are summed once a day.
        """
        index = self._index(day)
        if index < 0:
            return
        today = self._series[_WEIGHT].between(*_bounds(self._zone, day))
        usual = (
            self._judge.usual() if len(today) > 1 else None
        )  # a weighing alone is the day's, whatever it is
        weight, again = day_values.weight_of_day(today, usual) or (np.nan, False)
        self._columns[_WEIGHED, index] = weight
        self._columns[_REWEIGHED, index] = again

    def _catch_up(self) -> None:
        for measure, (columns, sum_of) in SUMS.items():
            series = self._series.get(measure)
            if series is None or not series.stale:
                continue
            self._index(max(series.stale))  # room for all
            first, rows = self._first_day or 0, [self._columns[column] for column in columns]
            for day, known in series.stale.items():
                if day < first:
                    continue
                today = series.between(*_bounds(self._zone, day)) if known is None else known
                for row, value in zip(rows, sum_of(today), strict=True):
                    row[day - first] = value
            series.stale.clear()

    def _index(self, ordinal: int) -> int:
        assert self._first_day is not None, "a day has a place once there is a reading"
        index = ordinal - self._first_day
        if index >= self._columns.shape[1]:
            more = np.full((len(Column), index + _GROWTH - self._columns.shape[1]), np.nan)
            self._columns = np.concatenate((self._columns, more), axis=1)
        return index

    def _watch_scale(self, measured: Measured) -> None:
        """After a change of scale, move the old days to the new scale's level once it is known.

        One that was used in the last fortnight is not new: who takes now one of two scales and now the other
        would never be known, and never watched.
        """
        if measured.device_id is None:
            return
        today = self._index(self.day_of(measured.at).toordinal())
        known = today - self._scales.get(measured.device_id, -DAYS) <= OLD_LEVEL_DAYS
        if self._scale is not None and measured.device_id != self._scale and not known:
            self._scale_since = today
        self._scale = measured.device_id
        self._scales[measured.device_id] = today
        if self._scale_since is None or today < self._scale_since:
            return
        weights = self._columns[Column.WEIGHT]
        new = [w for w in weights[self._scale_since : today + 1] if w == w]
        if len(new) < SETTLING_DAYS:
            return
        old = [w for w in weights[self._scale_since - OLD_LEVEL_DAYS : self._scale_since] if w == w]
        if old and abs(median(new) - median(old)) > STEP_KG:
            weights[: self._scale_since] += median(new) - median(old)
        self._scale_since = None

    def _settling(self, ordinal: int) -> bool:
        return self._scale_since is not None and self._index(ordinal) >= self._scale_since


def _at(measured: Measured) -> datetime:
    return measured.at


def _start_of(zone: ZoneInfo, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


@lru_cache(maxsize=8192)
def _bounds(zone: ZoneInfo, day: int) -> tuple[datetime, datetime]:
    """The instants between which the local day lies: the same for every patient of a time zone."""
    # In UTC: two aware times of one zone compare by their clocks, which go back once a year.
    return (
        _start_of(zone, date.fromordinal(day)).astimezone(UTC),
        _start_of(zone, date.fromordinal(day + 1)).astimezone(UTC),
    )
