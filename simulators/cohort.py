"""Invented cohorts with their truth: for trying rules on, by three laws, from a seed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from simulators import cohort_pressure, cohort_saturation, cohort_weight
from simulators.cohort_laws import Law
from simulators.cohort_readings import Columns, Gathering, clock_times
from simulators.cohort_signals import Episode, own_chance
from vitals.ids import PatientId
from vitals.patient import Programme

FIRST_DAY = date(2025, 1, 1)


class Task(StrEnum):
    """What a cohort asks of the rules."""

    HEART_FAILURE = "heart_failure"
    BLOOD_PRESSURE = "blood_pressure"
    COPD = "copd"


_PROGRAMME = {
    Task.HEART_FAILURE: Programme.HEART_FAILURE,
    Task.BLOOD_PRESSURE: Programme.HYPERTENSION,
    Task.COPD: Programme.COPD,
}
_GATHER = {
    Task.HEART_FAILURE: cohort_weight.gather,
    Task.BLOOD_PRESSURE: cohort_pressure.gather,
    Task.COPD: cohort_saturation.gather,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortPatient:
    """Whom a cohort's readings belong to."""

    patient_id: PatientId
    programme: Programme
    birth_date: date
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Readings, the patients that `columns.patient` counts through, and what truly happened to them."""

    task: Task
    law: Law
    seed: int
    days: int
    patients: tuple[CohortPatient, ...]
    columns: Columns
    episodes: tuple[Episode, ...]

    def instant(self, patient: int, day: int) -> datetime:
        """The first instant of the patient's local day, in UTC."""
        zone = ZoneInfo(self.patients[patient].time_zone)
        return datetime.combine(FIRST_DAY + timedelta(days=day), time(), tzinfo=zone).astimezone(UTC)


def make(task: Task, law: Law, *, seed: int, patients: int = 500, days: int = 365) -> Cohort:
    """A cohort of that many patients and days; the same arguments give the same cohort."""
    chance = own_chance(seed, "patients")
    zones = [law.time_zones[int(k)] for k in chance.integers(0, len(law.time_zones), patients)]
    ages = chance.integers(48, 88, patients)
    gathering = Gathering()
    times = clock_times(own_chance(seed, "times"), zones, FIRST_DAY, days, law.clock)
    episodes = _GATHER[task](law, seed, times, gathering)
    prefix = f"{law.name}-{task}"
    return Cohort(
        task=task,
        law=law,
        seed=seed,
        days=days,
        patients=tuple(
            CohortPatient(
                patient_id=PatientId(f"{prefix}-{number:04d}"),
                programme=_PROGRAMME[task],
                birth_date=date(FIRST_DAY.year - int(ages[number]), 6, 15),
                time_zone=zones[number],
            )
            for number in range(patients)
        ),
        columns=gathering.columns(),
        episodes=tuple(episodes),
    )
