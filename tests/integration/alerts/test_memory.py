"""A remembered course is the one that would be made anew, whatever happened, whoever evaluated in between."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from alerts import gather, worker
from alerts.gather import Gathered
from alerts.memory import Memory, begin
from alerts.readings.course import Course
from alerts.readings.series import Series
from alerts.readings.trend import FEATURES
from alerts.rules.view import TrendRow
from store import histories
from store.connection import Connection
from tests.harness.said import oxygen, pressure, said
from tests.harness.small_ward import ANNA, BERT
from tests.harness.troubled_ward import BOOK, DAY, HOUR, MINUTE, STEPS, Ward, assert_found_as_anew
from vitals.ids import PatientId
from vitals.measure import Measure

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)


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
    numbers = {name: trends.get(name) for name in FEATURES}
    rounded = {name: None if value is None else round(value, 6) for name, value in numbers.items()}
    return trends.day, trends.at, rounded


def check(ward: Ward, who: int) -> None:
    """A worker's memory, asked now, against no memory at all: what it knows, and what rules find."""
    empty, mine = Memory(10_000), ward.memories[who]
    anew = gather.gather(ward.connection, BOOK, ward.ids, ward.now, empty)
    found = gather.gather(ward.connection, BOOK, ward.ids, ward.now, mine)
    assert found.keys() == anew.keys()
    for patient_id, gathered in found.items():
        assert_same(gathered, anew[patient_id])
        assert made_of(mine, patient_id) == made_of(empty, patient_id)
    assert_found_as_anew(found, anew, ward.now)


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
    st.tuples(st.just("change"), _whom, st.integers(0, 6), st.integers(0, 59)),
    st.tuples(st.just("change"), _whom, st.integers(0, 6), st.integers(0, 59)),
    st.tuples(st.just("decide"), st.integers(0, 99), st.integers(0, 11)),
    st.tuples(st.just("meddle"), st.integers(0, 99), st.integers(0, 9)),
)


@settings(
    max_examples=40,
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
        check(ward, who)


def take_step(ward: Ward, name: str, arguments: list[object]) -> None:
    if name == "read":
        whom, kind, late, ago, backlog = arguments
        ward.read(whom, kind, late, ago, backlog=backlog)  # pyright: ignore[reportArgumentType]
    elif name == "evaluate":
        whom, who, undone = arguments
        ward.evaluate(whom, who, undone=undone)  # pyright: ignore[reportArgumentType]
    elif name == "check":
        check(ward, *arguments)  # pyright: ignore[reportArgumentType]
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
