"""Scenario files: what a patient measured, line by line, and which alerts must come of it.

A line of `said`: `Day 3 08:00  BP 186/104 pulse 72 [motion] [arrives Day 3 11:00]`. `Days 1-30 08:00` stands
for each of these days. A line of `did`, by a nurse: `Day 3 09:00  closes pressure_high acted`, `acknowledges
pressure_high`, or `snoozes pressure_high until Day 4 08:00`. A line of `raises`: `Day 3 08:12  bp_crisis
medium  Blood pressure ...`. Days and times are the patient's local ones; day 1 is `starts`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.book import rulebook, texts
from alerts.book.limits import OwnLimit
from alerts.history.replay import History, Replay
from alerts.readings.measured import Measured
from alerts.rules.view import AnswerGiven, Break, Watched
from vitals.alert import Outcome
from vitals.alert_event import Acknowledged, Closed, Happening, Snoozed
from vitals.ids import DeviceId, PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

_WHEN = r"Days? (?P<day>\d+)(?:-(?P<last>\d+))? (?P<clock>\d\d:\d\d)"
_LINE = re.compile(rf"{_WHEN}\s+(?P<what>.*)$")
_INSTANT = re.compile(_WHEN)
_DEED = re.compile(
    r"(?P<verb>closes|acknowledges|snoozes) (?P<problem>\w+)(?: until (?P<until>.+)| (?P<outcome>\w+))?$"
)
_NURSE = "nurse"
_BRACKET = re.compile(r"\[([^\]]+)\]")
_WORDS = {
    "pulse": Measure.HEART_RATE,
    "SpO2": Measure.SPO2,
    "Weight": Measure.WEIGHT,
    "Temperature": Measure.TEMPERATURE,
    "Glucose": Measure.GLUCOSE,
    "Breaths": Measure.RESPIRATORY_RATE,
    "MAP": Measure.MEAN_ARTERIAL_PRESSURE,
    "perfusion": Measure.PERFUSION_INDEX,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """One call on a nurse that is expected, or that came."""

    when: str
    rule: str
    priority: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One series with what must come of it; `about` is the rule that it is about."""

    title: str
    about: str
    file: str
    history: History
    expected: tuple[Raise, ...]
    until: datetime
    answered_after: timedelta | None
    did: tuple[tuple[datetime, str, Happening], ...] = ()
    lists: tuple[str, ...] | None = None

    def play_list(self) -> tuple[str, ...]:
        """The lines of the weekly list about the scenario's rule: its Monday, days, text."""
        rules = rulebook.shipped().for_programmes(self.history.patient.programmes)
        replay = Replay(
            self.history,
            rules,
            answer_after=self.answered_after,
            since=self.history.patient.enrolled_at,
            beside=True,
        )
        replay.advance(self.until)
        assert replay.beside is not None
        lines = [line for line in replay.beside.lines.values() if line.rule == self.about]
        return tuple(f"Week of {line.week}, days: {line.days}  {texts.say(line.message)}" for line in lines)

    def play(self) -> tuple[Raise, ...]:
        """What comes of it with the shipped rules."""
        rules = rulebook.shipped().for_programmes(self.history.patient.programmes)
        replay = Replay(
            self.history, rules, answer_after=self.answered_after, since=self.history.patient.enrolled_at
        )
        for at, problem, deed in self.did:
            replay.act(problem, deed, _NURSE, at)
        replay.advance(self.until)
        zone = ZoneInfo(self.history.patient.time_zone)
        first = self.history.patient.enrolled_at.astimezone(zone).date()
        return tuple(
            Raise(
                when=_shown(call.at, first, zone),
                rule=call.breach.rule,
                priority=call.breach.priority.value,
                text=call.alert.reason + (" (late)" if call.breach.late else ""),
            )
            for call in replay.calls
        )


def scenarios(directory: Path) -> Iterator[Scenario]:
    """Every scenario of the directory's files."""
    for path in sorted(directory.glob("*.toml")):
        for entry in tomllib.loads(path.read_text("utf-8"))["scenario"]:
            yield _scenario(entry, path.stem)


def _scenario(entry: Mapping[str, object], file: str) -> Scenario:
    zone = ZoneInfo(str(entry.get("time_zone", "Europe/London")))
    starts = entry.get("starts", date(2026, 3, 2))
    assert isinstance(starts, date)
    enrolled_at = datetime.combine(starts, time(), tzinfo=zone).astimezone(UTC)
    readings: list[Measured] = []
    answers: list[AnswerGiven] = []
    for line in _lines(entry.get("said", "")):
        for at, known_at, what in _said(line, starts, zone):
            symptom = re.match(r"(Yes|No) (\w+)", what)
            if symptom is not None:
                answers.append(AnswerGiven(question=symptom[2], yes=symptom[1] == "Yes", at=at))
            else:
                readings.append(_measured(what, at, known_at, len(readings)))
    programmes = str(entry.get("programmes", "")).split()
    limits = entry.get("limits", {})
    assert isinstance(limits, dict)
    pauses = [_pause(line, starts, zone) for line in _lines(entry.get("pauses", ""))]
    known = [m.known_at for m in readings] + [a.at for a in answers]
    until = entry.get("until")
    hours = entry.get("answered_after_hours")
    return Scenario(
        title=str(entry["title"]),
        about=str(entry["about"]),
        file=file,
        history=History(
            patient=Watched(
                patient_id=PatientId("p1"),
                time_zone=str(zone),
                birth_date=date.fromisoformat(str(entry.get("born", "1950-06-15"))),
                enrolled_at=enrolled_at,
                programmes=dict.fromkeys(programmes, starts),
            ),
            readings=readings,
            answers=answers,
            breaks=pauses,
            limits=[
                OwnLimit(name=name, value=float(value), author="dr", reason="test", set_at=enrolled_at)
                for name, value in limits.items()
            ],
        ),
        lists=tuple(_lines(entry["lists"])) if "lists" in entry else None,
        did=tuple(_did(line, starts, zone) for line in _lines(entry.get("did", ""))),
        expected=tuple(_raise(line) for line in _lines(entry.get("raises", ""))),
        until=max(known) + timedelta(hours=1) if until is None else _instant(str(until), starts, zone),
        answered_after=None if hours is None else timedelta(hours=float(str(hours))),
    )


def _lines(block: object) -> list[str]:
    return [line.strip() for line in str(block).splitlines() if line.strip()]


def _said(line: str, starts: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, str]]:
    match = _LINE.match(line)
    assert match, f"not a line of a scenario: {line}"
    for day in range(int(match["day"]), int(match["last"] or match["day"]) + 1):
        at = _at(starts, day, match["clock"], zone)
        arrives = re.search(r"\[arrives (.+?)\]", match["what"])
        yield at, _instant(arrives[1], starts, zone) if arrives else at, match["what"]


def _did(line: str, starts: date, zone: ZoneInfo) -> tuple[datetime, str, Happening]:
    match = _LINE.match(line)
    deed = _DEED.match(match["what"]) if match else None
    assert match, f"not a line of a scenario: {line}"
    assert deed, f"not a nurse's deed: {line}"
    at = _at(starts, int(match["day"]), match["clock"], zone)
    match deed["verb"]:
        case "closes":
            return at, deed["problem"], Closed(outcome=Outcome(deed["outcome"]), note="")
        case "snoozes":
            until = _instant(deed["until"], starts, zone)
            return at, deed["problem"], Snoozed(until=until, reason="seen")
        case _:
            return at, deed["problem"], Acknowledged()


def _at(starts: date, day: int, clock: str, zone: ZoneInfo) -> datetime:
    local = datetime.combine(starts + timedelta(days=day - 1), time.fromisoformat(clock), tzinfo=zone)
    return local.astimezone(UTC)


def _instant(words: str, starts: date, zone: ZoneInfo) -> datetime:
    match = _INSTANT.fullmatch(words.strip())
    assert match, f"not a day and time: {words}"
    return _at(starts, int(match["day"]), match["clock"], zone)


def _pause(line: str, starts: date, zone: ZoneInfo) -> Break:
    first, last = line.split(" until ")
    return Break(starts_at=_instant(first, starts, zone), ends_at=_instant(last, starts, zone))


def _measured(what: str, at: datetime, known_at: datetime, number: int) -> Measured:
    marks = [mark for mark in _BRACKET.findall(what) if not mark.startswith("arrives")]
    values: dict[Measure, float] = {}
    words = _BRACKET.sub("", what).split()
    for name, value in zip(words[::2], words[1::2], strict=True):
        if name == "BP":
            systolic, diastolic = value.split("/")
            values |= {Measure.SYSTOLIC: float(systolic), Measure.DIASTOLIC: float(diastolic)}
        else:
            values[_WORDS[name]] = float(value)
    devices = [mark.removeprefix("device ") for mark in marks if mark.startswith("device ")]
    decided = [Standing(mark) for mark in marks if mark in set(Standing)]
    return Measured(
        reading_id=ReadingId(f"r{number:04}"),
        at=at,
        known_at=known_at,
        values=values,
        quality=frozenset(Quality(mark) for mark in marks if mark in set(Quality)),
        device_id=DeviceId(devices[0]) if devices else None,
        decided=decided[0] if decided else None,
    )


def _raise(line: str) -> Raise:
    when, rule, priority, text = re.split(r"\s{2,}", line, maxsplit=3)
    return Raise(when=when, rule=rule, priority=priority, text=text)


def _shown(at: datetime, first: date, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"Day {(local.date() - first).days + 1} {local:%H:%M}"
