"""Prints what the shipped rules find on invented cohorts, beside what the usual rules find.

For the record: `python -m benchmarks.clinical --patients 500`, about ten minutes on one core.
"""

import argparse
from collections import Counter

from benchmarks.clinical.goals import GOALS, GOOD_LOST_AT_MOST, GROSS_CAUGHT_AT_LEAST, Goal
from benchmarks.clinical.scoring import MONTH_DAYS, Marks, Score, score
from benchmarks.clinical.shipped import Fired, cleaning, days, fire
from simulators.cohort import Cohort, Task, make
from simulators.cohort_laws import LAWS

_HEAD = f"{'':2}{'rule':26}{'sensitivity':>20}{'false / pt-month':>22}{'all':>7}{'lead d':>8}{'n':>6}  "


def main() -> None:
    """Make the cohorts, run the rules, print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clinical", description=__doc__)
    parser.add_argument("--patients", type=int, default=30, help="patients per cohort (500 for the record)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--law", choices=sorted(LAWS), action="append", help="default: all")
    asked = parser.parse_args()
    for task in Task:
        for name in asked.law or sorted(LAWS):
            cohort = make(task, LAWS[name], seed=asked.seed, patients=asked.patients)
            fired = fire(cohort)
            print(f"\n{task.replace('_', ' ')}, law {name}: {asked.patients} patients, one year\n{_HEAD}")
            for goal in GOALS:
                if goal.task is task:
                    _print_goal(cohort, fired, goal)
            if task is Task.HEART_FAILURE:
                _print_cleaning(cohort)
            _print_rules(fired, cohort)


def _print_goal(cohort: Cohort, fired: Fired, goal: Goal) -> None:
    print(f"  {goal.name}: at least {goal.at_least:.2f} at no more than {goal.at_most:.2f}")
    ours = _scored(cohort, days(cohort, fired.shots, goal.ours), goal)
    print(_line("Hearthward", ours) + _verdict(ours, goal))
    for name, rule in goal.usual:
        print(_line(name, _scored(cohort, rule(cohort), goal)))


def _verdict(ours: Score, goal: Goal) -> str:
    """Whether the goal is reached; with few episodes a miss may be chance, and then it says so."""
    is_reached = (
        ours.sensitivity >= goal.at_least
        and ours.false_per_month <= goal.at_most
        and not ours.lead_days < goal.lead_days
    )
    if is_reached:
        return "reached"
    could_be = ours.sensitivity_interval[1] >= goal.at_least and ours.false_interval[0] <= goal.at_most
    return "missed, within chance" if could_be else "MISSED"


def _scored(cohort: Cohort, alerts: Marks, goal: Goal) -> Score:
    return score(cohort, alerts, goal.phenotypes)


def _line(name: str, one: Score) -> str:
    sensitivity = (
        f"{one.sensitivity:.2f} [{one.sensitivity_interval[0]:.2f}, {one.sensitivity_interval[1]:.2f}]"
    )
    false = f"{one.false_per_month:.3f} [{one.false_interval[0]:.3f}, {one.false_interval[1]:.3f}]"
    rest = f"{one.all_per_month:7.3f}{one.lead_days:8.1f}{one.episodes:6d}  "
    return f"    {name:24}{sensitivity:>20}{false:>22}{rest}"


def _print_cleaning(cohort: Cohort) -> None:
    found = cleaning(cohort)
    reached = found.far_caught >= GROSS_CAUGHT_AT_LEAST and found.good_lost <= GOOD_LOST_AT_MOST
    print(
        f"  weighings that are not the patient's: {found.gross_caught:.2%} held, of those more than 4 kg off "
        f"{found.far_caught:.2%}; good ones lost {found.good_lost:.3%}  {'reached' if reached else 'MISSED'}"
    )


def _print_rules(fired: Fired, cohort: Cohort) -> None:
    months = len(cohort.patients) * cohort.days / MONTH_DAYS
    counted = Counter(shot.rule for theirs in fired.shots for shot in theirs)
    each = ", ".join(f"{rule} {count / months:.3f}" for rule, count in counted.most_common())
    print(f"  every rule, alerts per patient-month: {each}")
    for move in fired.moves:
        print(
            f"  budget of {move.budget:.2f}: {move.limit_name} moved from {move.was:.2f} to {move.value:.2f} "
            f"on {move.at.date()}, having found {move.found:.2f}"
        )


if __name__ == "__main__":
    main()
