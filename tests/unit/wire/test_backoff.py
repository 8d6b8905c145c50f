"""How long to wait before trying again."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from wire.backoff import full_jitter_s


@given(attempt=st.integers(0, 10_000), seed=st.integers(0, 1000))
def test_a_wait_is_never_longer_than_the_cap_nor_than_the_doubled_bound(attempt: int, seed: int) -> None:
    wait_s = full_jitter_s(attempt, Random(seed), first_s=0.5, cap_s=60)
    assert 0 <= wait_s <= min(60, 0.5 * 2 ** min(attempt, 50))


def test_gateways_with_different_seeds_do_not_come_back_together() -> None:
    waits = [full_jitter_s(5, Random(seed), cap_s=60) for seed in range(200)]
    assert min(waits) < 4
    assert max(waits) > 28
    assert len({round(wait_s, 6) for wait_s in waits}) == 200


def test_the_same_seed_waits_the_same_time() -> None:
    assert full_jitter_s(3, Random(7)) == full_jitter_s(3, Random(7))
