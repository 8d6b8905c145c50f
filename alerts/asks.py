"""What a patient is to be asked now, and which asks their readings have answered. Pure.

Nothing here raises or keeps back an alert: only a new reading or an answer does. Nobody is nagged: a measure
is asked for again once in a sitting, a weighing seldom, a doubted one once a day and not without end, and a
reminder comes once a day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from alerts.book.schema import AnyRule, CompositeRule, News2Rule, Recent, ThresholdRule, TrendRule
from alerts.readings.measured import HeldFor, Measured
from alerts.readings.quality_weight import LAST, REWEIGH_KG
from alerts.rules import news2, stale
from alerts.rules.evaluate import Assessment
from alerts.rules.view import View
from store.asks import Answered
from vitals.ask import Ask, AskAnswer, AskKind, Audience, Wanted
from vitals.breach import Breach
from vitals.ids import AlertId
from vitals.measure import Measure

LOOK_BACK = timedelta(days=30)
"""What a patient was asked in this time is known when something new is to be asked."""

# Clinical data quality, section 3, and life cycle, section 6, of the project's evidence review.
REPEAT_WITHIN = timedelta(minutes=30)
REPEAT_AGAIN_AFTER = timedelta(hours=6)
"""A measure is asked for again once in a sitting: not sooner than this after the last time."""

SITTINGS_PER_MONTH = 4
"""How often a rule about whole sittings has a single reading repeated: it can wait for another day."""

REWEIGH_WITHIN = timedelta(hours=2)
REWEIGHS_PER_MONTH = 4
"""Of one patient, at most; on the cohorts it is 1.3 to 1.7 on average, and the review counts 2.2 to 2.7."""

DOUBTED_IN_TURN = 3
DOUBTED_WITHIN = timedelta(days=14)
"""After so many doubted weighings in this time the patient is asked no more: the nurse has an alert of it."""

CHECK_IN_WITHIN = timedelta(hours=24)
QUESTIONS = ("breathless", "swollen")
_MOST_QUESTIONS = 3
_BY_ITSELF = 8.0
"""Kilograms: so far from the usual, a patient's word alone does not make a weighing theirs (section 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise:
    """An alert that was raised, or whose priority rose, at this look."""

    alert_id: AlertId
    breach: Breach


def wanted(
    view: View, assessment: Assessment, raised: Sequence[Raise], before: Sequence[Ask], now: datetime
) -> list[Wanted]:
    """What the patient is to be asked now. `before` holds what they were asked in `LOOK_BACK`."""
    found = [
        *_doubted(view, before, now),
        *_repeats(view, assessment, before, now),
        *_reweigh(view, before, now),
        *_check_ins(view, raised, now),
        *_scores(view, before, now),
        *_reminders(view, now),
    ]
    known = {(ask.wanted.kind, ask.wanted.subject) for ask in before}
    return [one for one in found if (one.kind, one.subject) not in known and now < one.expires_at]


def answered(view: View, before: Sequence[Ask]) -> list[Answered]:
    """Which of the asks that wait have been answered by what was measured, or decided, since."""
    waiting = [ask for ask in before if ask.answered_at is None]
    answers = ((ask, _answer(ask.wanted, view)) for ask in waiting)
    return [Answered(ask_id=ask.ask_id, answer=answer) for ask, answer in answers if answer is not None]


def is_believed(wanted: Wanted) -> bool:
    """Whether a patient's "yes, that was me" is enough for the rules to use the weighing."""
    known = wanted.value is not None and wanted.usual is not None
    return known and wanted.because == HeldFor.OTHER_PERSON and _off(wanted) < _BY_ITSELF


def weigh_again(wanted: Wanted, now: datetime) -> Wanted:
    """What is asked of a patient who has said that a doubted weighing is theirs."""
    return Wanted(
        kind=AskKind.REPEAT,
        subject=wanted.subject,
        because=wanted.because,
        since=wanted.since,
        expires_at=now + REWEIGH_WITHIN,
        measures=(Measure.WEIGHT,),
    )


def _off(wanted: Wanted) -> float:
    return abs((wanted.value or 0.0) - (wanted.usual or 0.0))


def _answer(wanted: Wanted, view: View) -> AskAnswer | None:
    match wanted.kind:
        case AskKind.REPEAT | AskKind.MEASURE:
            came = any(_came(wanted, measure, view) for measure in wanted.measures)
            return AskAnswer.MEASURED if came else None
        case AskKind.IS_THIS_YOU:
            held = {str(reading_id) for reading_id in view.course.held}
            return None if wanted.subject in held else AskAnswer.SETTLED
        case AskKind.CHECK_IN:
            return None


def _came(wanted: Wanted, measure: Measure, view: View) -> bool:
    """Whether a reading of the measure came in time; one that is held is a reading too."""
    held = [m for m in view.course.held_since(wanted.since) if measure in m.values]
    return any(
        wanted.since < m.at <= wanted.expires_at and m.reading_id != wanted.subject
        for m in (*view.course.usable(measure, wanted.since), *held)
    )


def _doubted(view: View, before: Sequence[Ask], now: datetime) -> Iterator[Wanted]:
    """Whose weighing is it? For one that is held, once a day, and not without end."""
    asked = [ask for ask in before if ask.wanted.kind is AskKind.IS_THIS_YOU]
    if len([ask for ask in asked if ask.asked_at > now - DOUBTED_WITHIN]) >= DOUBTED_IN_TURN:
        return
    for measured in reversed(view.course.held_since(now - CHECK_IN_WITHIN)):
        why = view.course.held[measured.reading_id]
        usual = _usual(view, measured)
        if measured.decided is not None or why is HeldFor.IMPLAUSIBLE or usual is None:
            continue
        if not any(_same_day(view, ask.wanted.since, measured.at) for ask in asked):
            yield Wanted(
                kind=AskKind.IS_THIS_YOU,
                subject=measured.reading_id,
                because=why,
                since=measured.at,
                expires_at=measured.at + CHECK_IN_WITHIN,
                measures=(Measure.WEIGHT,),
                value=measured.values[Measure.WEIGHT],
                usual=usual,
            )
        return


def _repeats(view: View, assessment: Assessment, before: Sequence[Ask], now: datetime) -> Iterator[Wanted]:
    """Please measure again: a reading that a rule waits to see repeated, a doubtful or an impossible one."""
    found = [
        (one.reading_id, _instrument(one.measure), one.at, one.until, one.rule)
        for one in assessment.unrepeated
    ]
    for measured in view.course.held_since(now - REPEAT_WITHIN):
        if view.course.held[measured.reading_id] is HeldFor.IMPLAUSIBLE:
            measure = _instrument(next(iter(measured.values)))
            until = measured.at + REPEAT_WITHIN
            found.append((measured.reading_id, measure, measured.at, until, HeldFor.IMPLAUSIBLE))
    oxygen = view.course.last(Measure.SPO2)
    if oxygen is not None and oxygen.doubtful and Measure.SYSTOLIC not in oxygen.values:
        until = oxygen.at + REPEAT_WITHIN
        found.append((oxygen.reading_id, Measure.SPO2, oxygen.at, until, "poor_signal"))
    if not found:
        return
    taken: set[Measure] = set()
    sittings = {r.id for r in view.rules.rules if isinstance(r, ThresholdRule) and r.on == "session"}
    for reading_id, measure, at, until, why in found:
        because = [ask for ask in before if ask.wanted.because == why]
        if why in sittings and len(because) >= SITTINGS_PER_MONTH:
            continue
        asked_lately = any(
            ask.wanted.kind is AskKind.REPEAT
            and measure in ask.wanted.measures
            and ask.wanted.since > at - REPEAT_AGAIN_AFTER
            for ask in before
        )
        if measure in taken or asked_lately:
            continue
        taken.add(measure)
        yield Wanted(
            kind=AskKind.REPEAT,
            subject=reading_id,
            because=why,
            since=at,
            expires_at=until,
            measures=(measure,),
        )


def _reweigh(view: View, before: Sequence[Ask], now: datetime) -> Iterator[Wanted]:
    """Please weigh yourself again: today's first weighing is off, and nobody has vouched for it yet."""
    newest = view.course.last(Measure.WEIGHT)
    if newest is None or now - newest.at > REPEAT_WITHIN:
        return
    usual = _usual(view, newest)
    earlier = view.course.usable(Measure.WEIGHT, newest.at - REWEIGH_WITHIN)
    if usual is None or len(earlier) > 1 or abs(newest.values[Measure.WEIGHT] - usual) <= REWEIGH_KG:
        return
    asked = [ask for ask in before if ask.wanted.kind is AskKind.REPEAT and ask.wanted.because == _REWEIGH]
    if len(asked) < REWEIGHS_PER_MONTH:
        yield Wanted(
            kind=AskKind.REPEAT,
            subject=newest.reading_id,
            because=_REWEIGH,
            since=newest.at,
            expires_at=newest.at + REWEIGH_WITHIN,
            measures=(Measure.WEIGHT,),
        )


_REWEIGH = "reweigh"


def _check_ins(view: View, raised: Sequence[Raise], now: datetime) -> Iterator[Wanted]:
    """A few questions with an alert of a trend or a limit: composite rules look at the answers."""
    rules = {rule.id: rule for rule in view.rules.rules} if raised else {}
    for one in raised:
        questions = _questions(view, one.breach, rules.get(one.breach.rule))
        if questions:
            yield Wanted(
                kind=AskKind.CHECK_IN,
                subject=str(one.alert_id),
                because=one.breach.rule,
                since=now,
                expires_at=now + CHECK_IN_WITHIN,
                questions=questions,
            )


def _questions(view: View, breach: Breach, rule: AnyRule | None) -> tuple[str, ...]:
    """What rules for the same problem listen to; of a trend else breathlessness and swelling, if any does.

    A limit asks where an answer would count now: a rule that listens looks at a reading beyond its own limit.
    """
    composites = [rule for rule in view.rules.rules if isinstance(rule, CompositeRule)]
    listening = [one for one in composites if one.problem == breach.problem]
    if isinstance(rule, ThresholdRule):
        listening = [one for one in listening if any(_is_beyond(recent, view) for recent in one.readings)]
    elif not isinstance(rule, TrendRule):
        return ()
    questions = [answer.question for one in listening for answer in one.answers]
    if questions or isinstance(rule, ThresholdRule):
        return tuple(dict.fromkeys(questions))[:_MOST_QUESTIONS]
    heard = {answer.question for one in composites for answer in one.answers}
    return tuple(question for question in QUESTIONS if question in heard)


def _is_beyond(recent: Recent, view: View) -> bool:
    last = view.course.last(recent.measure)
    return last is not None and recent.beyond(last.values[recent.measure], view.limits[recent.limit].value)


def _scores(view: View, before: Sequence[Ask], now: datetime) -> Iterator[Wanted]:
    """The two questions of NEWS2, while there are readings that they may bring to its level."""
    for rule in view.rules.live:
        waits = news2.unanswered(rule, view, now) if type(rule) is News2Rule else None
        asked = any(ask.wanted.because == rule.id and now < ask.wanted.expires_at for ask in before)
        if waits is not None and not asked:
            yield Wanted(
                kind=AskKind.CHECK_IN,
                subject=waits.newest.reading_id,
                because=rule.id,
                since=waits.newest.at,
                expires_at=waits.until,
                questions=news2.QUESTIONS,
            )


def _reminders(view: View, now: datetime) -> Iterator[Wanted]:
    """Nothing came for some days: the patient is reminded once a day, and their carer asked once."""
    for rule in view.rules.stale:
        reminder = stale.reminder(rule, view, now)
        if reminder is None:
            continue
        today = view.course.day_of(now)
        measures = tuple(dict.fromkeys(_instrument(missing.measure) for missing in reminder.missing))
        midnight = view.course.start_of(today)
        for audience, subject in (
            (Audience.PATIENT, today.isoformat()),
            (Audience.CARER, f"carer {reminder.since.isoformat()}"),
        ):
            if audience is Audience.PATIENT or reminder.step == "partner":
                yield Wanted(
                    kind=AskKind.MEASURE,
                    subject=subject,
                    because=rule.id,
                    since=midnight,
                    expires_at=view.course.start_of(today + timedelta(days=1)),
                    measures=measures,
                    audience=audience,
                )
        return


def _instrument(measure: Measure) -> Measure:
    """The measure by which the instrument is known: one cuff says both pressures and the pulse."""
    return Measure.SYSTOLIC if measure in _OF_THE_CUFF else measure


_OF_THE_CUFF = frozenset({Measure.DIASTOLIC, Measure.MEAN_ARTERIAL_PRESSURE})


def _usual(view: View, measured: Measured) -> float | None:
    """What the patient mostly weighed before, kg; None before there is enough to say."""
    before = [m for m in view.course.usable(Measure.WEIGHT, measured.at - LOOK_BACK) if m.at < measured.at]
    return median(m.values[Measure.WEIGHT] for m in before[-LAST:]) if len(before) >= LAST else None


def _same_day(view: View, one: datetime, other: datetime) -> bool:
    return view.course.day_of(one) == view.course.day_of(other)
