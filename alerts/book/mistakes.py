"""A mistake in a file that people write, and the word that was perhaps meant."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake: in which file, where in it, what is wrong, and what was perhaps meant."""

    file: str
    place: str
    what: str
    meant: str | None = None

    def __str__(self) -> str:
        """One line for a person."""
        hint = f" Did you mean {self.meant!r}?" if self.meant else ""
        return f"{self.file}: {self.place}: {self.what}.{hint}"


def near(word: str, known: Iterable[str]) -> str | None:
    """The known word that is closest to this one, if any is close."""
    matches = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None
