"""Why ingest refuses: every reason by name, with what a person can do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a reading or a message was not admitted."""

    UNDECODABLE = "undecodable"
    UNKNOWN_VERSION = "unknown_version"
    FOREIGN_GATEWAY = "foreign_gateway"
    UNKNOWN_GATEWAY = "unknown_gateway"
    INACTIVE_GATEWAY = "inactive_gateway"
    UNKNOWN_DEVICE = "unknown_device"
    FOREIGN_DEVICE = "foreign_device"
    UNASSIGNED = "unassigned"
    UNKNOWN_WORD = "unknown_word"
    EMPTY = "empty"
    CONTRADICTORY = "contradictory"
    IMPLAUSIBLE = "implausible"
    ID_TAKEN = "id_taken"
    REFUSED_BY_STORE = "refused_by_store"
    HUB_MISTAKE = "hub_mistake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A verdict: why it is not admitted, and in `detail` a sentence that says what to do."""

    reason: Reason
    detail: str
