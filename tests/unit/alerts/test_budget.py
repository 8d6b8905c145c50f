"""Trend thresholds move to the alert budget, by a step and within bounds, and only with enough to go by."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.book.rulebook import shipped
from alerts.review import budget
from alerts.review.budget import Scored

T0 = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
RULE, SPEC = next((rule, spec) for rule, spec in budget.budgeted(shipped()) if rule.id == "hf_trend")


def scores(*values: float) -> list[Scored]:
    return [Scored(at=T0 + day * DAY, score=value) for day, value in enumerate(values)]


def test_an_alert_keeps_its_patient_quiet() -> None:
    assert budget.raises(scores(5, 5, 5, 5, 5, 5, 5, 5), 4, timedelta(days=7)) == 2
    assert budget.raises(scores(3, 3, 3), 4, timedelta(days=7)) == 0


def test_without_a_hundred_patient_months_nothing_moves() -> None:
    assert budget.move(RULE, SPEC, [scores(9.0)] * 50, SPEC.value, 99, T0) is None


def test_too_many_alerts_raise_the_threshold_by_a_tenth_at_most() -> None:
    moved = budget.move(RULE, SPEC, [scores(SPEC.value * 1.3)] * 90, SPEC.value, 120, T0)
    assert moved is not None
    assert moved.was == SPEC.value
    assert moved.value == pytest.approx(SPEC.value * 1.1)
    assert moved.found == pytest.approx(90 / 120)


def test_what_is_near_the_budget_stays() -> None:
    rate = RULE.budget
    assert rate is not None
    assert budget.move(RULE, SPEC, [scores(9.0)] * round(rate * 200), SPEC.value, 200, T0) is None


@given(st.lists(st.lists(st.floats(-5, 20), max_size=30), max_size=40), st.floats(0.8, 1.3))
def test_no_move_leaves_the_bounds(wards: list[list[float]], at: float) -> None:
    current = SPEC.value * at
    moved = budget.move(RULE, SPEC, [scores(*one) for one in wards], current, 150, T0)
    if moved is not None:
        assert SPEC.safe[0] <= moved.value <= SPEC.safe[1]
        assert abs(moved.value - current) <= budget.MOST_AT_ONCE * SPEC.value + 1e-3
