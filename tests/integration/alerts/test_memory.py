"""A remembered course is the one that would be made anew, whatever happened, whoever evaluated in between."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from alerts import gather, worker
from alerts.book import rulebook
from alerts.gather import Gathered
from alerts.memory import Memory, begin
from alerts.readings.course import Course
from alerts.readings.series import Series
from alerts.rules.view import TrendRow
from runtime.clock import utc_now
from store import decisions, histories, patients, readings
from store.connection import Connection, transaction
from store.decisions import Says
from store.readings import AdmittedReading
from tests.harness.said import oxygen, pressure, said
from tests.harness.small_ward import ANNA, BERT, CUFF, ENROLLED, SCALE, patient
from vitals.ids import PatientId, ReadingId, StaffId
from vitals.measure import Measure
from vitals.patient import Programme
from vitals.reading import Reading

BOOK = rulebook.shipped()
T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STEPS = (MINUTE, 20 * MINUTE, HOUR, 9 * HOUR, DAY, DAY, 3 * DAY, 40 * DAY, -HOUR, -2 * DAY)

_numbers = count(1)


class Undone(Exception):
    """An evaluation that does not come to its commit."""


def assert_same(remembered: Gathered, anew: Gathered) -> None:
    """Nothing that a rule or the worker may ask differs, nor anything that another reading builds on."""
    assert remembered.held == anew.held
    assert remembered.held_by_checks == anew.held_by_checks
    assert remembered.decided == anew.decided
    assert remembered.look_at == anew.look_at
    assert state(remembered.view.course) == state(anew.view.course)
    assert features(remembered.view.trends) == features(anew.view.trends)


def made_of(memory: Memory, patient_id: PatientId) -> tuple[object, ...]:
    """From when on it was read, which readings it is made of, which one came last, and when it holds."""
    kept = memory.take(patient_id)
    assert kept is not None
    memory.keep(patient_id, kept)
    return kept.since, kept.seen, kept.last, kept.holds_from, kept.holds_until


def state(course: Course) -> dict[str, object]:
    """All that a course has in it, comparable; its columns as text, so that NaN equals NaN."""
    course.window()  # sums up what waits for somebody to ask
    inside = {name: value for name, value in vars(course).items() if name not in ("_series", "_columns")}
    inside["_series"] = {
        measure: [getattr(series, name) for name in Series.__slots__]
        for measure, series in vars(course)["_series"].items()
    }
    inside["_judge"] = vars(vars(course)["_judge"])
    inside["_columns"] = [
        [(day, repr(value)) for day, value in enumerate(column.tolist()) if value == value]
        for column in vars(course)["_columns"]
    ]
    return inside


def features(trends: TrendRow | None) -> object:
    if trends is None:
        return None
    numbers = {f.name: trends.get(f.name) for f in fields(trends.features)}
    rounded = {name: None if value is None else round(value, 6) for name, value in numbers.items()}
    return trends.day, trends.at, rounded


class Ward:
    """Two patients, a clock, and two workers' memories; every step is something that happens to a ward."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        number = next(_numbers)
        self.ids = [PatientId(f"p-{number}-{letter}") for letter in "ab"]
        self.now = utc_now() + DAY  # after everything is stored, as in a live ward
        self.memories = [Memory(10_000), Memory(10_000)]
        self.said: list[tuple[PatientId, ReadingId]] = []
        self.weight = 80.0
        with transaction(connection):
            for patient_id in self.ids:
                one = patient(patient_id, "Any", "Body", Programme.HEART_FAILURE)
                patients.add(connection, one, enrolled_at=ENROLLED)

    def evaluate(self, whom: int, who: int, *, undone: bool = False) -> None:
        """A worker evaluates a patient, or both together; perhaps its transaction fails in the end."""
        ids = self.ids if whom == 2 else [self.ids[whom]]
        with suppress(Undone), transaction(self.connection):
            worker.evaluate_patients(self.connection, ids, self.now, BOOK, self.memories[who])
            if undone:
                raise Undone

    def read(self, whom: int, kind: int, late: timedelta, ago: timedelta, *, backlog: bool) -> None:
        """Readings arrive: measured so long ago, received so late, alone or as a backlog of four."""
        admitted = [
            self._reading(whom, kind + step, self.now - ago + step * 9 * HOUR, late)
            for step in range(4 if backlog else 1)
        ]
        with transaction(self.connection):
            readings.store(self.connection, admitted, now=self.now, as_if_then=kind % 2 == 0)

    def _reading(self, whom: int, kind: int, at: datetime, late: timedelta) -> AdmittedReading:
        reading_id = ReadingId(f"m{next(_numbers)}")
        self.said.append((self.ids[whom], reading_id))
        self.weight += 0.3 if kind % 3 else -0.2
        values = (
            {Measure.WEIGHT: self.weight},
            pressure(128 + kind, 76),
            oxygen(90, heart_rate=99),
            {Measure.WEIGHT: self.weight + 17},
            {Measure.WEIGHT: self.weight * 2.2046},
            {Measure.WEIGHT: self.weight + 4.6},
        )[kind % 6]
        reading = Reading(
            reading_id=reading_id,
            device_id=SCALE if kind % 7 else CUFF,
            profile="test",
            measured_at=at,
            received_at=at + late,
            values=values,
        )
        return AdmittedReading(reading=reading, patient_id=self.ids[whom])

    def decide(self, which: int, how: int) -> None:
        """A person decides about one of the readings, or the other patient gets it."""
        if not self.said:
            return
        patient_id, reading_id = self.said[which % len(self.said)]
        at = self.now + (5 * MINUTE if how > 5 else -MINUTE)  # by a clock that may be ahead of the worker's
        says = Says(reading_id=reading_id, patient_id=patient_id, by=StaffId("s-1"), reason="asked", at=at)
        with transaction(self.connection):
            if how % 6 == 0:
                decisions.exclude(self.connection, says)
            elif how % 6 == 1:
                decisions.hold(self.connection, says)
            elif how % 6 == 2:
                decisions.release(self.connection, says)
            elif how % 6 == 3:
                decisions.correct(self.connection, says, Measure.WEIGHT, 78.5)
            else:
                other = self.ids[1 - self.ids.index(patient_id)]
                decisions.give(self.connection, says, other)
                self.said[which % len(self.said)] = (other, reading_id)

    def meddle(self, which: int, how: int) -> None:
        """Somebody changes rows by hand, or the patient moves, leaves or comes back."""
        patient_id, reading_id = self.said[which % len(self.said)] if self.said else (self.ids[0], "")
        asked = {"patient_id": patient_id, "reading_id": reading_id, "now": self.now}
        self.connection.execute(_BY_HAND[how % len(_BY_HAND)], asked)

    def pass_time(self, step: timedelta) -> None:
        self.now += step

    def check(self, who: int) -> None:
        """A worker's memory, asked now, against no memory at all."""
        empty, mine = Memory(10_000), self.memories[who]
        anew = gather.gather(self.connection, BOOK, self.ids, self.now, empty)
        found = gather.gather(self.connection, BOOK, self.ids, self.now, mine)
        assert found.keys() == anew.keys()
        for patient_id, gathered in found.items():
            assert_same(gathered, anew[patient_id])
            assert made_of(mine, patient_id) == made_of(empty, patient_id)


_BY_HAND = (
    b"UPDATE observations SET value = value + 1 WHERE reading_id = %(reading_id)s",
    b"DELETE FROM observations WHERE reading_id = %(reading_id)s",
    b"UPDATE observations SET measured_at = measured_at - interval '1 day' WHERE reading_id = %(reading_id)s",
    b"UPDATE readings SET device_id = 'cuff-1' WHERE reading_id = %(reading_id)s",
    b"INSERT INTO observations (patient_id, measure, measured_at, value, reading_id, received_at)"
    b" SELECT patient_id, 'temperature', measured_at, 37.1, reading_id, received_at FROM observations"
    b" WHERE reading_id = %(reading_id)s AND measure = 'weight' ON CONFLICT DO NOTHING",
    b"UPDATE patients SET time_zone = 'America/New_York' WHERE patient_id = %(patient_id)s",
    b"UPDATE patients SET discharged_at = %(now)s WHERE patient_id = %(patient_id)s",
    b"UPDATE patients SET discharged_at = NULL WHERE patient_id = %(patient_id)s",
)

_whom = st.integers(0, 1)
_agos = st.sampled_from((timedelta(0), MINUTE, HOUR, DAY, 5 * DAY, 90 * DAY, -2 * MINUTE))
_lates = st.sampled_from((timedelta(0), 2 * MINUTE, 20 * MINUTE, 20 * HOUR, 2 * DAY))
_reads = st.tuples(st.just("read"), _whom, st.integers(0, 41), _lates, _agos, st.booleans())
_evaluations = st.tuples(st.just("evaluate"), st.integers(0, 2), _whom, st.booleans())
_times = st.tuples(st.just("pass_time"), st.sampled_from(STEPS))
_steps = st.one_of(
    _reads,
    _reads,
    _evaluations,
    _evaluations,
    _times,
    st.tuples(st.just("check"), _whom),
    st.tuples(st.just("check"), _whom),
    st.tuples(st.just("decide"), st.integers(0, 99), st.integers(0, 11)),
    st.tuples(st.just("meddle"), st.integers(0, 99), st.integers(0, 9)),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(_steps, min_size=8, max_size=30))
def test_what_two_workers_remember_is_what_they_would_read(
    connection: Connection, steps: list[tuple[object, ...]]
) -> None:
    ward = Ward(connection)
    for name, *arguments in steps:
        event(str(name))
        take_step(ward, str(name), arguments)
    for who in range(2):
        ward.check(who)


def take_step(ward: Ward, name: str, arguments: list[object]) -> None:
    if name == "read":
        whom, kind, late, ago, backlog = arguments
        ward.read(whom, kind, late, ago, backlog=backlog)  # pyright: ignore[reportArgumentType]
    elif name == "evaluate":
        whom, who, undone = arguments
        ward.evaluate(whom, who, undone=undone)  # pyright: ignore[reportArgumentType]
    else:
        getattr(ward, name)(*arguments)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """From when on readings were read, each time that they were."""
    whole, since = histories.readings, list[datetime]()

    def listening(own: Connection, sinces: Mapping[PatientId, datetime]) -> object:
        since.extend(sinces.values())
        return whole(own, sinces)

    monkeypatch.setattr(histories, "readings", listening)
    return since


def test_only_what_is_new_is_read(connection: Connection, asked: list[datetime]) -> None:
    mine = Memory(1_000)
    for day in range(5):
        said(connection, pressure(128, 76), T0 + day * DAY)
    now = T0 + 5 * DAY
    worker.evaluate_patients(connection, [ANNA], now, BOOK, mine)
    assert asked == [begin(ANNA, now)]
    worker.evaluate_patients(connection, [ANNA], now + MINUTE, BOOK, mine)
    assert len(asked) == 1, "nothing is new, and nothing is read"
    said(connection, pressure(131, 77), now)
    said(connection, pressure(130, 77), now + MINUTE)
    worker.evaluate_patients(connection, [ANNA], now + 2 * MINUTE, BOOK, mine)
    assert asked[1:] == [now]


def test_an_evaluation_by_another_worker_costs_no_memory(
    connection: Connection, asked: list[datetime]
) -> None:
    one, other = Memory(1_000), Memory(1_000)
    said(connection, pressure(128, 76), T0)
    worker.evaluate_patients(connection, [ANNA], T0 + MINUTE, BOOK, one)
    said(connection, pressure(129, 76), T0 + HOUR)
    worker.evaluate_patients(connection, [ANNA], T0 + HOUR + MINUTE, BOOK, other)
    said(connection, pressure(127, 76), T0 + 2 * HOUR)
    del asked[:]
    worker.evaluate_patients(connection, [ANNA], T0 + 2 * HOUR + MINUTE, BOOK, one)
    assert asked == [T0 + HOUR]


def test_a_reading_that_belongs_before_the_last_one_makes_the_course_anew(
    connection: Connection, asked: list[datetime]
) -> None:
    mine, now = Memory(1_000), T0 + HOUR
    said(connection, {Measure.WEIGHT: 80.0}, T0)
    worker.evaluate_patients(connection, [ANNA], now, BOOK, mine)
    said(connection, {Measure.WEIGHT: 120.0}, T0 - DAY)
    del asked[:]
    remembered = gather.gather(connection, BOOK, [ANNA], now, mine)[ANNA]
    assert asked == [T0 - DAY, begin(ANNA, now)]
    assert_same(remembered, gather.gather(connection, BOOK, [ANNA], now)[ANNA])


def test_memory_is_bounded_and_forgets_who_was_asked_for_longest_ago(connection: Connection) -> None:
    mine = Memory(5)
    for minute in range(3):
        said(connection, pressure(128, 76), T0 + minute * MINUTE)
        said(connection, pressure(128, 76), T0 + minute * MINUTE, patient_id=BERT)
    worker.evaluate_patients(connection, [ANNA], T0 + HOUR, BOOK, mine)
    assert (len(mine), mine.readings) == (1, 3)
    worker.evaluate_patients(connection, [BERT], T0 + HOUR, BOOK, mine)
    assert (len(mine), mine.readings) == (1, 3)
    assert mine.take(ANNA) is None
    assert mine.take(BERT) is not None
    assert mine.readings == 0


def test_a_device_whose_clock_is_a_little_ahead_is_looked_at_in_time(connection: Connection) -> None:
    ahead = T0 + 4 * MINUTE
    for minutes in (0, 2):
        said(connection, oxygen(84), ahead + minutes * MINUTE, received_after=timedelta(0))
    worker.evaluate_patient(connection, ANNA, T0)
    assert connection.execute("SELECT look_at FROM evaluations_planned").fetchone() == (ahead,)
    found = worker.evaluate_patient(connection, ANNA, ahead + 2 * MINUTE)
    assert "oxygen_low" in {change.alert.problem for change in found}
