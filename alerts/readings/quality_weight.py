"""Which weighings are the patient's own: unit flips, other people on the scale, new levels that stay."""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from alerts.readings.measured import HeldFor, Measured
from vitals.measure import Measure
from vitals.observation import Standing

# Clinical data quality, section 3 of the project's evidence review; the figures are its own measurements.
LAST = 5
POUNDS = 2.2046
UNIT_FLIP_WITHIN = 0.03
OTHER_PERSON_KG = 4.0
OTHER_PERSON_SHARE = 0.04
AGREES_KG = 1.5
NEVER_BY_ITSELF_KG = 8.0
# After a silence the weight may honestly have moved: the tolerance grows with each day beyond a week.
DRIFT_KG_PER_DAY = 0.1
DRIFT_AFTER_DAYS = 7
# Who gains or loses fluid fast leaves the median of the last readings behind, but not yesterday's reading.
STEADY_DAYS = 3
# Who had left the usual by so much already, and goes on the same way by no more than so much a day, gains or
# loses fluid in kilograms: other people do not come in steps.
UNDER_WAY_KG = 1.5
UNDER_WAY_KG_PER_DAY = 3.0
# Three days in a row at one new level, and nothing at the old one: a new truth, whatever its distance.
NEW_LEVEL_DAYS = 3
REWEIGH_KG = 1.2

_WEIGHT = Measure.WEIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Why a weighing is held (None: accepted), and which earlier ones this decides the other way."""

    held: HeldFor | None
    released: Sequence[Measured] = ()
    retracted: Sequence[Measured] = ()


_ACCEPTED = Judgement(held=None)


class WeighingJudge:
    """Judges weighings one after the other, as they become known, each against those accepted before it.

    A weighing far from the usual is held. The next one decides: where the two agree and are not impossibly
    far off, both are accepted; a weighing at the old level leaves the held one for a person. A level that
    three days in a row agree on is accepted however far it is: the patient changed, or was never known.
    """

    def __init__(self) -> None:
        self._accepted: list[Measured] = []
        self._waiting: list[Measured] = []

    def usual(self) -> float | None:
        """The median of the last accepted weighings, kg; None before the first."""
        return median([_kg(m) for m in self._accepted[-LAST:]]) if self._accepted else None

    def judge(self, measured: Measured) -> Judgement:
        """The verdict on one more weighing."""
        held = None if measured.decided is Standing.ACCEPTED else self._doubt(measured)
        if held is None:
            self._accept(measured)
            self._waiting = [m for m in self._waiting if m.at > measured.at]
            return _ACCEPTED
        agreeing = [m for m in self._waiting if _agree(m, measured)]
        if self._vouched_for(measured, agreeing, held):
            return self._new_level([*agreeing, measured])
        self._waiting.append(measured)
        return Judgement(held=held)

    def _doubt(self, measured: Measured) -> HeldFor | None:
        before = self._before(measured.at)
        if not before:
            return None
        usual = median([_kg(m) for m in before])
        kg = _kg(measured)
        if any(abs(kg / usual / flip - 1) <= UNIT_FLIP_WITHIN for flip in (POUNDS, 1 / POUNDS)):
            return HeldFor.UNIT_FLIP
        silent_days = abs((measured.at - before[-1].at).total_seconds()) / 86_400
        drift = DRIFT_KG_PER_DAY * max(0.0, silent_days - DRIFT_AFTER_DAYS)
        tolerated = max(OTHER_PERSON_KG, OTHER_PERSON_SHARE * usual) + drift
        if abs(kg - usual) <= tolerated or (silent_days <= STEADY_DAYS and _agree(before[-1], measured)):
            return None
        if silent_days <= STEADY_DAYS and _under_way(usual, _kg(before[-1]), kg, silent_days):
            return None
        return HeldFor.OTHER_PERSON

    def _before(self, at: datetime) -> Sequence[Measured]:
        """The last accepted weighings up to that instant; where there are none, the first one after it."""
        if self._accepted and self._accepted[-1].at <= at:
            return self._accepted[-LAST:]
        return [m for m in self._accepted if m.at <= at][-LAST:] or self._accepted[:1]

    def _vouched_for(self, measured: Measured, agreeing: Sequence[Measured], held: HeldFor) -> bool:
        usual = self.usual()
        if not agreeing or usual is None:
            return False
        days = len({m.at.date() for m in (*agreeing, measured)})
        if days > len(self._accepted):
            return True  # the first weighing may itself have been the one in pounds, or with a foot off
        if held is HeldFor.UNIT_FLIP:
            return False
        near = abs(_kg(measured) - usual) < NEVER_BY_ITSELF_KG and agreeing[-1] is self._waiting[-1]
        return near or days >= NEW_LEVEL_DAYS

    def _new_level(self, level: Sequence[Measured]) -> Judgement:
        hardly_known = len(self._accepted) < len(level)
        retracted = [m for m in self._accepted if m.decided is None] if hardly_known else []
        self._accepted = list(level)
        self._waiting = []
        return Judgement(held=None, released=level[:-1], retracted=retracted)

    def _accept(self, measured: Measured) -> None:
        insort(self._accepted, measured, key=lambda m: m.at)
        del self._accepted[: -4 * LAST]


def _under_way(usual: float, last: float, now: float, days: float) -> bool:
    """Whether the weight goes on from the last weighing the way that one had already gone from the usual."""
    gone, step = last - usual, now - last
    return (
        gone * step > 0 and abs(gone) >= UNDER_WAY_KG and abs(step) <= UNDER_WAY_KG_PER_DAY * max(1.0, days)
    )


def _agree(one: Measured, other: Measured) -> bool:
    return abs(_kg(one) - _kg(other)) <= AGREES_KG


def _kg(measured: Measured) -> float:
    return measured.values[_WEIGHT]
