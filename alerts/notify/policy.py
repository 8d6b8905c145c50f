"""The notification policy: a versioned file, checked as a whole, and what it says of an instant."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from alerts.book.mistakes import Mistake, near
from store.rota import Duty
from store.staff import Role
from vitals.alert import Kind, Priority
from vitals.errors import HubError


class BrokenPolicy(HubError):
    """A notification file cannot be used; every mistake that was found is in `mistakes`."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


class Part(BaseModel):
    """A part of a notification file: unknown words are mistakes, and nothing changes once it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class QuietHours(Part):
    """From `begin` until before `end`, in the ward's time; over midnight where `end` is the earlier."""

    begin: time
    end: time

    @model_validator(mode="after")
    def _not_all_day(self) -> "QuietHours":
        if self.begin == self.end:
            raise ValueError("begin and end are the same: leave the table out for no quiet hours")
        return self

    def covers(self, local: time) -> bool:
        """Whether this local time of day is quiet."""
        if self.begin < self.end:
            return self.begin <= local < self.end
        return local >= self.begin or local < self.end


class Paging(Part):
    """What happens to alerts of one priority."""

    page: bool
    technical: bool
    in_quiet_hours: Literal["page", "hold"]
    begin_quiet_with: Duty | None = None
    acknowledge_minutes: float = Field(gt=0, le=24 * 60)
    repeat_minutes: float = Field(ge=5, le=24 * 60)

    @property
    def target(self) -> timedelta:
        """How long each step of the ladder has to answer."""
        return timedelta(minutes=self.acknowledge_minutes)

    @property
    def repeat(self) -> timedelta:
        """How long after the ladder's end it is told again."""
        return timedelta(minutes=self.repeat_minutes)

    def covers(self, kind: Kind) -> bool:
        """Whether anybody is told of such an alert, beyond the worklist."""
        return self.page and (self.technical or kind is Kind.PHYSIOLOGICAL)


class Attempts(Part):
    """How often a channel is tried, and how long apart."""

    most: int = Field(ge=1, le=20)
    first_wait_seconds: float = Field(gt=0, le=600)
    longest_wait_seconds: float = Field(gt=0, le=3600)

    @property
    def longest_wait(self) -> timedelta:
        """How long a delivery is put off at most."""
        return timedelta(seconds=max(self.first_wait_seconds, self.longest_wait_seconds))

    def wait(self, attempts: int) -> timedelta | None:
        """How long to wait after so many attempts; None: give up."""
        if attempts >= self.most:
            return None
        return timedelta(
            seconds=min(self.first_wait_seconds * 2 ** (attempts - 1), self.longest_wait_seconds)
        )


class Policy(Part):
    """A whole policy file."""

    version: int = Field(ge=1)
    author: str = Field(min_length=3)
    source: str = Field(min_length=3)
    ladder: tuple[Duty, ...] = Field(min_length=1)
    too_old_hours: float = Field(gt=0, le=7 * 24)
    quiet_hours: QuietHours | None = None
    priorities: dict[Priority, Paging]
    nobody_on_rota: dict[Duty, Role] = Field(default_factory=dict)
    attempts: Attempts

    @model_validator(mode="after")
    def _whole(self) -> "Policy":
        missing = [priority.value for priority in Priority if priority not in self.priorities]
        if missing:
            raise ValueError(f"priorities has no {', no '.join(missing)}")
        if len(set(self.ladder)) != len(self.ladder):
            raise ValueError("the ladder has a step twice")
        for priority, paging in self.priorities.items():
            if paging.begin_quiet_with is not None and paging.begin_quiet_with not in self.ladder:
                raise ValueError(f"{priority} begins quiet hours with a step that the ladder does not have")
        if not self.priorities[Priority.HIGH].page or self.priorities[Priority.HIGH].in_quiet_hours != "page":
            raise ValueError("high priority must be told, in quiet hours too: nobody else would know")
        return self

    @property
    def too_old(self) -> timedelta:
        """How old an event may be when it is first looked at."""
        return timedelta(hours=self.too_old_hours)

    def is_quiet(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether it is quiet in the ward now."""
        return self.quiet_hours is not None and self.quiet_hours.covers(now.astimezone(zone).time())

    def quiet_changes(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When quiet hours next begin or end; None where there are none."""
        if self.quiet_hours is None:
            return None
        today = now.astimezone(zone).date()
        turns = [
            datetime.combine(today + timedelta(days=days), at, zone)
            for days in (0, 1)
            for at in (self.quiet_hours.begin, self.quiet_hours.end)
        ]
        # Compared as instants: a local time of day may come twice, or never, where clocks change.
        return min(turn.astimezone(now.tzinfo) for turn in turns if turn.timestamp() > now.timestamp())

    def begins_with(self, paging: Paging, *, quiet: bool) -> Duty:
        """The step that is told first."""
        if quiet and paging.begin_quiet_with is not None:
            return paging.begin_quiet_with
        return self.ladder[0]


def read(path: Path) -> tuple[Policy | None, list[Mistake]]:
    """The policy of a file, or every mistake in its form."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        return None, [Mistake(file=path.name, place="file", what=f"cannot be read: {error}")]
    return parse(raw, path.name)


def parse(raw: Mapping[str, object], name: str) -> tuple[Policy | None, list[Mistake]]:
    """The policy that the tables of a file make, or every mistake in them."""
    try:
        return Policy.model_validate(raw), []
    except ValidationError as error:
        return None, [mistake(name, detail, _WORDS) for detail in error.errors()]


def load(path: Path | None) -> Policy:
    """The policy of a file, or the shipped one. Raises BrokenPolicy with every mistake."""
    if path is None:
        return shipped()
    policy, mistakes = read(path)
    if policy is None:
        raise BrokenPolicy(mistakes)
    return policy


@cache
def shipped() -> Policy:
    """The policy that comes with Hearthward."""
    raw = tomllib.loads(files("alerts.notify").joinpath("policy.toml").read_text("utf-8"))
    policy, mistakes = parse(raw, "policy.toml")
    if policy is None:
        raise BrokenPolicy(mistakes)
    return policy


_PARTS = (Policy, QuietHours, Paging, Attempts)
_WORDS = frozenset(
    {name for part in _PARTS for name in part.model_fields}
    | {word.value for kind in (Duty, Role, Priority) for word in kind}
    | {"page", "hold"}
)


def mistake(file: str, detail: ErrorDetails, words: frozenset[str]) -> Mistake:
    """One of pydantic's complaints as ours: its place, and the word that was perhaps meant."""
    location = [str(part) for part in detail["loc"] if part != "[key]"]
    place = " / ".join(location) or "file"
    last = location[-1] if location else ""
    match detail["type"]:
        case "extra_forbidden":
            return Mistake(file=file, place=place, what=f"unknown word {last!r}", meant=near(last, words))
        case "missing":
            return Mistake(file=file, place=place, what=f"{last!r} is missing")
        case "enum" | "literal_error":
            said = str(detail.get("input"))
            return Mistake(file=file, place=place, what=f"unknown word {said!r}", meant=near(said, words))
        case _:
            return Mistake(file=file, place=place, what=detail["msg"].removeprefix("Value error, "))
