"""What the hub asks of a patient: to measure, to measure again, whose a reading is, how they feel."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vitals.ids import PatientId
from vitals.measure import Measure


class AskKind(StrEnum):
    """What is asked."""

    REPEAT = "repeat"
    IS_THIS_YOU = "is_this_you"
    MEASURE = "measure"
    CHECK_IN = "check_in"


class Audience(StrEnum):
    """Who is asked: the patient, or the partner or carer whom they have named."""

    PATIENT = "patient"
    CARER = "carer"


class AskAnswer(StrEnum):
    """How it was answered. `SETTLED`: it needs no answer any more, for the checks or a nurse decided."""

    MEASURED = "measured"
    YES = "yes"
    NO = "no"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Something to be asked. The same `kind` and `subject` is asked of a patient once.

    `subject` is the reading's id, the local day, or the alert's id. A reading of one of `measures` that was
    measured after `since` answers a repeat or a reminder; `questions` are those of a check-in. `usual` is
    what the patient mostly weighs, kg, and `value` what was read, where a weighing is doubted.
    """

    kind: AskKind
    subject: str
    because: str
    since: datetime
    expires_at: datetime
    measures: tuple[Measure, ...] = ()
    questions: tuple[str, ...] = ()
    audience: Audience = Audience.PATIENT
    value: float | None = None
    usual: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Something that was asked, and how it was answered; unanswered after `expires_at` it stays so."""

    ask_id: int
    patient_id: PatientId
    asked_at: datetime
    wanted: Wanted
    answered_at: datetime | None = None
    answer: AskAnswer | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether it still waits for its answer."""
        return self.answered_at is None and now < self.wanted.expires_at
