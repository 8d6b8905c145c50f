"""Files that are odd in their limits, their answers or their encoding: the rest is used, the odd is named."""

from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet as arrow_parquet

from alerts.book import rulebook
from alerts.history.oddities import Oddities
from alerts.history.read import read
from alerts.history.replay import History
from alerts.history.table import UnusableFile

PATIENTS = "patient_id,programmes,time_zone\na,hypertension,Europe/London\n"
HEAD = "patient_id,measured_at,measure,value\n"
ONE = f"{HEAD}a,2026-03-02T08:00Z,sbp,140\n"


def histories(tmp_path: Path, observations: str, patients: str = PATIENTS) -> tuple[list[History], Oddities]:
    people, said = tmp_path / "patients.csv", tmp_path / "observations.csv"
    people.write_text(patients, "utf-8")
    said.write_text(observations, "utf-8")
    found, _, oddities = read(said, people, rulebook.shipped())
    return found, oddities


@pytest.mark.parametrize(
    ("limits", "left_out"),
    [
        ("systolic_crisis=170;diastolic_crisis=110", []),
        ("systolic_crisis = 170, diastolic_crisis = 110", []),
        ("systolic_crisis=170,0|diastolic_crisis=110,0", []),
        ("systolic_crisis=170;high;diastolic_crisis=110", ["'high'"]),
        ("{'systolic_crisis' 170}", ["{'systolic_crisis' 170}"]),
    ],
)
def test_a_part_of_the_limits_that_says_nothing_takes_no_other_with_it(
    tmp_path: Path, limits: str, left_out: list[str]
) -> None:
    people = f'patient_id,programmes,limits\na,hypertension,"{limits}"\n'
    [history], oddities = histories(tmp_path, ONE, people)
    known = {limit.name: limit.value for limit in history.limits}
    assert known == ({} if limits.startswith("{") else {"systolic_crisis": 170, "diastolic_crisis": 110})
    said = [what for what in oddities.assumed if what.startswith("limits are")]
    assert len(said) == len(left_out)
    assert all(part in what for part, what in zip(left_out, said, strict=True))


@pytest.mark.parametrize(
    "limits",
    [
        pa.array([{"systolic_crisis": 170.0, "diastolic_crisis": 110.0}]),
        pa.array(
            [[("systolic_crisis", 170.0), ("diastolic_crisis", 110.0)]], pa.map_(pa.string(), pa.float64())
        ),
    ],
)
def test_limits_may_be_a_struct_or_a_map(tmp_path: Path, limits: pa.Array) -> None:
    people = tmp_path / "patients.parquet"
    arrow_parquet.write_table(
        pa.table({"patient_id": ["a"], "programmes": ["hypertension"], "limits": limits}), people
    )
    observations = tmp_path / "observations.csv"
    observations.write_text(f"{HEAD}a,2026-03-02T08:00Z,sbp,140\n", "utf-8")
    [history], _, oddities = read(observations, people, rulebook.shipped())
    assert {limit.name: limit.value for limit in history.limits} == {
        "systolic_crisis": 170,
        "diastolic_crisis": 110,
    }
    assert not any(what.startswith("limit") for what in oddities.assumed)


def test_an_answer_is_to_a_known_question_and_yes_or_no(tmp_path: Path) -> None:
    rows = (
        "a,2026-03-02T08:00Z,symptom:Chest pain,1\n"
        "a,2026-03-02T08:00Z,symptom:fully_awake,no\n"
        "a,2026-03-02T08:00Z,symptom:dizzi,1\n"
        "a,2026-03-02T08:00Z,symptom:dizzy,perhaps\n"
    )
    [history], oddities = histories(tmp_path, HEAD + rows)
    assert [(given.question, given.yes) for given in history.answers] == [
        ("chest_pain", True),
        ("fully_awake", False),
    ]
    assert {why: [place.line for place in places] for why, places in oddities.refused.items()} == {
        "unknown question 'dizzi' (did you mean 'dizzy'?)": [4],
        "answer to symptom:dizzy is neither 1 nor 0, yes nor no": [5],
    }


def test_a_file_of_another_encoding_is_read_or_named_by_its_line(tmp_path: Path) -> None:
    people = tmp_path / "patients.csv"
    people.write_text(PATIENTS, "utf-16")
    observations = tmp_path / "observations.csv"
    observations.write_text(f"{HEAD}a,2026-03-02T08:00Z,sbp,140\n", "utf-16")
    [history], _, _ = read(observations, people, rulebook.shipped())
    assert len(history.readings) == 1
    observations.write_bytes(
        f"{HEAD}a,2026-03-02T08:00Z,sbp,140\nñ,2026-03-02T08:00Z,sbp,140\n".encode("latin-1")
    )
    with pytest.raises(UnusableFile, match="line 3 is not UTF-8"):
        read(observations, people, rulebook.shipped())
    observations.write_text("patient_id,measured_at,systolic,diastolic\n", "utf-8")
    with pytest.raises(UnusableFile, match="each value needs a row of its own"):
        read(observations, people, rulebook.shipped())
