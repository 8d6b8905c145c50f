"""Live and backtest agree on a whole ward: all cohorts, late and corrected readings, answers, holidays."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from alerts import actions
from alerts.book import rulebook, texts
from alerts.history import backtest
from alerts.history.replay import History
from alerts.memory import Memory
from alerts.readings.measured import Measured
from alerts.rules.view import AnswerGiven, Break, Watched
from alerts.worker import evaluate_patients
from simulators.cohort import Task, make
from simulators.cohort_laws import LAW_A, LAW_B
from store import alerts as stored
from store import decisions, histories, pauses
from store.connection import Connection, connect, transaction
from store.decisions import Says
from store.evaluations import requeue
from tests.harness import cohort_ward
from tests.harness.cohort_ward import Lived
from vitals.alert import Outcome
from vitals.alert_event import PriorityRaised, Raised
from vitals.ids import AlertId, PatientId, StaffId
from vitals.measure import Measure
from vitals.observation import Standing

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 90  # summer time begins on the 68th in New York and on the 89th in Berlin
END = BEGIN + timedelta(days=DAYS)
GRID = timedelta(hours=4)
ANSWERED_AFTER = timedelta(days=1)
NURSE = StaffId("nurse")
A_TASK = 10
QUESTIONS = ("breathless", "swollen", "dizzy", "chest_pain")

Call = tuple[str, str, datetime, str, str]
"""Patient, rule, instant, priority, text."""


@dataclass(slots=True, kw_only=True)
class Course:
    """What happens to one patient, for both: a reading's `decided` is what a person says when it comes."""

    who: Lived
    readings: list[Measured] = field(default_factory=list[Measured])
    corrected: dict[str, float] = field(default_factory=dict[str, float])
    answers: list[AnswerGiven] = field(default_factory=list[AnswerGiven])
    breaks: list[Break] = field(default_factory=list[Break])

    @property
    def patient_id(self) -> PatientId:
        return self.who.who.patient_id


@pytest.fixture(scope="module")
def ward() -> list[Course]:
    """Thirty patients of all cohorts, by both laws, and what goes wrong in a real home."""
    chance = Random(7)
    everybody: list[Course] = []
    for number, task in enumerate(Task):
        for law, seed in ((LAW_A, 11 + number), (LAW_B, 4 + number)):
            cohort = make(task, law, seed=seed, patients=A_TASK // 2, days=DAYS)
            everybody += [_troubled(one, chance) for one in cohort_ward.lives(cohort, grid=GRID)]
    return everybody


def _troubled(who: Lived, chance: Random) -> Course:
    """Some readings come late, some are set right or left out as they come; answers, and a holiday."""
    course = Course(who=who)
    for measured in who.readings:
        if not BEGIN <= measured.at < END:
            continue
        die = chance.random()
        one = measured
        if die < 0.04:
            late = chance.choice((GRID, 2 * GRID, 8 * GRID))
            one = replace(one, known_at=one.at + late)
        elif die < 0.06:
            one = replace(one, decided=Standing.EXCLUDED)
        elif die < 0.08:
            one = replace(one, decided=Standing.ACCEPTED)
        elif die < 0.09 and Measure.WEIGHT in one.values:
            course.corrected[one.reading_id] = one.values[Measure.WEIGHT]
            off = {Measure.WEIGHT: one.values[Measure.WEIGHT] + 1.5}
            one = replace(one, values=off, decided=Standing.ACCEPTED)
        course.readings.append(one)
    for day in range(5, DAYS, 9):
        at = BEGIN + timedelta(days=day) + chance.randrange(2, 6) * GRID
        for question in QUESTIONS:
            course.answers.append(AnswerGiven(question=question, yes=chance.random() < 0.4, at=at))
    if chance.random() < 0.3:
        gone = BEGIN + timedelta(days=chance.randrange(20, 70))
        course.breaks.append(Break(starts_at=gone, ends_at=gone + timedelta(days=8)))
    return course


@pytest.mark.timeout(600)
def test_live_and_backtest_agree_alert_for_alert(ward: list[Course], database_url: str) -> None:
    expected = _backtested(ward)
    assert len(expected) >= 3 * len(ward), "a quiet ward proves nothing: choose other seeds"
    assert len({call[0] for call in expected}) > 0.8 * len(ward)
    assert len({call[1] for call in expected}) >= 12, "too few rules have spoken"
    with connect(database_url, application="test") as connection:
        lived = _lived(connection, ward)
    assert _by_patient(lived) == _by_patient(expected)


def _by_patient(calls: Sequence[Call]) -> dict[str, list[Call]]:
    by: dict[str, list[Call]] = defaultdict(list)
    for call in sorted(calls):
        by[call[0]].append(call)
    return dict(by)


def _backtested(ward: Sequence[Course]) -> list[Call]:
    histories = [
        History(
            patient=Watched(
                patient_id=course.patient_id,
                time_zone=course.who.who.time_zone,
                birth_date=course.who.who.birth_date,
                enrolled_at=BEGIN,
                programmes={course.who.who.programme.value: BEGIN.date()},
            ),
            readings=[_as_corrected(course, one) for one in course.readings],
            answers=course.answers,
            breaks=course.breaks,
        )
        for course in ward
    ]
    result = backtest.replay(
        histories, rulebook.shipped(), end=END, calibrate=False, answered_after=ANSWERED_AFTER
    )
    return [
        (str(patient_id), call.breach.rule, call.at, call.breach.priority.value, call.alert.reason)
        for patient_id, call in result.calls
    ]


def _as_corrected(course: Course, one: Measured) -> Measured:
    value = course.corrected.get(one.reading_id)
    return one if value is None else replace(one, values={Measure.WEIGHT: value})


class Live:
    """The same ward in the database, evaluated as the worker does, on a clock that goes from news to look."""

    def __init__(self, connection: Connection, ward: Sequence[Course]) -> None:
        self.connection = connection
        self.now = BEGIN
        self.memory = Memory(100_000)
        self.everybody = [course.patient_id for course in ward]
        self.corrected = {name: value for course in ward for name, value in course.corrected.items()}
        self.readings: dict[datetime, list[tuple[PatientId, Measured]]] = defaultdict(list)
        self.answers: dict[datetime, list[tuple[PatientId, AnswerGiven]]] = defaultdict(list)
        for course in ward:
            for one in course.readings:
                self.readings[one.known_at].append((course.patient_id, one))
            for answer in course.answers:
                self.answers[answer.at].append((course.patient_id, answer))
        self.news = sorted({*self.readings, *self.answers}, reverse=True)

    def run(self) -> None:
        """Every instant at which there is news, or at which somebody wants to be looked at."""
        while self.now <= END:
            self._arrive()
            self._play_the_nurse()
            self._evaluate()
            row = self.connection.execute("SELECT min(look_at) FROM evaluations_planned").fetchone()
            assert row is not None
            self.now = min([row[0], *self.news[-1:]])

    def _evaluate(self) -> None:
        """Whoever has news or is to be looked at now; at first everybody."""
        rows = self.connection.execute(_DUE, {"now": self.now}).fetchall()
        ids = sorted(row[0] for row in rows) if self.now > BEGIN else self.everybody
        with transaction(self.connection):
            evaluate_patients(self.connection, ids, self.now, rulebook.shipped(), self.memory)
            self.connection.execute("DELETE FROM evaluations_due")

    def _arrive(self) -> None:
        if not self.news or self.news[-1] > self.now:
            return
        self.news.pop()
        arrived, answers = self.readings[self.now], self.answers[self.now]
        with transaction(self.connection):
            cohort_ward.store(self.connection, arrived, self.now)
            for patient_id, one in arrived:
                self._decide(patient_id, one)
            for patient_id, answer in answers:
                histories.add_answer(
                    self.connection, patient_id, answer.question, yes=answer.yes, at=self.now, author=NURSE
                )
            asked = sorted({patient_id for patient_id, _answer in answers})
            requeue(self.connection, [(patient_id, self.now) for patient_id in asked], now=self.now)

    def _decide(self, patient_id: PatientId, one: Measured) -> None:
        if one.decided is None:
            return
        says = Says(reading_id=one.reading_id, patient_id=patient_id, by=NURSE, reason="asked", at=self.now)
        if one.reading_id in self.corrected:
            value = self.corrected[one.reading_id]
            decisions.correct(self.connection, says, Measure.WEIGHT, value)
        elif one.decided is Standing.EXCLUDED:
            decisions.exclude(self.connection, says)
        else:
            decisions.release(self.connection, says)

    def _play_the_nurse(self) -> None:
        """Whoever is looked at now has what was raised a day ago closed first, as in a backtest."""
        asked = {"now": self.now, "raised": self.now - ANSWERED_AFTER}
        for alert_id, rev in self.connection.execute(_ANSWERED, asked).fetchall():
            actions.close(
                self.connection,
                AlertId(alert_id),
                rev=rev,
                actor=NURSE,
                now=self.now,
                outcome=Outcome.ACTED,
            )


_DUE = """
    SELECT patient_id FROM evaluations_due
    UNION SELECT patient_id FROM evaluations_planned WHERE look_at <= %(now)s
"""

_ANSWERED = """
    SELECT alert_id, rev FROM alerts
    WHERE closed_at IS NULL AND raised_at <= %(raised)s AND patient_id IN (
        SELECT patient_id FROM evaluations_due
        UNION SELECT patient_id FROM evaluations_planned WHERE look_at <= %(now)s)
"""


def _lived(connection: Connection, ward: Sequence[Course]) -> list[Call]:
    with transaction(connection):
        cohort_ward.add_ward(connection, [course.who for course in ward], BEGIN)
        for course in ward:
            for one in course.breaks:
                pauses.add(
                    connection,
                    course.patient_id,
                    reason="holiday",
                    author=NURSE,
                    starts_at=one.starts_at,
                    ends_at=one.ends_at,
                )
    Live(connection, ward).run()
    calls: list[Call] = []
    for course in ward:
        for alert in stored.of_patient(connection, course.patient_id):
            for event in stored.events(connection, alert.alert_id):
                if isinstance(event.what, Raised | PriorityRaised) and event.at <= END:
                    breach = event.what.breach
                    text = texts.english(breach)
                    calls.append((course.patient_id, breach.rule, event.at, breach.priority.value, text))
    return calls
