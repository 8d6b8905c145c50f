"""How often patients are asked, on cohorts that nobody tuned this on, and what is not asked at all."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts import asks
from alerts.asks import answered, wanted
from alerts.book import limits, rulebook
from alerts.readings.course import Course
from alerts.readings.measured import Measured
from alerts.rules.evaluate import assess
from alerts.rules.view import View, Watched
from simulators.cohort import Cohort, Task, make
from simulators.cohort_laws import LAW_A, LAW_B, Law
from simulators.cohort_readings import MEASURES
from vitals.ask import Ask, AskAnswer, AskKind, Wanted
from vitals.ids import PatientId, ReadingId
from vitals.measure import Measure

PATIENTS, DAYS = 12, 120
MONTH = timedelta(days=30.44)
T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def asked_of(cohort: Cohort) -> Counter[tuple[AskKind, Measure]]:
    """What all patients of the cohort are asked when every reading is looked at as it comes."""
    by_patient: dict[int, dict[int, dict[Measure, float]]] = defaultdict(lambda: defaultdict(dict))
    columns = cohort.columns
    table = (columns.patient, columns.at, columns.measure, columns.value)
    for patient, at, measure, value in zip(*(column.tolist() for column in table), strict=True):
        by_patient[patient][at][MEASURES[measure]] = value
    counted: Counter[tuple[AskKind, Measure]] = Counter()
    for number, readings in by_patient.items():
        for ask in _one(cohort, number, readings):
            counted[ask.wanted.kind, ask.wanted.measures[0]] += 1
    return counted


def _one(cohort: Cohort, number: int, readings: dict[int, dict[Measure, float]]) -> list[Ask]:
    who = cohort.patients[number]
    course = Course(ZoneInfo(who.time_zone))
    before: list[Ask] = []
    for seconds, values in sorted(readings.items()):
        at = datetime.fromtimestamp(seconds, UTC)
        course.add(Measured(reading_id=ReadingId(f"r{seconds}"), at=at, known_at=at, values=values))
        view = view_of(course, who.programme.value, who.time_zone)
        recent = [ask for ask in before if ask.asked_at > at - asks.LOOK_BACK]
        before += [
            Ask(ask_id=len(before), patient_id=who.patient_id, asked_at=at, wanted=want)
            for want in wanted(view, assess(view.rules.rules, view, at), [], recent, at)
        ]
    return before


def view_of(course: Course, programme: str, zone: str = "UTC") -> View:
    rules = rulebook.shipped().for_programmes([programme])
    patient = Watched(
        patient_id=PatientId("p"),
        time_zone=zone,
        birth_date=None,
        enrolled_at=datetime(2025, 1, 1, tzinfo=UTC),
        programmes={programme: datetime(2025, 1, 1, tzinfo=UTC).date()},
    )
    in_force = limits.resolve(rules, (), (), T0)
    return View(patient=patient, rules=rules, limits=in_force, course=course, trends=None)


@pytest.mark.parametrize("law", [LAW_A, LAW_B], ids=lambda law: law.name)
def test_a_patient_is_asked_to_weigh_again_at_most_two_and_a_half_times_a_month(law: Law) -> None:
    counted = asked_of(make(Task.HEART_FAILURE, law, seed=77, patients=PATIENTS, days=DAYS))
    months = PATIENTS * timedelta(days=DAYS) / MONTH
    again = counted[AskKind.REPEAT, Measure.WEIGHT] / months
    doubted = counted[AskKind.IS_THIS_YOU, Measure.WEIGHT] / months
    assert again >= 0.5
    # Whoever says that a doubted weighing was theirs is asked to weigh again, too.
    assert again + 2 * doubted <= 2.5, (again, doubted)


@pytest.mark.parametrize("law", [LAW_A, LAW_B], ids=lambda law: law.name)
def test_a_patient_is_seldom_asked_for_their_pressure_again(law: Law) -> None:
    counted = asked_of(make(Task.BLOOD_PRESSURE, law, seed=77, patients=PATIENTS, days=DAYS))
    months = PATIENTS * timedelta(days=DAYS) / MONTH
    again = counted[AskKind.REPEAT, Measure.SYSTOLIC] / months
    assert 0 < again <= 2.5


def course_with(*kilograms: float) -> Course:
    course = Course(ZoneInfo("UTC"))
    for day, kg in enumerate(kilograms):
        add(course, T0 - timedelta(days=len(kilograms) - 1 - day), kg)
    return course


def add(course: Course, at: datetime, kg: float) -> None:
    course.add(
        Measured(reading_id=ReadingId(f"w{at:%d%H%M}"), at=at, known_at=at, values={Measure.WEIGHT: kg})
    )


def asked_now(course: Course, before: list[Ask], now: datetime) -> list[Wanted]:
    view = view_of(course, "heart_failure")
    return wanted(view, assess((), view, now), [], before, now)


def kept(want: Wanted, at: datetime) -> Ask:
    return Ask(ask_id=1, patient_id=PatientId("p"), asked_at=at, wanted=want)


def test_a_weighing_within_the_usual_or_old_news_is_asked_about_by_nobody() -> None:
    usual = (80.0, 80.2, 80.1, 80.0, 80.3)
    assert asked_now(course_with(*usual, 81.2), [], T0 + MINUTE) == []
    off = course_with(*usual, 82.0)
    assert [one.kind for one in asked_now(off, [], T0 + MINUTE)] == [AskKind.REPEAT]
    assert asked_now(off, [], T0 + timedelta(hours=3)) == []
    assert asked_now(course_with(80.0, 80.1, 82.0), [], T0 + MINUTE) == [], "too little is known yet"


def test_whoever_weighed_again_by_themselves_is_not_asked_to() -> None:
    course = course_with(80.0, 80.2, 80.1, 80.0, 80.3, 82.0)
    add(course, T0 + 5 * MINUTE, 82.1)
    assert asked_now(course, [], T0 + 6 * MINUTE) == []


def test_only_what_was_measured_in_time_answers() -> None:
    course = course_with(80.0, 80.2, 80.1, 80.0, 80.3, 82.0)
    [want] = asked_now(course, [], T0 + MINUTE)
    ask = kept(want, T0 + MINUTE)
    view = view_of(course, "heart_failure")
    assert answered(view, [ask]) == [], "the doubted weighing is not its own repeat"
    add(course, T0 + timedelta(hours=5), 80.4)
    assert answered(view, [ask]) == []
    add(course, T0 + timedelta(hours=1), 80.4)
    assert [one.answer for one in answered(view, [ask])] == [AskAnswer.MEASURED]
