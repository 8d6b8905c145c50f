"""A rule's finding at one instant. It has no life of its own: an alert has."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vitals.alert import Kind, Priority
from vitals.ids import ReadingId
from vitals.measure import Measure
from vitals.message import Message


class Layer(StrEnum):
    """Who set a limit; the later wins: programme, the ward's calibration, patient, expiring override."""

    PROGRAMME = "programme"
    SITE = "site"
    PATIENT = "patient"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUsed:
    """The limit that a breach was judged by, and who set it.

    `reason` is the programme's source, or the author's words.
    """

    name: str
    value: float
    layer: Layer
    author: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """What one rule found.

    `magnitude` is how far beyond its limit, 1.0 at the limit, so that "one and a half times worse" can be
    asked of every rule. `at` is the measured instant of the newest evidence. `confirmed` is False where the
    rule wanted a repeat measurement and none came in time. `late` marks evidence that arrived so long after
    it was measured that it must not page anybody.
    """

    rule: str
    rule_version: int
    problem: str
    kind: Kind
    priority: Priority
    measure: Measure | None
    message: Message
    magnitude: float
    at: datetime
    reading_ids: tuple[ReadingId, ...] = ()
    limits: tuple[LimitUsed, ...] = ()
    asks: tuple[str, ...] = ()
    confirmed: bool = True
    late: bool = False
