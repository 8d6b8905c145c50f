"""Every mistake in a set of programme files at once: names that lead nowhere, numbers that contradict."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path

from alerts.book import schema, texts
from alerts.book.compared import limits_of
from alerts.book.forms import read_form, read_rule
from alerts.book.mistakes import Mistake, near
from alerts.book.order import ORDERED
from alerts.book.problems import PROBLEMS
from alerts.book.schema import EVERYONE, AnyRule, ProgrammeFile
from alerts.book.speaking import wrong_texts
from alerts.book.tables import GAP, read_tables
from alerts.review import pilots
from vitals.patient import Programme

Files = Mapping[str, ProgrammeFile]
"""Programme files by the name of their file, without its ending."""

_STEPS = {"reminder": 0, "call": 1, "partner": 1, "nurse": 2}
"""Who is called on a rung of the ladder for silence: the patient, somebody near, a nurse."""
_NEARLY = 0.8
"""So alike are two words of which one is mistyped: `heart_rate_low` and `heart_rate_high` are 0.76."""


def read_files(directory: Path) -> tuple[dict[str, ProgrammeFile], list[Mistake]]:
    """The programme files of a directory by file name, as far as they can be read, and every mistake.

    Where there are mistakes the files are not to be used.
    """
    files: dict[str, ProgrammeFile] = {}
    mistakes: list[Mistake] = []
    paths = sorted(directory.glob("*.toml"))
    if not paths:
        why = "holds no programme file" if directory.is_dir() else "is no directory"
        mistakes.append(Mistake(file=str(directory), place="directory", what=why))
        return files, mistakes
    for path in paths:
        raw, broken = read_tables(path)
        file, wrong = read_form(raw, path.name)
        mistakes += [*broken, *wrong]
        if file is not None:
            files[path.stem] = file
    present = {path.stem for path in paths}
    mistakes += [_no_file(directory, name) for name in (EVERYONE, *Programme) if name not in present]
    mistakes += mistakes_in(files)
    return files, sorted(mistakes, key=lambda mistake: mistake.file)


def _no_file(directory: Path, name: str) -> Mistake:
    what = f"has no {name}.toml, so nobody could be watched there; copy the shipped one"
    return Mistake(file=str(directory), place="directory", what=what)


def mistakes_in(files: Files) -> list[Mistake]:
    """What is wrong with files whose form is right, or has been mended."""
    found = [mistake for name in files for mistake in _in_file(name, files)]
    return [*found, *_strange_problems(files)]


def _in_file(name: str, files: Files) -> Iterator[Mistake]:
    file, path = files[name], f"{name}.toml"
    yield from _heading(name, files)
    limits = {key: spec for part in _parts_in_reach(name, files) for key, spec in part.limits.items()}
    yield from _twice(path, file)
    for rule in file.rules:
        yield from _in_rule(path, f"rule {rule.id}", rule, limits)
    yield from _out_of_order(path, file, limits)
    yield from _unused_limits(name, files)
    reach = {rule.id: rule for part in _parts_in_reach(name, files) for rule in part.rules}
    for spec in file.pilots:
        if spec.id in reach:
            what = "has the id of another rule; give it one of its own"
            yield Mistake(file=path, place=f"pilot {spec.id}", what=what)
        yield from _in_pilot(path, spec, reach, limits)


def _heading(name: str, files: Files) -> Iterator[Mistake]:
    """The file's own name and title, and what it uses."""
    file, path = files[name], f"{name}.toml"
    ours = {*(each.value for each in Programme), EVERYONE}
    if file.programme not in (name, GAP):
        what = f"is {file.programme!r} in a file for {name!r}"
        yield Mistake(file=path, place="programme", what=what, meant=name)
    if name not in ours and not any(name in other.uses for other in files.values()):
        what = "is the file of no programme, and no file uses it: its rules would never be asked"
        yield Mistake(file=path, place="programme", what=what, meant=near(name, ours))
    known = texts.catalogue(texts.ENGLISH)
    if file.title not in known and file.title != GAP:
        titles = [key for key in known if key.startswith("programme_")]
        what = f"no text {file.title!r} in the catalogues"
        yield Mistake(file=path, place="title", what=what, meant=near(file.title, titles))
    shared = set(files) - ours
    for used in file.uses:
        if used not in shared and used != GAP:
            # A file that a misspelled name leaves unused is the likeliest.
            what = f"no shared file {used!r}"
            yield Mistake(file=path, place="uses", what=what, meant=near(used, shared))


def _twice(path: str, file: ProgrammeFile) -> Iterator[Mistake]:
    for kind, names in (
        ("rule", [rule.id for rule in file.rules]),
        ("pilot", [spec.id for spec in file.pilots]),
        ("schedule", [entry.measure.value for entry in file.schedule]),
    ):
        for name in sorted({name for name in names if names.count(name) > 1} - {GAP}):
            yield Mistake(file=path, place=f"{kind} {name}", what="is there twice; take one out")


def _in_rule(
    path: str, place: str, rule: AnyRule, limits: Mapping[str, schema.LimitSpec]
) -> Iterator[Mistake]:
    for name, compared in limits_of(rule):
        spec = limits.get(name)
        if spec is None:
            if name not in ("", GAP):
                yield Mistake(file=path, place=place, what=f"no limit {name!r}", meant=near(name, limits))
        elif compared is not None and spec.unit not in (compared.unit, GAP):
            what = f"compares {compared.what} in {compared.unit} with limit {name!r} in {spec.unit}"
            yield Mistake(file=path, place=place, what=what)
    yield from (Mistake(file=path, place=place, what=what, meant=meant) for what, meant in wrong_texts(rule))
    if isinstance(rule, schema.StaleRule):
        yield from (Mistake(file=path, place=place, what=what) for what in _wrong_ladder(rule))


def _wrong_ladder(rule: schema.StaleRule) -> Iterator[str]:
    """Why nobody would be called by it, or why who is called first is called again last."""
    if all(rung.priority is None for rung in rule.ladder):
        yield "its ladder never raises an alert; give a rung its priority"
    if rule.message == GAP:
        return
    for lower, higher in pairwise(rule.ladder):
        if _STEPS[higher.step] < _STEPS[lower.step]:
            yield f"its ladder does not rise: {higher.step} on day {higher.day} comes after {lower.step}"
        elif lower.priority is not None and (
            higher.priority is None or higher.priority.rank < lower.priority.rank
        ):
            falls = "none" if higher.priority is None else higher.priority.value
            yield f"its ladder does not rise: {falls} on day {higher.day} comes after {lower.priority.value}"


def _strange_problems(files: Files) -> Iterator[Mistake]:
    """A problem that is nearly one of ours, or another rule's: its alerts would stand beside those."""
    rules = [(f"{name}.toml", rule) for name, file in files.items() for rule in file.rules]
    known = {*PROBLEMS, GAP}
    for path, rule in rules:
        if rule.problem in known:
            continue
        meant = get_close_matches(rule.problem, known, n=1, cutoff=_NEARLY)
        if meant:
            what = f"no other rule has the problem {rule.problem!r}"
            yield Mistake(file=path, place=f"rule {rule.id}", what=what, meant=meant[0])
        else:
            known.add(rule.problem)


def _out_of_order(
    path: str, file: ProgrammeFile, limits: Mapping[str, schema.LimitSpec]
) -> Iterator[Mistake]:
    for lower, higher in ORDERED:
        if not ({lower, higher} & file.limits.keys() and {lower, higher} <= limits.keys()):
            continue
        low, high = limits[lower].value, limits[higher].value
        if low >= high:
            own = lower if lower in file.limits else higher
            what = f"{lower} {low:g} must stay below {higher} {high:g}, or one would hide the other"
            yield Mistake(file=path, place=f"limit {own}", what=what)


def _unused_limits(name: str, files: Files) -> Iterator[Mistake]:
    """Limits that no rule within reach compares with: most likely another was to be set.

    Where a rule does not say what it compares with, or says it wrongly, nobody can tell.
    """
    file = files[name]
    asked = [*file.rules]
    for other in files:
        parts = _parts_in_reach(other, files)
        if any(part is file for part in parts):
            asked += [rule for part in parts for rule in part.rules]
    used = {limit for rule in asked for limit, _ in limits_of(rule)}
    unknown = used - {limit for part in files.values() for limit in part.limits}
    if unknown & {"", GAP}:
        return
    for limit in file.limits:
        if limit not in used and near(limit, unknown) is None:
            meant = near(limit, used - unknown)
            what = "no rule compares with it"
            yield Mistake(file=f"{name}.toml", place=f"limit {limit}", what=what, meant=meant)


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
        if spec.of != GAP:
            yield Mistake(file=path, place=place, what=f"no rule {spec.of!r}", meant=near(spec.of, reach))
        return
    yield from (Mistake(file=path, place=place, what=what) for what in pilots.wrong(spec))
    changed, wrong = read_rule(pilots.words_of(spec, rule), path)
    for one in wrong:
        inner = one.place.partition(" / ")[2]
        below = f" / {inner}" if inner else ""
        yield Mistake(file=path, place=f"{place} / change{below}", what=one.what, meant=one.meant)
    changed = changed or rule
    if spec.change:
        yield from _in_rule(path, place, changed, limits)
    used = {name for name, _ in limits_of(changed)}
    for name, value in spec.limits.items():
        limit = limits.get(name)
        if name not in used or limit is None:
            what = f"rule {spec.of!r} does not compare with limit {name!r}"
            yield Mistake(file=path, place=place, what=what, meant=near(name, used))
        elif not limit.safe[0] <= value <= limit.safe[1]:
            low, high = limit.safe
            what = f"limit {name} {value:g} lies outside safe {low:g} to {high:g}"
            yield Mistake(file=path, place=place, what=what)


def _parts_in_reach(name: str, files: Files) -> list[ProgrammeFile]:
    """The file, after those whose rules and limits it builds on."""
    above = [used for used in (EVERYONE, *files[name].uses) if used in files and used != name]
    return [*(files[used] for used in above), files[name]]
