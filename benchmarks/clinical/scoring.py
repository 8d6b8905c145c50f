"""How alerts are held against the truth: sensitivity, false alerts per patient-month, lead, intervals."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.clinical.days import local_days
from simulators.cohort import Cohort
from simulators.cohort_signals import Episode, Phenotype

Numbers = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]

MONTH_DAYS = 30.4375
WINDOW_DAYS = 14
"""Detection counts from the true onset, but at most so long before the event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What came of one rule on one cohort; the pairs are 95 % intervals of a bootstrap over patients.

    `false_per_month` counts alerts outside every episode, `all_per_month` all of them; a patient's months
    begin with the first reading. `lead_days` is the median from the first alert to the event, of the episodes
    that were detected.
    """

    episodes: int
    sensitivity: float
    sensitivity_interval: tuple[float, float]
    false_per_month: float
    false_interval: tuple[float, float]
    all_per_month: float
    all_interval: tuple[float, float]
    lead_days: float
    lead_three: float


def score(
    cohort: Cohort,
    alerts: Marks,
    phenotypes: Collection[Phenotype],
    *,
    forgiven: Collection[Phenotype] = tuple(Phenotype),
    resamples: int = 1000,
) -> Score:
    """Score alert days (patients by days) on the episodes of these phenotypes.

    An alert inside any episode of the `forgiven` phenotypes is not false.
    """
    patients = alerts.shape[0]
    asked = [episode for episode in cohort.episodes if episode.phenotype in phenotypes]
    leads = np.array([_lead(alerts, episode) for episode in asked])
    owners = np.array([episode.patient for episode in asked], dtype=np.int64)
    found = np.isfinite(leads)
    false = alerts & ~_inside(alerts.shape, [e for e in cohort.episodes if e.phenotype in forgiven])
    per_patient = np.stack(
        [
            np.bincount(owners, minlength=patients).astype(np.float64),
            np.bincount(owners[found], minlength=patients).astype(np.float64),
            false.sum(axis=1).astype(np.float64),
            alerts.sum(axis=1).astype(np.float64),
            months(cohort),
        ]
    )
    drawn = np.random.default_rng(0).integers(0, patients, (resamples, patients))
    sums = per_patient[:, drawn].sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        sensitivities = sums[1] / sums[0]
    return Score(
        episodes=len(asked),
        sensitivity=float(found.mean()) if len(asked) else float("nan"),
        sensitivity_interval=_interval(sensitivities),
        false_per_month=float(per_patient[2].sum() / per_patient[4].sum()),
        false_interval=_interval(sums[2] / sums[4]),
        all_per_month=float(per_patient[3].sum() / per_patient[4].sum()),
        all_interval=_interval(sums[3] / sums[4]),
        lead_days=float(np.median(leads[found])) if found.any() else float("nan"),
        lead_three=float((leads[found] >= 3).mean()) if found.any() else float("nan"),
    )


def months(cohort: Cohort) -> Numbers:
    """How many months each patient was followed: from the first reading to the cohort's end."""
    first = np.full(len(cohort.patients), cohort.days, dtype=np.int64)
    columns = cohort.columns
    np.minimum.at(first, columns.patient, local_days(cohort, columns.patient, columns.at))
    return (cohort.days - first) / MONTH_DAYS


def _lead(alerts: Marks, episode: Episode) -> float:
    """Days from the first alert in the episode's window to its event; NaN where there is none."""
    first = max(episode.onset_day, episode.event_day - WINDOW_DAYS)
    days = np.flatnonzero(alerts[episode.patient, first : episode.event_day])
    return float(episode.event_day - first - days[0]) if len(days) else float("nan")


def _inside(shape: tuple[int, ...], episodes: Sequence[Episode]) -> Marks:
    inside = np.zeros(shape, dtype=bool)
    for episode in episodes:
        inside[episode.patient, episode.onset_day : episode.until_day] = True
    return inside


def _interval(values: Numbers) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.percentile(known, [2.5, 97.5])
    return float(low), float(high)
