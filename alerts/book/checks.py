"""Every mistake in a set of programme files at once, each with its place and the word that was meant."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from alerts.book import schema, texts
from alerts.book.schema import EVERYONE, AnyRule, ProgrammeFile
from alerts.readings.trend import FEATURES
from alerts.review import pilots
from vitals.alert import Kind, Priority
from vitals.measure import SPECS, Measure
from vitals.patient import Programme

_KINDS: dict[str, type[schema.RuleSpec]] = {
    "threshold": schema.ThresholdRule,
    "trend": schema.TrendRule,
    "composite": schema.CompositeRule,
    "news2": schema.News2Rule,
    "stale": schema.StaleRule,
    "technical": schema.TechnicalRule,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake: in which file, where in it, what is wrong, and what was perhaps meant."""

    file: str
    place: str
    what: str
    meant: str | None = None

    def __str__(self) -> str:
        """One line for a person."""
        hint = f" Did you mean {self.meant!r}?" if self.meant else ""
        return f"{self.file}: {self.place}: {self.what}.{hint}"


def near(word: str, known: Iterable[str]) -> str | None:
    """The known word that is closest to this one, if any is close."""
    matches = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def read_files(directory: Path) -> tuple[dict[str, ProgrammeFile], list[Mistake]]:
    """The programme files of a directory by file name, and what is wrong with the form of the others."""
    programmes: dict[str, ProgrammeFile] = {}
    mistakes: list[Mistake] = []
    paths = sorted(directory.glob("*.toml"))
    if not paths:
        mistakes.append(Mistake(file=str(directory), place="directory", what="holds no programme file"))
    for path in paths:
        try:
            raw = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            mistakes.append(Mistake(file=path.name, place="file", what=f"is not TOML: {error}"))
            continue
        try:
            programmes[path.name] = ProgrammeFile.model_validate(raw)
        except ValidationError as error:
            mistakes += [_mistake(path.name, detail, raw) for detail in error.errors()]
    return programmes, mistakes


def _mistake(file: str, detail: ErrorDetails, raw: Mapping[str, object]) -> Mistake:
    place = _place(detail["loc"], raw)
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    said = detail.get("input")
    match detail["type"]:
        case "extra_forbidden":
            return Mistake(file=file, place=place, what=f"unknown word {last!r}", meant=near(last, _words()))
        case "missing":
            return Mistake(file=file, place=place, what=f"{last!r} is missing")
        case "enum" | "literal_error" | "union_tag_invalid":
            word = str(said.get("kind")) if isinstance(said, dict) else str(said)
            choices = [c.strip(" '") for c in str(list(detail.get("ctx", {}).values())[-1]).split(",")]
            known = _choices(choices)
            return Mistake(file=file, place=place, what=f"unknown {last} {word!r}", meant=near(word, known))
        case _:
            what = detail["msg"].removeprefix("Value error, ")
            meant = near(what.split("'")[1], FEATURES) if what.startswith("unknown feature") else None
            return Mistake(file=file, place=place, what=what, meant=meant)


def _choices(said: list[str]) -> list[str]:
    words = [part.strip(" '") for choice in said for part in choice.split(" or ")]
    return [
        *words,
        *(m.value for m in Measure),
        *(p.value for p in Priority),
        *(k.value for k in Kind),
        *_KINDS,
    ]


def _place(location: tuple[int | str, ...], raw: Mapping[str, object]) -> str:
    """Where in the file, with a rule's own id instead of its number."""
    parts = [str(part) for part in location if str(part) not in _KINDS]
    if len(parts) > 1 and parts[0] in ("rules", "pilots") and parts[1].isdigit():
        listed = raw.get(parts[0])
        one: object = listed[int(parts[1])] if isinstance(listed, list) else None
        name = one.get("id") if isinstance(one, dict) else None
        parts = [f"{parts[0].removesuffix('s')} {name or '#' + parts[1]}", *parts[2:]]
    elif len(parts) > 1 and parts[0] == "limits":
        parts = [f"limit {parts[1]}", *parts[2:]]
    return " / ".join(parts) or "file"


def _words() -> set[str]:
    """Every word that a programme file may use as a key."""
    models: list[type[BaseModel]] = [
        m for m in vars(schema).values() if isinstance(m, type) and issubclass(m, BaseModel)
    ]
    return {name for model in models for name in model.model_fields}


def mistakes_in(programmes: Mapping[str, ProgrammeFile]) -> list[Mistake]:
    """What is wrong with files whose form is right: names that lead nowhere, numbers that contradict."""
    by_name = {file.programme: file for file in programmes.values()}
    return [mistake for path, file in programmes.items() for mistake in _in_file(path, file, by_name)]


def _in_file(path: str, file: ProgrammeFile, by_name: Mapping[str, ProgrammeFile]) -> Iterator[Mistake]:
    expected = path.removesuffix(".toml")
    if file.programme != expected:
        yield Mistake(
            file=path,
            place="programme",
            what=f"is {file.programme!r} in a file for {expected!r}",
            meant=expected,
        )
    yield from _texts(path, "title", [file.title])
    for used in file.uses:
        if used not in by_name or used in {*Programme, EVERYONE}:
            shared = set(by_name) - {*Programme, EVERYONE}
            yield Mistake(file=path, place="uses", what=f"no shared file {used!r}", meant=near(used, shared))
    limits = _limits_in_reach(file, by_name)
    seen: set[str] = set()
    for rule in file.rules:
        place = f"rule {rule.id}"
        if rule.id in seen:
            yield Mistake(file=path, place=place, what="is there twice")
        seen.add(rule.id)
        yield from _in_rule(path, place, rule, limits)
    reach = {rule.id: rule for part in _parts_in_reach(file, by_name) for rule in part.rules}
    for spec in file.pilots:
        if spec.id in seen | reach.keys():
            yield Mistake(file=path, place=f"pilot {spec.id}", what="has the id of another rule")
        seen.add(spec.id)
        yield from _in_pilot(path, spec, reach, limits)


def _in_rule(
    path: str, place: str, rule: AnyRule, limits: Mapping[str, schema.LimitSpec]
) -> Iterator[Mistake]:
    for name, measure in limits_of(rule):
        spec = limits.get(name)
        if spec is None:
            yield Mistake(file=path, place=place, what=f"no limit {name!r}", meant=near(name, limits))
        elif measure is not None and spec.unit != SPECS[measure].display_unit:
            unit = SPECS[measure].display_unit
            what = f"compares {measure.value} in {unit} with limit {name!r} in {spec.unit}"
            yield Mistake(file=path, place=place, what=what)
    yield from _texts(path, place, [*message_keys(rule), *rule.asks, *_questions(rule)])


def _in_pilot(
    path: str,
    spec: schema.PilotSpec,
    reach: Mapping[str, AnyRule],
    limits: Mapping[str, schema.LimitSpec],
) -> Iterator[Mistake]:
    """What is wrong with a pilot: the rule that it changes, its changes, its limits."""
    place = f"pilot {spec.id}"
    rule = reach.get(spec.of)
    if rule is None:
        yield Mistake(file=path, place=place, what=f"no rule {spec.of!r}", meant=near(spec.of, reach))
        return
    wrong = pilots.wrong(spec, rule)
    yield from (Mistake(file=path, place=place, what=what) for what in wrong)
    changed = rule if wrong else pilots.changed(spec, rule)
    if not wrong:
        yield from _in_rule(path, place, changed, limits)
    used = {name for name, _measure in limits_of(changed)}
    for name, value in spec.limits.items():
        limit = limits.get(name)
        if name not in used or limit is None:
            what = f"rule {spec.of!r} does not compare with limit {name!r}"
            yield Mistake(file=path, place=place, what=what, meant=near(name, used))
        elif not limit.safe[0] <= value <= limit.safe[1]:
            low, high = limit.safe
            what = f"limit {name} {value:g} lies outside safe {low:g} to {high:g}"
            yield Mistake(file=path, place=place, what=what)


def _parts_in_reach(file: ProgrammeFile, by_name: Mapping[str, ProgrammeFile]) -> list[ProgrammeFile]:
    """The file, after those whose rules and limits it builds on."""
    return [*(by_name[name] for name in (EVERYONE, *file.uses) if name in by_name), file]


def _limits_in_reach(
    file: ProgrammeFile, by_name: Mapping[str, ProgrammeFile]
) -> dict[str, schema.LimitSpec]:
    return {name: spec for part in _parts_in_reach(file, by_name) for name, spec in part.limits.items()}


def limits_of(rule: AnyRule) -> list[tuple[str, Measure | None]]:
    """The limits that a rule compares with, each with the measure whose unit it must have, if any."""
    match rule:
        case schema.ThresholdRule():
            others = [bound.limit for bound in rule.unless]
            if rule.confirm is not None and rule.confirm.stand_out is not None:
                others.append(rule.confirm.stand_out.by)
            return [*((when.limit, when.measure) for when in rule.when), *((name, None) for name in others)]
        case schema.TrendRule():
            return [(rule.threshold, None), *((bound.limit, None) for bound in rule.also)]
        case schema.CompositeRule():
            bounds = [(bound.limit, None) for bound in rule.trends]
            return [*((recent.limit, recent.measure) for recent in rule.readings), *bounds]
        case schema.News2Rule():
            return [(rule.high_at, None), (rule.medium_at, None)]
        case schema.TechnicalRule():
            return [(rule.limit, None)]
        case schema.StaleRule():
            return []


def message_keys(rule: AnyRule) -> list[str]:
    """The catalogue keys that a rule may speak with."""
    match rule:
        case schema.ThresholdRule() if rule.count is not None:
            return [f"{rule.message}_count"]
        case schema.ThresholdRule() if rule.confirm is not None:
            return [f"{rule.message}_{how}" for how in ("confirmed", "again", "unconfirmed")]
        case schema.StaleRule():
            return [f"{rule.message}_{rung.step}" for rung in rule.ladder if rung.priority is not None]
        case _:
            return [rule.message]


def _questions(rule: AnyRule) -> list[str]:
    if not isinstance(rule, schema.CompositeRule):
        return []
    return [f"symptom_{answer.question}" for answer in rule.answers]


def _texts(path: str, place: str, keys: Iterable[str]) -> Iterator[Mistake]:
    for language in texts.LANGUAGES:
        known = texts.catalogue(language)
        for key in keys:
            if key not in known:
                what = f"no text {key!r} in the catalogue {language}.toml"
                yield Mistake(file=path, place=place, what=what, meant=near(key, known))


assert set(_KINDS.values()) == set(get_args(get_args(AnyRule)[0]))
