"""The form of a programme file: every mistake in it, and what can be read of it in spite of them.

Each mistake is reported, mended with a stand-in, and what lies behind it looked at again, so that a wrong
word hides neither the others of its rule nor the names that lead nowhere.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from alerts.book import schema
from alerts.book.mistakes import Mistake, near
from alerts.book.schema import LENIENT, AnyRule, ProgrammeFile
from alerts.book.tables import GAP, Raw
from alerts.readings.trend import FEATURES

KINDS: dict[str, type[schema.RuleSpec]] = {
    "threshold": schema.ThresholdRule,
    "trend": schema.TrendRule,
    "composite": schema.CompositeRule,
    "news2": schema.News2Rule,
    "stale": schema.StaleRule,
    "technical": schema.TechnicalRule,
}
_PARTS: dict[str, type[BaseModel]] = {
    "limits": schema.LimitSpec,
    "schedule": schema.ScheduleSpec,
    "pilots": schema.PilotSpec,
}
_WIDE = [-1e12, 1e12]
_STAND_INS: tuple[object, ...] = (GAP, 1, 2, 20, 0.5, _WIDE, [], [{}], {}, "12:00:00")
"""Whatever a word may hold, one of these has its form."""
_ROUNDS = 12
"""Deeper than any mistake lies behind another."""

Location = tuple[int | str, ...]


def read_form(raw: Mapping[str, object], file: str) -> tuple[ProgrammeFile | None, list[Mistake]]:
    """The file as far as it can be read, and every mistake in its form.

    Where there are mistakes it is only good for looking at its names: stand-ins fill its gaps.
    """
    reader = _Reader(raw, file)
    return reader.read(), reader.mistakes


def read_rule(raw: Mapping[str, object], file: str) -> tuple[AnyRule | None, list[Mistake]]:
    """The same for one rule."""
    whole = {"programme": file, "version": 1, "title": file, "approved_by": "", "rules": [raw]}
    read, mistakes = read_form(whole, file)
    return (read.rules[0] if read is not None and read.rules else None), mistakes


class _Reader:
    """Reads one file, mending as it goes."""

    def __init__(self, raw: Mapping[str, object], file: str) -> None:
        self.mistakes: list[Mistake] = []
        self._written = raw
        self._raw: Raw = deepcopy(dict(raw))
        self._file = file
        self._mended: set[Location] = set()
        self._filled: set[Location] = set()
        self._renamed: set[Location] = set()
        self._said: set[tuple[Location, str]] = set()

    def read(self) -> ProgrammeFile | None:
        for _ in range(_ROUNDS):
            errors = _errors(self._raw)
            # A misspelled word goes first: it is what is missing.
            errors.sort(key=lambda detail: detail["type"] != "extra_forbidden")
            for detail in errors:
                self._take(detail)
            if all(_is_contradiction(detail) for detail in errors):
                break
        return self._readable()

    def _readable(self) -> ProgrammeFile | None:
        """The mended file, without the rules that could not be mended."""
        for _ in range(2):
            try:
                return ProgrammeFile.model_validate(self._raw, context={LENIENT: True})
            except ValidationError as error:
                lost = {detail["loc"][:2] for detail in error.errors() if len(detail["loc"]) > 1}
            for part, key in sorted(lost, key=str, reverse=True):
                cast("dict[int | str, object]", self._raw[str(part)]).pop(key)
        return None

    def _take(self, detail: ErrorDetails) -> None:
        at = _location(detail["loc"])
        kind = detail["type"]
        if not self._is_known(at, detail):
            self._said.add((at, kind))
            self.mistakes.append(self._mistake(at, detail))
        if not _is_contradiction(detail):
            self._mend(at, detail)

    def _is_known(self, at: Location, detail: ErrorDetails) -> bool:
        """Whether it is one of our own stand-ins, or has been said."""
        if detail.get("input") == GAP or (at, detail["type"]) in self._said:
            return True
        if detail["type"] in ("missing", "extra_forbidden") and at in self._renamed:
            return True
        if _is_contradiction(detail):
            # A number or a feature of ours contradicts nothing.
            return any(filled[: len(at)] == at for filled in self._filled)
        return any(at[: len(mended)] == mended for mended in self._mended)

    def _mistake(self, at: Location, detail: ErrorDetails) -> Mistake:
        what, meant = _said(at, detail, self._raw)
        return Mistake(file=self._file, place=_place(at, self._written), what=what, meant=meant)

    def _mend(self, at: Location, detail: ErrorDetails) -> None:
        parent = _reached(self._raw, at[:-1])
        last = at[-1] if at else None
        if not isinstance(parent, dict | list) or last is None:
            return
        holder = cast("dict[int | str, object]", parent)
        match detail["type"]:
            case "extra_forbidden":
                value = holder.pop(last, None)
                meant = near(str(last), _words_at(at, self._raw))
                if meant is not None and meant not in holder:
                    holder[meant] = value
                    self._renamed.add((*at[:-1], meant))
            case "union_tag_invalid" | "union_tag_not_found":
                one = holder[last]
                if isinstance(one, dict):
                    one["kind"] = _kind_meant(one)
            case _:
                if detail["type"] == "missing" and at in self._renamed:
                    return
                self._stand_in(holder, last, at, _said(at, detail, self._raw)[1])

    def _stand_in(
        self, holder: dict[int | str, object], last: int | str, at: Location, meant: str | None
    ) -> None:
        """Put something there whose form is right; what was meant, if that is known."""
        self._mended.add(at)
        choices = [meant] if meant is not None else []
        if last in ("step", "what") or "ladder" in at:
            # The rule's sentence depends on it, so that says nothing now; nor does a ladder's order.
            cast("Raw", _reached(self._raw, at[:2]))["message"] = GAP
        for choice in (*choices, *_STAND_INS, FEATURES[0], *_choices_of(at, self._raw)):
            holder[last] = deepcopy(choice)
            if not any(_location(detail["loc"]) == at for detail in _errors(self._raw)):
                if not isinstance(choice, str) or (choice == FEATURES[0] and choice != meant):
                    self._filled.add(at)
                return
        holder[last] = {}


def _errors(raw: Mapping[str, object]) -> list[ErrorDetails]:
    try:
        ProgrammeFile.model_validate(raw)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        # A list whose items are wrong counts as too short, which it is not.
        within = {detail["loc"][:depth] for detail in errors for depth in range(len(detail["loc"]))}
        return [one for one in errors if one["type"] != "too_short" or one["loc"] not in within]
    return []


def _is_contradiction(detail: ErrorDetails) -> bool:
    """Whether each word is right by itself, and only together they are not."""
    return detail["type"] == "value_error" and isinstance(detail.get("input"), dict)


def _location(loc: Location) -> Location:
    """Where it is in the file: without the tag that tells kinds of rules apart."""
    return (*loc[:2], *loc[3:]) if len(loc) > 2 and loc[0] == "rules" and loc[2] in KINDS else loc


def _reached(raw: object, at: Iterable[int | str]) -> object:
    for part in at:
        try:
            raw = cast("Any", raw)[part]
        except (KeyError, IndexError, TypeError):
            return None
    return raw


def _said(at: Location, detail: ErrorDetails, raw: Raw) -> tuple[str, str | None]:
    """What is wrong in words, and what was perhaps meant."""
    last, value = str(at[-1]) if at else "", detail.get("input")
    match detail["type"]:
        case "extra_forbidden":
            words = sorted(_words_at(at, raw))
            meant = near(last, words)
            return f"unknown word {last!r}" + ("" if meant else f"; {_listed(words)} may stand here"), meant
        case "missing":
            return f"{last!r} is missing", None
        case "union_tag_invalid" | "union_tag_not_found" if isinstance(value, dict):
            meant = _kind_meant(value)
            said = f"unknown kind {value['kind']!r}" if "kind" in value else "'kind' is missing"
            return said, meant
        case "enum" | "literal_error":
            choices = _words(str(detail.get("ctx", {}).get("expected", "")))
            meant = near(str(value), choices)
            named = [part for part in at if isinstance(part, str)]
            said = f"unknown {named[-1] if named else 'word'} {value!r}"
            return (said if meant else f"{said}; say {_listed(choices)}"), meant
        case _:
            what = detail["msg"].removeprefix("Value error, ")
            if _is_contradiction(detail):
                return what, None
            meant = near(str(value), FEATURES) if what.startswith("unknown feature") else None
            shown = value if isinstance(value, str | int | float | bool) else type(value).__name__
            what = what.replace("Input should", "should")
            return (what if meant else f"{last} is {shown!r}: {what}"), meant


def _words(expected: str) -> list[str]:
    """The words of pydantic's own list of them."""
    return [word.strip(" '") for part in expected.split(",") for word in part.split(" or ")]


def _listed(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _kind_meant(rule: Mapping[str, object]) -> str:
    """The kind that is spelled nearly so, or whose words the rule uses most."""
    spelled = near(str(rule.get("kind")), KINDS)
    if spelled is not None:
        return spelled
    return max(KINDS, key=lambda kind: len(rule.keys() & KINDS[kind].model_fields.keys()))


def _words_at(at: Location, raw: Raw) -> Iterator[str]:
    """The words that may stand where this one stands."""
    model: type[BaseModel] | None = ProgrammeFile if len(at) == 1 else None
    if len(at) == 3 and at[0] == "rules":
        rule = _reached(raw, at[:2])
        model = KINDS.get(str(rule.get("kind"))) if isinstance(rule, dict) else None
    elif len(at) == 3:
        model = _PARTS.get(str(at[0]))
    if model is not None:
        yield from model.model_fields
        return
    for part in vars(schema).values():
        if isinstance(part, type) and issubclass(part, BaseModel):
            yield from part.model_fields


def _choices_of(at: Location, raw: Raw) -> list[str]:
    """The words that are offered for the value there, if it is one of a few."""
    for detail in _errors(raw):
        if _location(detail["loc"]) == at and detail["type"] in ("enum", "literal_error"):
            return _words(str(detail.get("ctx", {}).get("expected", "")))
    return []


def _place(at: Location, written: Mapping[str, object]) -> str:
    """Where in the file, with a rule's own id instead of its number."""
    parts = [str(part + 1) if isinstance(part, int) else part for part in at]
    if len(at) > 1 and at[0] in ("rules", "pilots", "schedule"):
        one = _reached(written, at[:2])
        name = one.get("measure" if at[0] == "schedule" else "id") if isinstance(one, dict) else None
        parts = [f"{str(at[0]).removesuffix('s')} {name or 'number ' + parts[1]}", *parts[2:]]
    elif len(at) > 1 and at[0] == "limits":
        parts = [f"limit {parts[1]}", *parts[2:]]
    return " / ".join(parts) or "file"


assert set(KINDS.values()) == set(get_args(get_args(AnyRule)[0]))
