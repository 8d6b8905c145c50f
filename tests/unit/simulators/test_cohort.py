"""Invented cohorts: the same from the same seed, and as difficult as they claim."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet as arrow_parquet

from simulators.cohort import Cohort, Task, make
from simulators.cohort_files import write
from simulators.cohort_law_c import LAWS
from simulators.cohort_laws import LAW_A, LAW_B, Law
from simulators.cohort_readings import GROSS, MEASURES, Artefact
from simulators.cohort_signals import QUIET_DAYS, Phenotype
from vitals.measure import Measure

ALL = [(task, law) for task in Task for law in LAWS.values()]


def small(task: Task, law: Law, seed: int = 1) -> Cohort:
    return make(task, law, seed=seed, patients=60, days=365)


def of(cohort: Cohort, measure: Measure) -> np.ndarray:
    return cohort.columns.value[cohort.columns.measure == MEASURES.index(measure)]


@pytest.mark.parametrize(("task", "law"), ALL)
def test_the_same_seed_gives_the_same_cohort_and_another_seed_another(task: Task, law: Law) -> None:
    one, same, other = small(task, law), small(task, law), small(task, law, seed=2)
    assert np.array_equal(one.columns.value, same.columns.value)
    assert one.episodes == same.episodes
    assert len(one.columns.value) != len(other.columns.value)


@pytest.mark.parametrize(("task", "law"), ALL)
def test_episodes_follow_one_another_and_leave_time_to_get_to_know_the_patient(task: Task, law: Law) -> None:
    cohort = small(task, law)
    by_patient = sorted(cohort.episodes, key=lambda e: (e.patient, e.onset_day))
    assert len({episode.phenotype for episode in by_patient}) >= 2
    for episode in by_patient:
        assert QUIET_DAYS <= episode.onset_day < episode.event_day <= episode.until_day
        assert episode.event_day < cohort.days
    for earlier, later in pairwise(by_patient):
        assert earlier.patient < later.patient or earlier.event_day < later.onset_day


def test_a_gradual_gain_shows_on_the_scale_and_a_silent_one_does_not() -> None:
    cohort = make(Task.HEART_FAILURE, LAW_A, seed=3, patients=300)
    columns = cohort.columns
    weights = columns.measure == MEASURES.index(Measure.WEIGHT)
    gains: dict[Phenotype, list[float]] = {phenotype: [] for phenotype in Phenotype}
    for episode in cohort.episodes:
        mine = weights & (columns.patient == episode.patient) & (columns.artefact == Artefact.NOTHING)
        at, value = columns.at[mine], columns.value[mine]
        onset = cohort.instant(episode.patient, episode.onset_day)
        event = cohort.instant(episode.patient, episode.event_day)
        before = value[(at >= (onset - timedelta(days=7)).timestamp()) & (at < onset.timestamp())]
        last = value[(at >= (event - timedelta(days=2)).timestamp()) & (at < event.timestamp())]
        if len(before) and len(last):
            gains[episode.phenotype].append(float(last.mean() - before.mean()))
    assert np.median(gains[Phenotype.GRADUAL]) > 2.0
    assert 0.5 < np.median(gains[Phenotype.SMALL]) < 1.8
    assert abs(np.median(gains[Phenotype.NONE])) < 0.4


def test_b_misses_more_days_in_longer_gaps_than_a() -> None:
    def shares(law: Law) -> tuple[float, float]:
        cohort = make(Task.COPD, law, seed=1, patients=200)
        days = np.zeros((200, 370), dtype=bool)
        start = datetime(2024, 12, 31, tzinfo=UTC).timestamp()
        days[cohort.columns.patient, ((cohort.columns.at - start) // 86_400).astype(int)] = True
        missing = ~days[:, 30:330]
        ends = missing[:, :-1] & ~missing[:, 1:]
        return float(missing.mean()), float(missing.sum() / ends.sum())

    (share_a, gap_a), (share_b, gap_b) = shares(LAW_A), shares(LAW_B)
    assert 0.15 < share_a < 0.25 < share_b < 0.40
    assert gap_b > 1.5 * gap_a


def test_gross_errors_are_marked_and_far_from_the_truth() -> None:
    cohort = make(Task.HEART_FAILURE, LAW_B, seed=1, patients=200)
    columns = cohort.columns
    gross = np.isin(columns.artefact, list(GROSS))
    assert 0.002 < gross.sum() / (columns.measure == MEASURES.index(Measure.WEIGHT)).sum() < 0.03
    assert (np.abs(columns.value - columns.usual)[gross] > 1.0).mean() > 0.95
    plain = (columns.artefact == Artefact.NOTHING) & (columns.measure == MEASURES.index(Measure.WEIGHT))
    assert np.abs(columns.value - columns.usual)[plain].mean() < 0.8


@pytest.mark.parametrize("parquet", [True, False])
def test_the_files_hold_what_a_backtest_reads(tmp_path: Path, parquet: bool) -> None:
    cohort = make(Task.BLOOD_PRESSURE, LAW_B, seed=1, patients=5, days=120)
    write(cohort, tmp_path, parquet=parquet)
    if parquet:
        read = arrow_parquet.read_table
        names = ("observations.parquet", "patients.parquet")
    else:
        read = arrow_csv.read_csv
        names = ("observations.csv", "patients.csv")
    observations, patients = (read(tmp_path / name) for name in names)
    assert observations.column_names == ["patient_id", "measured_at", "measure", "value", "flags"]
    assert patients.column_names == ["patient_id", "programmes", "birth_date", "limits", "time_zone"]
    assert observations.num_rows == len(cohort.columns.value)
    first = observations["measured_at"][0].as_py()
    assert first == datetime.fromtimestamp(int(cohort.columns.at[0]), tz=UTC)
    assert set(observations["measure"].to_pylist()) == {"systolic", "diastolic", "heart_rate"}
    assert (tmp_path / "episodes.csv").read_text().startswith("patient_id,phenotype,onset_at,event_at")


def test_every_value_is_one_that_an_instrument_could_show() -> None:
    for task, law in ALL:
        cohort = small(task, law)
        assert np.isfinite(cohort.columns.value).all()
        for measure, low, high in ((Measure.SPO2, 70, 99), (Measure.SYSTOLIC, 60, 260)):
            values = of(cohort, measure)
            assert not len(values) or (values.min() >= low and values.max() <= high)
