"""The form of a programme file: limits, schedule and rules, each number with its source and its author."""

from datetime import time
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

from alerts.readings.trend import FEATURES
from vitals.alert import Kind, Priority
from vitals.measure import Measure

EVERYONE = "everyone"
"""The file whose rules are asked of every patient, whatever the programme."""


LENIENT = "lenient"
"""In a validation's context: words that contradict each other are let through, for others to be looked at."""


def _known_feature(name: str) -> str:
    if name not in FEATURES:
        raise ValueError(f"unknown feature {name!r}")
    return name


Feature = Annotated[str, AfterValidator(_known_feature)]
"""The name of a trend feature."""


def _demand(holds: bool, info: ValidationInfo, else_: str) -> None:  # what is demanded
    if not holds and not (info.context or {}).get(LENIENT):
        raise ValueError(else_)


class Strict(BaseModel):
    """A part of a programme file: unknown words are mistakes, and nothing changes once it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Cited(Strict):
    """A part that holds numbers: where they come from, and who chose them."""

    source: str = Field(min_length=3)
    author: str = Field(min_length=3)


class LimitSpec(Cited):
    """One number that rules compare with, which a patient's clinician may change within `safe`.

    Where two programmes of a patient set it, the more cautious wins: `cautious` says which that is.
    """

    value: float
    unit: str
    safe: tuple[float, float]
    cautious: Literal["lower", "higher"]
    calibrated: bool = False

    @model_validator(mode="after")
    def _value_is_safe(self, info: ValidationInfo) -> "LimitSpec":
        low, high = self.safe
        _demand(
            low <= self.value <= high, info, f"value {self.value:g} lies outside safe {low:g} to {high:g}"
        )
        return self


class ScheduleSpec(Cited):
    """What a patient of the programme is asked to measure, every how many days, and until what local time."""

    measure: Measure
    every_days: int = Field(default=1, ge=1, le=31)
    by: time


class When(Strict):
    """A comparison of one measure with one limit."""

    measure: Measure
    at_or_above: str | None = None
    above: str | None = None
    at_or_below: str | None = None
    below: str | None = None

    @model_validator(mode="after")
    def _one_comparison(self, info: ValidationInfo) -> "When":
        named = [self.at_or_above, self.above, self.at_or_below, self.below]
        one = len(named) - named.count(None) == 1
        _demand(one, info, "needs exactly one of at_or_above, above, at_or_below, below")
        return self

    @property
    def limit(self) -> str:
        """The name of the limit."""
        return self.at_or_above or self.above or self.at_or_below or self.below or ""

    @property
    def is_high(self) -> bool:
        """Whether too much is the trouble, and not too little."""
        return self.at_or_above is not None or self.above is not None

    def beyond(self, value: float, limit: float) -> bool:
        """Whether the value is beyond the limit."""
        if self.at_or_above is not None:
            return value >= limit
        if self.above is not None:
            return value > limit
        return value <= limit if self.at_or_below is not None else value < limit


class StandOut(Strict):
    """A reading by itself counts only where it lies so far from a trend feature, if that is known."""

    feature: Feature
    by: str


class Confirm(Strict):
    """A reading beyond the limit asks for a repeat: `need` of the first `of` readings within the wait.

    `alone`: what becomes of a reading that nobody repeated. It raises as `unconfirmed`, or waits for the
    `next` reading within `next_hours`, or is `ignored`. One that ought to raise but does not `stand_out`
    waits for the next, and so does one that was better minutes before where all readings must agree.
    """

    need: int = Field(default=2, ge=2, le=5)
    of: int = Field(default=2, ge=2, le=5)
    within_minutes: float = Field(gt=0, le=24 * 60)
    apart_minutes: float = Field(default=1, ge=0)
    alone: Literal["unconfirmed", "next", "ignored"] = "unconfirmed"
    next_hours: float = Field(default=36, gt=0, le=96)
    stand_out: StandOut | None = None

    @property
    def all_agree(self) -> bool:
        """Whether one reading within the limit refutes the others."""
        return self.need == self.of

    @property
    def may_wait_for_next(self) -> bool:
        """Whether a reading that nobody repeated may be decided by the next one, hours later."""
        return self.alone == "next" or (
            self.alone == "unconfirmed" and (self.all_agree or self.stand_out is not None)
        )

    @model_validator(mode="after")
    def _enough_can_be_beyond(self, info: ValidationInfo) -> "Confirm":
        _demand(self.need <= self.of, info, f"{self.need} of {self.of} can never be: need is greater than of")
        takes = (self.need - 1) * self.apart_minutes
        said = f"{self.need} readings {self.apart_minutes:g} min apart take {takes:g} min"
        within = f"within_minutes is {self.within_minutes:g}: nothing could ever be confirmed"
        _demand(takes <= self.within_minutes, info, f"{said}, and {within}")
        return self


class Count(Strict):
    """How often it must have happened: `need` times in the hours, on so many days where `distinct_days`."""

    need: int = Field(ge=2, le=31)
    within_hours: float = Field(gt=0, le=31 * 24)
    distinct_days: bool = False


class RuleSpec(Cited):
    """What every kind of rule has.

    `problem` groups rules: a patient has one open alert for each. `rearm_days` is how long after its close
    the same problem stays quiet, unless the patient recovers in between (where `rearm_on_recovery`) or grows
    half as bad again; docs/life-of-an-alert.md has the whole of it. `weekly` makes it a line of the weekly
    list and no alert; `pilot` runs it hidden.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    version: int = Field(ge=1)
    problem: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    priority: Priority
    about: Kind = Kind.PHYSIOLOGICAL
    message: str
    asks: tuple[str, ...] = ()
    rearm_days: float = Field(ge=0, le=90)
    rearm_on_recovery: bool = True
    weekly: bool = False
    pilot: bool = False


class Term(Strict):
    """One part of a score: a trend feature, its weight, and what it is cut to before it is weighed.

    Where the feature is not known there is no score, or the part counts nothing where it is `optional`.
    """

    feature: Feature
    weight: float
    least: float = -1e9
    most: float = 1e9
    optional: bool = False


class Bound(Strict):
    """A trend feature that must also lie on one side of a limit."""

    feature: Feature
    at_or_above: str | None = None
    below: str | None = None

    @model_validator(mode="after")
    def _one_side(self, info: ValidationInfo) -> "Bound":
        one = (self.at_or_above is None) != (self.below is None)
        _demand(one, info, "needs exactly one of at_or_above, below")
        return self

    @property
    def limit(self) -> str:
        """The name of the limit."""
        return self.at_or_above or self.below or ""


class ThresholdRule(RuleSpec):
    """A value beyond a limit: at once, confirmed by a repeat, held for a time, or so often.

    `on` session compares the pressure of a whole sitting instead of each reading. `unless` names trend
    features under which it is no news: where one is known and on that side of its limit, nothing is found.
    """

    kind: Literal["threshold"]
    when: tuple[When, ...] = Field(min_length=1)
    on: Literal["reading", "session"] = "reading"
    confirm: Confirm | None = None
    count: Count | None = None
    hold_minutes: float = Field(default=0, ge=0)
    unless: tuple[Bound, ...] = ()

    @model_validator(mode="after")
    def _stands_out_by_its_own_measure(self, info: ValidationInfo) -> "ThresholdRule":
        apart = self.confirm.stand_out if self.confirm is not None else None
        measures = [when.measure.value for when in self.when]
        own = apart is None or apart.feature.startswith(tuple(f"{measure}_" for measure in measures))
        feature = "" if apart is None else apart.feature
        _demand(own, info, f"stand_out looks at {feature}, and the rule at {' and '.join(measures)}")
        return self

    @property
    def asks_trends(self) -> bool:
        """Whether what it finds depends on trend features as well."""
        return bool(self.unless) or (self.confirm is not None and self.confirm.stand_out is not None)


class TrendRule(RuleSpec):
    """A weighed sum of trend features at or above a threshold, with what else must hold.

    `measure` is what must have been measured today, and whose chart comes first; `recovered` is the share of
    the threshold below which the patient counts as well again.
    """

    kind: Literal["trend"]
    measure: Measure
    score: tuple[Term, ...] = Field(min_length=1)
    threshold: str
    also: tuple[Bound, ...] = ()
    recovered: float = Field(default=0.6, gt=0, lt=1)
    budget: float | None = Field(default=None, gt=0)


class Answer(Strict):
    """A patient's answer to a check-in question: yes, within the hours."""

    question: str
    within_hours: float = Field(gt=0, le=7 * 24)


class Recent(When):
    """A comparison with the newest value, which must be no older than the hours."""

    within_hours: float = Field(gt=0, le=7 * 24)


class CompositeRule(RuleSpec):
    """Several things at once: any of the answers, with any of the readings or trends if some are listed."""

    kind: Literal["composite"]
    readings: tuple[Recent, ...] = ()
    trends: tuple[Bound, ...] = ()
    answers: tuple[Answer, ...] = Field(min_length=1)


class News2Rule(RuleSpec):
    """The National Early Warning Score 2, only where all its inputs lie close together."""

    kind: Literal["news2"]
    within_minutes: float = Field(gt=0, le=240)
    least_age_years: int = Field(ge=16)
    high_at: str
    medium_at: str
    single_three: bool = True


class Rung(Strict):
    """One step of the ladder for silence: from which day without a measurement, and what is to be done."""

    day: int = Field(ge=1, le=30)
    step: Literal["reminder", "call", "partner", "nurse"]
    priority: Priority | None = None


class Alarming(When):
    """A last reading after which a silence is a nurse's early; but not for whom a feature makes it usual."""

    unless: tuple[Bound, ...] = ()


class StaleRule(RuleSpec):
    """A measurement that the schedule asks for and that does not come.

    The ladder begins `earlier_days` earlier in the first `earlier_for_days` after discharge. A patient who
    often skips days is waited for by up to `habit_days` more, as far as their own usual gaps go, and
    `partial_days` more where other measures come; but for neither beyond `latest_day`. Where the last reading
    was beyond one of the limits of `alarming`, the top of the ladder is reached on `alarming_day`.
    """

    kind: Literal["stale"]
    ladder: tuple[Rung, ...] = Field(min_length=1)
    earlier_days: int = Field(default=0, ge=0, le=5)
    earlier_for_days: int = Field(default=0, ge=0, le=90)
    habit_days: int = Field(default=0, ge=0, le=5)
    partial_days: int = Field(default=0, ge=0, le=5)
    latest_day: int = Field(default=0, ge=0, le=14)
    alarming: tuple[Alarming, ...] = ()
    alarming_day: int = Field(default=2, ge=1, le=5)

    @model_validator(mode="after")
    def _each_rung_comes_later(self, info: ValidationInfo) -> "StaleRule":
        for lower, higher in pairwise(self.ladder):
            what = f"its ladder does not rise: day {higher.day} comes after day {lower.day}"
            _demand(lower.day < higher.day, info, what)
        return self


class TechnicalRule(RuleSpec):
    """Something about the equipment."""

    kind: Literal["technical"]
    what: Literal[
        "battery",
        "clock",
        "gap",
        "gateway_silent",
        "gateway_never_heard",
        "pairing",
        "held_readings",
        "late_readings",
        "poor_signal",
        "pounds",
        "typed_in",
    ]
    limit: str
    within_days: float = Field(default=7, gt=0)


AnyRule = Annotated[
    ThresholdRule | TrendRule | CompositeRule | News2Rule | StaleRule | TechnicalRule,
    Field(discriminator="kind"),
]


class PilotSpec(Cited):
    """A rule run hidden beside itself, changed: `of` names the rule, `limits` the values to compare with.

    `change` holds other words of the rule. A patient's own limits stay in force; the ward's calibration of a
    limit that the pilot sets does not. `version` is the pilot's own.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    of: str
    version: int = Field(default=1, ge=1)
    limits: dict[str, float] = {}
    change: dict[str, Any] = {}


class ProgrammeFile(Strict):
    """One programme's file. `approved_by` stays empty until the programme's clinician has signed it.

    A `profile` is given beside another programme: what it limits, it limits instead of that one.
    """

    programme: str
    version: int = Field(ge=1)
    title: str
    approved_by: str
    profile: bool = False
    uses: tuple[str, ...] = ()
    limits: dict[str, LimitSpec] = {}
    schedule: tuple[ScheduleSpec, ...] = ()
    rules: tuple[AnyRule, ...] = ()
    pilots: tuple[PilotSpec, ...] = ()
