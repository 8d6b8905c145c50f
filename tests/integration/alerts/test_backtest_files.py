"""`hearthward backtest` reads CSV and Parquet alike, and says what it could not use."""

import csv
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv as arrow_csv
from pyarrow import parquet as arrow_parquet
from typer.testing import CliRunner

from alerts.history import backtest
from alerts.history.table import UnusableFile
from hub.cli import app

OBSERVATIONS = """patient_id,measured_at,measure,value,flags
a,2026-03-02T08:00:00+00:00,systolic,186,
a,2026-03-02T08:00:00+00:00,diastolic,104,
a,2026-03-02 09:12:00+01:00,sbp,184,irregular_pulse
a,2026-03-02 09:12:00+01:00,dbp,102,irregular_pulse
b,2026-03-02T08:00:00,spo2,86,motion
b,2026-03-02T08:05:00,spo2,85,motion;excluded
b,2026-03-02T08:30:00,spo3,85,
c,2026-03-02T08:00:00,spo2,86,
"""
PATIENTS = """patient_id,programmes,birth date,limits,time zone
a,hypertension;heart_failure,1950-01-02,"{""systolic_crisis"": 175}",Europe/London
b,copd,1950-01-02,spo2_critical=85;spo2_lwo=90,
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    observations, patients = tmp_path / "observations.csv", tmp_path / "patients.csv"
    observations.write_text(OBSERVATIONS, "utf-8")
    patients.write_text(PATIENTS, "utf-8")
    return observations, patients


def test_the_command_writes_one_row_for_each_call_and_counts_what_it_could_not_use(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "alerts.csv"
    arguments = ["backtest", "--observations", str(files[0]), "--patients", str(files[1]), "--out", str(out)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    with out.open() as file:
        [row] = csv.DictReader(file)
    assert row["patient_id"] == "a"
    assert row["rule"] == "bp_crisis"
    assert row["raised_at"] == "2026-03-02T08:12:00+00:00"
    assert row["priority"] == "medium"
    assert row["text"] == "Blood pressure 186/104 mmHg, confirmed 12 min later (limit 175)"
    for said in (
        "unknown measure 'spo3'",
        "unknown limit 'spo2_lwo' (did you mean 'spo2_low'?)",
        "does not have",
    ):
        assert said in result.output


def test_parquet_in_and_out_says_the_same(files: tuple[Path, Path], tmp_path: Path) -> None:
    backtest.run(*files, tmp_path / "one.csv")
    for path in files:
        arrow_parquet.write_table(arrow_csv.read_csv(path), path.with_suffix(".parquet"))
    out = tmp_path / "two.parquet"
    backtest.run(files[0].with_suffix(".parquet"), files[1].with_suffix(".parquet"), out)
    table = arrow_parquet.read_table(out)
    assert table.schema.field("raised_at").type == pa.timestamp("us", tz="UTC")
    with (tmp_path / "one.csv").open() as file:
        assert [r["text"] for r in csv.DictReader(file)] == table["text"].to_pylist()


def test_a_file_without_a_needed_column_says_which(files: tuple[Path, Path], tmp_path: Path) -> None:
    files[0].write_text("person,when\n", "utf-8")
    with pytest.raises(UnusableFile, match="has no column measure, measured_at, patient_id, value"):
        backtest.run(*files, tmp_path / "out.csv")
