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
from hub.cli import app, main

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


CRISIS = """patient_id,measured_at,measure,value
a,2026-03-01T08:00:00Z,bp,130/80
a,2026-03-02T08:00:00Z,bp,230/125
"""
LATER = "b,2026-04-02T08:00:00Z,bp,130/80\n"
MUCH_LATER = "b,2026-05-02T08:00:00Z,bp,130/80\n"
TWO = "patient_id,programmes,time_zone,enrolled_at\na,hypertension,UTC,\nb,hypertension,UTC,\n"


def alerts_of(patient: str, observations: str, patients: str, directory: Path) -> list[tuple[str, str, str]]:
    said, people, out = (directory / name for name in ("o.csv", "p.csv", "out.csv"))
    said.write_text(observations, "utf-8")
    people.write_text(patients, "utf-8")
    backtest.run(said, people, out)
    with out.open() as file:
        rows = list(csv.DictReader(file))
    return [(r["rule"], r["raised_at"], r["text"]) for r in rows if r["patient_id"] == patient]


def test_a_patients_alerts_after_their_last_reading_do_not_depend_on_who_else_is_in_the_file(
    tmp_path: Path,
) -> None:
    theirs = alerts_of("a", CRISIS + LATER, TWO, tmp_path)
    assert theirs == alerts_of("a", CRISIS + MUCH_LATER, TWO, tmp_path)
    assert [(rule, at) for rule, at, _ in theirs][:1] == [("bp_crisis", "2026-03-02T08:30:00+00:00")]
    assert "no_data" in {rule for rule, *_ in theirs}
    left = TWO.replace("enrolled_at", "ended_at").replace("UTC,\nb", "UTC,2026-03-03\nb")
    assert [rule for rule, *_ in alerts_of("a", CRISIS + LATER, left, tmp_path)] == ["bp_crisis"]


def test_a_recording_that_ends_is_no_silence_and_its_last_reading_is_still_looked_at(tmp_path: Path) -> None:
    one = "patient_id,programmes,time_zone\na,hypertension,UTC\n"
    assert [rule for rule, *_ in alerts_of("a", CRISIS, one, tmp_path)] == ["bp_crisis"]
    silent = CRISIS + "b,2026-03-09T08:00:00Z,bp,130/80\n"
    assert [rule for rule, *_ in alerts_of("a", silent, TWO, tmp_path)] == ["bp_crisis", "no_data"]


def test_a_patient_without_a_beginning_is_refused_aloud_and_one_who_never_measured_is_silent(
    tmp_path: Path,
) -> None:
    assert alerts_of("b", CRISIS, TWO, tmp_path) == []
    result = backtest.run(tmp_path / "o.csv", tmp_path / "p.csv", tmp_path / "out.csv")
    [(why, [place])] = result.oddities.refused.items()
    assert (why, place.line) == ("patient without an observation, and without enrolled_at", 3)
    assert (result.patients, result.moves) == (1, [])
    long = CRISIS + "a,2026-04-02T08:00:00Z,bp,130/80\n"
    enrolled = alerts_of("b", long, TWO.rstrip() + "2026-03-01\n", tmp_path)
    assert enrolled
    assert {rule for rule, *_ in enrolled} == {"no_data"}
    assert all("2026-03-03" < at < "2026-03-16" for _, at, _ in enrolled)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--out", "nowhere/alerts.csv"], "there is no directory"),
        (["--out", "."], "it is a directory"),
        (["--out", "observations.csv"], "it is read, too"),
        (["--out", "./patients.csv"], "it is read, too"),
        (["--out", "alerts.csv", "--refused", "alerts.csv"], "another result goes there"),
        (["--out", "alerts.csv", "--weekly", "nowhere/weekly.csv"], "there is no directory"),
        (["--out", "alerts.csv", "--answered-after-hours", "nan"], "is a number from 0 to"),
        (["--out", "alerts.csv", "--answered-after-hours", "-1"], "is a number from 0 to"),
        (["--out", "alerts.csv", "--answered-after-hours", "1e300"], "is a number from 0 to"),
    ],
)
def test_what_cannot_work_is_said_in_a_sentence_before_any_work(
    files: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    monkeypatch.chdir(files[0].parent)
    before = [path.read_bytes() for path in files]
    said = ["hearthward", "backtest", "--observations", "observations.csv", "--patients", "patients.csv"]
    monkeypatch.setattr("sys.argv", [*said, *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (1, 2)
    complaint = capsys.readouterr().err
    assert sentence in " ".join(complaint.split())
    assert "Replaying" not in complaint
    assert [path.read_bytes() for path in files] == before
    assert {path.name for path in files[0].parent.iterdir()} == {path.name for path in files}


def test_a_rulebook_is_copied_or_a_sentence_says_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setattr("sys.argv", ["hearthward", "rules", "copy", str(tmp_path / "file" / "programmes")])
    with pytest.raises(SystemExit):
        main()
    assert "cannot be written to: Not a directory" in capsys.readouterr().err
