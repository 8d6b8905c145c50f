"""The usable readings of one measure, in order of time, and which of its local days wait to be summed up."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime

from alerts.readings.measured import Measured
from vitals.ids import ReadingId


class Series:
    """Readings in order of time; those of one instant in the order in which they became known.

    `changes` is a number that grows with every change. Where days are to be `summed` up, `stale` holds those
    (as ordinals) whose readings have changed since somebody emptied it, each with its readings; None: they
    must be looked up.

    Nearly every reading is the newest one when it comes: it is put at the end without a search, and its day
    has those that came just before.
    """

    __slots__ = ("_day", "_summed", "changes", "readings", "stale", "times")

    def __init__(self, *, summed: bool) -> None:
        self.readings: list[Measured] = []
        self.times: list[datetime] = []
        self.changes = 0
        self.stale: dict[int, list[Measured] | None] = {}
        self._summed = summed
        self._day = 0  # the newest that a reading was put on

    def put(self, measured: Measured, day: int) -> None:
        """One more reading, of that local day, at its place."""
        self.changes += 1
        at, times = measured.at, self.times
        if times and at < times[-1]:
            place = bisect_right(times, at)
            times.insert(place, at)
            self.readings.insert(place, measured)
            if self._summed:
                self.stale[day] = None
            return
        times.append(at)
        self.readings.append(measured)
        if not self._summed:
            return
        if day > self._day:
            self._day = day
            self.stale[day] = [measured]
        elif known := self.stale.get(day):
            known.append(measured)
        else:
            self.stale[day] = None

    def drop(self, reading_id: ReadingId, day: int) -> None:
        """Without this reading of that local day."""
        self.changes += 1
        self.readings = [m for m in self.readings if m.reading_id != reading_id]
        self.times = [m.at for m in self.readings]
        if self._summed:
            self.stale[day] = None

    def last(self) -> Measured | None:
        """The newest reading."""
        return self.readings[-1] if self.readings else None

    def since(self, begin: datetime) -> Sequence[Measured]:
        """The readings from that instant on."""
        return self.readings[bisect_left(self.times, begin) :]

    def between(self, begin: datetime, end: datetime) -> Sequence[Measured]:
        """The readings from one instant on until before the other."""
        return self.readings[bisect_left(self.times, begin) : bisect_left(self.times, end)]
