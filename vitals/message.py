"""A sentence to be said in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A catalogue key and what fills its places, in each measure's own unit; `parts` are said after it."""

    key: str
    values: Mapping[str, str | float | int] = field(default_factory=dict[str, str | float | int])
    parts: "tuple[Message, ...]" = ()
