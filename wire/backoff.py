"""How long to wait before trying again: full jitter, so that a crowd does not return all at once."""

from random import Random


def full_jitter_s(attempt: int, chance: Random, first_s: float = 1.0, cap_s: float = 60.0) -> float:
    """Seconds to wait before the retry number `attempt`, which counts from 0.

    Uniform from 0 to a bound: `first_s` doubled `attempt` times, and never above `cap_s`.
    """
    bound_s = min(cap_s, first_s * 2.0 ** min(attempt, 30))
    return chance.uniform(0.0, bound_s)
