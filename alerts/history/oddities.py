"""What was odd about files of histories: each refused row and each assumption, with its place."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Place:
    """A row of a file, counted as an editor counts lines (Parquet: rows from 1)."""

    file: str
    line: int


@dataclass(slots=True)
class Oddities:
    """Refused rows and assumptions by their reason, each with every place."""

    refused: dict[str, list[Place]] = field(default_factory=dict[str, list[Place]])
    assumed: dict[str, list[Place]] = field(default_factory=dict[str, list[Place]])

    def refuse(self, why: str, place: Place) -> None:
        """A row that is not used at all."""
        self.refused.setdefault(why, []).append(place)

    def assume(self, what: str, place: Place) -> None:
        """A row that is used, with something taken for granted or left out."""
        self.assumed.setdefault(what, []).append(place)

    def lines(self) -> Iterator[str]:
        """The summary, one line per reason: how often, and where first."""
        for word, kind in (("refused", self.refused), ("assumed", self.assumed)):
            for what, places in sorted(kind.items()):
                yield f"{word}: {what}: {len(places)} rows ({_where(places)})"

    def write_refused(self, path: Path) -> None:
        """Every refused row: file, line, reason."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(("file", "line", "reason"))
            for why, places in sorted(self.refused.items()):
                writer.writerows((place.file, place.line, why) for place in places)


def _where(places: Sequence[Place]) -> str:
    lines = ", ".join(str(place.line) for place in places[:_SHOWN])
    more = ", ..." if len(places) > _SHOWN else ""
    return f"{places[0].file} line {lines}{more}"
