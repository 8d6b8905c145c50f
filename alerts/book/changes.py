"""A change of one limit, as a rulebook of its own: refused where it is unknown, unsafe or out of order."""

from datetime import UTC, datetime

from alerts.book import texts
from alerts.book.limits import refusal, resolve
from alerts.book.mistakes import near
from alerts.book.rulebook import Rulebook
from alerts.book.schema import EVERYONE
from vitals.errors import HubError
from vitals.message import Message

# Limits of the programmes do not depend on it; people's own and calibrations are left out.
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


class UnknownLimit(HubError):
    """No programme has this limit; `meant` is the one that was perhaps meant."""

    def __init__(self, name: str, where: str, meant: str | None) -> None:
        hint = f" Did you mean {meant!r}?" if meant else ""
        super().__init__(f"{where} has no limit {name!r}.{hint}")
        self.name = name
        self.meant = meant


class UnknownProgramme(HubError):
    """The rulebook has no such programme."""

    def __init__(self, name: str, meant: str | None) -> None:
        hint = f" Did you mean {meant!r}?" if meant else ""
        super().__init__(f"The rulebook has no programme {name!r}.{hint}")
        self.name = name
        self.meant = meant


class RefusedLimit(HubError):
    """The value must not be tried, as it must not be set: `why` says it in the reader's language."""

    def __init__(self, name: str, value: float, why: Message) -> None:
        super().__init__(f"Limit {name} = {value:g} is refused. {texts.say(why)}")
        self.name = name
        self.value = value
        self.why = why


def with_limit(book: Rulebook, name: str, value: float, programme: str | None = None) -> Rulebook:
    """The rulebook with this number in the named programme's file.

    Without one it is the number for everyone that changes, and programmes that have another keep it; a limit
    that only programmes set changes in each of them.

    Raises UnknownProgramme, UnknownLimit and RefusedLimit.
    """
    if programme is not None and programme not in book.programmes:
        raise UnknownProgramme(programme, near(programme, book.programmes))
    chosen = list(book.programmes) if programme is None else [programme]
    setting = [key for key in chosen if name in book.programmes[key].limits]
    if EVERYONE in setting:
        setting = [EVERYONE]
    if not setting:
        known = {limit for key in chosen for limit in book.programmes[key].limits}
        where = "The rulebook" if programme is None else f"Programme {programme!r}"
        raise UnknownLimit(name, where, near(name, known))
    for key in setting:
        rules = book.for_programmes([key])
        why = refusal(rules, resolve(rules, (), (), _ANY_TIME), name, value)
        if why is not None:
            raise RefusedLimit(name, value, why)
    files = dict(book.programmes)
    for key in setting:
        spec = files[key].limits[name].model_copy(update={"value": value})
        files[key] = files[key].model_copy(update={"limits": {**files[key].limits, name: spec}})
    return Rulebook(files)


def values_of(book: Rulebook, name: str) -> dict[str, float]:
    """The limit's number in each programme that sets it."""
    return {key: file.limits[name].value for key, file in book.programmes.items() if name in file.limits}
