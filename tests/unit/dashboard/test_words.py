"""Every text of the staff's screens has its Spanish, and both sides have the same places."""

import re
from pathlib import Path

import dashboard
from dashboard.words import LANGUAGE, catalogue, say

FOLDER = Path(dashboard.__file__).parent
SPANISH = catalogue("es")
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
# Names, which are the same everywhere.
_NO_TEXT = {"Hearthward", "English", "Español"}


def script_texts() -> set[str]:
    """What the scripts show: what goes through t(), and every literal that reads like a text."""
    found: set[str] = set()
    for file in [*(FOLDER / "components").glob("*.js"), FOLDER / "assets" / "live.js"]:
        source = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.S)
        found |= set(re.findall(r'\bt\(\s*"((?:[^"\\]|\\.)*)"', source))
        for text in _LITERAL.findall(source):
            if re.match(r"[A-Z][a-z]", text) and not re.search(r"[<>/=;]", text):
                found.add(text)
    return found - _NO_TEXT


def python_texts() -> set[str]:
    """What goes through say() as a literal."""
    found: set[str] = set()
    for file in FOLDER.rglob("*.py"):
        found |= set(re.findall(r'\bsay\(\s*"((?:[^"\\]|\\.)*)"', file.read_text()))
    return found


def test_every_text_has_its_spanish() -> None:
    texts = script_texts() | python_texts()
    assert len(texts) > 250
    assert sorted(text for text in texts if text not in SPANISH) == []


def test_both_sides_have_the_same_places() -> None:
    for english, spanish in SPANISH.items():
        assert sorted(re.findall(r"\{(\w+)\}", english)) == sorted(re.findall(r"\{(\w+)\}", spanish)), english


def test_a_text_is_said_in_the_readers_language_and_stays_english_where_there_is_none() -> None:
    assert say("{n} days", n=3) == "3 days"
    reader = LANGUAGE.set("es")
    try:
        assert say("{n} days", n=3) == "3 días"
        assert say("Never translated") == "Never translated"
    finally:
        LANGUAGE.reset(reader)
