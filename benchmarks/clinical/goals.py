"""What is asked of the shipped rules, and the usual rules that each is held against."""

from dataclasses import dataclass

from benchmarks.clinical import usual_rules
from benchmarks.clinical.usual_rules import Rule
from simulators.cohort import Task
from simulators.cohort_signals import Phenotype

WEIGHT = (Phenotype.GRADUAL, Phenotype.SMALL, Phenotype.RAPID, Phenotype.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One question: which episodes, which rule and problem of ours answer it, and what must be reached.

    `at_least` is a sensitivity, `at_most` alerts per patient-month, `lead_days` a median.
    """

    name: str
    task: Task
    phenotypes: tuple[Phenotype, ...]
    rule: str
    problem: str
    at_least: float
    at_most: float
    lead_days: float = 0.0
    usual: tuple[tuple[str, Rule], ...] = ()


# The numbers to reach: the project's evidence review, section 8. The usual rules: its section 1.
GOALS = (
    Goal(
        name="heart failure",
        task=Task.HEART_FAILURE,
        phenotypes=WEIGHT,
        rule="hf_trend",
        problem="fluid_gain",
        at_least=0.45,
        at_most=0.25,
        lead_days=3,
        usual=(
            ("AHA 3 lb/1 d, 5 lb/7 d", usual_rules.aha),
            ("ESC 2 kg/3 d", usual_rules.esc),
            ("EMPOWER", usual_rules.empower),
            ("ENGAGE-HF", usual_rules.engage_hf),
        ),
    ),
    Goal(
        name="... gradual gains of 2 kg",
        task=Task.HEART_FAILURE,
        phenotypes=(Phenotype.GRADUAL,),
        rule="hf_trend",
        problem="fluid_gain",
        at_least=0.75,
        at_most=0.25,
    ),
    Goal(
        name="loss of pressure control",
        task=Task.BLOOD_PRESSURE,
        phenotypes=(Phenotype.RISE,),
        rule="bp_high_week",
        problem="pressure_high",
        at_least=0.80,
        at_most=0.15,
        usual=(
            ("any >= 160", usual_rules.any_systolic_at_least(160)),
            ("any >= 140", usual_rules.any_systolic_at_least(140)),
            ("7-day mean >= 135", usual_rules.weekly_mean_at_least(135)),
        ),
    ),
    Goal(
        name="drug hypotension",
        task=Task.BLOOD_PRESSURE,
        phenotypes=(Phenotype.FALL,),
        rule="bp_low_trend",
        problem="pressure_low",
        at_least=0.70,
        at_most=0.10,
        usual=(("any < 100", usual_rules.any_systolic_below(100)),),
    ),
    Goal(
        name="pressure crisis",
        task=Task.BLOOD_PRESSURE,
        phenotypes=(Phenotype.CRISIS,),
        rule="bp_crisis",
        problem="pressure_high",
        at_least=0.70,
        at_most=0.05,
        usual=(("any >= 180", usual_rules.any_systolic_at_least(180)),),
    ),
    Goal(
        name="severe exacerbation of COPD",
        task=Task.COPD,
        phenotypes=(Phenotype.SEVERE,),
        rule="copd_trend",
        problem="copd_worsening",
        at_least=0.50,
        at_most=0.25,
        usual=(
            ("any SpO2 <= 91", usual_rules.spo2_at_most(91)),
            ("any SpO2 <= 89", usual_rules.spo2_at_most(89)),
            ("best SpO2 <= 89", usual_rules.best_spo2_at_most(89)),
        ),
    ),
)

GROSS_CAUGHT_AT_LEAST = 0.98
GOOD_LOST_AT_MOST = 0.001
