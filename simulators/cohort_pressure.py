"""The blood-pressure cohort: sessions that swing from day to day, lose control, fall by a drug, or peak."""

import numpy as np

from simulators.cohort_laws import Law
from simulators.cohort_readings import Gathering, Integers
from simulators.cohort_signals import (
    Chance,
    Episode,
    Marks,
    Numbers,
    Phenotype,
    add,
    attendance,
    errors,
    onsets,
    own_chance,
    ramp,
    wander,
)
from vitals.measure import Measure

_EVENING_S = 12 * 3600
_BACK_DAYS = 5  # after treatment a rise or a fall goes over some days


def gather(law: Law, seed: int, times: Integers, gathering: Gathering) -> list[Episode]:
    """Add the cohort's readings at the given morning instants; returns what truly happened."""
    patients, days = times.shape
    chance = own_chance(seed, "bodies")
    pressure = law.pressure
    usual = np.clip(chance.normal(pressure.mean, pressure.spread, (patients, 1)), 108, 160)
    swings = pressure.wander_sd * wander(chance, law.swing, patients, days, pressure.wander_days)
    systolic = usual + swings
    floor = np.zeros((patients, days))
    episodes = _episodes(own_chance(seed, "events"), law, usual[:, 0], systolic, floor)
    present = attendance(own_chance(seed, "missing"), law.missing, patients, days)
    rate = np.clip(chance.normal(72, 9, (patients, 1)), 50, 100) + 3.0 * wander(
        chance, law.swing, patients, days, 10.0
    )
    readings = own_chance(seed, "readings")
    daily = systolic + pressure.day_sd * errors(readings, law.noise, (patients, days))
    # A crisis is a level of its own: on its days the pressure stays near it, whatever was usual.
    daily = np.where(floor > 0, floor + 3.0 * errors(readings, law.noise, (patients, days)), daily)
    evening = present & (readings.random((patients, days)) < pressure.evening)
    later = daily + pressure.evening_sd * own_chance(seed, "evenings").standard_normal((patients, 1))
    for where, when, levels in ((present, times, daily), (evening, times + _EVENING_S, later)):
        _sessions(readings, law, levels, rate, where, when, gathering)
    return episodes


def _episodes(chance: Chance, law: Law, usual: Numbers, systolic: Numbers, floor: Numbers) -> list[Episode]:
    """Rises, falls and crises, never two at once; changes `systolic` and `floor` in place."""
    patients, days = systolic.shape
    pressure = law.pressure
    rates = np.array([pressure.rises, pressure.falls, pressure.crises])
    kinds = (Phenotype.RISE, Phenotype.FALL, Phenotype.CRISIS)
    episodes: list[Episode] = []
    for patient in range(patients):
        for onset in onsets(chance, days, float(rates.sum()), 100):
            kind = kinds[int(chance.choice(3, p=rates / rates.sum()))]
            match kind:
                case Phenotype.RISE:
                    size, event, until = _rise(chance, law, systolic, patient, onset)
                case Phenotype.FALL:
                    size, event, until = _fall(chance, law, systolic, patient, onset)
                case _:
                    size, event, until = _crisis(chance, law, usual, floor, patient, onset)
            if event < days:
                episodes.append(
                    Episode(
                        patient=patient,
                        phenotype=kind,
                        onset_day=onset,
                        event_day=event,
                        until_day=until,
                        size=size,
                    )
                )
    return episodes


def _rise(chance: Chance, law: Law, systolic: Numbers, patient: int, onset: int) -> tuple[float, int, int]:
    size = float(chance.uniform(*law.pressure.rise))
    climb = max(round(float(chance.uniform(*law.pressure.rise_ramp_days))), 1)
    stays = int(chance.integers(28, 60))
    run = [ramp(law.weight.shape, climb), np.ones(stays), np.linspace(1, 0, _BACK_DAYS + 1)[1:]]
    add(systolic, patient, onset, size * np.concatenate(run))
    return size, onset + 15, onset + climb + stays + _BACK_DAYS


def _fall(chance: Chance, law: Law, systolic: Numbers, patient: int, onset: int) -> tuple[float, int, int]:
    size = float(chance.uniform(*law.pressure.fall))
    stays = int(chance.integers(8, 25))
    run = [np.array([0.7]), np.ones(stays), np.linspace(1, 0, _BACK_DAYS + 1)[1:]]
    add(systolic, patient, onset, -size * np.concatenate(run))
    return size, onset + 8, onset + 1 + stays + _BACK_DAYS


def _crisis(
    chance: Chance, law: Law, usual: Numbers, floor: Numbers, patient: int, onset: int
) -> tuple[float, int, int]:
    level = float(chance.uniform(*law.pressure.crisis_level))
    length = int(chance.integers(2, 5))
    add(floor, patient, onset, np.full(length, level))
    return level - float(usual[patient]), onset + 2, onset + length + 3


def _sessions(
    chance: Chance,
    law: Law,
    daily: Numbers,
    rate: Numbers,
    where: Marks,
    when: Integers,
    gathering: Gathering,
) -> None:
    shape = daily.shape
    pressure = law.pressure
    twice = where & (chance.random(shape) < pressure.second_reading)
    for marks, later_s, excess in ((where, 0, pressure.first_excess), (twice, 90, 0.0)):
        spoilt = (chance.random(shape) < pressure.spikes) * chance.choice([-1.0, 1.0], shape)
        systolic = daily + excess + pressure.reading_sd * errors(chance, law.noise, shape)
        systolic = np.clip(systolic + spoilt * chance.uniform(*pressure.spike, shape), 60, 260)
        diastolic = 0.55 * systolic + 7 + 3.5 * errors(chance, law.noise, shape)
        pulse = rate + 4.0 * errors(chance, law.noise, shape)
        gathering.add(Measure.SYSTOLIC, systolic, when + later_s, marks)
        gathering.add(Measure.DIASTOLIC, np.minimum(diastolic, systolic - 18), when + later_s, marks)
        gathering.add(Measure.HEART_RATE, pulse, when + later_s, marks)
