"""What alerts cost and yield, reckoned from rows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.book.rulebook import shipped
from alerts.review.ledger import flapping, ledger, limits_of, wait
from store.burden import BurdenRow
from vitals.alert import Outcome, Priority
from vitals.ids import AlertId, PatientId

T0 = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
LIMITS = {"spo2_low": ("spo2_low",)}


def row(
    day: float = 0,
    outcome: Outcome | None = None,
    *,
    rule: str = "spo2_low",
    patient: str = "p-1",
    seen: float | None = None,
    acted: float | None = None,
    by_person: bool = True,
) -> BurdenRow:
    at = T0 + day * DAY
    return BurdenRow(
        alert_id=AlertId(1),
        patient_id=PatientId(patient),
        rule=rule,
        problem=rule,
        priority=Priority.HIGH,
        raised_at=at,
        acknowledged_at=None if seen is None else at + seen * MINUTE,
        acted_at=None if acted is None else at + acted * MINUTE,
        closed_at=at + DAY if outcome else None,
        closed_by_person=by_person and outcome is not None,
        outcome=outcome,
    )


def test_alerts_are_counted_per_patient_month_and_shares_are_of_the_closed() -> None:
    rows = [
        row(outcome=Outcome.ACTED),
        row(outcome=Outcome.NO_ACTION, by_person=False),
        row(outcome=Outcome.EXPECTED),
        row(outcome=Outcome.WRONG_PERSON),
        row(),
    ]
    found = ledger(rows, 2.5, T0, T0 + 30 * DAY, LIMITS).whole
    assert found.per_patient_month == 2.0
    assert (found.closed, found.acted, found.no_action, found.by_itself, found.mistaken) == (4, 1, 2, 1, 1)
    assert (found.yield_share, found.no_action_share) == (0.25, 0.5)


def test_nothing_is_divided_by_nothing() -> None:
    found = ledger([], 0.0, T0, T0 + DAY, {})
    assert (found.whole.per_patient_month, found.whole.yield_share, found.whole.no_action_share) == (
        None,
        None,
        None,
    )
    assert (found.whole.to_act.count, found.whole.to_act.median) == (0, None)


def test_the_busiest_rule_comes_first_and_each_has_its_own_line() -> None:
    rows = [row(rule="a"), row(rule="b", outcome=Outcome.ACTED), row(rule="b")]
    found = ledger(rows, 1.0, T0, T0 + DAY, {})
    assert [(line.rule, line.alerts, line.yield_share) for line in found.rules] == [
        ("b", 2, 1.0),
        ("a", 1, None),
    ]


def test_times_are_of_those_that_were_seen_or_acted_on() -> None:
    rows = [row(seen=10, acted=20), row(seen=30, acted=None), row(seen=20), row()]
    found = ledger(rows, 1.0, T0, T0 + DAY, {}).whole
    assert (found.to_acknowledge.count, found.to_acknowledge.median) == (3, 20 * MINUTE)
    assert found.to_acknowledge.p90 == 28 * MINUTE
    assert (found.to_act.count, found.to_act.median) == (1, 20 * MINUTE)


@given(st.lists(st.integers(0, 10_000), min_size=1))
def test_nine_of_ten_never_took_less_than_half_of_them(minutes: list[int]) -> None:
    found = wait((T0, T0 + one * MINUTE) for one in minutes)
    assert found.median is not None
    assert found.p90 is not None
    assert min(minutes) * MINUTE <= found.median <= found.p90 <= max(minutes) * MINUTE


def test_three_opens_in_thirty_days_without_action_ask_for_another_limit() -> None:
    rows = [row(day, Outcome.NO_ACTION) for day in (0, 10, 30)]
    [found] = flapping(rows, LIMITS)
    assert (found.rule, found.opens, found.limits) == ("spo2_low", 3, ("spo2_low",))
    assert (found.first_at, found.last_at) == (T0, T0 + 30 * DAY)


@pytest.mark.parametrize(
    "rows",
    [
        [row(day, Outcome.NO_ACTION) for day in (0, 10)],
        [row(day, Outcome.NO_ACTION) for day in (0, 10, 30.1)],
        [
            row(0, Outcome.NO_ACTION),
            row(1, Outcome.ACTED),
            row(2, Outcome.NO_ACTION),
            row(3, Outcome.EXPECTED),
        ],
        [row(day, Outcome.NO_ACTION, patient=f"p-{day}") for day in (0, 1, 2)],
        [row(day, Outcome.NO_ACTION, rule=f"rule-{day}") for day in (0, 1, 2)],
        [row(day, Outcome.MEASUREMENT_ERROR) for day in (0, 1, 2)],
        [row(day) for day in (0, 1, 2)],
    ],
    ids=["two", "spread", "acted on", "patients", "rules", "mistaken", "open"],
)
def test_less_than_that_does_not_flap(rows: list[BurdenRow]) -> None:
    assert flapping(rows, LIMITS) == []


def test_every_limit_that_the_ledger_may_name_exists() -> None:
    book = shipped()
    for file in book.programmes.values():
        for rule in file.rules:
            assert all(book.limit(name) for name in limits_of(rule)), rule.id
    assert limits_of(book.rule("copd_trend"))
    assert limits_of(None) == ()
