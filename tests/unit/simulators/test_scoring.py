"""How alerts are held against the truth of a cohort."""

import numpy as np

from benchmarks.clinical.scoring import months, score
from benchmarks.clinical.usual_rules import aha, quiet
from simulators.cohort import Cohort, Task, make
from simulators.cohort_laws import LAW_A
from simulators.cohort_signals import Phenotype

WEIGHT = (Phenotype.GRADUAL, Phenotype.SMALL, Phenotype.RAPID, Phenotype.NONE)


def cohort() -> Cohort:
    return make(Task.HEART_FAILURE, LAW_A, seed=1, patients=80)


def test_alerts_on_every_last_day_before_an_event_find_everything_with_a_lead_of_one_day() -> None:
    one = cohort()
    alerts = np.zeros((80, one.days), dtype=bool)
    for episode in one.episodes:
        alerts[episode.patient, episode.event_day - 1] = True
    found = score(one, alerts, WEIGHT)
    assert (found.sensitivity, found.false_per_month, found.lead_days) == (1.0, 0.0, 1.0)
    assert found.sensitivity_interval == (1.0, 1.0)


def test_an_alert_on_the_day_of_the_event_is_too_late_and_yet_not_false() -> None:
    one = cohort()
    alerts = np.zeros((80, one.days), dtype=bool)
    for episode in one.episodes:
        alerts[episode.patient, episode.event_day] = True
    found = score(one, alerts, WEIGHT)
    assert (found.sensitivity, found.false_per_month) == (0.0, 0.0)
    assert found.all_per_month > 0


def test_an_alert_before_the_onset_or_more_than_a_fortnight_ahead_detects_nothing() -> None:
    one = cohort()
    before, early = (np.zeros((80, one.days), dtype=bool) for _ in range(2))
    for episode in one.episodes:
        before[episode.patient, episode.onset_day - 1] = True
        if episode.event_day - episode.onset_day > 15:
            early[episode.patient, episode.onset_day] = True
    assert score(one, before, WEIGHT).sensitivity == 0.0
    assert score(one, before, WEIGHT).false_per_month > 0
    assert early.any()
    assert score(one, early, WEIGHT).sensitivity == 0.0


def test_false_alerts_are_counted_per_patient_month() -> None:
    one = cohort()
    alerts = np.zeros((80, one.days), dtype=bool)
    alerts[:, 5] = True  # no episode begins so early
    found = score(one, alerts, WEIGHT)
    assert abs(found.false_per_month - 80 / months(one).sum()) < 1e-9


def test_a_rule_that_spoke_is_quiet_for_a_week() -> None:
    breaches = np.ones((1, 20), dtype=bool)
    assert np.flatnonzero(quiet(breaches)).tolist() == [0, 7, 14]


def test_the_usual_weight_rule_is_about_as_good_and_as_noisy_as_published() -> None:
    """Published on two synthetic cohorts: .41 at .60 and .47 at .90 false alerts per patient-month."""
    big = make(Task.HEART_FAILURE, LAW_A, seed=1, patients=400)
    found = score(big, aha(big), WEIGHT, resamples=50)
    assert 0.35 < found.sensitivity < 0.55
    assert 0.45 < found.false_per_month < 0.75
