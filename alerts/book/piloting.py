"""The `[[pilots]]` tables that run another number of a limit hidden, as text for the clinic's own files."""

import tomllib
from collections.abc import Iterator, Mapping

from alerts.book.checks import mistakes_in
from alerts.book.compared import limits_of
from alerts.book.forms import read_form
from alerts.book.mistakes import Mistake
from alerts.book.rulebook import Rulebook
from alerts.book.schema import EVERYONE, AnyRule, ProgrammeFile


def pilot_text(book: Rulebook, programme: str, name: str, value: float) -> str:
    """The tables for every live rule that compares with the number of this programme's file.

    Empty where no live rule does. They have been read and checked as `hearthward rules check` would with the
    rest of the rulebook; should it find a mistake, the text says it in its first lines.
    """
    added = _tables(book, programme, name, value)
    wrong = mistakes_with(book, added)
    lines = [f"# hearthward rules check: {mistake}" for mistake in wrong]
    for file, tables in added.items():
        lines += [f"# For {file}.toml", "", *tables]
    return "\n".join(lines).rstrip("\n")


def mistakes_with(book: Rulebook, added: Mapping[str, list[str]]) -> list[Mistake]:
    """What the rulebook's check says once these tables are added to its files."""
    files: dict[str, ProgrammeFile] = dict(book.programmes)
    mistakes: list[Mistake] = []
    for file, tables in added.items():
        whole = book.programmes[file]
        heading = {word: getattr(whole, word) for word in ("programme", "version", "title", "approved_by")}
        read, wrong = read_form({**heading, **tomllib.loads("\n".join(tables))}, f"{file}.toml")
        mistakes += wrong
        if read is not None:
            files[file] = whole.model_copy(update={"pilots": (*whole.pilots, *read.pilots)})
    return mistakes + mistakes_in(files)


def _tables(book: Rulebook, programme: str, name: str, value: float) -> dict[str, list[str]]:
    taken = {one.id for file in book.programmes.values() for one in (*file.rules, *file.pilots)}
    added: dict[str, list[str]] = {}
    for file, rule in _rules(book, programme, name):
        was = book.programmes[programme].limits[name].value
        number = f"{value:g}".replace("-", "minus_").replace(".", "_")
        ids = (f"{rule.id}_{number}", *(f"{rule.id}_{number}_{again}" for again in range(2, 100)))
        own = next(one for one in ids if one not in taken)
        taken.add(own)
        added.setdefault(file, []).extend([
            "[[pilots]]",
            f'id = "{own}"',
            f'of = "{rule.id}"',
            f"limits = {{ {name} = {value:g} }}",
            f'source = "Tried: {name} {value:g} instead of {was:g}"',
            'author = "who chose it"',
            "",
        ])  # fmt: skip
    return added


def _rules(book: Rulebook, programme: str, name: str) -> Iterator[tuple[str, AnyRule]]:
    """The live rules that compare with this number, each with the file that its pilot belongs into."""
    for rule in sorted(book.for_programmes([programme]).live, key=lambda rule: rule.id):
        if name in dict(limits_of(rule)):
            yield programme, rule
    for key, file in book.programmes.items():
        builds_on = key != programme and programme in (EVERYONE, *file.uses)
        # A file nearer to the programme may have a number of its own.
        nearest = book.for_programmes([key]).limits.get(name) if builds_on else None
        if nearest is None or nearest.programme != programme:
            continue
        for rule in file.rules:
            if not rule.pilot and not rule.weekly and name in dict(limits_of(rule)):
                yield key, rule
