"""The patient's words: the clinic's own content files, checked as a whole before the first page is made."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from alerts.book import rulebook, texts
from alerts.book.mistakes import Mistake, near
from alerts.book.rulebook import Rulebook
from alerts.book.schema import CompositeRule
from alerts.clinic.service_hours import Day, Hours
from alerts.notify.policy import mistake
from vitals.errors import HubError

_SHIPPED = Path(__file__).parent / "content"
_PLACE = re.compile(r"\{(\w*)\}")


class BrokenWords(HubError):
    """The clinic's content cannot be shown to patients; every mistake that was found is in `mistakes`."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(one) for one in mistakes))
        self.mistakes = mistakes


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Watch(_Part):
    """Who looks at the readings and when, and that otherwise nobody does.

    `hours` and `closed_on` say the same to the page, which tells whether somebody looks now; without hours
    it does not.
    """

    when: str = Field(min_length=3)
    not_watched: str = Field(min_length=3)
    hours: tuple[Hours, ...] = ()
    closed_on: tuple[date, ...] = ()


class HelpNow(_Part):
    """When and how to call for help."""

    title: str
    lead: str
    signs: tuple[str, ...] = Field(min_length=1)
    close: str
    button: str


class Clinic(_Part):
    """How to reach the clinic. `phone` may be empty: then the page leads to the clinic's letter."""

    phone: str
    call: str
    no_phone: str


class Letters(_Part):
    """What is sent to patients and carers: names nobody, and says nothing of what is asked or measured."""

    subject: str
    patient: str
    carer: str
    code_subject: str
    code: str


class MeasureWords(_Part):
    """What is said of one kind of measurement; `again` and `again_tip` where it must be repeated."""

    name: str
    ask: str
    tip: str
    again: str
    again_tip: str
    add: str
    unit: str


class Content(_Part):
    """One language's words, with who owns them and in which version.

    `questions` are the check-in's, by the symptom that rules listen to. `language` is the file's.
    """

    language: str
    version: int = Field(ge=1)
    owner: str = Field(min_length=3)
    approved_by: str
    watch: Watch
    help_now: HelpNow
    clinic: Clinic
    measures: dict[str, MeasureWords]
    questions: dict[str, str]
    asks: dict[str, str]
    page: dict[str, str]
    letters: Letters


_PARTS = (Content, Watch, Hours, HelpNow, Clinic, Letters, MeasureWords)
_MAY_BE_EMPTY = frozenset({("approved_by",), ("clinic", "phone")})
_WORDS = frozenset(name for part in _PARTS for name in part.model_fields) | {day.value for day in Day}


@dataclass(frozen=True, slots=True)
class PatientWords:
    """The words of every language that there is; English always is."""

    by_language: Mapping[str, Content]

    def language_for(self, asked: str) -> str:
        """The language in which a reader of this one is answered."""
        language = texts.language_for(asked)
        return language if language in self.by_language else texts.ENGLISH

    def of(self, language: str) -> Content:
        """The words in the reader's language; English where there is none."""
        return self.by_language[self.language_for(language)]


@cache
def shipped() -> PatientWords:
    """The words that come with Hearthward. Raises BrokenWords."""
    return load(None, rulebook.shipped())


def file_name(language: str) -> str:
    """What the file of a language is called."""
    return f"patient_{language}.toml"


def place(directory: Path | None) -> Path:
    """Where the words are: the clinic's directory, or the one that comes with Hearthward."""
    return directory or _SHIPPED


def load(directory: Path | None, book: Rulebook) -> PatientWords:
    """The words of the clinic's directory, or the shipped ones. Raises BrokenWords with every mistake.

    They must have a question for each symptom that a rule of the rulebook in force listens to. A directory
    holds `patient_en.toml` and a file for each other language that the clinic speaks.
    """
    found, mistakes = read(place(directory), book)
    if mistakes:
        raise BrokenWords(mistakes)
    return PatientWords(by_language=found)


def read(directory: Path, book: Rulebook) -> tuple[dict[str, Content], list[Mistake]]:
    """The words of a directory by language, and every mistake in its files."""
    found: dict[str, Content] = {}
    mistakes: list[Mistake] = []
    pattern = _pattern(book)
    for language in texts.LANGUAGES:
        path = directory / file_name(language)
        if not path.exists() and language != texts.ENGLISH:
            continue
        try:
            raw = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            mistakes.append(Mistake(file=path.name, place="file", what=f"cannot be read: {error}"))
            continue
        try:
            found[language] = Content.model_validate(raw | {"language": language})
        except ValidationError as error:
            other = [one for one in error.errors() if not _is_a_text(one, pattern)]
            mistakes += [mistake(path.name, one, _WORDS) for one in other]
        mistakes += _differences(path.name, raw, pattern)
    return found, mistakes


_Pattern = Mapping[tuple[str, ...], str]


def _pattern(book: Rulebook) -> _Pattern:
    """Every text that there must be, by its place, as we ship it; and a question for each symptom heard."""
    raw = tomllib.loads((_SHIPPED / file_name(texts.ENGLISH)).read_text("utf-8"))
    heard = {answer.question for rule in _composites(book) for answer in rule.answers}
    return {("questions", question): "" for question in heard} | dict(_flat(raw))


def _is_a_text(detail: ErrorDetails, pattern: _Pattern) -> bool:
    """Whether the complaint is about a text that is missing or unknown, which `_differences` says better."""
    place = tuple(str(part) for part in detail["loc"])
    if detail["type"] == "missing":
        return any(wanted[: len(place)] == place for wanted in pattern)
    return detail["type"] == "extra_forbidden" and isinstance(detail["input"], str | Mapping)


def _differences(file: str, raw: Mapping[str, object], wanted: _Pattern) -> Iterator[Mistake]:
    """What a page could not be made with: texts that are missing, unknown or empty, and places amiss."""
    said = dict(_flat(raw))
    for place in sorted(wanted.keys() - said.keys()):
        yield Mistake(file=file, place=" / ".join(place[:-1]) or "file", what=f"{place[-1]!r} is missing")
    for place, text in said.items():
        where = " / ".join(place)
        if place not in wanted:
            beside = [other[-1] for other in wanted if other[:-1] == place[:-1]]
            meant = near(place[-1], beside)
            yield Mistake(file=file, place=where, what=f"unknown word {place[-1]!r}", meant=meant)
        elif not text.strip() and place not in _MAY_BE_EMPTY:
            yield Mistake(file=file, place=where, what="is empty")
        else:
            yield from _places(file, where, text, wanted[place])


def _places(file: str, where: str, text: str, pattern: str) -> Iterator[Mistake]:
    """The same {places} must be filled, and no other brace may stand there."""
    said, wanted = set(_PLACE.findall(text)), set(_PLACE.findall(pattern))
    for place in sorted(said - wanted):
        yield Mistake(file=file, place=where, what=f"nothing fills {{{place}}}", meant=near(place, wanted))
    for place in sorted(wanted - said):
        yield Mistake(file=file, place=where, what=f"the place {{{place}}} is missing")
    if set("{}") & set(_PLACE.sub("", text)):
        yield Mistake(file=file, place=where, what="a brace stands alone")


def _flat(tree: Mapping[str, object], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, (*above, name))
        elif isinstance(value, str):
            yield (*above, name), value


def _composites(book: Rulebook) -> list[CompositeRule]:
    return [
        rule for file in book.programmes.values() for rule in file.rules if isinstance(rule, CompositeRule)
    ]
