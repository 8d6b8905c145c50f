"""How numbers are written for people: the decimal mark of the language, and a true minus sign."""

from alerts.book import texts
from dashboard.words import LANGUAGE

_DECIMAL_MARKS = {"es": ","}
"""For people's eyes; files for programs have a point in every language (docs/vocabulary.md)."""


def number(value: float, decimals: int, language: str | None = None) -> str:
    """The value with so many decimals. `language` None: that of the member of staff who reads."""
    return _marked(f"{value:.{decimals}f}", language)


def short_number(value: float, language: str | None = None) -> str:
    """The same with no more decimals than it has: limits and their edges."""
    return _marked(f"{value:g}", language)


def _marked(digits: str, language: str | None) -> str:
    mark = _DECIMAL_MARKS.get(texts.language_for(LANGUAGE.get() if language is None else language), ".")
    return digits.replace("-", "−").replace(".", mark)
