"""What patients are asked, on a real database: once each, answered by readings or by their own word."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts import asking
from alerts.clinic.patient_words import shipped
from alerts.worker import evaluate_patient
from dashboard.views.me_asks import next_step
from store import alerts as stored
from store import asks, corrections, observations, patient_contacts
from store.connection import Connection, transaction
from tests.harness.said import oxygen, pressure, said
from tests.harness.small_ward import ANNA, BERT
from vitals.alert import Alert, Priority
from vitals.ask import Ask, AskAnswer, AskKind, Audience
from vitals.ids import ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)  # 09:00 in Berlin
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def asked(connection: Connection) -> list[Ask]:
    return asks.recent(connection, [ANNA], since=T0 - 60 * DAY)


def facts(connection: Connection) -> list[tuple[AskKind, tuple[Measure, ...], AskAnswer | None]]:
    return [(one.wanted.kind, one.wanted.measures, one.answer) for one in asked(connection)]


def weighed_for(connection: Connection, days: int, *, until: datetime, kg: float = 80.0) -> None:
    for day in range(days):
        said(connection, {Measure.WEIGHT: kg + day % 2 * 0.3}, until - (days - day) * DAY)


def test_a_high_pressure_is_asked_for_again_once_and_the_repeat_answers(connection: Connection) -> None:
    first = said(connection, pressure(186, 104), T0)
    for minutes in (1, 2, 3):
        evaluate_patient(connection, ANNA, T0 + minutes * MINUTE)
    [ask] = asked(connection)
    assert (ask.wanted.kind, ask.wanted.subject) == (AskKind.REPEAT, first)
    assert ask.wanted.measures == (Measure.SYSTOLIC,)
    assert (ask.asked_at, ask.wanted.expires_at) == (T0 + MINUTE, T0 + 30 * MINUTE)
    assert asks.open_of(connection, ANNA, T0 + 5 * MINUTE) == [ask]
    said(connection, pressure(141, 84), T0 + 6 * MINUTE)
    evaluate_patient(connection, ANNA, T0 + 7 * MINUTE)
    assert facts(connection) == [(AskKind.REPEAT, (Measure.SYSTOLIC,), AskAnswer.MEASURED)]
    assert asks.open_of(connection, ANNA, T0 + 8 * MINUTE) == []


def test_a_repeat_that_did_not_come_stays_unanswered_and_the_alert_says_unconfirmed(
    connection: Connection,
) -> None:
    said(connection, pressure(186, 104), T0)
    evaluate_patient(connection, ANNA, T0 + MINUTE)
    [change] = evaluate_patient(connection, ANNA, T0 + 30 * MINUTE)
    assert not change.alert.confirmed
    [symptoms] = asks.open_of(connection, ANNA, T0 + 31 * MINUTE)
    assert symptoms.wanted.kind is AskKind.CHECK_IN
    said(connection, pressure(150, 90), T0 + 50 * MINUTE)
    evaluate_patient(connection, ANNA, T0 + 51 * MINUTE)
    assert (AskKind.REPEAT, (Measure.SYSTOLIC,), None) in facts(connection)


def stage2_mother(connection: Connection) -> None:
    """Anna in the programme after birth, where one sitting at stage 2 is an alert."""
    connection.execute(
        """INSERT INTO programme_enrolments (patient_id, programme, starts_on)
           VALUES (%s, 'post_partum', %s)""",
        (ANNA, (T0 - 5 * DAY).date()),
    )


def stage2(connection: Connection) -> list[Alert]:
    return [alert for alert in stored.of_patient(connection, ANNA) if alert.rule == "bp_stage2"]


def test_a_single_reading_at_stage_2_is_asked_for_again_and_the_repeat_confirms_it(
    connection: Connection,
) -> None:
    stage2_mother(connection)
    first = said(connection, pressure(154, 92), T0)
    evaluate_patient(connection, ANNA, T0 + MINUTE)
    [ask] = asked(connection)
    assert (ask.wanted.kind, ask.wanted.subject, ask.wanted.because) == (AskKind.REPEAT, first, "bp_stage2")
    assert stage2(connection) == []
    waiting = asks.open_of(connection, ANNA, T0 + 2 * MINUTE)
    step = next_step(waiting, [], [], shipped().of("en"), ZoneInfo("Europe/Berlin"))
    assert step.title == "Please take your blood pressure again."
    assert step.until == "Please do it before 09:15."
    said(connection, pressure(152, 94), T0 + 4 * MINUTE)
    evaluate_patient(connection, ANNA, T0 + 5 * MINUTE)
    assert facts(connection) == [(AskKind.REPEAT, (Measure.SYSTOLIC,), AskAnswer.MEASURED)]
    [alert] = stage2(connection)
    assert alert.confirmed


def test_a_single_reading_at_stage_2_that_the_repeat_refutes_is_no_alert(connection: Connection) -> None:
    stage2_mother(connection)
    said(connection, pressure(154, 92), T0)
    evaluate_patient(connection, ANNA, T0 + MINUTE)
    said(connection, pressure(138, 84), T0 + 4 * MINUTE)
    for minutes in (5, 16, 40):
        evaluate_patient(connection, ANNA, T0 + minutes * MINUTE)
    assert facts(connection) == [(AskKind.REPEAT, (Measure.SYSTOLIC,), AskAnswer.MEASURED)]
    assert stage2(connection) == []


def test_a_single_reading_at_stage_2_that_nobody_repeats_is_unconfirmed(connection: Connection) -> None:
    stage2_mother(connection)
    said(connection, pressure(154, 92), T0)
    evaluate_patient(connection, ANNA, T0 + MINUTE)
    evaluate_patient(connection, ANNA, T0 + 16 * MINUTE)
    [alert] = stage2(connection)
    assert not alert.confirmed
    assert asks.open_of(connection, ANNA, T0 + 16 * MINUTE) == []


def test_on_days_that_a_rule_counts_a_stage_2_reading_is_asked_for_again_four_times_a_month(
    connection: Connection,
) -> None:
    for day in range(8):
        said(connection, pressure(164, 92), T0 + day * DAY)
        evaluate_patient(connection, ANNA, T0 + day * DAY + MINUTE)
        evaluate_patient(connection, ANNA, T0 + day * DAY + 20 * MINUTE)
    assert [one.wanted.since for one in asked(connection)] == [T0 + day * DAY for day in range(4)]
    [alert] = stage2(connection)
    assert alert.confirmed, "another day confirms it"


def test_an_oximeter_that_was_not_sure_is_asked_again(connection: Connection) -> None:
    said(connection, oxygen(90), T0, quality=frozenset({Quality.LOW_PERFUSION}))
    evaluate_patient(connection, ANNA, T0 + MINUTE)
    assert facts(connection) == [(AskKind.REPEAT, (Measure.SPO2,), None)]


def test_a_weighing_that_is_off_is_asked_for_again_within_two_hours(connection: Connection) -> None:
    weighed_for(connection, 10, until=T0)
    said(connection, {Measure.WEIGHT: 82.4}, T0)
    evaluate_patient(connection, ANNA, T0 + MINUTE)
    assert facts(connection) == [(AskKind.REPEAT, (Measure.WEIGHT,), None)]
    said(connection, {Measure.WEIGHT: 80.6}, T0 + 10 * MINUTE)
    evaluate_patient(connection, ANNA, T0 + 11 * MINUTE)
    assert facts(connection) == [(AskKind.REPEAT, (Measure.WEIGHT,), AskAnswer.MEASURED)]


def doubted(connection: Connection, kg: float) -> tuple[ReadingId, Ask]:
    weighed_for(connection, 10, until=T0)
    reading = said(connection, {Measure.WEIGHT: kg}, T0)
    evaluate_patient(connection, ANNA, T0 + MINUTE)
    [ask] = asked(connection)
    assert (ask.wanted.kind, ask.wanted.subject) == (AskKind.IS_THIS_YOU, reading)
    assert standing(connection, reading) is Standing.HELD
    return reading, ask


def standing(connection: Connection, reading: ReadingId) -> Standing:
    return observations.of_readings(connection, [reading])[0].standing


def say(connection: Connection, ask: Ask, *, is_mine: bool) -> Ask | None:
    with transaction(connection):
        return asking.say_whose(connection, ANNA, ask.ask_id, is_mine=is_mine, now=T0 + 5 * MINUTE)


def test_yes_that_was_me_is_believed_within_eight_kilograms(connection: Connection) -> None:
    reading, ask = doubted(connection, 85.4)
    assert say(connection, ask, is_mine=True) is not None
    evaluate_patient(connection, ANNA, T0 + 6 * MINUTE)
    assert standing(connection, reading) is Standing.ACCEPTED
    last = corrections.history(connection, reading)[-1]
    assert (last.author, last.kind, last.reason) == ("patient", "released", "The patient says: this was me.")
    assert [one.wanted.kind for one in asked(connection)] == [AskKind.IS_THIS_YOU, AskKind.REPEAT]


def test_a_yes_alone_does_not_make_ninety_six_kilograms_theirs(connection: Connection) -> None:
    reading, ask = doubted(connection, 96.0)
    say(connection, ask, is_mine=True)
    evaluate_patient(connection, ANNA, T0 + 6 * MINUTE)
    assert standing(connection, reading) is Standing.HELD
    assert asked(connection)[0].answer is AskAnswer.YES


def test_not_me_stays_out_though_the_same_person_weighs_again(connection: Connection) -> None:
    reading, ask = doubted(connection, 85.4)
    say(connection, ask, is_mine=False)
    again = said(connection, {Measure.WEIGHT: 85.5}, T0 + 10 * MINUTE)
    evaluate_patient(connection, ANNA, T0 + 11 * MINUTE)
    assert standing(connection, reading) is Standing.EXCLUDED
    assert standing(connection, again) is Standing.HELD
    assert corrections.history(connection, reading)[-1].reason == "The patient says: not me."
    assert say(connection, ask, is_mine=True) is None, "the first answer counts"


def test_nobody_answers_for_somebody_else(connection: Connection) -> None:
    _, ask = doubted(connection, 96.0)
    with transaction(connection):
        assert asking.say_whose(connection, BERT, ask.ask_id, is_mine=True, now=T0 + MINUTE) is None
    assert asked(connection)[0].answered_at is None


def test_a_weighing_that_the_checks_release_needs_no_answer_any_more(connection: Connection) -> None:
    _, _ = doubted(connection, 85.4)
    said(connection, {Measure.WEIGHT: 85.2}, T0 + 10 * MINUTE)
    evaluate_patient(connection, ANNA, T0 + 11 * MINUTE)
    assert asked(connection)[0].answer is AskAnswer.SETTLED


def test_whoever_else_uses_the_scale_every_day_is_not_asked_about_for_ever(connection: Connection) -> None:
    weighed_for(connection, 20, until=T0)
    for day in range(8):
        at = T0 + day * DAY
        said(connection, {Measure.WEIGHT: 80.1}, at)
        said(connection, {Measure.WEIGHT: 60.0 + 2 * (day % 2)}, at + 5 * MINUTE)
        evaluate_patient(connection, ANNA, at + 6 * MINUTE)
    assert [one.wanted.kind for one in asked(connection)] == [AskKind.IS_THIS_YOU] * 3


def test_a_trend_alert_asks_two_questions_and_a_yes_is_heard_by_the_rules(connection: Connection) -> None:
    weighed_for(connection, 40, until=T0)
    for day in range(4):
        said(connection, {Measure.WEIGHT: 81.2 + day * 0.9}, T0 + day * DAY)
        evaluate_patient(connection, ANNA, T0 + day * DAY + 20 * MINUTE)
    [ask] = [one for one in asked(connection) if one.wanted.kind is AskKind.CHECK_IN]
    now = ask.asked_at + 5 * MINUTE
    assert ask.wanted.questions == ("breathless", "swollen")
    with transaction(connection):
        answers = {"breathless": True, "swollen": False}
        assert asking.check_in(connection, ANNA, ask.ask_id, answers, now) is not None
        assert asking.check_in(connection, ANNA, ask.ask_id, answers, now) is None
    given = connection.execute("SELECT question, yes, author FROM check_in_answers ORDER BY question")
    assert given.fetchall() == [("breathless", True, "patient"), ("swollen", False, "patient")]
    due = connection.execute("SELECT patient_id FROM evaluations_due WHERE patient_id = %s", (ANNA,))
    assert due.fetchall() == [(ANNA,)]


def test_a_crisis_asks_for_the_signs_of_an_emergency_and_a_yes_makes_it_urgent(
    connection: Connection,
) -> None:
    for minute in (0, 5):
        said(connection, pressure(190, 104), T0 + minute * MINUTE)
    evaluate_patient(connection, ANNA, T0 + 6 * MINUTE)
    [ask] = [one for one in asked(connection) if one.wanted.kind is AskKind.CHECK_IN]
    assert ask.wanted.questions == ("chest_pain", "severe_breathlessness", "stroke_signs")
    answers = dict.fromkeys(ask.wanted.questions, False) | {"stroke_signs": True}
    with transaction(connection):
        assert asking.check_in(connection, ANNA, ask.ask_id, answers, T0 + 8 * MINUTE) is not None
    evaluate_patient(connection, ANNA, T0 + 8 * MINUTE)
    priorities = connection.execute("SELECT priority FROM alerts WHERE problem = 'pressure_high'").fetchall()
    assert priorities == [("high",)]


def silent_until(connection: Connection, days: int) -> datetime:
    """Ten days of measuring, then silence, looked at when the hub planned to; the last instant."""
    connection.execute("UPDATE gateways SET online = true")
    for day in range(10):
        said(connection, {Measure.WEIGHT: 80.0, **pressure(126, 78)}, T0 + day * DAY)
    now = T0 + 9 * DAY + MINUTE
    end = now + days * DAY
    while now <= end:
        evaluate_patient(connection, ANNA, now)
        row = connection.execute(
            "SELECT look_at FROM evaluations_planned WHERE patient_id = %s", (ANNA,)
        ).fetchone()
        assert row is not None
        now = row[0]
    return end


def test_silence_is_reminded_of_once_a_day_two_hours_after_the_patients_time(connection: Connection) -> None:
    silent_until(connection, 7)
    reminders = [one for one in asked(connection) if one.wanted.kind is AskKind.MEASURE]
    days = [one.wanted.subject for one in reminders]
    assert len(days) >= 2
    assert len(set(days)) == len(days)
    # Heart failure asks for a weight by 11:00 and a pressure by 12:00, local time: Berlin is an hour ahead.
    assert {one.asked_at.hour for one in reminders} == {13}
    assert {one.wanted.audience for one in reminders} == {Audience.PATIENT}


def test_a_carer_who_is_recorded_is_asked_once_when_the_ladder_reaches_them(connection: Connection) -> None:
    patient_contacts.add(connection, ANNA, Audience.CARER, "mail", "carer@example.org")
    silent_until(connection, 7)
    carers = [one for one in asked(connection) if one.wanted.audience is Audience.CARER]
    assert len(carers) == 1
    on_their_page = asks.open_of(connection, ANNA, carers[0].asked_at)
    assert [one.wanted.audience for one in on_their_page] == [Audience.PATIENT]


@pytest.mark.parametrize("measured", [{Measure.WEIGHT: 80.2}, pressure(124, 77)])
def test_any_measurement_answers_a_reminder(connection: Connection, measured: dict[Measure, float]) -> None:
    end = silent_until(connection, 3)
    [*_, last] = [one for one in asked(connection) if one.wanted.kind is AskKind.MEASURE]
    at = last.asked_at + 10 * MINUTE
    assert at <= end + DAY
    said(connection, measured, at)
    evaluate_patient(connection, ANNA, at + MINUTE)
    assert next(one for one in asked(connection) if one.ask_id == last.ask_id).answer is AskAnswer.MEASURED


def score(connection: Connection, at: datetime, *, systolic: float, breaths: float) -> ReadingId:
    """The five readings of a NEWS2 score, of which pulse and oxygen give a point each; the last one's id."""
    said(connection, pressure(systolic, 62, 95), at)
    said(connection, {Measure.SPO2: 95}, at + 2 * MINUTE)
    said(connection, {Measure.TEMPERATURE: 37.2}, at + 3 * MINUTE)
    return said(connection, {Measure.RESPIRATORY_RATE: breaths}, at + 4 * MINUTE)


def test_a_news2_score_that_waits_for_the_patients_word_is_asked_about_and_then_counts(
    connection: Connection,
) -> None:
    enrolled = "INSERT INTO programme_enrolments (patient_id, programme, starts_on) VALUES (%s, %s, %s)"
    connection.execute(enrolled, (ANNA, "post_discharge", (T0 - 5 * DAY).date()))
    score(connection, T0 - DAY, systolic=124, breaths=16)
    evaluate_patient(connection, ANNA, T0 - DAY + 5 * MINUTE)
    assert asked(connection) == [], "2 points, or 4 with oxygen, are no alert in any case"
    last = score(connection, T0, systolic=104, breaths=22)
    evaluate_patient(connection, ANNA, T0 + 5 * MINUTE)
    evaluate_patient(connection, ANNA, T0 + 6 * MINUTE)
    [ask] = asked(connection)
    assert (ask.wanted.kind, ask.wanted.subject, ask.wanted.because) == (AskKind.CHECK_IN, last, "news2")
    assert ask.wanted.expires_at == T0 + 60 * MINUTE, "then the first of the readings counts no more"
    step = next_step([ask], [], [], shipped().of("es"), ZoneInfo("Europe/Berlin"))
    assert [question.words for question in step.questions] == [
        "¿Tiene la mente tan clara como otros días?",
        "¿Está usando oxígeno ahora?",
    ]
    with transaction(connection):
        answers = {"fully_awake": True, "on_oxygen": True}
        assert asking.check_in(connection, ANNA, ask.ask_id, answers, T0 + 8 * MINUTE) is not None
    [change] = evaluate_patient(connection, ANNA, T0 + 8 * MINUTE)
    assert (change.alert.rule, change.alert.priority) == ("news2", Priority.HIGH)
    assert change.alert.reason.startswith("NEWS2 score 7 (respiration 22, SpO2 95 %, systolic 104 mmHg")
    assert change.alert.reason.endswith("; on oxygen")
    assert asked(connection)[0].answer is AskAnswer.YES
    evaluate_patient(connection, ANNA, T0 + 9 * MINUTE)
    assert len(asked(connection)) == 1
