"""The readings of a cohort as columns, gathered measure by measure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from simulators.cohort_laws import Clock
from simulators.cohort_signals import Chance, Marks, Numbers
from vitals.measure import Measure

Integers = npt.NDArray[np.int64]
Small = npt.NDArray[np.int16]

MEASURES: tuple[Measure, ...] = (
    Measure.WEIGHT,
    Measure.SYSTOLIC,
    Measure.DIASTOLIC,
    Measure.HEART_RATE,
    Measure.SPO2,
)
_DECIMALS = {Measure.WEIGHT: 1}


class Artefact(IntEnum):
    """Why a reading is not the patient's own true value."""

    NOTHING = 0
    WRONG_PERSON = 1
    STEP_OFF = 2
    UNIT_FLIP = 3
    CLOTHES = 4
    ZERO = 5
    DIP = 6


GROSS = frozenset({Artefact.WRONG_PERSON, Artefact.STEP_OFF, Artefact.UNIT_FLIP, Artefact.ZERO})
"""The artefacts that no rule may ever see; clothes and cold fingers are nuisances, not errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Observations, one array per column: patient's index, epoch seconds, index into MEASURES, value, cause.

    `usual` is what the patient would truly have shown, so that the size of an error is known.
    """

    patient: Small
    at: Integers
    measure: Small
    value: Numbers
    usual: Numbers
    artefact: Small


class Gathering:
    """Collects matrices of readings into columns."""

    def __init__(self) -> None:
        self._parts: list[Columns] = []

    def add(
        self,
        measure: Measure,
        values: Numbers,
        at: Integers,
        where: Marks,
        *,
        usual: Numbers | None = None,
        artefact: Small | None = None,
    ) -> None:
        """Take the marked entries of a matrix, rounded as the instrument shows them."""
        patient, _day = np.nonzero(where)
        shown = np.round(values[where], _DECIMALS.get(measure, 0))
        self._parts.append(
            Columns(
                patient=patient.astype(np.int16),
                at=at[where],
                measure=np.full(len(patient), MEASURES.index(measure), dtype=np.int16),
                value=shown,
                usual=shown if usual is None else usual[where],
                artefact=np.zeros(len(patient), np.int16) if artefact is None else artefact[where],
            )
        )

    def columns(self) -> Columns:
        """Everything so far, by patient and then time."""
        patient = np.concatenate([part.patient for part in self._parts])
        at = np.concatenate([part.at for part in self._parts])
        measure = np.concatenate([part.measure for part in self._parts])
        order = np.lexsort((measure, at, patient))
        return Columns(
            patient=patient[order],
            at=at[order],
            measure=measure[order],
            value=np.concatenate([part.value for part in self._parts])[order],
            usual=np.concatenate([part.usual for part in self._parts])[order],
            artefact=np.concatenate([part.artefact for part in self._parts])[order],
        )


_EVENING_H = 11.5


def clock_times(chance: Chance, zones: list[str], first_day: date, days: int, clock: Clock) -> Integers:
    """Epoch seconds of each day's measurement by the patient's own local clock, patients by days."""
    starts = {zone: _midnights(zone, first_day, days) for zone in set(zones)}
    midnight = np.array([starts[zone] for zone in zones], dtype=np.int64)
    habit = chance.normal(0.0, clock.own_sd, (len(zones), 1))
    daily = chance.normal(0.0, clock.daily_sd, (len(zones), days))
    hour = clock.hour + np.clip(habit + daily, -2.5, 2.5)
    if clock.evening_share or clock.strays_share:
        kind = chance.random((len(zones), 1))
        hour = hour + _EVENING_H * (kind < clock.evening_share)
        strays = (kind >= clock.evening_share) & (kind < clock.evening_share + clock.strays_share)
        hour = np.where(strays, chance.uniform(5.5, 22.5, hour.shape), hour)
    return midnight + np.round(hour * 3600).astype(np.int64)


def _midnights(zone: str, first_day: date, days: int) -> list[int]:
    local = ZoneInfo(zone)
    return [
        int(datetime.combine(first_day + timedelta(days=day), time(), tzinfo=local).timestamp())
        for day in range(days)
    ]
