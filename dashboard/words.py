"""The staff's screens in the reader's language: English in the code, other languages in one file each."""

import tomllib
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from alerts.book import texts

LANGUAGE: ContextVar[str] = ContextVar("language", default=texts.ENGLISH)
"""The language of whoever this request is for; the gate sets it."""

_CONTENT = Path(__file__).parent / "content"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every English text with its translation; empty for English itself."""
    if language == texts.ENGLISH:
        return {}
    return tomllib.loads((_CONTENT / f"{language}.toml").read_text("utf-8"))


def say(text: str, **values: object) -> str:
    """The text in the reader's language, its places filled; an untranslated text stays English."""
    found = catalogue(LANGUAGE.get()).get(text, text)
    return found.format(**values) if values else found
