"""The rulebook in force on every screen: the clinic's own, or the one that comes with us."""

from contextvars import ContextVar

from alerts.book import rulebook
from alerts.book.rulebook import Rulebook

_BOOK: ContextVar[Rulebook | None] = ContextVar("book", default=None)


def use(book: Rulebook) -> None:
    """Have this request, and what it starts, read this rulebook; the gate says so before anything runs."""
    _BOOK.set(book)


def in_force() -> Rulebook:
    """The rulebook that this request reads."""
    return _BOOK.get() or rulebook.shipped()
