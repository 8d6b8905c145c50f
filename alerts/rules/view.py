"""What a rule is shown of a patient at one instant, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from alerts.book.rulebook import PatientRules
from alerts.readings.course import Course
from alerts.readings.trend import Features, features
from vitals.breach import Breach, LimitUsed
from vitals.ids import DeviceId, GatewayId, PatientId, ReadingId
from vitals.measure import Measure

FRESH = timedelta(hours=24)
"""What is older neither raises nor clears (clinical data quality: no alert on data older than 24 h)."""

LATE = timedelta(minutes=15)
"""What became known later than this after it was measured is marked late, and pages nobody."""

# What one step of magnitude is: at the limit it is 1, one span beyond it is 2.
SPANS: dict[Measure, float] = {
    Measure.SYSTOLIC: 40,
    Measure.DIASTOLIC: 20,
    Measure.MEAN_ARTERIAL_PRESSURE: 20,
    Measure.HEART_RATE: 40,
    Measure.SPO2: 6,
    Measure.TEMPERATURE: 2,
    Measure.GLUCOSE: 60,
    Measure.WEIGHT: 4,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The patient as the rules know them. `since` is when each programme began; no name is needed here."""

    patient_id: PatientId
    time_zone: str
    birth_date: date | None
    enrolled_at: datetime
    programmes: Mapping[str, date]
    language: str = "en"
    ward_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerGiven:
    """A patient's answer to a check-in question."""

    question: str
    yes: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A time in which the patient need not measure, from `starts_at` until before `ends_at`."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """What is known of one of the patient's devices."""

    device_id: DeviceId
    battery_percent: float | None
    clock_offset_s: float | None
    needs_pairing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayState:
    """How the box in the patient's home is; `since` is when it last said so, or when it fell silent.

    `since` is None for one that was never heard. `expected_from` is when it was to be: enrolled, and with a
    device of the patient behind it. `missing` of its readings have not arrived though later ones have, and no
    more of them since `missing_since`.
    """

    gateway_id: GatewayId
    online: bool
    since: datetime | None
    expected_from: datetime | None = None
    missing: int = 0
    missing_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """The patient's devices and the gateways behind them."""

    devices: tuple[DeviceState, ...] = ()
    gateways: tuple[GatewayState, ...] = ()


NO_EQUIPMENT = Equipment()


class LaterFeatures:
    """One patient's trend features, reckoned when first asked for; until then the course must not grow."""

    __slots__ = ("_course", "_features")

    def __init__(self, course: Course) -> None:
        self._course = course
        self._features: Features | None = None

    def reckoned(self) -> Features:
        """The features, an array of one each."""
        if self._features is None:
            window = self._course.window()
            assert window is not None, "who has a newest reading has a window"
            self._features = features(window.values[None])
        return self._features


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendRow:
    """One row of trend features: a patient's, up to `day`, whose newest reading was measured at `at`."""

    features: Features | LaterFeatures
    row: int
    day: date
    at: datetime

    def get(self, name: str) -> float | None:
        """The feature's number; None where there is not enough to say."""
        known = self.features.reckoned() if isinstance(self.features, LaterFeatures) else self.features
        column: np.ndarray[tuple[int], np.dtype[np.float64]] = getattr(known, name)
        value = float(column[self.row])
        return None if np.isnan(value) else value


def trends_later(course: Course) -> TrendRow | None:
    """The trends of a course as it stands, reckoned when a rule asks; None before its first reading."""
    newest = course.newest()
    return (
        None
        if newest is None
        else TrendRow(features=LaterFeatures(course), row=0, day=newest[0], at=newest[1])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that the rules may look at. `limits` are those in force now."""

    patient: Watched
    rules: PatientRules
    limits: Mapping[str, LimitUsed]
    course: Course
    trends: TrendRow | None
    answers: Sequence[AnswerGiven] = ()
    breaks: Sequence[Break] = ()
    equipment: Equipment = NO_EQUIPMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrepeated:
    """A reading beyond a limit, measured at `at`, that a rule would have repeated before `until`."""

    rule: str
    reading_id: ReadingId
    measure: Measure
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says now.

    `normal_at` is when the newest evidence that the patient is well again was measured; None where there is
    no fresh evidence of that. `look_at` is when the rule wants to be asked again though nothing new came;
    `unrepeated` is the reading that it waits for a repeat of.
    """

    breach: Breach | None = None
    normal_at: datetime | None = None
    look_at: datetime | None = None
    unrepeated: Unrepeated | None = None


NOTHING = Finding()


def magnitude(measure: Measure, value: float, limit: float, *, is_high: bool) -> float:
    """How far the value lies beyond the limit: 1 at the limit, 2 one span beyond."""
    excess = value - limit if is_high else limit - value
    return 1 + excess / SPANS.get(measure, max(abs(limit), 1.0))
