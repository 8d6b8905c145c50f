"""The files that a cohort is written to: observations and patients for a backtest, and the truth."""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet as arrow_parquet

from simulators.cohort import Cohort
from simulators.cohort_readings import MEASURES, Artefact

OBSERVATIONS = "observations"
PATIENTS = "patients"
EPISODES_FILE = "episodes.csv"
ARTEFACTS_FILE = "artefacts.csv"

Columns = Mapping[str, npt.NDArray[np.generic]]
"""A table by the names of its columns."""


def write(cohort: Cohort, directory: Path, *, parquet: bool = True) -> None:
    """Write `observations` and `patients` as Parquet or CSV, `episodes.csv` and `artefacts.csv`.

    Times are UTC. Artefacts are named by patient, instant and measure.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name, columns in ((OBSERVATIONS, observations(cohort)), (PATIENTS, patients(cohort))):
        table = pa.table(dict(columns))
        if "measured_at" in columns:
            instants = table["measured_at"].cast(pa.timestamp("s", tz="UTC"))
            table = table.set_column(table.column_names.index("measured_at"), "measured_at", instants)
        if parquet:
            arrow_parquet.write_table(table, directory / f"{name}.parquet")
        else:
            arrow_csv.write_csv(table, directory / f"{name}.csv")
    _write_episodes(cohort, directory / EPISODES_FILE)
    _write_artefacts(cohort, directory / ARTEFACTS_FILE)


def observations(cohort: Cohort) -> Columns:
    """patient_id, measured_at (UTC), measure, value, flags (none of them: devices do not know)."""
    columns = cohort.columns
    ids = np.array([patient.patient_id for patient in cohort.patients])
    words = np.array([measure.value for measure in MEASURES])
    return {
        "patient_id": ids[columns.patient],
        "measured_at": columns.at.astype("datetime64[s]"),
        "measure": words[columns.measure],
        "value": columns.value,
        "flags": np.full(len(columns.at), ""),
    }


def patients(cohort: Cohort) -> Columns:
    """patient_id, programmes, birth_date, limits (none: the programmes' own), time_zone."""
    return {
        "patient_id": np.array([patient.patient_id for patient in cohort.patients]),
        "programmes": np.array([patient.programme.value for patient in cohort.patients]),
        "birth_date": np.array([patient.birth_date for patient in cohort.patients], dtype="datetime64[D]"),
        "limits": np.full(len(cohort.patients), ""),
        "time_zone": np.array([patient.time_zone for patient in cohort.patients]),
    }


def _write_episodes(cohort: Cohort, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("patient_id", "phenotype", "onset_at", "event_at", "until_at", "size"))
        for episode in cohort.episodes:
            days = (episode.onset_day, episode.event_day, episode.until_day)
            writer.writerow(
                (
                    cohort.patients[episode.patient].patient_id,
                    episode.phenotype.value,
                    *(cohort.instant(episode.patient, day).isoformat() for day in days),
                    round(episode.size, 2),
                )
            )


def _write_artefacts(cohort: Cohort, path: Path) -> None:
    columns = cohort.columns
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("patient_id", "measured_at", "measure", "value", "usual", "artefact"))
        for row in np.flatnonzero(columns.artefact).tolist():
            writer.writerow(
                (
                    cohort.patients[columns.patient[row]].patient_id,
                    str(columns.at[row].astype("datetime64[s]")) + "+00:00",
                    MEASURES[columns.measure[row]].value,
                    columns.value[row],
                    round(float(columns.usual[row]), 2),
                    Artefact(columns.artefact[row]).name.lower(),
                )
            )
