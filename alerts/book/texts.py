"""What alerts say, in each reader's language: catalogues of sentences, filled with numbers and units."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from babel.numbers import format_decimal

from vitals.breach import Breach
from vitals.errors import HubError
from vitals.message import Message

ENGLISH = "en"
LANGUAGES = ("en", "es")

_PLACE = re.compile(r"\{(?P<name>\w+)(?::(?P<how>[^}]*))?\}")


class UnknownText(HubError):
    """No catalogue has this key, or the message does not fill one of its places."""

    def __init__(self, key: str, language: str, missing: str | None = None) -> None:
        super().__init__(f"text {key} ({language})" + (f" lacks {missing}" if missing else " does not exist"))
        self.key = key
        self.language = language
        self.missing = missing


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every sentence of one language by its key."""
    return {key: text for part in _tables(language).values() for key, text in part.items()}


def messages() -> frozenset[str]:
    """The keys of what alerts say."""
    return frozenset(_tables(ENGLISH)["alerts"])


def _tables(language: str) -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("alerts").joinpath("catalogues", f"{language}.toml").read_text("utf-8"))


def language_for(asked: str) -> str:
    """The catalogue's language for a patient's or browser's, e.g. `es-MX`; English where there is none."""
    short = asked.split("-")[0].split("_")[0].lower()
    return short if short in LANGUAGES else ENGLISH


def say(message: Message, language: str = ENGLISH) -> str:
    """The message's sentence, and its parts after it. Raises UnknownText."""
    return "; ".join(
        (text(message.key, message.values, language), *(say(p, language) for p in message.parts))
    )


def text(key: str, values: Mapping[str, str | float | int], language: str = ENGLISH) -> str:
    """The sentence of this key, its places filled. Raises UnknownText."""
    known = catalogue(language)
    if key not in known:
        raise UnknownText(key, language)

    def filled(place: re.Match[str]) -> str:
        name, how = place["name"], place["how"]
        if name not in values:
            raise UnknownText(key, language, name)
        return _shown(values[name], how, language)

    return _PLACE.sub(filled, known[key])


def _shown(value: str | float | int, how: str | None, language: str) -> str:
    if isinstance(value, str):
        return text(value, {}, language) if how == "@" else value
    if how == "span":
        return _span(value, language)
    if how is None or how == "":
        return _number(value, 0, language)
    if how == "g":
        return _number(value, 0 if abs(value - round(value)) < 0.05 else 1, language)
    if how.lstrip("+").isdigit() or how == "+":
        decimals = int(how.lstrip("+") or 0)
        sign = "+" if how.startswith("+") and round(value, decimals) > 0 else ""
        return sign + _number(value, decimals, language)
    one, _, many = how.partition("|")
    return f"{_number(value, 0, language)} {one if round(value) == 1 else many}"


def _span(minutes: float, language: str) -> str:
    """Minutes as people say them: 45 min, 7 h, 3 days."""
    hours = minutes / 60
    if round(minutes) < 120:
        return text("span_minutes", {"n": minutes}, language)
    key, n = ("span_hours", hours) if hours < 48 else ("span_days", hours / 24)
    return text(key, {"n": n}, language)


@lru_cache(maxsize=4096)
def _number(value: float, decimals: int, language: str) -> str:
    return format_decimal(value, format="0." + "0" * decimals if decimals else "0", locale=language)


def places(sentence: str) -> frozenset[str]:
    """The names that a sentence wants filled."""
    return frozenset(place["name"] for place in _PLACE.finditer(sentence))


def english(breach: Breach) -> str:
    """The breach's reason in plain English, as it is stored with the alert."""
    return say(breach.message)
