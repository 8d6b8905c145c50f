"""The rulebook: the programme files, read and checked as a whole, and what they mean for one patient."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import as_file, files
from operator import attrgetter
from pathlib import Path

from alerts.book.checks import read_files
from alerts.book.mistakes import Mistake
from alerts.book.schema import (
    EVERYONE,
    AnyRule,
    LimitSpec,
    ProgrammeFile,
    ScheduleSpec,
    StaleRule,
    ThresholdRule,
    TrendRule,
)
from alerts.readings.trend import measure_of
from alerts.review import pilots
from alerts.review.pilots import Pilot
from vitals.breach import Layer, LimitUsed
from vitals.errors import HubError
from vitals.measure import Measure
from vitals.patient import Programme


class BrokenRulebook(HubError):
    """The rulebook cannot be used; every mistake that was found is in `mistakes`."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeLimit:
    """A limit as a programme sets it, and which file that was."""

    name: str
    spec: LimitSpec
    programme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientRules:
    """What the rulebook asks of a patient in a given set of programmes.

    Of `rules`, those that are `live` raise alerts and those that are `weekly` make lines of the weekly list;
    `pilots` run hidden; `stale` are those for a silence. `in_force` are the limits as they hold where nobody
    has set another one; `measures` says of each trend rule which measures it looks at, and of each threshold
    rule that looks at no trend.
    """

    rules: tuple[AnyRule, ...]
    live: tuple[AnyRule, ...]
    weekly: tuple[AnyRule, ...]
    pilots: tuple[Pilot, ...]
    limits: Mapping[str, ProgrammeLimit]
    schedule: tuple[ScheduleSpec, ...]
    stale: tuple[StaleRule, ...]
    live_by_id: Mapping[str, AnyRule]
    in_force: Mapping[str, LimitUsed]
    measures: Mapping[str, tuple[Measure, ...]]


class Rulebook:
    """Programme files that belong together and have no mistakes."""

    def __init__(self, programmes: Mapping[str, ProgrammeFile]) -> None:
        self.programmes = programmes
        self._for = lru_cache(maxsize=128)(self._merged)

    def for_programmes(self, programmes: Iterable[Programme | str]) -> PatientRules:
        """The rules, limits and schedule of a patient in these programmes, and of everyone."""
        return self._for(tuple(sorted(str(p) for p in programmes)))

    def rule(self, rule_id: str) -> AnyRule | None:
        """The rule of this id; where several programmes have their own, the first."""
        return next((r for file in self.programmes.values() for r in file.rules if r.id == rule_id), None)

    def limit(self, name: str) -> LimitSpec | None:
        """The limit of this name; where several programmes have their own, the first."""
        return next((f.limits[name] for f in self.programmes.values() if name in f.limits), None)

    def pilots(self) -> tuple[Pilot, ...]:
        """Every pilot of the rulebook, each once."""
        each = [pilot for name in self.programmes for pilot in self._for((name,)).pilots]
        found = {(pilot.rule.id, pilot.fingerprint): pilot for pilot in each}
        return tuple(found.values())

    def _merged(self, programmes: tuple[str, ...]) -> PatientRules:
        chosen = [self.programmes[EVERYONE], *self._used(programmes)]
        rules: dict[str, AnyRule] = {}
        limits: dict[str, ProgrammeLimit] = {}
        schedule: dict[str, ScheduleSpec] = {}
        for file in chosen:
            for rule in file.rules:
                rules[rule.id] = rule
            for name, spec in file.limits.items():
                own = ProgrammeLimit(name=name, spec=spec, programme=file.programme)
                known = limits.get(name)
                limits[name] = (
                    own if known is None or self._outranks(file, known) else _more_cautious(known, own)
                )
            for entry in file.schedule:
                before = schedule.get(entry.measure)
                if before is None or entry.every_days < before.every_days:
                    schedule[entry.measure] = entry
        shown = [rule for rule in rules.values() if not rule.pilot]
        live = tuple(rule for rule in shown if not rule.weekly)
        return PatientRules(
            rules=tuple(rules.values()),
            live=live,
            weekly=tuple(rule for rule in shown if rule.weekly),
            pilots=self._pilots(chosen, rules),
            limits=limits,
            schedule=tuple(schedule.values()),
            stale=tuple(rule for rule in shown if isinstance(rule, StaleRule)),
            live_by_id={rule.id: rule for rule in live},
            in_force={name: _used(limit) for name, limit in limits.items()},
            measures={rule.id: found for rule in rules.values() if (found := _measures(rule))},
        )

    def _pilots(self, chosen: Iterable[ProgrammeFile], rules: Mapping[str, AnyRule]) -> tuple[Pilot, ...]:
        """The hidden rules, and the changed ones beside theirs."""
        found = {rule.id: pilots.of_rule(rule) for rule in rules.values() if rule.pilot}
        for file in chosen:
            for spec in file.pilots:
                versions = [r.version for f in self.programmes.values() for r in f.rules if r.id == spec.of]
                found[spec.id] = pilots.of_spec(spec, rules[spec.of], versions)
        return tuple(found.values())

    def _outranks(self, file: ProgrammeFile, known: ProgrammeLimit) -> bool:
        """A programme's limit stands instead of everyone's, and a profile's instead of a programme's."""
        other = self.programmes[known.programme]
        return other.programme == EVERYONE or (file.profile and not other.profile)

    def _used(self, programmes: tuple[str, ...]) -> list[ProgrammeFile]:
        """The programmes' files, each after the shared ones that it uses; profiles come last."""
        ordered: dict[str, ProgrammeFile] = {}
        for name in programmes:
            for used in (*self.programmes[name].uses, name):
                ordered[used] = self.programmes[used]
        return sorted(ordered.values(), key=attrgetter("profile"))


def _used(limit: ProgrammeLimit) -> LimitUsed:
    return LimitUsed(
        name=limit.name,
        value=limit.spec.value,
        layer=Layer.PROGRAMME,
        author=limit.spec.author,
        reason=limit.spec.source,
    )


def _measures(rule: AnyRule) -> tuple[Measure, ...]:
    """The measures that the rule looks at; none where it is neither of trends nor of values by themselves."""
    if isinstance(rule, ThresholdRule):
        return () if rule.asks_trends else (rule.when[0].measure,)
    if not isinstance(rule, TrendRule):
        return ()
    features = {term.feature for term in rule.score} | {bound.feature for bound in rule.also}
    return tuple({rule.measure, *(measure_of(feature) for feature in features)})


def _more_cautious(one: ProgrammeLimit, other: ProgrammeLimit) -> ProgrammeLimit:
    lower, higher = sorted((one, other), key=lambda limit: limit.spec.value)
    return lower if one.spec.cautious == "lower" else higher


def load(directory: Path) -> Rulebook:
    """The rulebook of a directory of programme files. Raises BrokenRulebook with every mistake."""
    programmes, mistakes = read_files(directory)
    if mistakes:
        raise BrokenRulebook(mistakes)
    return Rulebook(programmes)


@cache
def shipped() -> Rulebook:
    """The rulebook that comes with Hearthward."""
    with as_file(files("alerts").joinpath("programmes")) as directory:
        return load(directory)


def in_force(directory: Path | None) -> Rulebook:
    """The rulebook of a clinic's own directory; without one, that which comes with Hearthward.

    Raises BrokenRulebook.
    """
    return shipped() if directory is None else load(directory)


class DirectoryTaken(HubError):
    """There are programme files already where the shipped ones were to be copied to."""

    def __init__(self, directory: Path) -> None:
        super().__init__(f"{directory} holds programme files already; nothing was copied")
        self.directory = directory


class DirectoryUnusable(HubError):
    """The programme files cannot be written to the directory, and why."""

    def __init__(self, directory: Path, why: str) -> None:
        super().__init__(f"{directory} cannot be written to: {why}")
        self.directory = directory


def copy_shipped(directory: Path) -> list[Path]:
    """Copy the programme files that come with Hearthward to a directory, to start from.

    Raises DirectoryTaken, and DirectoryUnusable where it cannot be written to.
    """
    try:
        if directory.exists() and any(directory.glob("*.toml")):
            raise DirectoryTaken(directory)
        directory.mkdir(parents=True, exist_ok=True)
        copied: list[Path] = []
        with as_file(files("alerts").joinpath("programmes")) as own:
            for path in sorted(own.glob("*.toml")):
                copied.append(directory / path.name)
                copied[-1].write_bytes(path.read_bytes())
    except OSError as error:
        raise DirectoryUnusable(directory, error.strerror or str(error)) from error
    return copied


def check(path: Path | None = None) -> list[Mistake]:
    """Every mistake in the programme files of a directory, or in the shipped ones."""
    with as_file(files("alerts").joinpath("programmes")) as own:
        return read_files(path or own)[1]
