"""The COPD cohort: saturation and pulse that have bad days, and exacerbations mild and severe."""

import numpy as np

from simulators.cohort_laws import Law
from simulators.cohort_readings import Artefact, Gathering, Integers
from simulators.cohort_signals import (
    Chance,
    Episode,
    Numbers,
    Phenotype,
    add,
    attendance,
    errors,
    onsets,
    own_chance,
    wander,
)
from vitals.measure import Measure

_BACK_DAYS = 6


def gather(law: Law, seed: int, times: Integers, gathering: Gathering) -> list[Episode]:
    """Add the cohort's readings at the given instants; returns what truly happened."""
    shape = times.shape
    patients, days = shape
    chance = own_chance(seed, "bodies")
    saturation = law.saturation
    usual = np.clip(chance.normal(saturation.mean, saturation.spread, (patients, 1)), 90.5, 97.0)
    spo2 = usual + saturation.wander_sd * wander(chance, law.swing, patients, days, 12.0)
    rate = np.clip(chance.normal(82, 9, (patients, 1)), 58, 105) + 3.5 * wander(
        chance, law.swing, patients, days, 10.0
    )
    episodes = _exacerbations(own_chance(seed, "events"), law, spo2, rate)
    readings = own_chance(seed, "readings")
    bad = readings.random(shape) < saturation.bad_days
    spo2 = spo2 + saturation.day_sd * errors(readings, law.noise, shape) - 1.5 * bad
    rate = rate + 4.0 * errors(readings, law.noise, shape) + 5.0 * bad
    present = attendance(own_chance(seed, "missing"), law.missing, patients, days)
    again = present & (readings.random(shape) < saturation.second_reading)
    for where, when in ((present, times), (again, times + 300)):
        dipped = readings.random(shape) < saturation.dips
        shown = spo2 + saturation.noise_sd * errors(readings, law.noise, shape)
        shown = shown - dipped * readings.uniform(*saturation.dip, shape)
        pulse = rate + 3.0 * errors(readings, law.noise, shape)
        artefact = np.where(dipped, Artefact.DIP, Artefact.NOTHING).astype(np.int16)
        shown = np.clip(shown, 70, 99)
        gathering.add(Measure.SPO2, shown, when, where, usual=spo2, artefact=artefact)
        gathering.add(Measure.HEART_RATE, pulse, when, where)
    return episodes


def _exacerbations(chance: Chance, law: Law, spo2: Numbers, rate: Numbers) -> list[Episode]:
    saturation = law.saturation
    episodes: list[Episode] = []
    for patient in range(spo2.shape[0]):
        for onset in onsets(chance, spo2.shape[1], saturation.events, 42):
            severe = chance.random() < saturation.severe
            fall = float(chance.uniform(*(saturation.severe_fall if severe else saturation.mild_fall)))
            rise = float(
                chance.uniform(*(saturation.severe_rate_rise if severe else saturation.mild_rate_rise))
            )
            climb, height = int(chance.integers(2, 6)), int(chance.integers(2, 7))
            run = np.concatenate(
                [np.arange(1, climb + 1) / climb, np.ones(height), np.linspace(1, 0, _BACK_DAYS + 1)[1:]]
            )
            event = onset + climb + height
            if event >= spo2.shape[1]:
                continue
            add(spo2, patient, onset, -fall * run)
            add(rate, patient, onset, rise * run)
            episodes.append(
                Episode(
                    patient=patient,
                    phenotype=Phenotype.SEVERE if severe else Phenotype.MILD,
                    onset_day=onset,
                    event_day=event,
                    until_day=event + _BACK_DAYS,
                    size=fall,
                )
            )
    return episodes
