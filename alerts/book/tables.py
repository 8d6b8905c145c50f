"""A TOML file read table by table, so that one broken line hides nothing of the others."""

import re
import tomllib
from pathlib import Path

from alerts.book.mistakes import Mistake

GAP = "left_out"
"""Stands where something unusable stood. It was reported once, and is asked no more."""

Raw = dict[str, object]

_HEAD = re.compile(r"^\[{1,2}\s*[\w.\"-]+\s*\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"^(\s*[\w\"-]+\s*=)")
_LINE = re.compile(r"at line (\d+)")


def read_tables(path: Path) -> tuple[Raw, list[Mistake]]:
    """Everything in a file that is TOML, and each place that is not.

    The value of a broken line is the GAP.
    """
    try:
        text = path.read_text("utf-8")
    except (UnicodeDecodeError, OSError) as error:
        return {}, [Mistake(file=path.name, place="file", what=f"cannot be read: {error}")]
    try:
        return tomllib.loads(text), []
    except tomllib.TOMLDecodeError as error:
        whole = str(error)
    lines = text.splitlines()
    starts = [0, *(number for number, line in enumerate(lines) if number and _HEAD.match(line))]
    merged: Raw = {}
    mistakes: list[Mistake] = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        raw, wrong = _table(lines[start:end], start)
        mistakes += [Mistake(file=path.name, place=f"line {line}", what=what) for line, what in wrong]
        for key in _merge(merged, raw):
            place = f"line {start + 1}"
            mistakes.append(Mistake(file=path.name, place=place, what=f"{key} is there twice; take one out"))
    if not mistakes:
        mistakes.append(Mistake(file=path.name, place="file", what=f"is not TOML: {whole}"))
    return merged, mistakes


def _table(lines: list[str], start: int) -> tuple[Raw, list[tuple[int, str]]]:
    """One table, and its broken lines by their number in the file, each with what is wrong."""
    lines = list(lines)
    wrong: dict[int, str] = {}
    while True:
        try:
            return tomllib.loads("\n".join(lines)), sorted(wrong.items())
        except tomllib.TOMLDecodeError as error:
            found = _LINE.search(str(error))
            at = min(int(found[1]) if found else len(lines), len(lines)) - 1
            why = str(error).split(" (at ")[0]
        number = start + at + 1
        if number not in wrong:
            wrong[number] = f"is not TOML: {why}: {lines[at].strip() or 'the end of the table'}"
            key = _KEY.match(lines[at])
            lines[at] = f'{key[1]} "{GAP}"' if key else ""
        elif lines[at]:
            lines[at] = ""
        else:
            return {}, sorted(wrong.items())


def _merge(whole: Raw, part: Raw, above: str = "") -> list[str]:
    """Add a table to those before it; the keys that were there already."""
    twice: list[str] = []
    for key, value in part.items():
        name = f"{above}{key}"
        known = whole.get(key)
        last = known[-1] if isinstance(known, list) and known else known
        if key not in whole:
            whole[key] = value
        elif isinstance(known, list) and isinstance(value, list):
            known += value
        elif isinstance(last, dict) and isinstance(value, dict):
            twice += _merge(last, value, f"{name}.")
        else:
            twice.append(name)
    return twice
