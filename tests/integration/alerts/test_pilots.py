"""Silent pilots on a real database: what they would have raised is kept, and nobody is called."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts import actions, hidden
from alerts.book import rulebook
from alerts.book.rulebook import Rulebook
from alerts.book.schema import AnyRule, ThresholdRule
from alerts.review.comparison import comparisons
from alerts.review.pilots import Pilot
from alerts.worker import evaluate_patient
from hub import pilot_command
from store import alerts as stored
from store import pilots
from store.connection import Connection, connect
from tests.harness.piloted import piloted
from tests.harness.said import pressure, said
from tests.harness.small_ward import ANNA, WARD
from vitals.alert import Alert, Outcome
from vitals.ids import StaffId

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
NURSE = StaffId("nurse")


@pytest.fixture
def book(tmp_path: Path) -> Rulebook:
    return piloted(tmp_path / "programmes")


def pilot_of(book: Rulebook) -> Pilot:
    [pilot] = book.pilots()
    return pilot


def would_be(connection: Connection, book: Rulebook) -> list[pilots.WouldBe]:
    pilot = pilot_of(book)
    return pilots.raised(connection, WARD, pilot.rule.id, pilot.fingerprint)


def high(connection: Connection, book: Rulebook, systolic: float, at: datetime) -> None:
    """Two sittings of this pressure, and the evaluation after them."""
    for minutes in (0, 12):
        said(connection, pressure(systolic, 88), at + minutes * MINUTE)
    evaluate_patient(connection, ANNA, at + 13 * MINUTE, book)


def live(connection: Connection) -> list[Alert]:
    """The alerts about a pressure; Anna's scale is silent in these tests, which is another matter."""
    return [alert for alert in stored.of_patient(connection, ANNA) if alert.problem == "pressure_high"]


def test_a_changed_limit_runs_hidden_and_calls_nobody(connection: Connection, book: Rulebook) -> None:
    high(connection, book, 174, T0)
    [one] = would_be(connection, book)
    assert one.alert.rule == "bp_crisis_170"
    assert one.alert.raised_at == T0 + 13 * MINUTE
    assert "174/88" in one.alert.reason
    assert live(connection) == []
    assert not connection.execute("SELECT 1 FROM alerts WHERE rule = 'bp_crisis_170'").fetchall()
    assert connection.execute("SELECT count(*) FROM deliveries").fetchone() == (0,)


def test_asked_again_with_the_same_facts_it_says_nothing_and_after_a_day_it_is_answered(
    connection: Connection, book: Rulebook
) -> None:
    high(connection, book, 174, T0)
    [before] = would_be(connection, book)
    evaluate_patient(connection, ANNA, T0 + 14 * MINUTE, book)
    assert would_be(connection, book) == [before]
    high(connection, book, 178, T0 + 20 * MINUTE)
    [grown] = would_be(connection, book)
    assert grown.alert.peak > before.alert.peak
    evaluate_patient(connection, ANNA, T0 + DAY + 34 * MINUTE, book)
    [answered] = would_be(connection, book)
    assert answered.alert.closed_at == T0 + DAY + 34 * MINUTE


def test_another_definition_begins_anew(connection: Connection, book: Rulebook, tmp_path: Path) -> None:
    high(connection, book, 174, T0)
    extra = """
[[pilots]]
id = "bp_crisis_170"
of = "bp_crisis"
limits = { systolic_crisis = 176 }
source = "Ward One wants to know"
author = "Dr Test"
"""
    other = piloted(tmp_path / "other", extra)
    evaluate_patient(connection, ANNA, T0 + 15 * MINUTE, other)
    high(connection, other, 175, T0 + 60 * MINUTE)
    assert would_be(connection, other) == []
    assert len(would_be(connection, book)) == 1


def test_many_evaluations_at_once_make_one_would_be_alert(
    connection: Connection, database_url: str, book: Rulebook
) -> None:
    for minutes in range(0, 40, 12):
        said(connection, pressure(174, 88), T0 + minutes * MINUTE)

    def evaluate(minute: int) -> None:
        with connect(database_url, application="test") as own:
            evaluate_patient(own, ANNA, T0 + (40 + minute) * MINUTE, book)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(evaluate, range(16)))
    assert len(would_be(connection, book)) == 1


def test_a_pilot_that_breaks_leaves_the_live_alert_alone(connection: Connection) -> None:
    shipped = rulebook.shipped()
    speechless: list[AnyRule] = [
        rule.model_copy(update={"id": "speechless", "pilot": True, "message": "no_such_text"})
        for rule in shipped.programmes["everyone"].rules
        if rule.id == "bp_crisis"
    ]
    everyone = shipped.programmes["everyone"]
    broken = everyone.model_copy(update={"rules": (*everyone.rules, *speechless)})
    book = Rulebook({**shipped.programmes, "everyone": broken})
    high(connection, book, 186, T0)
    assert [alert.rule for alert in live(connection)] == ["bp_crisis"]
    assert connection.execute("SELECT count(*) FROM pilot_alerts").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM evaluations_planned").fetchone() == (1,)


def test_a_weekly_rule_that_breaks_silences_neither_the_pilots_nor_the_live_rules(
    connection: Connection, book: Rulebook
) -> None:
    everyone = book.programmes["everyone"]
    [crisis] = [rule for rule in everyone.rules if rule.id == "bp_crisis"]
    assert isinstance(crisis, ThresholdRule)
    when = tuple(one.model_copy(update={"at_or_above": "no_such_limit"}) for one in crisis.when)
    broken = crisis.model_copy(update={"id": "broken", "weekly": True, "when": when})
    everyone = everyone.model_copy(update={"rules": (*everyone.rules, broken)})
    both = Rulebook({**book.programmes, "everyone": everyone})
    high(connection, both, 186, T0)
    assert [alert.rule for alert in live(connection)] == ["bp_crisis"]
    assert [one.alert.rule for one in would_be(connection, both)] == ["bp_crisis_170"]


def test_the_comparison_tells_what_both_found_what_is_extra_and_what_is_missed(
    connection: Connection, tmp_path: Path
) -> None:
    # It looks for less, but wants three readings in a row.
    extra = """
[[pilots]]
id = "bp_crisis_3"
of = "bp_crisis"
limits = { systolic_crisis = 170 }
change = { confirm = { need = 3, of = 3, within_minutes = 60, alone = "ignored" } }
source = "Ward One wants to know"
author = "Dr Test"
"""
    book = piloted(tmp_path / "programmes", extra)
    evaluate_patient(connection, ANNA, T0 - DAY, book)
    high(connection, book, 186, T0)
    [missed] = live(connection)
    actions.close(
        connection, missed.alert_id, rev=missed.rev, actor=NURSE, now=T0 + DAY, outcome=Outcome.ACTED
    )
    [found] = comparisons(connection, WARD, book, T0 + DAY)
    assert [one.alert_id for one in found.missed_acted] == [missed.alert_id]
    assert (found.since, found.patients) == (T0 - DAY, 1)
    assert found.patient_months == pytest.approx(2 / 30.4375)
    later = T0 + 40 * DAY
    for day, systolic in ((0, 174), (2, 186)):
        for minutes in (0, 12, 24):
            said(connection, pressure(systolic, 88), later + day * DAY + minutes * MINUTE)
            evaluate_patient(connection, ANNA, later + day * DAY + (minutes + 1) * MINUTE, book)
    [found] = comparisons(connection, WARD, book, later + 3 * DAY)
    assert (found.coinciding, found.earlier, found.later, found.extra) == (1, 1, 0, [])
    assert found.median_lead == 2 * DAY - 12 * MINUTE
    assert found.outcomes == {None: 1}
    [narrow] = comparisons(connection, WARD, book, later + 3 * DAY, timedelta(hours=1))
    assert [one.raised_at for one in narrow.extra] == [later + 25 * MINUTE]


def test_a_pilot_that_is_taken_out_is_listed_as_ended_with_what_it_found(
    connection: Connection, book: Rulebook
) -> None:
    shipped = rulebook.shipped()
    hidden.note_pilots(connection, book, T0)
    high(connection, book, 174, T0)
    assert [one.ended for one in comparisons(connection, WARD, book, T0 + DAY)] == [False]
    hidden.note_pilots(connection, shipped, T0 + 2 * DAY)
    hidden.note_pilots(connection, shipped, T0 + 9 * DAY)
    high(connection, shipped, 186, T0 + 10 * DAY)
    [ended] = comparisons(connection, WARD, shipped, T0 + 30 * DAY)
    assert (ended.rule, ended.ended, ended.until) == ("bp_crisis_170", True, T0 + 2 * DAY)
    assert [one.reason[:21] for one in ended.would_be] == ["Blood pressure 174/88"]
    assert ended.patient_months == pytest.approx(2 / 30.4375, rel=0.01)
    assert ended.live == [], "an alert after its end is nothing that it missed"
    assert "ended 2026-03-03" in pilot_command.text([ended])
    hidden.note_pilots(connection, book, T0 + 31 * DAY)
    assert [one.ended for one in comparisons(connection, WARD, book, T0 + 31 * DAY)] == [False]


def test_only_patients_and_alerts_since_the_pilot_began_are_compared(
    connection: Connection, book: Rulebook
) -> None:
    high(connection, rulebook.shipped(), 186, T0)
    evaluate_patient(connection, ANNA, T0 + 2 * DAY, book)
    [found] = comparisons(connection, WARD, book, T0 + 3 * DAY)
    assert (found.patients, len(found.live), found.since) == (1, 0, T0 + 2 * DAY)
    assert replace(found, patient_months=0.0).per_month(1) is None
