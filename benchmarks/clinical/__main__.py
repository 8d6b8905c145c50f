"""Prints what the shipped rules find on invented cohorts, beside what the usual rules find.

For the record: `python -m benchmarks.clinical --patients 500`, about ten minutes on one core. Laws A and B
may be looked at while rules are written; C judges. `--habit` measures the same truth in another manner, and
`--alone` leaves the thresholds where the programmes have them, as on a ward too small to calibrate.
"""

import argparse
from collections import Counter
from collections.abc import Callable

from benchmarks.clinical.goals import GOALS, GOOD_LOST_AT_MOST, GROSS_CAUGHT_AT_LEAST, Goal
from benchmarks.clinical.habits import HABITS
from benchmarks.clinical.scoring import Marks, Score, months, score
from benchmarks.clinical.shipped import Fired, Shot, cleaning, days, fire
from simulators.cohort import Cohort, Task, make
from simulators.cohort_law_c import LAWS
from vitals.alert import Kind

_HEAD = (
    f"{'':2}{'rule':26}{'sensitivity':>20}{'false / patient-month':>22}{'all / patient-month':>22}"
    f"{'lead d':>8}{'n':>6}  "
)
SILENCE = "silence"


def main() -> None:
    """Make the cohorts, run the rules, print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clinical", description=__doc__)
    parser.add_argument("--patients", type=int, default=30, help="patients per cohort (500 for the record)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--law", choices=sorted(LAWS), action="append", help="default: all")
    parser.add_argument("--task", choices=[task.value for task in Task], action="append", help="default: all")
    parser.add_argument("--habit", choices=sorted(HABITS), help="default: as the law has it")
    parser.add_argument("--alone", action="store_true", help="without calibration")
    asked = parser.parse_args()
    for task in Task:
        for name in asked.law or sorted(LAWS):
            if asked.task is None or task in asked.task:
                cohort = make(task, LAWS[name], seed=asked.seed, patients=asked.patients)
                cohort = HABITS[asked.habit](cohort) if asked.habit else cohort
                manner = ", ".join(word for word in (asked.habit, "alone" if asked.alone else None) if word)
                _print_cohort(cohort, manner, fire(cohort, calibrate=not asked.alone))


def _print_cohort(cohort: Cohort, manner: str, fired: Fired) -> None:
    manner = f" ({manner})" if manner else ""
    task, law = cohort.task.replace("_", " "), cohort.law.name
    print(f"\n{task}, law {law}{manner}: {len(cohort.patients)} patients, {cohort.days} days\n{_HEAD}")
    for goal in GOALS:
        if goal.task is cohort.task:
            _print_goal(cohort, fired, goal)
    if cohort.task is Task.HEART_FAILURE:
        _print_cleaning(cohort)
    _print_rules(fired, cohort)


def _print_goal(cohort: Cohort, fired: Fired, goal: Goal) -> None:
    print(f"  {goal.name}: at least {goal.at_least:.2f} at no more than {goal.at_most:.2f}")
    rule = _scored(cohort, days(cohort, fired.shots, lambda shot: shot.rule == goal.rule), goal)
    problem = _scored(cohort, days(cohort, fired.shots, lambda shot: shot.problem == goal.problem), goal)
    print(_line(f"Hearthward: {goal.rule}", rule) + verdict(rule, goal))
    print(_line("its problem, by any rule", problem) + verdict(problem, goal))
    for name, usual in goal.usual:
        print(_line(name, _scored(cohort, usual(cohort), goal)))


def verdict(ours: Score, goal: Goal) -> str:
    """Whether the goal is reached, by the strictest count that it holds under: all alerts, or false ones.

    With few episodes a miss may be chance, and then it says so.
    """
    if ours.sensitivity >= goal.at_least and not ours.lead_days < goal.lead_days:
        if ours.all_per_month <= goal.at_most:
            return "reached"
        if ours.false_per_month <= goal.at_most:
            return "reached, false alerts only"
    could_be = ours.sensitivity_interval[1] >= goal.at_least and ours.false_interval[0] <= goal.at_most
    return "missed, within chance" if could_be else "MISSED"


def _scored(cohort: Cohort, alerts: Marks, goal: Goal) -> Score:
    return score(cohort, alerts, goal.phenotypes)


def _line(name: str, one: Score) -> str:
    cells = [
        (one.sensitivity, one.sensitivity_interval, 2, 20),
        (one.false_per_month, one.false_interval, 3, 22),
        (one.all_per_month, one.all_interval, 3, 22),
    ]
    shown = "".join(
        f"{f'{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]':>{width}}"
        for value, (low, high), digits, width in cells
    )
    return f"    {name:24}{shown}{one.lead_days:8.1f}{one.episodes:6d}  "


def _print_cleaning(cohort: Cohort) -> None:
    found = cleaning(cohort)
    reached = found.far_caught >= GROSS_CAUGHT_AT_LEAST and found.good_lost <= GOOD_LOST_AT_MOST
    print(
        f"  weighings that are not the patient's: {found.gross_caught:.2%} held, of those more than 4 kg off "
        f"{found.far_caught:.2%}; good ones lost {found.good_lost:.3%}  {'reached' if reached else 'MISSED'}"
    )


def _print_rules(fired: Fired, cohort: Cohort) -> None:
    followed = float(months(cohort).sum())
    shots = [shot for theirs in fired.shots for shot in theirs]
    counted = Counter(shot.rule for shot in shots)
    each = ", ".join(f"{rule} {count / followed:.3f}" for rule, count in counted.most_common())
    kinds: dict[str, Callable[[Shot], bool]] = {
        "the body": lambda shot: shot.kind is not Kind.TECHNICAL and shot.problem != SILENCE,
        "silence": lambda shot: shot.problem == SILENCE,
        "equipment": lambda shot: shot.kind is Kind.TECHNICAL,
        "in all": lambda shot: True,
    }
    sums = ", ".join(f"{name} {sum(map(is_it, shots)) / followed:.3f}" for name, is_it in kinds.items())
    print(f"  alerts per patient-month: {sums}\n  every rule: {each}")
    for move in fired.moves:
        print(
            f"  budget of {move.budget:.2f}: {move.limit_name} moved from {move.was:.2f} to {move.value:.2f} "
            f"on {move.at.date()}, {move.reason}"
        )


if __name__ == "__main__":
    main()
