"""The channels by which people are told: named in one secret file, checked as a whole."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Protocol
from urllib.parse import quote

from pydantic import Field, TypeAdapter, ValidationError, field_validator

from alerts.book.mistakes import Mistake
from alerts.notify.policy import BrokenPolicy, Part, mistake
from store.deliveries import NO_CHANNEL

PLACE = "{address}"
"""Where a contact's address goes in a channel's URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is sent to one address: no identifying data. `key` is the same for every attempt.

    `alert_id` is None in what is sent to patients.
    """

    key: str
    alert_id: int | None
    address: str
    reason: str
    subject: str
    body: str
    made_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a channel did not take a letter; `final`: trying again would not help. Names no address."""

    why: str
    final: bool = False


class Channel(Protocol):
    """One way out of the hub."""

    def send(self, letter: Letter) -> Failure | None:
        """Hand it over; None once the other side has taken it. Raises nothing."""
        ...

    def address_mistake(self, address: str) -> str | None:
        """What is wrong with a contact's address on this channel, if anything is."""
        ...


class AppriseSpec(Part):
    """Mail, push, SMS or chat through `apprise`: its URL, with `{address}` where the contact's belongs."""

    kind: Literal["apprise"]
    url: str = Field(min_length=8)


class WebhookSpec(Part):
    """A signed POST to another program; `secret` signs it, and both ends keep it."""

    kind: Literal["webhook"]
    url: str
    secret: str = Field(min_length=16)
    timeout_seconds: float = Field(default=10, gt=0, le=60)

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")):
            raise ValueError("url must begin with https:// or http://")
        return url


ChannelSpec = Annotated[AppriseSpec | WebhookSpec, Field(discriminator="kind")]
_FILE: TypeAdapter[dict[str, ChannelSpec]] = TypeAdapter(dict[str, ChannelSpec])
_WORDS = frozenset(AppriseSpec.model_fields) | frozenset(WebhookSpec.model_fields)


def filled(url: str, address: str) -> str:
    """The channel's URL with the contact's address in its place, quoted."""
    return url.replace(PLACE, quote(address, safe=""))


def read(path: Path) -> tuple[dict[str, AppriseSpec | WebhookSpec], list[Mistake]]:
    """The channels of a file by name, or every mistake in its form. No mistake quotes a secret."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        return {}, [Mistake(file=path.name, place="file", what=f"cannot be read: {error}")]
    return parse(raw, path.name)


def parse(raw: Mapping[str, object], name: str) -> tuple[dict[str, AppriseSpec | WebhookSpec], list[Mistake]]:
    """The channels that the tables of a file make, or every mistake in them."""
    if NO_CHANNEL in raw:
        what = "is what the hub calls the lack of a channel; give it another name"
        return {}, [Mistake(file=name, place=NO_CHANNEL, what=what)]
    try:
        return _FILE.validate_python(raw), []
    except ValidationError as error:
        return {}, [mistake(name, detail, _WORDS) for detail in error.errors()]


def load(path: Path | None) -> dict[str, AppriseSpec | WebhookSpec]:
    """The channels of a file, none where there is no file. Raises BrokenPolicy with every mistake."""
    if path is None:
        return {}
    channels, mistakes = read(path)
    if mistakes:
        raise BrokenPolicy(mistakes)
    return channels
