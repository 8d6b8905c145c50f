"""The laws that invented cohorts obey: what a law is made of, and every number of A and of B with its source.

A and B answer the same questions with different mathematics, so that a rule tuned on one can be tried on the
other; C (`cohort_law_c`) is for judging only. Numbers marked "assumed" have no published source: real
decompensation series were not to be had.
"""

from dataclasses import dataclass
from enum import StrEnum


class Noise(StrEnum):
    """The distribution of a measurement's error."""

    NORMAL = "normal"
    HEAVY = "heavy"  # Student's t with four degrees of freedom, scaled to the same standard deviation
    MIXED = "mixed"  # mostly careful, and three times as coarse on one occasion in ten


class Swing(StrEnum):
    """How a body wanders without being ill."""

    REVERTING = "reverting"  # Ornstein-Uhlenbeck: forgets itself over `wander_days`
    SEASONED = "seasoned"  # a reverting walk with a weekly rhythm and a drawn seasonal wave on top
    LAYERED = "layered"  # walks of short, middle and long memory together, and now and then a new level


class Shape(StrEnum):
    """How a ramp rises from 0 to 1."""

    LINEAR = "linear"
    LATE = "late"  # most of it in the last third, as the published weights before admission diverge
    SIGMOID = "sigmoid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Which days have no measurement."""

    adherence: float  # share of days with a measurement, mean over patients, in the first month
    adherence_last: float  # the same in the twelfth month
    spread: float  # standard deviation over patients
    burst_days: float  # mean length of a gap; 1 means that each day is drawn on its own
    holidays: float  # gaps of one to two weeks per year
    no_weekends: float = 0.0  # share of patients who measure on no Saturday and no Sunday
    other_days: float = 0.0  # share of patients who measure every other day


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When a patient measures: the usual local hour, and how it strays from patient to patient and daily."""

    hour: float = 7.5
    own_sd: float = 0.5
    daily_sd: float = 0.35
    evening_share: float = 0.0  # share of patients who measure in the evening instead
    strays_share: float = 0.0  # share of patients who measure at any hour of the day


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefacts:
    """What is measured that is not the patient, as shares of all readings."""

    wrong_person: float
    step_off: float
    unit_flip: float
    clothes: float
    clothes_kg: tuple[float, float]
    zero: float
    scale_steps: float  # new scales per patient-year, each with a lasting step
    scale_step_kg: float
    reweigh: float  # how often a patient steps on the scale again after a surprising value


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightLaw:
    """Daily weight in heart failure."""

    noise_sd: float
    wander_sd: float
    wander_days: float
    diets: float  # share of patients who lose weight on purpose for some months
    events: float  # decompensations per patient-year
    shares: tuple[float, float, float, float]  # gradual, small, rapid, none
    rapid_kg: tuple[float, float]  # within 2 to 5 days
    shape: Shape
    heart_rate_share: float  # events with a rise of heart rate
    heart_rate_rise: tuple[float, float]
    spo2_share: float
    spo2_fall: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PressureLaw:
    """Home blood pressure."""

    mean: float
    spread: float
    day_sd: float
    reading_sd: float
    first_excess: float  # the first reading of a session is so much higher than the second
    second_reading: float  # share of sessions with two readings
    evening: float  # share of days with an evening session too
    wander_sd: float
    wander_days: float
    rises: float  # each per patient-year
    falls: float
    crises: float
    rise: tuple[float, float]
    fall: tuple[float, float]
    crisis_level: tuple[float, float]
    spikes: float  # share of readings spoilt by arm or talk, either way
    spike: tuple[float, float]
    rise_ramp_days: tuple[float, float]
    evening_sd: float = 0.0  # how much a patient's evenings differ from the mornings, over patients


@dataclass(frozen=True, slots=True, kw_only=True)
class SaturationLaw:
    """Home oximetry in COPD."""

    mean: float
    spread: float
    day_sd: float
    noise_sd: float
    wander_sd: float
    bad_days: float  # isolated, share of days
    dips: float  # cold or moving finger: share of readings, low by `dip`
    dip: tuple[float, float]
    events: float  # exacerbations per patient-year
    severe: float  # share of them
    severe_fall: tuple[float, float]
    mild_fall: tuple[float, float]
    severe_rate_rise: tuple[float, float]
    mild_rate_rise: tuple[float, float]
    second_reading: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Everything that one cohort obeys."""

    name: str
    noise: Noise
    swing: Swing
    missing: Missing
    artefacts: Artefacts
    weight: WeightLaw
    pressure: PressureLaw
    saturation: SaturationLaw
    time_zones: tuple[str, ...]
    clock: Clock = Clock()


# Adherence 80 to 60 % over a year: EMPOWER, 2022. 73 % met six measurements a week: hypertension trial.
# A gain of 2 kg over the 28-day baseline preceded 39 % of events, 2 kg in 3 days 11 % (Gyllensten, EJHF).
# Gain starts about 30 days before and diverges in the last week (Chaudhry 2007).
# Technique makes 54 % of false alerts (Radhakrishnan 2013); the single shares are assumed.
# Morning systolic day-to-day SD 8.6 (Ohasama); second less first reading of a session -3.0, SD 7.6 (home).
# Before COPD exacerbations SpO2 93.6 to 92.4 and pulse 87 to 94 (172 exacerbations, 2015).
# A 90 % shown is 86-94 % arterial (FDA 2021); RMSE 3 % in motion, 1.8 % still (Anesthesiology 128:520).
LAW_A = Law(
    name="A",
    noise=Noise.NORMAL,
    swing=Swing.REVERTING,
    missing=Missing(adherence=0.84, adherence_last=0.80, spread=0.09, burst_days=1.0, holidays=1.0),
    artefacts=Artefacts(
        wrong_person=0.004,
        step_off=0.002,
        unit_flip=0.0005,
        clothes=0.045,
        clothes_kg=(0.5, 1.8),
        zero=0.001,
        scale_steps=0.1,
        scale_step_kg=0.8,
        reweigh=0.5,
    ),
    weight=WeightLaw(
        noise_sd=0.37,
        wander_sd=0.55,
        wander_days=12.0,
        diets=0.08,
        events=0.65,
        shares=(0.33, 0.20, 0.18, 0.29),
        rapid_kg=(1.3, 3.2),
        shape=Shape.LINEAR,
        heart_rate_share=0.6,
        heart_rate_rise=(3.0, 12.0),
        spo2_share=0.5,
        spo2_fall=(0.5, 3.0),
    ),
    pressure=PressureLaw(
        mean=132.0,
        spread=13.0,
        day_sd=5.5,
        reading_sd=6.0,
        first_excess=3.0,
        second_reading=0.9,
        evening=0.4,
        wander_sd=2.2,
        wander_days=15.0,
        rises=0.7,
        falls=0.7,
        crises=0.15,
        rise=(14.0, 30.0),
        fall=(18.0, 34.0),
        crisis_level=(184.0, 205.0),
        spikes=0.016,
        spike=(18.0, 50.0),
        rise_ramp_days=(3.0, 9.0),
    ),
    saturation=SaturationLaw(
        mean=93.8,
        spread=1.3,
        day_sd=0.6,
        noise_sd=0.9,
        wander_sd=0.4,
        bad_days=0.02,
        dips=0.02,
        dip=(2.0, 7.0),
        events=1.6,
        severe=0.35,
        severe_fall=(1.0, 3.4),
        mild_fall=(0.2, 1.4),
        severe_rate_rise=(4.0, 14.0),
        mild_rate_rise=(0.0, 6.0),
        second_reading=0.35,
    ),
    time_zones=("Europe/London",),
)

LAW_B = Law(
    name="B",
    noise=Noise.HEAVY,
    swing=Swing.SEASONED,
    missing=Missing(adherence=0.80, adherence_last=0.60, spread=0.13, burst_days=3.0, holidays=1.5),
    artefacts=Artefacts(
        wrong_person=0.008,
        step_off=0.004,
        unit_flip=0.002,
        clothes=0.05,
        clothes_kg=(0.4, 2.2),
        zero=0.002,
        scale_steps=0.2,
        scale_step_kg=0.8,
        reweigh=0.35,
    ),
    weight=WeightLaw(
        noise_sd=0.45,
        wander_sd=0.6,
        wander_days=9.0,
        diets=0.12,
        events=0.65,
        shares=(0.28, 0.22, 0.22, 0.28),
        rapid_kg=(1.8, 4.2),
        shape=Shape.LATE,
        heart_rate_share=0.45,
        heart_rate_rise=(2.0, 10.0),
        spo2_share=0.4,
        spo2_fall=(0.5, 2.5),
    ),
    pressure=PressureLaw(
        mean=133.0,
        spread=13.0,
        day_sd=6.3,
        reading_sd=6.3,
        first_excess=4.0,
        second_reading=0.85,
        evening=0.25,
        wander_sd=3.0,
        wander_days=10.0,
        rises=0.7,
        falls=0.7,
        crises=0.15,
        rise=(14.0, 30.0),
        fall=(18.0, 32.0),
        crisis_level=(178.0, 195.0),
        spikes=0.018,
        spike=(18.0, 50.0),
        rise_ramp_days=(4.0, 11.0),
    ),
    saturation=SaturationLaw(
        mean=93.6,
        spread=1.5,
        day_sd=0.7,
        noise_sd=1.1,
        wander_sd=0.5,
        bad_days=0.03,
        dips=0.03,
        dip=(2.0, 9.0),
        events=1.6,
        severe=0.35,
        severe_fall=(1.0, 3.6),
        mild_fall=(0.2, 1.4),
        severe_rate_rise=(4.0, 14.0),
        mild_rate_rise=(0.0, 6.0),
        second_reading=0.25,
    ),
    time_zones=("Europe/London", "America/New_York", "Australia/Sydney"),
)
