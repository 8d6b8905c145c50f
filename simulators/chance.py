"""Chance as an argument: the same seed and labels give the same draw, in any order and on any machine."""

import hashlib
import math
from statistics import NormalDist

_STANDARD = NormalDist()
_STEPS = 2**64


def uniform(seed: int, *labels: str | int) -> float:
    """A draw from the open interval (0, 1)."""
    words = "\x1f".join((str(seed), *(str(label) for label in labels)))
    number = int.from_bytes(hashlib.blake2b(words.encode(), digest_size=8).digest(), "big")
    return (number + 0.5) / _STEPS


def normal(seed: int, *labels: str | int) -> float:
    """A draw from the standard normal distribution, cut at four standard deviations."""
    return min(4.0, max(-4.0, _STANDARD.inv_cdf(uniform(seed, *labels))))


def own_seed(seed: int, name: str) -> int:
    """A seed of one person's own, so that two people do not swing together."""
    return int(uniform(seed, "own", name) * _STEPS)


def wander(seed: int, label: str, day: float, *, periods: tuple[float, ...] = (9.0, 17.0, 31.0)) -> float:
    """A slow, aimless swing with standard deviation 1 at an instant `day`, counted in days.

    A sum of sines of fixed periods with drawn phases, so that any instant can be asked without the others.
    """
    swing = sum(
        math.sin(2 * math.pi * (day / period + uniform(seed, label, "phase", k)))
        for k, period in enumerate(periods)
    )
    return swing / math.sqrt(len(periods) / 2)
