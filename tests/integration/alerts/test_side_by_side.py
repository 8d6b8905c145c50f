"""A backtest in several processes: the same to the byte as in one."""

from pathlib import Path

from alerts.history import backtest
from simulators import cohort_files
from simulators.cohort import Task, make
from simulators.cohort_laws import LAW_A


def test_patients_spread_over_processes_have_the_alerts_that_they_have_in_one(tmp_path: Path) -> None:
    cohort = make(Task.BLOOD_PRESSURE, LAW_A, seed=5, patients=16, days=40)
    cohort_files.write(cohort, tmp_path)
    written: list[tuple[bytes, bytes]] = []
    told: list[list[tuple[int, int]]] = []
    for processes in (1, 2):
        out, weekly = tmp_path / f"alerts-{processes}.csv", tmp_path / f"weekly-{processes}.csv"
        steps: list[tuple[int, int]] = []
        result = backtest.run(
            tmp_path / "observations.parquet",
            tmp_path / "patients.parquet",
            out,
            weekly=weekly,
            processes=processes,
            progress=lambda done, of, steps=steps: steps.append((done, of)),
        )
        assert result.calls
        assert result.lines
        written.append((out.read_bytes(), weekly.read_bytes()))
        told.append(steps)
    assert written[0] == written[1]
    assert told[0] == told[1] == [(step, 32) for step in range(1, 33)]
