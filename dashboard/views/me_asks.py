"""What the patient's page asks first: one thing, with why, how, and until when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from alerts.clinic.patient_words import Content
from dashboard.numbers import number
from dashboard.views.me import KINDS, Task
from store.population import ChartReading
from vitals.ask import Ask, AskKind
from vitals.measure import SPECS, Measure
from vitals.observation import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of a check-in: `chosen` is what was ticked before, `problem` what is wrong with that."""

    id: str
    words: str
    chosen: str = ""
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The one thing to do now. `why`, `tip` and `until` are sentences; `add` is what can be typed in."""

    kind: Literal["whose", "check_in", "measure", "done", "wait"]
    title: str
    why: str = ""
    tip: str = ""
    until: str = ""
    ask_id: int | None = None
    add: str | None = None
    questions: tuple[Question, ...] = ()


def next_step(
    asks: Sequence[Ask],
    tasks: Sequence[Task],
    readings: Sequence[ChartReading],
    said: Content,
    zone: ZoneInfo,
    typed: Mapping[str, str] | None = None,
    *,
    paused: bool = False,
    rules_look: bool = False,
) -> Step:
    """What comes first: whose a reading is, a reading again, how they feel, then what the day asks for.

    `typed` is what was sent of a check-in that could not be kept. Who is paused need not measure. While the
    rules still look at what came, nobody is told that they are done: they may be asked to measure again.
    """
    waiting = [ask for ask in asks if not _came(ask, readings)]
    for kind in (AskKind.IS_THIS_YOU, AskKind.REPEAT, AskKind.CHECK_IN):
        ask = next((one for one in waiting if one.wanted.kind is kind), None)
        if ask is not None:
            return _asked(ask, said, zone, typed)
    if paused:
        return Step(kind="done", title=said.page["paused_rest"])
    task = next((task for task in tasks if task.value is None), None)
    if task is None and rules_look:
        return Step(kind="wait", title=said.page["still_looking"])
    if task is None:
        return Step(kind="done", title=said.page["all_done" if tasks else "nothing_to_do"])
    reminded = any(ask.wanted.kind is AskKind.MEASURE for ask in waiting)
    why = said.asks["reminder"] if reminded else ""
    return Step(kind="measure", title=task.words.ask, why=why, tip=task.words.tip, add=task.key)


def _asked(ask: Ask, said: Content, zone: ZoneInfo, typed: Mapping[str, str] | None) -> Step:
    match ask.wanted.kind:
        case AskKind.IS_THIS_YOU:
            why = said.asks["whose_why"].format(
                value=_kilograms(ask.wanted.value, said),
                usual=_kilograms(ask.wanted.usual, said),
                at=_clock(ask.wanted.since, zone),
            )
            return Step(kind="whose", title=said.asks["whose"], why=why, ask_id=ask.ask_id)
        case AskKind.CHECK_IN:
            return Step(
                kind="check_in",
                title=said.asks["check_in"],
                why=said.asks["check_in_why"],
                ask_id=ask.ask_id,
                questions=questions(ask, said, typed),
            )
        case _:
            key = kind_of(ask.wanted.measures[0])
            return Step(
                kind="measure",
                title=said.measures[key].again,
                why=said.asks["again_why"],
                tip=said.measures[key].again_tip,
                until=said.asks["again_until"].format(at=_clock(ask.wanted.expires_at, zone)),
                add=key,
            )


def questions(ask: Ask, said: Content, typed: Mapping[str, str] | None) -> tuple[Question, ...]:
    """The check-in's questions; those that `typed` does not answer carry what is wrong."""
    return tuple(
        Question(
            id=question,
            words=said.questions[question],
            chosen=(typed or {}).get(question, ""),
            problem=said.asks["each"] if typed is not None and question not in answers(typed) else None,
        )
        for question in ask.wanted.questions
    )


def answers(typed: Mapping[str, str]) -> dict[str, bool]:
    """The answers among what was sent."""
    return {name: value == "yes" for name, value in typed.items() if value in ("yes", "no")}


def kind_of(measure: Measure) -> str:
    """Which measurement of the page shows this measure."""
    return next(key for key, measures in KINDS.items() if measure in measures)


def _came(ask: Ask, readings: Sequence[ChartReading]) -> bool:
    """Whether the reading has come, though the rules have not looked at it yet."""
    if ask.wanted.kind not in (AskKind.REPEAT, AskKind.MEASURE):
        return False
    return any(
        reading.measure in ask.wanted.measures
        and reading.measured_at > ask.wanted.since
        and reading.reading_id != ask.wanted.subject
        and reading.standing is not Standing.EXCLUDED
        for reading in readings
    )


def _kilograms(value: float | None, said: Content) -> str:
    return number(value or 0.0, SPECS[Measure.WEIGHT].decimals, said.language)


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"
