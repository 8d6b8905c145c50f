"""The rulebook as a page that clinicians can read: docs/rules.md is what this writes."""

import re
from collections.abc import Iterator, Mapping

from alerts.book import texts
from alerts.book.rulebook import Rulebook
from alerts.book.schema import (
    EVERYONE,
    Alarming,
    AnyRule,
    Bound,
    CompositeRule,
    Confirm,
    LimitSpec,
    News2Rule,
    PilotSpec,
    ProgrammeFile,
    StaleRule,
    TechnicalRule,
    ThresholdRule,
    TrendRule,
    When,
)
from vitals.alert import Kind, Priority

_SHOWN = {Priority.HIGH: "Urgent", Priority.MEDIUM: "Soon", Priority.LOW: "Routine"}

_NAME = re.compile(r"`(\w+)`")

_FEATURES = {
    "weight_macd_scaled": "3-day mean weight above the 28-day mean, in units of the patient's own wander",
    "weight_macd": "3-day mean weight above the 28-day mean",
    "weight_jump": "today's weight above the days 2 to 5 before",
    "weight_jump_agreed": "the same, vouched for by a second weighing or by yesterday's",
    "weight_week": "today's weight above a week ago",
    "heart_rate_z": "smoothed rise of heart rate, in the patient's own deviations",
    "spo2_z": "smoothed rise of SpO2, in the patient's own deviations",
    "systolic_shift": "mean systolic pressure of the last 3 measured days above the patient's usual",
    "systolic_fall": "mean systolic pressure of the last 3 measured days below the patient's usual, or below "
    "what was usual in the months before where that is lower; or 0.82 of that of the last 2 where it is more",
    "systolic_shift_week": "7-day mean systolic pressure above the patient's usual",
    "systolic_recent": "mean systolic pressure of the last 3 measured days",
    "systolic_recent_days": "measured days among these",
    "systolic_usual": "usual systolic pressure (median of 5 weeks, up to 10 days ago)",
    "systolic_before": "usual systolic pressure, or that of the 3 measured days before today if higher",
    "systolic_week": "7-day mean systolic pressure",
    "systolic_week_days": "measured days among the last 7",
    "diastolic_week": "7-day mean diastolic pressure",
    "pulse_pressure_week": "7-day mean pulse pressure",
    "weight_month_share": "change of the 3-day mean weight in a month, as a share",
    "heart_rate_usual": "usual heart rate (median of 4 weeks)",
    "heart_rate_recent": "3-day mean heart rate",
    "spo2_usual": "usual SpO2 (median of 4 weeks)",
    "spo2_before": "SpO2 as it was (median of 4 weeks, up to 2 days ago)",
    "spo2_recent": "2-day mean SpO2",
    "spo2_recent_days": "measured days among the last 2",
    "spo2_fall_agreed": "fall of SpO2 from the usual that both of the last 2 days show",
}

_INTRODUCTION = """# The rules

<!-- Written by `hearthward rules page`; a test fails when it is stale. Change the programme files. -->

What Hearthward asks of every reading, and of readings that do not come. Nothing here has been approved by
a clinician until a programme says so under *approved by*; every limit can be changed for one patient, within
the range beside it, by a clinician who gives a reason.

- **For adults at home** who are not pregnant. A child's pressure and pulse need limits of their own, set by
  hand, and before the age of 16 NEWS2 is not computed.
- **Priorities**: Urgent (a person within the hour), Soon (the same day), Routine (the next day). A line of
  the *weekly list* is no alert.
- **One alert per problem**: further evidence is added to the open alert, and its priority only ever rises by
  itself. A closed problem stays quiet for the days given, unless it grows much worse:
  [life-of-an-alert.md](life-of-an-alert.md).
- **Held readings** (impossible, in the wrong unit, somebody else's) and readings that a nurse excluded raise
  nothing. What arrives late is marked and pages nobody; after 24 hours it raises nothing.
- **Trends** compare patients with themselves, by the means of their local days.
"""


def page(book: Rulebook) -> str:
    """The whole page, as Markdown."""
    files = sorted(book.programmes.values(), key=lambda file: (file.programme != EVERYONE, file.programme))
    return "\n".join([_INTRODUCTION, *(line for file in files for line in _programme(file, book))]) + "\n"


def _programme(file: ProgrammeFile, book: Rulebook) -> Iterator[str]:
    yield f"## {texts.text(file.title, {})}"
    yield ""
    yield f"Version {file.version}; approved by: {file.approved_by or 'nobody yet'}."
    if file.profile:
        yield "A profile, given beside another programme: its limits and rules stand instead of that one's."
    if file.uses:
        yield (
            "Also uses: " + ", ".join(texts.text(book.programmes[used].title, {}) for used in file.uses) + "."
        )
    yield ""
    if file.schedule:
        for entry in file.schedule:
            every = "every day" if entry.every_days == 1 else f"every {entry.every_days} days"
            noun = texts.text(f"noun_{entry.measure.value}", {})
            by = f"{entry.by:%H:%M} local time"
            yield f"- Measures {noun} {every}, by {by}. *{entry.source} ({entry.author})*"
        yield ""
    parts = [book.programmes[name] for name in (EVERYONE, *file.uses)]
    limits = {name: spec for part in (*parts, file) for name, spec in part.limits.items()}
    for rule in file.rules:
        yield from _rule(rule, limits)
    for pilot in file.pilots:
        yield from _pilot(pilot)
    if file.limits:
        yield "| limit | value | may be set to | source | author |"
        yield "|---|---|---|---|---|"
        for name, spec in file.limits.items():
            moved = "; moves with the alert budget" if spec.calibrated else ""
            low, high = spec.safe
            yield (
                f"| `{name}` | {spec.value:g} {spec.unit} | {low:g} to {high:g}{moved} "
                f"| {spec.source} | {spec.author} |"
            )
        yield ""


def _rule(rule: AnyRule, limits: Mapping[str, LimitSpec]) -> Iterator[str]:
    yield f"### `{rule.id}` (version {rule.version})"
    yield ""
    shown = "Weekly list" if rule.weekly else _SHOWN[rule.priority]
    technical = ", technical" if rule.about is Kind.TECHNICAL else ""
    pilot = ", in silent pilot" if rule.pilot else ""
    sentence = _NAME.sub(lambda name: _with_value(name[1], limits), _sentence(rule))
    yield f"**{shown}**{technical}{pilot}, problem *{rule.problem}*. {sentence}"
    yield ""
    quiet = f"- Quiet for {rule.rearm_days:g} days after its close"
    quiet += ", or until the patient has recovered." if rule.rearm_on_recovery else "."
    yield quiet
    if rule.asks:
        yield "- Ask: " + " ".join(texts.text(key, {}) for key in rule.asks)
    yield f"- Source: {rule.source} ({rule.author})"
    yield ""


def _pilot(spec: PilotSpec) -> Iterator[str]:
    yield f"### `{spec.id}` (version {spec.version})"
    yield ""
    changes = [f"`{name}` {value:g}" for name, value in spec.limits.items()]
    changes += [f"{word} {said}" for word, said in spec.change.items()]
    yield f"**In silent pilot**: `{spec.of}` with {', '.join(changes)}."
    yield ""
    yield f"- Source: {spec.source} ({spec.author})"
    yield ""


def _with_value(name: str, limits: Mapping[str, LimitSpec]) -> str:
    spec = limits.get(name)
    return f"`{name}`" if spec is None else f"`{name}` ({spec.value:g} {spec.unit})"


def _sentence(rule: AnyRule) -> str:
    match rule:
        case ThresholdRule():
            return _threshold(rule)
        case TrendRule():
            return _trend(rule)
        case CompositeRule():
            return _composite(rule)
        case News2Rule():
            return (
                f"NEWS2 with all seven inputs within {rule.within_minutes:g} minutes: Urgent at "
                f"`{rule.high_at}`, Soon at `{rule.medium_at}` or with three points in any single input."
            )
        case StaleRule():
            return _stale(rule)
        case TechnicalRule():
            return f"{rule.what.replace('_', ' ').capitalize()}, by `{rule.limit}`."


def _when(when: When) -> str:
    measure = texts.text(f"measure_{when.measure.value}", {}).lower()
    if when.at_or_above or when.at_or_below:
        return f"{measure} at or {'above' if when.is_high else 'below'} `{when.limit}`"
    return f"{measure} {'above' if when.is_high else 'below'} `{when.limit}`"


def _threshold(rule: ThresholdRule) -> str:
    said = " or ".join(_when(when) for when in rule.when)
    parts = [said[0].upper() + said[1:]]
    if rule.on == "session":
        parts.append("by the mean of the sitting")
    if rule.confirm is not None:
        parts.append(_confirmed(rule.confirm))
    if rule.hold_minutes:
        parts.append(f"held for {rule.hold_minutes:g} minutes")
    if rule.count is not None:
        what = "different days" if rule.count.distinct_days else "times"
        parts.append(f"{rule.count.need} {what} within {rule.count.within_hours:g} hours")
    if rule.unless:
        parts.append("unless " + " or ".join(_bound(bound) for bound in rule.unless))
    return ", ".join(parts) + "."


def _confirmed(confirm: Confirm) -> str:
    lone = (
        "without a second one in its sitting, before or after,"
        if confirm.all_agree
        else "that nobody repeats"
    )
    alone = {
        "unconfirmed": f"a reading {lone} is raised as unconfirmed",
        "next": f"a reading that nobody repeats waits for the next one within {confirm.next_hours:g} hours",
        "ignored": "a reading that nobody repeats counts nothing",
    }[confirm.alone]
    if confirm.stand_out is not None:
        alone += f" where it stands out by `{confirm.stand_out.by}`, and else waits for the next"
    return f"in {confirm.need} of {confirm.of} readings within {confirm.within_minutes:g} minutes ({alone})"


def _trend(rule: TrendRule) -> str:
    terms: list[str] = []
    for term in rule.score:
        cut = ""
        if term.least > -1e8 or term.most < 1e8:
            cut = f" (cut to {term.least:g} to {term.most:g})"
        terms.append(f"{term.weight:+g} x {_feature(term.feature)}{cut}")
    also = "".join(f", and {_bound(bound)}" for bound in rule.also)
    budget = "" if rule.budget is None else f" Budget: {rule.budget:g} alerts per patient-month."
    return f"Score at or above `{rule.threshold}`{also}. Score: {'; '.join(terms)}.{budget}"


def _composite(rule: CompositeRule) -> str:
    answers = ", ".join(texts.text(f"symptom_{answer.question}", {}) for answer in rule.answers)
    said = f"The patient reports any of: {answers}"
    conditions = [f"{_when(r)} within {r.within_hours:g} hours" for r in rule.readings]
    conditions += [_bound(bound) for bound in rule.trends]
    return said + (f"; with {' or '.join(conditions)}" if conditions else "") + "."


def _stale(rule: StaleRule) -> str:
    rungs: list[str] = []
    for rung in rule.ladder:
        shown = "no alert" if rung.priority is None else _SHOWN[rung.priority]
        rungs.append(f"day {rung.day}: {rung.step} ({shown})")
    said = f"A scheduled measurement that does not come: {', '.join(rungs)}."
    if rule.earlier_days:
        said += f" {rule.earlier_days} day earlier in the first {rule.earlier_for_days} days after discharge."
    if rule.habit_days:
        said += f" Up to {rule.habit_days} days later for a patient who often skips days."
    if rule.partial_days:
        said += f" {rule.partial_days} days later where other scheduled measurements come."
    if rule.latest_day:
        said += f" Never later than on day {rule.latest_day}, which is a nurse's."
    if rule.alarming:
        last = " or ".join(_alarming(when) for when in rule.alarming)
        said += f" On day {rule.alarming_day} the nurse's, where the last reading was {last}."
    return said


def _alarming(when: Alarming) -> str:
    usual = f" (unless {' or '.join(_bound(bound) for bound in when.unless)})" if when.unless else ""
    return _when(when) + usual


def _bound(bound: Bound) -> str:
    side = "at or above" if bound.at_or_above is not None else "below"
    return f"{_feature(bound.feature)} {side} `{bound.limit}`"


def _feature(name: str) -> str:
    return _FEATURES.get(name, name.replace("_", " "))
