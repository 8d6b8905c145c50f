"""One reading as the rules see it, and which of its values count."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vitals.ids import DeviceId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

# A value taken under one of these may start a question, but it neither confirms one nor counts in a trend.
DOUBTFUL = frozenset(
    {
        Quality.MOTION,
        Quality.POOR_CONTACT,
        Quality.LOW_PERFUSION,
        Quality.QUESTIONABLE,
        Quality.IMPROPER_POSITION,
        Quality.RATE_OUT_OF_RANGE,
    }
)


class HeldFor(StrEnum):
    """Why a reading waits for a person before the rules may use it."""

    IMPLAUSIBLE = "implausible"
    UNIT_FLIP = "unit_flip"
    OTHER_PERSON = "other_person"
    PULSE_MISMATCH = "pulse_mismatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One reading: its values in each measure's own unit, when it was measured and when the hub could know.

    `decided` is a person's word on it, which the checks do not overrule; None where nobody decided.
    """

    reading_id: ReadingId
    at: datetime
    known_at: datetime
    values: Mapping[Measure, float]
    quality: frozenset[Quality] = frozenset()
    device_id: DeviceId | None = None
    decided: Standing | None = None

    @property
    def doubtful(self) -> bool:
        """Whether its quality flags keep it from confirming anything."""
        return bool(self.quality) and not DOUBTFUL.isdisjoint(self.quality)
