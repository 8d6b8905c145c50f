"""What further evidence does to an open alert: corrected, left out, worse, or the first to be confirmed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts import life
from alerts.book.limits import resolve
from alerts.book.rulebook import PatientRules, shipped
from alerts.notify.course import course as telling
from alerts.readings.course import Course
from alerts.readings.measured import Measured
from alerts.reconcile import leading
from alerts.rules.evaluate import Assessment, assess
from alerts.rules.view import AnswerGiven, View, Watched, trends_later
from tests.harness.one_alert import (
    DAY,
    HOUR,
    NURSE,
    P1,
    T0,
    a_breach,
    found,
    history,
    opened,
    say,
    steps,
)  # fmt: skip
from vitals.alert import Alert, Outcome
from vitals.alert_event import (
    Acknowledged,
    AlertEvent,
    Cleared,
    Closed,
    EvidenceAdded,
    Snoozed,
    Woken,
    Worsened,
)  # fmt: skip
from vitals.ids import ReadingId
from vitals.measure import Measure

LOW = a_breach("hr_raised")
AGAIN = replace(LOW, at=T0 + HOUR)
SNOOZED = Snoozed(until=T0 + DAY, reason="visit")
BOOK = shipped().for_programmes(["diabetes", "post_discharge"])


def pressure(minute: float, systolic: float) -> Measured:
    at = T0 + timedelta(minutes=minute)
    values = {Measure.SYSTOLIC: systolic, Measure.DIASTOLIC: 100.0}
    return Measured(reading_id=ReadingId(f"r{minute:g}"), at=at, known_at=at, values=values)


def weight(minute: float, value: float) -> Measured:
    at = T0 + timedelta(minutes=minute)
    return Measured(reading_id=ReadingId(f"w{minute:g}"), at=at, known_at=at, values={Measure.WEIGHT: value})


def glucose(minute: float, value: float, known_after: float = 0) -> Measured:
    at = T0 + timedelta(minutes=minute)
    known_at = at + timedelta(minutes=known_after)
    values = {Measure.GLUCOSE: value}
    return Measured(reading_id=ReadingId(f"g{minute:g}"), at=at, known_at=known_at, values=values)


def asked(
    *readings: Measured, now: datetime = T0 + HOUR, yes: Sequence[str] = (), book: PatientRules = BOOK
) -> Assessment:
    """What all rules say of these readings, and of these answers given beside them."""
    course = Course(ZoneInfo("UTC"))
    for measured in readings:
        course.add(measured)
    patient = Watched(
        patient_id=P1,
        time_zone="UTC",
        birth_date=date(1950, 1, 1),
        enrolled_at=T0 - DAY,
        programmes={"diabetes": T0.date(), "post_discharge": T0.date()},
    )
    given = [*yes, "fully_awake", *([] if "on_oxygen" in yes else ["on_oxygen"])]
    view = View(
        patient=patient,
        rules=book,
        limits=resolve(book, (), (), now),
        course=course,
        trends=trends_later(course),
        answers=[AnswerGiven(question=word, yes=word != "on_oxygen", at=T0) for word in given],
    )
    return assess(book.live, view, now)


def raised(assessment: Assessment) -> Alert:
    [breach] = leading(assessment.breaches).values()
    return opened(breach)


def after(alert: Alert, assessment: Assessment) -> Alert:
    """The alert once all that must happen to it has."""
    now = T0 + 2 * HOUR
    happenings = steps([alert], assessment, now)
    for what in happenings:
        alert = life.apply(alert, AlertEvent(rev=alert.rev + 1, actor="system", at=now, what=what), say)
    assert steps([alert], assessment, now) == [], "asked again it says nothing"
    return alert


def values(alert: Alert) -> object:
    assert alert.message is not None
    return alert.message.values.get("value")


def test_a_value_set_right_is_what_the_alert_speaks_of_whether_it_was_higher_or_lower() -> None:
    alert = raised(asked(pressure(0, 195), pressure(3, 196)))
    higher = after(alert, asked(pressure(0, 225), pressure(3, 226)))
    assert values(higher) == 225
    lower = after(alert, asked(pressure(0, 185), pressure(3, 186)))
    assert values(lower) == 185
    assert lower.peak < alert.peak < higher.peak


def test_an_alert_whose_readings_were_left_out_is_cleared_with_that_reason_and_stays_open() -> None:
    alert = raised(asked(pressure(0, 195), pressure(3, 196)))
    left = asked(pressure(-60, 130))
    assert steps([alert], left) == [Cleared(why="withdrawn")]
    cleared = after(alert, left)
    assert cleared.is_withdrawn
    assert cleared.closed_at is None
    assert cleared.acknowledged_at is None


def test_an_alert_whose_readings_were_set_right_to_normal_is_cleared_with_that_reason() -> None:
    alert = raised(asked(pressure(0, 195), pressure(3, 196)))
    normal = pressure(50, 130)
    assert steps([alert], asked(pressure(0, 125), pressure(3, 126), normal)) == [Cleared(why="withdrawn")]
    one = after(alert, asked(pressure(0, 195), pressure(3, 126), normal))
    assert one.is_withdrawn
    assert steps([alert], asked(pressure(0, 195), pressure(3, 196), normal)) != [Cleared(why="withdrawn")]


def test_what_a_symptom_was_told_beside_is_set_right_as_well() -> None:
    def low(minute: float, systolic: float) -> Measured:
        values = {Measure.SYSTOLIC: systolic, Measure.DIASTOLIC: 60.0}
        return replace(pressure(minute, systolic), values=values)

    def beside(*readings: Measured) -> Assessment:
        found = asked(*readings, yes=["dizzy"])
        return replace(found, breaches=tuple(b for b in found.breaches if b.rule == "bp_low_dizzy"))

    alert = raised(beside(low(0, 96)))
    assert values(alert) == 96
    lower = after(alert, beside(low(0, 91)))
    assert values(lower) == 91
    assert lower.peak > alert.peak
    higher = after(lower, beside(low(0, 98)))
    assert (values(higher), higher.is_withdrawn) == (98, False)
    gone = after(higher, beside(low(0, 126)))
    assert gone.is_withdrawn
    assert gone.closed_at is None
    assert steps([alert], beside(low(0, 96), low(40, 126))) == []


@pytest.mark.parametrize("rule", ["hf_rapid_symptoms", "hf_trend"])
def test_a_gain_is_set_right_as_well(rule: str) -> None:
    book = shipped().for_programmes(["heart_failure"])

    def gained(last: float) -> Assessment:
        days = [(-day * 1440, 82.6 if day < 3 else 80.0 + day % 2 / 10) for day in range(1, 25)]
        found = asked(*(weight(*one) for one in [*days, (0, last)]), yes=["breathless"], book=book)
        return replace(found, breaches=tuple(b for b in found.breaches if b.rule == rule))

    alert = raised(gained(83.2))
    assert steps([alert], gained(83.2)) == []
    less = after(alert, gained(82.7))
    assert (alert.peak > less.peak, less.is_withdrawn) == (True, False)
    assert after(less, gained(80.1)).is_withdrawn


def test_a_score_whose_inputs_were_set_right_is_told_anew() -> None:
    def score(rate: float, spo2: float = 94) -> Assessment:
        inputs = {
            Measure.RESPIRATORY_RATE: rate,
            Measure.SPO2: spo2,
            Measure.SYSTOLIC: 104.0,
            Measure.HEART_RATE: 112.0,
            Measure.TEMPERATURE: 37.2,
        }
        one = Measured(reading_id=ReadingId("n"), at=T0, known_at=T0, values=inputs)
        found = asked(one)
        return replace(found, breaches=tuple(b for b in found.breaches if b.rule == "news2"))

    alert = raised(score(25))
    assert alert.message is not None
    assert alert.message.values["score"] == 7
    told = after(alert, score(22)).message
    assert told is not None
    assert (told.values["score"], told.values["rate"]) == (6, 22)
    assert after(alert, score(16, 98)).is_withdrawn
    [breach] = score(25).breaches
    limit = replace(breach, message=replace(breach.message, values=breach.message.values | {"score": 8}))
    assert steps([alert], replace(score(25), breaches=(limit,))) == [
        EvidenceAdded(breach=limit, instead=True)
    ]


def test_an_alert_whose_limit_was_moved_away_is_cleared_with_that_reason() -> None:
    alert = opened(replace(LOW, reading_ids=(ReadingId("r1"),)))
    assert steps([alert], found(hr_raised=T0)) == [Cleared(why="withdrawn")]


def test_readings_that_are_let_in_again_are_evidence_again() -> None:
    both = asked(pressure(0, 195), pressure(3, 196))
    back = after(after(raised(both), asked(pressure(-60, 130))), both)
    assert not back.is_withdrawn
    assert values(back) == 195


def test_where_one_of_two_was_left_out_the_alert_says_what_the_other_amounts_to() -> None:
    alert = raised(asked(pressure(0, 225), pressure(3, 195), pressure(6, 196)))
    left = after(alert, asked(pressure(3, 195), pressure(6, 196)))
    assert values(left) == 195
    assert left.peak < alert.peak


def test_what_was_left_out_keeps_nothing_quiet_and_what_comes_must_be_seen() -> None:
    alert = raised(asked(pressure(0, 195), pressure(3, 196)))
    held = opened(asked(pressure(0, 195), pressure(3, 196)).breaches[0], Acknowledged(), actor=NURSE)
    nothing = asked(pressure(-60, 130))
    new = asked(pressure(-60, 130), pressure(40, 185), pressure(43, 185))
    assert [type(what) for what in steps([after(held, nothing)], new)] == [Worsened]
    ended = AlertEvent(rev=3, actor=NURSE, at=T0 + HOUR, what=Closed(outcome=Outcome.NO_ACTION, note=""))
    assert steps([life.apply(after(alert, nothing), ended, say)], new) != []


def test_of_one_sitting_the_worst_is_told() -> None:
    alert = raised(asked(glucose(0, 53)))
    assert values(after(alert, asked(glucose(0, 53), glucose(10, 28)))) == 28
    assert values(raised(asked(glucose(0, 28), glucose(10, 53)))) == 28


def test_a_worse_reading_from_before_that_comes_late_is_told() -> None:
    alert = raised(asked(glucose(0, 50)))
    assert values(after(alert, asked(glucose(-30, 22, known_after=50), glucose(0, 50)))) == 22
    milder = asked(glucose(-30, 52, known_after=50), glucose(0, 50))
    assert steps([alert], milder) == []


def test_the_first_that_is_confirmed_breaks_a_snooze_and_leads() -> None:
    artefact = replace(LOW, confirmed=False, magnitude=2.5)
    snoozed = opened(artefact, SNOOZED, actor=NURSE)
    real = replace(AGAIN, rule="hr_raised", magnitude=1.8)
    assert steps([snoozed], found(real)) == [Woken(why="worse"), EvidenceAdded(breach=real)]
    awake = after(snoozed, found(real))
    assert (awake.confirmed, awake.peak) == (True, 1.8)
    doubtful = replace(real, at=T0 + 1.5 * HOUR, confirmed=False, magnitude=3.0)
    assert after(awake, found(doubtful)).peak == 1.8


def test_markedly_worse_than_was_acknowledged_asks_for_a_new_word_once() -> None:
    seen = opened(LOW, Acknowledged(), actor=NURSE)
    little = replace(AGAIN, magnitude=1.5)
    assert steps([seen], found(little)) == [EvidenceAdded(breach=little)]
    much = replace(AGAIN, magnitude=1.6)
    [worsened] = steps([seen], found(much))
    assert isinstance(worsened, Worsened)
    unseen = after(seen, found(much))
    assert (unseen.acknowledged_at, unseen.owner) == (None, NURSE)
    again = AlertEvent(rev=unseen.rev + 1, actor=NURSE, at=T0 + HOUR, what=Acknowledged())
    more = replace(much, at=T0 + HOUR, magnitude=1.7)
    assert steps([life.apply(unseen, again, say)], found(replace(more, at=T0 + 2 * HOUR))) == [
        EvidenceAdded(breach=replace(more, at=T0 + 2 * HOUR))
    ]


def test_what_nobody_confirmed_asks_for_no_new_word() -> None:
    seen = opened(LOW, Acknowledged(), actor=NURSE)
    artefact = replace(AGAIN, magnitude=3.0, confirmed=False)
    assert steps([seen], found(artefact)) == [EvidenceAdded(breach=artefact)]


def test_who_is_told_begins_anew_when_it_grew_markedly_worse() -> None:
    events = history(LOW, Acknowledged(), Worsened(breach=AGAIN, due_at=T0), actor=NURSE)
    assert telling(events[:2]).answered == NURSE
    standing = telling(events)
    assert (standing.answered, standing.trigger.rev) == (None, 3)


def test_equipment_that_worked_again_and_fails_again_is_in_trouble_again() -> None:
    silent = a_breach("gateway_silent")
    cleared = opened(silent, Acknowledged(), Cleared(why="cured"), actor=NURSE)
    again = replace(silent, at=T0 + 30 * HOUR)
    assert steps([cleared], found(again), now=T0 + 30 * HOUR) == [EvidenceAdded(breach=again)]
    assert steps([opened(silent)], found(again), now=T0 + 30 * HOUR) == []


def test_after_a_clock_that_ran_ahead_evidence_is_told_once() -> None:
    ahead = opened(replace(LOW, at=T0 + 4 * DAY))
    assert after(ahead, found(AGAIN)).evidence_at == AGAIN.at
