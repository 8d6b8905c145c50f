"""One value of one measure, attributed to a patient and stored."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vitals.ids import PatientId, ReadingId
from vitals.measure import Measure
from vitals.reading import Quality


class Standing(StrEnum):
    """Whether rules may use an observation.

    `held` waits for a person ("is this you?"); `excluded` was set aside by a nurse with a reason. Neither
    raises an alert, counts in an average or ends a silence.
    """

    ACCEPTED = "accepted"
    HELD = "held"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One stored value, in its measure's unit."""

    patient_id: PatientId
    measure: Measure
    value: float
    measured_at: datetime
    received_at: datetime
    reading_id: ReadingId
    quality: frozenset[Quality] = frozenset()
    standing: Standing = Standing.ACCEPTED
