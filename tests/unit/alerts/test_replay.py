"""A replay, which keeps findings, agrees with rules that are asked anew at each instant, as they are live."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from alerts.book import rulebook
from alerts.book.limits import resolve
from alerts.history.replay import History, Replay
from alerts.history.track import Track
from alerts.readings.course import Course
from alerts.readings.measured import Measured
from alerts.rules.evaluate import Memo, find
from alerts.rules.view import View, Watched, trends_later
from vitals.ids import PatientId, ReadingId
from vitals.measure import Measure

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
USUAL_DAYS, DAYS = 9, 36
SEEDS = (8, 9, 10)
ANSWERED_AFTER = timedelta(days=1)
PATIENT = PatientId("p-1")
BOOK = rulebook.shipped()
PROGRAMMES = ("heart_failure", "hypertension")

Called = tuple[datetime, str, str, str]


def measured(chance: Random) -> Iterator[Measured]:
    """Weeks of a patient whose usual pressure lies at the limit of what is known, with high days in between.

    Each instrument is used at its own hour and any minute, some of it comes late: so the days move on, and
    the usual with them, between one pressure and the next.
    """
    number = 0

    def one(at: datetime, **values: float) -> Measured:
        nonlocal number
        number += 1
        late = timedelta(minutes=chance.choice((0, 0, 0, 0, 7, 40, 190)))
        return Measured(
            reading_id=ReadingId(f"r-{number}"),
            at=at,
            known_at=at + late,
            values={Measure(name): float(value) for name, value in values.items()},
        )

    for number_of_day in range(DAYS):
        day = BEGIN + timedelta(days=number_of_day)
        if chance.random() < 0.9:
            weight = round(80 + chance.gauss(0, 0.5), 1)
            yield one(day + timedelta(hours=7, minutes=chance.randrange(50)), weight=weight)
        if chance.random() < 0.8:
            at = day + timedelta(hours=20, minutes=chance.randrange(50))
            level = 150 if number_of_day < USUAL_DAYS else chance.choice((118, 118, 164))
            systolic = round(chance.gauss(level, 2))
            for again in range(chance.choice((1, 1, 2))):
                pressure = systolic - 2 * again
                yield one(
                    at + timedelta(minutes=3 * again), systolic=pressure, diastolic=round(0.6 * pressure)
                )
        if chance.random() < 0.4:
            at = day + timedelta(hours=chance.choice((9, 22)), minutes=chance.randrange(50))
            yield one(at, spo2=round(chance.gauss(95, 1.5)), heart_rate=round(chance.gauss(70, 9)))


def history(seed: int) -> History:
    """One patient's past, by a seed."""
    began = dict.fromkeys(PROGRAMMES, BEGIN.date())
    who = Watched(
        patient_id=PATIENT,
        time_zone="Europe/Madrid",
        birth_date=date(1950, 1, 1),
        enrolled_at=BEGIN,
        programmes=began,
    )
    return History(patient=who, readings=list(measured(Random(seed))))


def views(one: History, until: datetime) -> Iterator[tuple[View, datetime]]:
    """What is known at each instant at which something becomes known, and at some in between."""
    rules, course = BOOK.for_programmes(PROGRAMMES), Course(ZoneInfo(one.patient.time_zone))
    limits = resolve(rules, (), (), BEGIN)
    trends = None
    waiting = sorted(one.readings, key=lambda m: (m.known_at, m.at, m.reading_id))
    now = BEGIN
    while now < until:
        while waiting and waiting[0].known_at <= now:
            course.add(waiting.pop(0))
            trends = trends_later(course)
        yield View(patient=one.patient, rules=rules, limits=limits, course=course, trends=trends), now
        now = min([now + timedelta(minutes=373), *(m.known_at for m in waiting[:1])])


def test_a_finding_that_is_kept_is_the_one_that_would_be_found_anew() -> None:
    rules = BOOK.for_programmes(PROGRAMMES).rules
    breaches = 0
    for seed in SEEDS:
        memo = Memo()
        for view, now in views(history(seed), BEGIN + timedelta(days=DAYS)):
            for rule in rules:
                anew = find(rule, view, now)
                breaches += anew.breach is not None
                assert memo.find(rule, view, now) == anew, (seed, rule.id, now)
    assert breaches > 100, "quiet patients prove nothing: choose other seeds"


def asked_anew(one: History, until: datetime) -> list[Called]:
    """What is called when every rule is asked at every instant, of trends of that instant."""
    rules = BOOK.for_programmes(PROGRAMMES)
    track = Track(PATIENT, rules.live, answer_after=ANSWERED_AFTER)
    course = Course(ZoneInfo(one.patient.time_zone))
    waiting = sorted(one.readings, key=lambda m: (m.known_at, m.at, m.reading_id))
    look = BEGIN
    while (now := min([look, *(m.known_at for m in waiting[:1])])) < until:
        while waiting and waiting[0].known_at <= now:
            course.add(waiting.pop(0))
        view = View(
            patient=one.patient,
            rules=rules,
            limits=resolve(rules, (), (), now),
            course=course,
            trends=trends_later(course),
        )
        look = track.evaluate(view, now)
    return [(c.at, c.breach.rule, c.breach.priority.value, c.alert.reason) for c in track.calls]


def replayed(one: History, until: datetime) -> list[Called]:
    rules = BOOK.for_programmes(PROGRAMMES)
    replay = Replay(one, rules, answer_after=ANSWERED_AFTER, since=BEGIN)
    replay.advance(until)
    return [(c.at, c.breach.rule, c.breach.priority.value, c.alert.reason) for c in replay.calls]


def test_what_is_kept_from_one_instant_to_the_next_changes_no_alert() -> None:
    until = BEGIN + timedelta(days=DAYS)
    past = {seed: history(seed) for seed in SEEDS}
    called = {seed: asked_anew(one, until) for seed, one in past.items()}
    spoken = {rule for calls in called.values() for _at, rule, *_ in calls}
    assert "bp_stage2" in spoken, "quiet patients prove nothing: choose other seeds"
    assert {seed: replayed(one, until) for seed, one in past.items()} == called
