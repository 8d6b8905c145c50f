"""The shipped rules on a cohort: through the backtest, which is the code that works live."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np

from alerts.history import backtest
from alerts.readings.course import Course
from alerts.readings.measured import Measured
from alerts.review.budget import Move
from benchmarks.clinical.scoring import Marks
from simulators import cohort_files
from simulators.cohort import FIRST_DAY, Cohort
from simulators.cohort_readings import GROSS, MEASURES, Artefact
from vitals.alert import Kind
from vitals.ids import ReadingId
from vitals.measure import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One alert: the rule that spoke, its problem, what it is about, and the patient's local day."""

    rule: str
    problem: str
    kind: Kind
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """The alerts of each patient of a cohort, and the trend thresholds that the alert budget moved."""

    shots: list[list[Shot]]
    moves: tuple[Move, ...]


def fire(cohort: Cohort, *, calibrate: bool = True) -> Fired:
    """Write the cohort to files and put them through the backtest; a priority that rose counts again."""
    number = {one.patient_id: index for index, one in enumerate(cohort.patients)}
    shots: list[list[Shot]] = [[] for _ in cohort.patients]
    with TemporaryDirectory() as name:
        directory = Path(name)
        cohort_files.write(cohort, directory)
        result = backtest.run(
            directory / "observations.parquet",
            directory / "patients.parquet",
            directory / "alerts.csv",
            calibrate=calibrate,
        )
    for patient_id, call in result.calls:
        patient = number[patient_id]
        zone = ZoneInfo(cohort.patients[patient].time_zone)
        day = (call.at.astimezone(zone).date() - FIRST_DAY).days
        breach = call.breach
        shots[patient].append(Shot(rule=breach.rule, problem=breach.problem, kind=breach.kind, day=day))
    return Fired(shots=shots, moves=tuple(result.moves))


def days(cohort: Cohort, fired: Sequence[Sequence[Shot]], counts: Callable[[Shot], bool]) -> Marks:
    """The days, patients by days, on which an alert that counts was raised."""
    marks = np.zeros((len(cohort.patients), cohort.days), dtype=bool)
    for patient, theirs in enumerate(fired):
        for shot in theirs:
            if counts(shot) and 0 <= shot.day < cohort.days:
                marks[patient, shot.day] = True
    return marks


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaning:
    """Of the weighings that nobody may see, the share held back; of the good ones, the share lost."""

    gross_caught: float
    far_caught: float
    good_lost: float


def cleaning(cohort: Cohort) -> Cleaning:
    """What the checks make of a heart-failure cohort's weighings; far off is more than 4 kg or 4 %."""
    columns = cohort.columns
    held = np.zeros(len(columns.at), dtype=bool)
    for patient in range(len(cohort.patients)):
        course = Course(ZoneInfo(cohort.patients[patient].time_zone))
        for measured in _readings(cohort, patient):
            course.add(measured)
        held[[int(reading_id) for reading_id in course.held]] = True
    weighed = columns.measure == MEASURES.index(Measure.WEIGHT)
    gross = weighed & np.isin(columns.artefact, list(GROSS))
    far = gross & (np.abs(columns.value - columns.usual) > np.maximum(4.0, 0.04 * columns.usual))
    good = weighed & (columns.artefact == Artefact.NOTHING)
    return Cleaning(
        gross_caught=float(held[gross].mean()),
        far_caught=float(held[far].mean()),
        good_lost=float(held[good].mean()),
    )


def _readings(cohort: Cohort, patient: int) -> list[Measured]:
    """The patient's readings; each is named by its first row in the cohort's columns."""
    columns = cohort.columns
    first, last = np.searchsorted(columns.patient, [patient, patient + 1]).tolist()
    readings: list[Measured] = []
    row = first
    while row < last:
        begin, second = row, int(columns.at[row])
        values: dict[Measure, float] = {}
        while row < last and columns.at[row] == second:
            values[MEASURES[columns.measure[row]]] = float(columns.value[row])
            row += 1
        at = datetime.fromtimestamp(second, tz=UTC)
        readings.append(Measured(reading_id=ReadingId(str(begin)), at=at, known_at=at, values=values))
    return readings
