"""A change tried on histories: alerts before and after, what is lost and gained, and what it was worth."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from alerts.book.changes import RefusedLimit, UnknownLimit, UnknownProgramme, values_of, with_limit
from alerts.book.limits import OwnLimit
from alerts.book.rulebook import shipped
from alerts.history.replay import History
from alerts.history.tryout import Side, TriedAlert, Tryout, compare, unmatched
from alerts.readings.measured import Measured
from alerts.rules.view import Watched
from store.burden import BurdenRow
from vitals.alert import Outcome, Priority
from vitals.ids import AlertId, PatientId, ReadingId
from vitals.measure import Measure

ENROLLED = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SINCE, UNTIL = ENROLLED + 7 * DAY, ENROLLED + 35 * DAY
BOOK = shipped()
LOWER = with_limit(BOOK, "systolic_crisis", 165)


def sittings(*days_and_systolic: tuple[int, float]) -> list[Measured]:
    """Two readings a quarter of an hour apart on each of these days, at eight."""
    return [
        Measured(
            reading_id=ReadingId(f"r{day}-{minutes}"),
            at=(at := ENROLLED + day * DAY + timedelta(hours=8, minutes=minutes)),
            known_at=at,
            values={Measure.SYSTOLIC: systolic, Measure.DIASTOLIC: 84, Measure.HEART_RATE: 70},
        )
        for day, systolic in days_and_systolic
        for minutes in (0, 12)
    ]


def history(
    *days_and_systolic: tuple[int, float], patient: str = "p-1", limits: Sequence[OwnLimit] = ()
) -> History:
    calm = dict.fromkeys(range(36), 128.0) | dict(days_and_systolic)
    return History(
        patient=Watched(
            patient_id=PatientId(patient),
            time_zone="UTC",
            birth_date=date(1950, 1, 1),
            enrolled_at=ENROLLED,
            programmes={},
        ),
        readings=sittings(*sorted(calm.items())),
        limits=limits,
    )


def real(day: float, outcome: Outcome | None, *, patient: str = "p-1", number: int = 7) -> BurdenRow:
    at = ENROLLED + day * DAY + timedelta(hours=8, minutes=12)
    return BurdenRow(
        alert_id=AlertId(number),
        patient_id=PatientId(patient),
        rule="bp_crisis",
        problem="pressure_high",
        priority=Priority.HIGH,
        raised_at=at,
        acknowledged_at=None,
        acted_at=None,
        closed_at=at + DAY if outcome else None,
        closed_by_person=outcome is not None,
        outcome=outcome,
    )


def tried(histories: Sequence[History], before: Side, after: Side, rows: Sequence[BurdenRow] = ()) -> Tryout:
    return compare(histories, before, after, rows, since=SINCE, until=UNTIL)


def test_a_lower_limit_gains_alerts_and_a_higher_one_loses_them() -> None:
    one = history((12, 172), (24, 186))
    lower = tried([one], Side(book=BOOK), Side(book=LOWER))
    assert [(alert.rule, alert.raised_at.day) for alert in lower.gained] == [("bp_crisis", 13)]
    assert "172/84" in lower.gained[0].reason
    assert lower.lost == []
    assert (lower.before, lower.after, lower.weeks) == (1, 2, 4)
    assert lower.per_week(lower.after) == 0.5
    assert [(c.rule, c.before, c.after) for c in lower.rules] == [("bp_crisis", 1, 2)]
    back = tried([one], Side(book=LOWER), Side(book=BOOK))
    assert [lost.alert.raised_at for lost in back.lost] == [lower.gained[0].raised_at]
    assert (back.before, back.after, back.gained) == (2, 1, [])


def test_nothing_changes_where_nothing_is_changed() -> None:
    same = tried([history((12, 172), (24, 186))], Side(book=BOOK), Side(book=BOOK))
    assert (same.before, same.after, same.changed, same.lost, same.gained) == (1, 1, 0, [], [])


@pytest.mark.parametrize(
    ("outcome", "acted_on"), [(Outcome.ACTED, True), (Outcome.NO_ACTION, False), (None, False)]
)
def test_a_lost_alert_says_what_became_of_the_real_one(outcome: Outcome | None, acted_on: bool) -> None:
    found = tried([history((12, 172))], Side(book=LOWER), Side(book=BOOK), [real(12, outcome)])
    [lost] = found.lost
    assert (lost.real, lost.outcome, lost.acted_on) == (7, outcome, acted_on)
    assert [event.alert_id for event in found.events_lost] == ([7] if acted_on else [])
    assert (found.real, found.events) == (1, int(acted_on))


def test_without_a_real_alert_near_it_no_event_is_lost() -> None:
    rows = [real(25, Outcome.ACTED), real(12, Outcome.ACTED, patient="p-2")]
    found = tried([history((12, 172))], Side(book=LOWER), Side(book=BOOK), rows)
    [lost] = found.lost
    assert (lost.real, lost.acted_on, found.events_lost) == (None, False, [])


def test_an_event_that_another_alert_still_reaches_is_not_lost() -> None:
    # Of two alerts near one real alert only the one from the lower limit goes.
    one = history((12, 186), (21, 172))
    found = tried([one], Side(book=LOWER), Side(book=BOOK), [real(15, Outcome.ACTED)])
    assert (found.before, found.after) == (2, 1), "the second alert must come of the lower limit alone"
    [lost] = found.lost
    assert (lost.outcome, lost.still_reached, lost.acted_on) == (Outcome.ACTED, True, False)
    assert found.events_lost == []


def test_an_event_that_only_the_change_would_have_told_of_is_gained() -> None:
    found = tried([history((12, 172))], Side(book=BOOK), Side(book=LOWER), [real(13, Outcome.ACTED)])
    assert [event.alert_id for event in found.events_gained] == [7]
    assert found.events_lost == []


def test_lost_alerts_that_were_acted_on_come_first() -> None:
    people = [history((12, 172)), history((20, 173), patient="p-2")]
    rows = [real(20, Outcome.ACTED, patient="p-2"), real(12, Outcome.NO_ACTION, number=3)]
    found = tried(people, Side(book=LOWER), Side(book=BOOK), rows)
    assert [(lost.alert.patient_id, lost.acted_on) for lost in found.lost] == [("p-2", True), ("p-1", False)]


def test_a_patients_own_limit_stands_above_the_programmes_and_a_tried_one_above_it() -> None:
    own = OwnLimit(name="systolic_crisis", value=178, author="dr", reason="known", set_at=ENROLLED)
    one = history((12, 172), limits=[own])
    assert tried([one], Side(book=BOOK), Side(book=LOWER)).gained == []
    gained = tried([one], Side(book=BOOK), Side(book=BOOK, own={"systolic_crisis": 165})).gained
    assert [alert.rule for alert in gained] == ["bp_crisis"]


def test_what_was_raised_before_the_time_asked_for_is_not_told() -> None:
    found = tried([history((2, 172), (12, 171))], Side(book=BOOK), Side(book=LOWER))
    assert [alert.raised_at.day for alert in found.gained] == [13]


def test_a_ward_that_began_later_counts_its_own_weeks() -> None:
    found = compare([history()], Side(book=BOOK), Side(book=BOOK), [], since=ENROLLED - 70 * DAY, until=UNTIL)
    assert found.weeks == 5


def test_a_programme_that_one_side_lacks_is_not_asked_there() -> None:
    less = type(BOOK)({name: file for name, file in BOOK.programmes.items() if name != "hypertension"})
    one = history((12, 186))
    one = replace(one, patient=replace(one.patient, programmes={"hypertension": ENROLLED.date()}))
    found = tried([one], Side(book=BOOK), Side(book=less))
    assert found.changed == 1
    assert found.after == 1


def alert(day: float, *, problem: str = "a", patient: str = "p") -> TriedAlert:
    return TriedAlert(
        patient_id=PatientId(patient),
        rule=problem,
        problem=problem,
        priority="high",
        raised_at=ENROLLED + day * DAY,
        reason="",
    )


def test_partners_are_of_the_same_patient_and_problem_within_the_window_and_each_has_one() -> None:
    before = [alert(0), alert(3), alert(0, problem="b"), alert(20)]
    after = [alert(2.5), alert(0, patient="q"), alert(28)]
    lost, gained = unmatched(before, after, 7 * DAY)
    assert lost == [alert(0), alert(0, problem="b"), alert(20)]
    assert gained == [alert(0, patient="q"), alert(28)]
    assert unmatched([alert(20)], [alert(27)], 7 * DAY) == ([], [])


def test_a_limit_is_changed_for_everyone_or_in_one_programme_or_where_only_programmes_set_it() -> None:
    assert values_of(BOOK, "systolic_crisis")["everyone"] == 180
    assert values_of(LOWER, "systolic_crisis") == values_of(BOOK, "systolic_crisis") | {"everyone": 165}
    assert values_of(with_limit(BOOK, "hf_score", 2.5), "hf_score") == {"heart_failure": 2.5}
    one = with_limit(BOOK, "spo2_low", 88, "hypercapnia")
    assert values_of(one, "spo2_low") == values_of(BOOK, "spo2_low") | {"hypercapnia": 88}


def test_what_cannot_be_tried_is_refused_with_what_was_meant_or_why() -> None:
    with pytest.raises(UnknownLimit, match="'systolic_crisis'") as unknown:
        with_limit(BOOK, "sistolic_crisis", 170)
    assert unknown.value.meant == "systolic_crisis"
    with pytest.raises(UnknownProgramme, match="Did you mean 'hypercapnia'"):
        with_limit(BOOK, "spo2_low", 88, "hypercapniaa")
    with pytest.raises(UnknownLimit, match="Programme 'copd'"):
        with_limit(BOOK, "systolic_crisis", 170, "copd")
    with pytest.raises(RefusedLimit, match="between 150 and 200 mmHg"):
        with_limit(BOOK, "systolic_crisis", 300)
    with pytest.raises(RefusedLimit, match="spo2_critical"):
        with_limit(BOOK, "spo2_low", 85, "everyone")
