"""Ways in which real wards differ from a tidy cohort: the same truth, measured in another manner."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from benchmarks.clinical.days import local_days
from simulators.cohort import Cohort
from simulators.cohort_readings import Columns

Marks = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

_SITTING_S = 15 * 60
_MORNING_ENDS_S = 14 * 3600
_TO_EVENING_S = round(11.5 * 3600)
_SHARE_LEFT_OUT = 0.4
_QUARTER_DAYS = 90
_KNOWN_DAYS = 14
_SEVEN_S = 7 * 3600


def _kept(cohort: Cohort, keep: Marks, at: Integers | None = None) -> Cohort:
    columns = cohort.columns
    return replace(
        cohort,
        columns=Columns(
            patient=columns.patient[keep],
            at=(columns.at if at is None else at)[keep],
            measure=columns.measure[keep],
            value=columns.value[keep],
            usual=columns.usual[keep],
            artefact=columns.artefact[keep],
        ),
    )


def _days(cohort: Cohort) -> Integers:
    return local_days(cohort, cohort.columns.patient, cohort.columns.at)


def _second_of_day(cohort: Cohort) -> Integers:
    """Seconds since the patient's own midnight."""
    days = _days(cohort)
    cells = cohort.columns.patient.astype(np.int64) * (cohort.days + 3) + days
    known, inverse = np.unique(cells, return_inverse=True)
    midnights = np.array(
        [
            int(cohort.instant(int(cell // (cohort.days + 3)), int(cell % (cohort.days + 3))).timestamp())
            for cell in known
        ]
    )
    return cohort.columns.at - midnights[inverse]


def evening(cohort: Cohort) -> Cohort:
    """Everybody measures once a day, in the evening."""
    return _kept(cohort, _second_of_day(cohort) < _MORNING_ENDS_S, cohort.columns.at + _TO_EVENING_S)


def one_clock(cohort: Cohort) -> Cohort:
    """Each day's first measurement is at seven sharp."""
    seconds = _second_of_day(cohort)
    columns = cohort.columns
    cells = columns.patient.astype(np.int64) * (cohort.days + 3) + _days(cohort)
    _, starts, inverse = np.unique(cells, return_index=True, return_inverse=True)
    return _kept(cohort, np.full(len(seconds), True), columns.at - seconds[starts][inverse] + _SEVEN_S)


def single(cohort: Cohort) -> Cohort:
    """Nobody repeats a measurement: of each sitting only the first reading of each measure is left."""
    columns = cohort.columns
    order = np.lexsort((columns.at, columns.measure, columns.patient))
    same = (np.diff(columns.patient[order]) == 0) & (np.diff(columns.measure[order]) == 0)
    repeats = np.r_[False, same & (np.diff(columns.at[order]) <= _SITTING_S)]
    keep = np.full(len(order), True)
    keep[order[repeats]] = False
    return _kept(cohort, keep)


def sparse(cohort: Cohort) -> Cohort:
    """Of the days on which somebody measured, 40 % more are left out at random."""
    cells = cohort.columns.patient.astype(np.int64) * (cohort.days + 3) + _days(cohort)
    drawn = np.random.default_rng([cohort.seed, 40]).random(int(cells.max()) + 1)
    return _kept(cohort, drawn[cells] >= _SHARE_LEFT_OUT)


def quarter(cohort: Cohort) -> Cohort:
    """Three months, and no more."""
    short = _kept(cohort, _days(cohort) < _QUARTER_DAYS)
    episodes = tuple(episode for episode in cohort.episodes if episode.event_day < _QUARTER_DAYS)
    return replace(short, days=_QUARTER_DAYS, episodes=episodes)


def newcomers(cohort: Cohort) -> Cohort:
    """Each patient is known for two weeks when the first episode begins."""
    first = np.zeros(len(cohort.patients), dtype=np.int64)
    kept = {}
    for episode in sorted(cohort.episodes, key=lambda e: e.onset_day, reverse=True):
        first[episode.patient] = episode.onset_day - _KNOWN_DAYS
        kept[episode.patient] = episode
    episodes = tuple(kept[patient] for patient in sorted(kept))
    return replace(_kept(cohort, _days(cohort) >= first[cohort.columns.patient]), episodes=episodes)


HABITS: dict[str, Callable[[Cohort], Cohort]] = {
    "evening": evening,
    "one_clock": one_clock,
    "single": single,
    "sparse": sparse,
    "quarter": quarter,
    "newcomers": newcomers,
}
