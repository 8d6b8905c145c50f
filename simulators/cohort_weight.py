"""The heart-failure cohort: weight that wanders, gains fluid, or belongs to somebody else."""

from dataclasses import dataclass

import numpy as np

from simulators.cohort_laws import Law
from simulators.cohort_readings import Artefact, Gathering, Integers, Small
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

_KG_PER_LB = 0.45359237
_SHAPES = (Phenotype.GRADUAL, Phenotype.SMALL, Phenotype.RAPID, Phenotype.NONE)
# Days of the ramp and kilograms of each phenotype: assumed, around the published 2 kg.
_DAYS = {
    Phenotype.GRADUAL: (8, 25),
    Phenotype.SMALL: (6, 15),
    Phenotype.RAPID: (2, 5),
    Phenotype.NONE: (14, 14),
}
_KG = {
    Phenotype.GRADUAL: (2.0, 4.2),
    Phenotype.SMALL: (0.8, 1.9),
    Phenotype.NONE: (0.0, 0.0),
}
_VITALS_DAYS = 8  # pulse and saturation change in the last days before an event
_SHIFT_SD_KG = 0.4  # the dry weight after an event is not quite the one before


@dataclass(slots=True, kw_only=True)
class _Bodies:
    weight: Numbers
    heart_rate: Numbers
    spo2: Numbers
    systolic: Numbers
    present: Marks


def gather(law: Law, seed: int, times: Integers, gathering: Gathering) -> list[Episode]:
    """Add the cohort's readings at the given instants (patients by days); returns what truly happened."""
    patients, days = times.shape
    bodies = _bodies(law, seed, patients, days)
    episodes = _decompensate(own_chance(seed, "events"), law, bodies)
    _readings(own_chance(seed, "readings"), law, bodies, times, gathering)
    return episodes


def _bodies(law: Law, seed: int, patients: int, days: int) -> _Bodies:
    chance = own_chance(seed, "bodies")
    usual = np.clip(chance.normal(82.0, 16.0, (patients, 1)), 48.0, 140.0)
    weight = usual + law.weight.wander_sd * wander(chance, law.swing, patients, days, law.weight.wander_days)
    for patient in np.flatnonzero(chance.random(patients) < law.weight.diets).tolist():
        start, length = int(chance.integers(0, days)), int(chance.integers(45, 120))
        loss = np.arange(1, length + 1) * -chance.uniform(0.03, 0.09)
        add(weight, patient, start, np.concatenate([loss, np.full(days, loss[-1])]))
    rate = np.clip(chance.normal(72, 9, (patients, 1)), 50, 100) + 3.0 * wander(
        chance, law.swing, patients, days, 10.0
    )
    saturation = np.clip(chance.normal(96.0, 1.0, (patients, 1)), 92.5, 98.5) + 0.3 * wander(
        chance, law.swing, patients, days, 10.0
    )
    systolic = chance.normal(122, 11, (patients, 1)) + 4.0 * wander(chance, law.swing, patients, days, 12.0)
    return _Bodies(
        weight=weight,
        heart_rate=rate,
        spo2=saturation,
        systolic=np.clip(systolic, 98, 160),
        present=attendance(own_chance(seed, "missing"), law.missing, patients, days),
    )


def _decompensate(chance: Chance, law: Law, bodies: _Bodies) -> list[Episode]:
    episodes: list[Episode] = []
    patients, days = bodies.weight.shape
    for patient in range(patients):
        for onset in onsets(chance, days, law.weight.events, 60):
            phenotype = _SHAPES[int(chance.choice(4, p=law.weight.shares))]
            length = int(chance.integers(_DAYS[phenotype][0], _DAYS[phenotype][1] + 1))
            kg = law.weight.rapid_kg if phenotype is Phenotype.RAPID else _KG[phenotype]
            size = float(chance.uniform(*kg))
            event = onset + length
            if event >= days:
                continue
            add(bodies.weight, patient, onset, size * ramp(law.weight.shape, length))
            _vitals(chance, law, bodies, patient, event)
            home = event + int(chance.integers(4, 10))
            bodies.present[patient, event:home] = False
            add(bodies.weight, patient, event, np.full(days, chance.normal(0.0, _SHIFT_SD_KG)))
            episodes.append(
                Episode(
                    patient=patient,
                    phenotype=phenotype,
                    onset_day=onset,
                    event_day=event,
                    until_day=home,
                    size=size,
                )
            )
    return episodes


def _vitals(chance: Chance, law: Law, bodies: _Bodies, patient: int, event: int) -> None:
    first = max(event - _VITALS_DAYS, 0)
    shape = ramp(law.weight.shape, event - first)
    if chance.random() < law.weight.heart_rate_share:
        add(bodies.heart_rate, patient, first, shape * chance.uniform(*law.weight.heart_rate_rise))
    if chance.random() < law.weight.spo2_share:
        add(bodies.spo2, patient, first, -shape * chance.uniform(*law.weight.spo2_fall))


def _readings(chance: Chance, law: Law, bodies: _Bodies, times: Integers, gathering: Gathering) -> None:
    shape = bodies.weight.shape
    weighed, artefact = _on_the_scale(chance, law, bodies)
    gathering.add(Measure.WEIGHT, weighed, times, bodies.present, usual=bodies.weight, artefact=artefact)
    again = bodies.present & (np.abs(weighed - _last_five(weighed, bodies.present)) > 1.2)
    again &= chance.random(shape) < law.artefacts.reweigh
    dressed = np.where(artefact == Artefact.CLOTHES, weighed - bodies.weight, 0.0)
    repeat = bodies.weight + dressed * (chance.random(shape) < 0.3)
    repeat += law.weight.noise_sd * 0.3 * errors(chance, law.noise, shape)
    gathering.add(Measure.WEIGHT, repeat, times + 120, again, usual=bodies.weight)
    cuffed = bodies.present & (chance.random(shape) < 0.9)
    systolic = bodies.systolic + law.pressure.reading_sd * errors(chance, law.noise, shape)
    diastolic = 0.55 * systolic + 5 + 3.5 * errors(chance, law.noise, shape)
    rate = bodies.heart_rate + 5.0 * errors(chance, law.noise, shape)
    gathering.add(Measure.SYSTOLIC, systolic, times + 240, cuffed)
    gathering.add(Measure.DIASTOLIC, np.minimum(diastolic, systolic - 18), times + 240, cuffed)
    gathering.add(Measure.HEART_RATE, rate, times + 240, cuffed)
    clipped = bodies.present & (chance.random(shape) < 0.85)
    spo2 = bodies.spo2 + law.saturation.noise_sd * errors(chance, law.noise, shape)
    gathering.add(Measure.SPO2, np.clip(spo2, 70, 99), times + 360, clipped)
    gathering.add(Measure.HEART_RATE, rate + 2 * errors(chance, law.noise, shape), times + 360, clipped)


def _on_the_scale(chance: Chance, law: Law, bodies: _Bodies) -> tuple[Numbers, Small]:
    shape = bodies.weight.shape
    shares = law.artefacts
    weighed = bodies.weight + law.weight.noise_sd * errors(chance, law.noise, shape)
    for patient in range(shape[0]):  # a new scale disagrees with the old one for good
        for _ in range(chance.poisson(shares.scale_steps * shape[1] / 365)):
            step = shares.scale_step_kg * chance.choice([-1.0, 1.0])
            weighed[patient, int(chance.integers(0, shape[1])) :] += step
    household = bodies.weight[:, :1] + chance.choice([-1.0, 1.0], (shape[0], 1)) * chance.uniform(
        2.5, 30.0, (shape[0], 1)
    )
    dressed = weighed + chance.uniform(*shares.clothes_kg, shape)
    stepped = weighed * chance.uniform(0.25, 0.92, shape)
    other = household + chance.normal(0.0, 0.7, shape)
    draw = chance.random(shape)
    artefact = np.zeros(shape, dtype=np.int16)
    edge = 0.0
    for cause, share, value in (
        (Artefact.WRONG_PERSON, shares.wrong_person, other),
        (Artefact.STEP_OFF, shares.step_off, stepped),
        (Artefact.UNIT_FLIP, shares.unit_flip, weighed / _KG_PER_LB),
        (Artefact.CLOTHES, shares.clothes, dressed),
        (Artefact.ZERO, shares.zero, np.zeros(shape)),
    ):
        hit = (draw >= edge) & (draw < edge + share)
        weighed = np.where(hit, value, weighed)
        artefact[hit] = cause
        edge += share
    return weighed, artefact


def _last_five(values: Numbers, present: Marks) -> Numbers:
    """For each day the median of the patient's five readings before it; NaN where there is none."""
    medians = np.full(values.shape, np.nan)
    for patient in range(values.shape[0]):
        days = np.flatnonzero(present[patient])
        for position in range(1, len(days)):
            before = values[patient, days[max(position - 5, 0) : position]]
            medians[patient, days[position]] = np.median(before)
    return medians
