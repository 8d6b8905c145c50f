"""What a worker remembers of its patients: as many courses as fit, those that were asked for last."""

import gc
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Self
from zlib import crc32
from zoneinfo import ZoneInfo

from alerts.readings.course import DAYS, Course
from alerts.readings.measured import Measured
from alerts.rules.evaluate import Memo
from alerts.rules.view import TrendRow
from store.corrections import Word
from store.course_revisions import Revision
from store.histories import ReadingRow
from vitals.ids import DeviceId, PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

LOOK_BACK_DAYS = DAYS + 5
"""How many days of readings a course is made of at least: a window, and some for the first weighings."""

FORWARD_DAYS = 32
"""After so many days a course begins later: as long it grows at its end only."""

_FIRST = datetime.min.replace(tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)

_NO_FLAGS: frozenset[Quality] = frozenset()

_Key = tuple[datetime, datetime, str]
"""Where a reading stands in a course: when it became known, when it was measured, and its id."""


def collect_seldom() -> None:
    """Have this process look for lost cycles of objects seldom: what is remembered is large, and has none.

    Python's collector goes through all of it again and again otherwise, and an alert waits meanwhile.
    """
    gc.set_threshold(100_000, 50, 100)


def begin(patient_id: PatientId, now: datetime) -> datetime:
    """From when on readings make up the patient's course, asked now; each patient moves on on another day."""
    day = now.astimezone(UTC).toordinal() - LOOK_BACK_DAYS
    day -= (day + crc32(patient_id.encode())) % FORWARD_DAYS
    return datetime.combine(date.fromordinal(day), time(), UTC)


@dataclass(slots=True, kw_only=True)
class Kept:
    """A patient's course with what it was made of: it is the one that would be made anew, or says it is not.

    `trends` are those of the course when its changes were `trends_of`, and `memo` what rules found of it.
    `counted` is the revision up to which it was made. It holds for an evaluation at any instant from
    `holds_from` until before `holds_until`: what becomes known or true in between is none.
    """

    course: Course
    time_zone: str
    since: datetime
    counted: Revision
    decided: Mapping[ReadingId, Standing]
    by_checks: frozenset[ReadingId]
    held: set[ReadingId] = field(default_factory=set[ReadingId])
    seen: set[str] = field(default_factory=set[str])
    last: _Key = (_FIRST, _FIRST, "")
    holds_from: datetime = _FIRST
    holds_until: datetime = NEVER
    trends: TrendRow | None = None
    trends_of: int = -1
    reckoned: tuple[int, ...] = ()
    memo: Memo = field(default_factory=Memo)

    @classmethod
    def anew(
        cls,
        time_zone: str,
        since: datetime,
        counted: Revision,
        words: Iterable[Word],
        rows: Iterable[ReadingRow],
        now: datetime,
    ) -> Self:
        """The course of these readings, read from `since` on after `counted` was."""
        decided: dict[ReadingId, Standing] = {}
        by_checks: set[ReadingId] = set()
        holds_from, holds_until = _FIRST, NEVER
        for word in words:
            if word.at > now:
                holds_until = min(holds_until, word.at)
                continue
            holds_from = max(holds_from, word.at)
            if word.decided is None:
                by_checks.add(word.reading_id)
            else:
                decided[word.reading_id] = word.decided
        kept = cls(
            course=Course(ZoneInfo(time_zone)),
            time_zone=time_zone,
            since=since,
            counted=counted,
            decided=decided,
            by_checks=frozenset(by_checks),
            holds_from=holds_from,
            holds_until=holds_until,
        )
        in_order = kept.grow(rows, counted, now)
        assert in_order, "nothing can come before the first"
        return kept

    def holds(self, time_zone: str, since: datetime, counted: Revision, now: datetime) -> bool:
        """Whether at most additions have happened, few enough to know from when on they were measured."""
        return (
            self.time_zone == time_zone
            and self.since == since
            and self.counted.changed == counted.changed
            and 0 <= counted.added - self.counted.added <= len(counted.earliest)
            and self.holds_from <= now < self.holds_until
        )

    def grown_from(self, counted: Revision) -> datetime | None:
        """From when on the additions since were measured; None where there are none."""
        additions = counted.added - self.counted.added
        return max(self.since, min(counted.earliest[:additions])) if additions else None

    def grow(self, rows: Iterable[ReadingRow], counted: Revision, now: datetime) -> bool:
        """Fold in those of the readings that are new. False where one belongs before what is folded in."""
        new: list[tuple[_Key, ReadingRow]] = []
        for row in rows:
            if row.reading_id in self.seen:
                continue
            known_at = self._known_at(row, now)
            if known_at is not None:
                new.append(((known_at, row.measured_at, row.reading_id), row))
        new.sort(key=_key)
        if new and new[0][0] < self.last:
            return False
        for key, row in new:
            self._fold(row, key[0])
            self.last = key
        self.counted = counted
        return True

    def _known_at(self, row: ReadingRow, now: datetime) -> datetime | None:
        """When the hub could know of the reading; None where it cannot yet. Notes how long that is so."""
        arrived = max(row.measured_at, row.received_at)
        if arrived > now:
            self.holds_until = min(self.holds_until, arrived)
            return None
        self.holds_from = max(self.holds_from, arrived)
        if row.stored_at > now:
            # Replayed history is stored later than it is asked about; then the gateway's word must do.
            self.holds_until = min(self.holds_until, row.stored_at)
            return row.received_at
        self.holds_from = max(self.holds_from, row.stored_at)
        return max(row.received_at, row.stored_at)

    def _fold(self, row: ReadingRow, known_at: datetime) -> None:
        self.seen.add(row.reading_id)
        reading_id = ReadingId(row.reading_id)
        if row.standing == Standing.HELD:
            self.held.add(reading_id)
        decided = self.decided.get(reading_id)
        if decided is None and row.standing == Standing.EXCLUDED:
            decided = Standing.EXCLUDED
        held_elsewhere = row.standing == Standing.HELD and reading_id not in self.by_checks
        if decided is Standing.HELD or (decided is None and held_elsewhere):
            return  # held for a reason that is not the checks'
        self.course.add(
            Measured(
                reading_id=reading_id,
                at=row.measured_at,
                known_at=known_at,
                values={Measure(m): value for m, value in zip(row.measures, row.measured, strict=True)},
                quality=frozenset(Quality(word) for word in row.quality) if row.quality else _NO_FLAGS,
                device_id=None if row.device_id is None else DeviceId(row.device_id),
                decided=decided,
            )
        )


def _key(one: tuple[_Key, ReadingRow]) -> _Key:
    return one[0]


class Memory:
    """The courses of the patients that were evaluated last, of at most so many readings together.

    For one connection: a database that was away may come back as another one.
    """

    def __init__(self, most_readings: int) -> None:
        self._most = most_readings
        self._kept: OrderedDict[PatientId, Kept] = OrderedDict()
        self._readings = 0

    def __len__(self) -> int:
        """How many patients are remembered."""
        return len(self._kept)

    @property
    def readings(self) -> int:
        """Of how many readings the courses are made."""
        return self._readings

    def take(self, patient_id: PatientId) -> Kept | None:
        """The patient's course, forgotten here: whoever fails half-way leaves nothing half folded."""
        kept = self._kept.pop(patient_id, None)
        if kept is not None:
            self._readings -= len(kept.seen)
        return kept

    def keep(self, patient_id: PatientId, kept: Kept) -> None:
        """Remember the course, and forget those that were asked for longest ago where room is wanted."""
        self.take(patient_id)
        self._kept[patient_id] = kept
        self._readings += len(kept.seen)
        while self._readings > self._most and self._kept:
            self.take(next(iter(self._kept)))
