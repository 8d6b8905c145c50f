"""What every invented cohort shares: who measures on which day, how bodies wander, how illness ramps up.

Matrices are patients by days; a day is counted from the cohort's first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from simulators.cohort_laws import Missing, Noise, Shape, Swing

Numbers = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]
Chance = np.random.Generator

QUIET_DAYS = 40
"""No episode begins in a cohort's first days: rules must get to know a patient first."""


class Phenotype(StrEnum):
    """How an episode shows."""

    GRADUAL = "gradual"
    SMALL = "small"
    RAPID = "rapid"
    NONE = "none"
    RISE = "rise"
    FALL = "fall"
    CRISIS = "crisis"
    SEVERE = "severe"
    MILD = "mild"


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One true illness of one patient, from its onset to what a rule should have foreseen.

    `onset_day`, `event_day` and `until_day` count from the cohort's first day. A rule has until before
    `event_day`; what it says from then until before `until_day` is late, but not false. `size` is in the unit
    of the phenotype's measure.
    """

    patient: int
    phenotype: Phenotype
    onset_day: int
    event_day: int
    until_day: int
    size: float


def own_chance(seed: int, name: str) -> Chance:
    """An independent stream of chance for each named part, so that a change in one leaves the others."""
    return np.random.default_rng([seed, *name.encode()])


def errors(chance: Chance, law: Noise, shape: tuple[int, ...]) -> Numbers:
    """Measurement errors of standard deviation 1."""
    if law is Noise.NORMAL:
        return chance.standard_normal(shape)
    if law is Noise.MIXED:
        coarse = np.where(chance.random(shape) < 0.1, 3.0, 1.0)
        return chance.standard_normal(shape) * coarse / np.sqrt(0.9 + 0.1 * 9.0)
    return np.clip(chance.standard_t(4, shape) / np.sqrt(2.0), -5.0, 5.0)


def wander(chance: Chance, swing: Swing, patients: int, days: int, memory_days: float) -> Numbers:
    """Aimless swings of standard deviation 1 that fade from memory over `memory_days`."""
    if swing is Swing.LAYERED:
        return _layered(chance, patients, days, memory_days)
    keep = np.exp(-1.0 / memory_days)
    steps = chance.standard_normal((patients, days)) * np.sqrt(1.0 - keep**2)
    walk = np.empty((patients, days))
    walk[:, 0] = chance.standard_normal(patients)
    for day in range(1, days):
        walk[:, day] = keep * walk[:, day - 1] + steps[:, day]
    if swing is Swing.REVERTING:
        return walk
    day_numbers = np.arange(days)
    phase = chance.uniform(0, 2 * np.pi, (patients, 1))
    season = np.sin(2 * np.pi * day_numbers / chance.uniform(60, 200, (patients, 1)) + phase)
    week = np.where((day_numbers + chance.integers(0, 7, (patients, 1))) % 7 < 2, 1.0, -0.4)
    mixed = 0.8 * walk + 0.6 * season + 0.25 * week
    return mixed / np.sqrt(0.64 + 0.18 + 0.025)


def _layered(chance: Chance, patients: int, days: int, memory_days: float) -> Numbers:
    """Walks of three memories, about as strong at every pace, and rare steps to a level that stays."""
    layers = [
        wander(chance, Swing.REVERTING, patients, days, memory_days * pace) for pace in (0.25, 1.0, 4.0)
    ]
    steps = (chance.random((patients, days)) < 1 / 120) * chance.normal(0.0, 0.6, (patients, days))
    return 0.5 * layers[0] + 0.6 * layers[1] + 0.6 * layers[2] + np.cumsum(steps, axis=1)


def attendance(chance: Chance, law: Missing, patients: int, days: int) -> Marks:
    """Which patient measures on which day: habit, bursts of forgetting, holidays."""
    habit = np.clip(chance.normal(law.adherence, law.spread, (patients, 1)), 0.3, 0.99)
    decline = np.linspace(0.0, law.adherence - law.adherence_last, 365)[np.minimum(np.arange(days), 364)]
    wanted = np.clip(habit - decline, 0.2, 0.99)
    draws = chance.random((patients, days))
    measures = np.empty((patients, days), dtype=bool)
    measures[:, 0] = draws[:, 0] < wanted[:, 0]
    back = 1.0 / law.burst_days
    for day in range(1, days):
        if law.burst_days <= 1.0:
            measures[:, day] = draws[:, day] < wanted[:, day]
        else:  # a gap goes on with 1 - back; it begins so often that the share of days stays as wanted
            begin = np.clip(back * (1 - wanted[:, day]) / wanted[:, day], 0.0, 1.0)
            chance_today = np.where(measures[:, day - 1], 1 - begin, back)
            measures[:, day] = draws[:, day] < chance_today
    for patient in range(patients):
        for _ in range(chance.poisson(law.holidays * days / 365)):
            start = int(chance.integers(0, days))
            measures[patient, start : start + int(chance.integers(7, 15))] = False
    if law.no_weekends or law.other_days:
        measures &= _own_weekdays(chance, law, patients, days)
    return measures


def _own_weekdays(chance: Chance, law: Missing, patients: int, days: int) -> Marks:
    """The days on which each patient's habit allows a measurement at all."""
    day = np.arange(days)
    kind = chance.random((patients, 1))
    weekdays = (day + chance.integers(0, 7, (patients, 1))) % 7 < 5
    others = (day + chance.integers(0, 2, (patients, 1))) % 2 == 0
    keeps_weekdays = kind < law.no_weekends
    keeps_others = ~keeps_weekdays & (kind < law.no_weekends + law.other_days)
    return np.where(keeps_weekdays, weekdays, np.where(keeps_others, others, np.full((patients, days), True)))


def onsets(chance: Chance, days: int, per_year: float, apart_days: int) -> list[int]:
    """The first days of one patient's episodes: at random, but never closer together than `apart_days`."""
    found: list[int] = []
    for day in np.sort(chance.integers(QUIET_DAYS, max(days - 10, QUIET_DAYS + 1), chance.poisson(
        per_year * max(days - QUIET_DAYS, 0) / 365
    ))):  # fmt: skip
        if not found or day - found[-1] >= apart_days:
            found.append(int(day))
    return found


def ramp(shape: Shape, length: int) -> Numbers:
    """From just above 0 on the first day to 1 on the last."""
    at = np.arange(1, length + 1) / max(length, 1)
    match shape:
        case Shape.LINEAR:
            return at
        case Shape.LATE:
            return at**1.8
        case Shape.SIGMOID:
            return 1 / (1 + np.exp(-10 * (at - 0.55)))


def add(target: Numbers, patient: int, first_day: int, values: Numbers | Sequence[float]) -> None:
    """Add a run of daily values to one patient's row, as far as the row goes."""
    run = np.asarray(values, dtype=np.float64)[: max(target.shape[1] - first_day, 0)]
    target[patient, first_day : first_day + len(run)] += run
