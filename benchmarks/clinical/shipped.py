"""The shipped rules on a cohort: every patient's year gone through as the live worker would have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import Pool
from zoneinfo import ZoneInfo

import numpy as np

from alerts import rulebook
from alerts.course import Course
from alerts.measured import Measured
from alerts.replay import History, Replay
from alerts.view import Watched
from benchmarks.clinical.scoring import Marks
from simulators.cohort import FIRST_DAY, Cohort
from simulators.cohort_readings import GROSS, MEASURES, Artefact
from vitals.ids import ReadingId
from vitals.measure import Measure

# A nurse answers each alert a day later; without an answer the same alert would stay open for the whole year.
_ANSWERED_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One alert: the rule that spoke, its problem, and the patient's local day."""

    rule: str
    problem: str
    day: int


def shots(cohort: Cohort, *, processes: int) -> list[list[Shot]]:
    """The alerts of each patient of the cohort; a priority that rose counts as one more."""
    histories = [_history(cohort, patient) for patient in range(len(cohort.patients))]
    with Pool(processes) as pool:
        return pool.starmap(_of_patient, [(history, cohort.days) for history in histories], chunksize=4)


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
        for measured in _history(cohort, patient).readings:
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


def _history(cohort: Cohort, patient: int) -> History:
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
    one = cohort.patients[patient]
    watched = Watched(
        patient_id=one.patient_id,
        time_zone=one.time_zone,
        birth_date=one.birth_date,
        enrolled_at=cohort.instant(patient, 0),
        programmes={one.programme.value: FIRST_DAY},
    )
    return History(patient=watched, readings=readings)


def _of_patient(history: History, how_long: int) -> list[Shot]:
    watched = history.patient
    rules = rulebook.shipped().for_programmes(watched.programmes)
    replay = Replay(history, rules, answer_after=_ANSWERED_AFTER, since=watched.enrolled_at)
    replay.advance(watched.enrolled_at + timedelta(days=how_long))
    zone = ZoneInfo(watched.time_zone)
    return [
        Shot(
            rule=call.breach.rule,
            problem=call.breach.problem,
            day=(call.at.astimezone(zone).date() - FIRST_DAY).days,
        )
        for call in replay.calls
    ]
