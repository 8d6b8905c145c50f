"""Rulebooks with silent pilots in them, made of the shipped files."""

from pathlib import Path

from alerts.book import rulebook
from alerts.book.rulebook import Rulebook

LOOSER = """
[[pilots]]
id = "bp_crisis_170"
of = "bp_crisis"
limits = { systolic_crisis = 170 }
source = "Ward One wants to know"
author = "Dr Test"
"""


def write_book(directory: Path, extra: str = LOOSER, file: str = "everyone") -> Path:
    """The shipped programme files in this directory, with `extra` at the end of one of them."""
    rulebook.copy_shipped(directory)
    path = directory / f"{file}.toml"
    path.write_text(path.read_text("utf-8") + extra, "utf-8")
    return directory


def piloted(directory: Path, extra: str = LOOSER, file: str = "everyone") -> Rulebook:
    """The rulebook of such a directory."""
    return rulebook.load(write_book(directory, extra, file))
