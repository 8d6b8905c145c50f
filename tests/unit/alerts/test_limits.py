"""Which limit is in force for a patient."""

from datetime import UTC, datetime

from alerts.book.limits import OwnLimit, resolve
from alerts.book.rulebook import shipped
from dashboard.views.targets import limits_in_force

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_an_own_limit_that_a_new_programme_calls_unsafe_counts_as_its_nearest_bound() -> None:
    own = OwnLimit(name="systolic_crisis", value=195, author="s-1", reason="known high", set_at=NOW)
    usual, post_partum = (shipped().for_programmes(names) for names in ([], ["post_partum"]))
    _, highest = post_partum.limits["systolic_crisis"].spec.safe
    assert highest < 195
    assert resolve(usual, (), [own], NOW)["systolic_crisis"].value == 195
    assert resolve(post_partum, (), [own], NOW)["systolic_crisis"].value == highest
    assert limits_in_force(["post_partum"], {"systolic_crisis": 195})["systolic_crisis"] == highest
