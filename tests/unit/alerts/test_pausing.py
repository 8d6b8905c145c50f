"""Which pauses can be planned, and what part of a patient's days they take."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from alerts.book import texts
from alerts.pausing import BACK, LONGEST, REVIEW_WITHIN, Wanted, possible, refusal, span_of
from store.pauses import PauseEvent, PauseKind, PauseRecord
from vitals.ids import PatientId

TODAY = date(2026, 3, 10)
DAY = timedelta(days=1)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def wanted(first: int, last: int | None = None, review: int | None = None, **more: str) -> Wanted:
    """A pause in days from today."""
    return Wanted(
        kind=PauseKind(more.get("kind", "hospital")),
        words=more.get("words", ""),
        first_day=TODAY + first * DAY,
        last_day=None if last is None else TODAY + last * DAY,
        review_on=None if review is None else TODAY + review * DAY,
    )


@pytest.mark.parametrize(
    "fine",
    [
        wanted(0, 0),
        wanted(-BACK.days, 0),
        wanted(5, 5 + LONGEST.days - 1),
        wanted(0, review=1),
        wanted(-3, review=REVIEW_WITHIN.days),
        wanted(0, 3, kind="other", words="No scale at her daughter's"),
    ],
)
def test_a_pause_up_to_its_bounds_can_be_planned(fine: Wanted) -> None:
    assert refusal(fine, TODAY) is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (wanted(0), "refused_pause_no_end"),
        (wanted(0, 3, kind="other", words="  "), "refused_pause_words"),
        (wanted(-BACK.days - 1, 0), "refused_pause_past"),
        (wanted(2, 1), "refused_pause_order"),
        (wanted(-4, -1), "refused_pause_over"),
        (wanted(0, LONGEST.days), "refused_pause_long"),
        (wanted(0, review=0), "refused_pause_review"),
        (wanted(0, review=REVIEW_WITHIN.days + 1), "refused_pause_review"),
        (wanted(3, review=3), "refused_pause_review"),
    ],
)
def test_a_pause_beyond_them_is_refused_in_words_of_both_languages(wrong: Wanted, why: str) -> None:
    refused = refusal(wrong, TODAY)
    assert refused is not None
    assert refused.key == why
    assert texts.say(refused, "en") != texts.say(refused, "es")


def test_a_pause_takes_the_patients_whole_local_days_when_the_clocks_change_too() -> None:
    zone = ZoneInfo("Europe/London")
    starts_at, ends_at = span_of(wanted(18, 19), zone)  # 28 and 29 March; the clocks go forward on the 29th
    assert starts_at.astimezone(UTC) == datetime(2026, 3, 28, tzinfo=UTC)
    assert ends_at.astimezone(UTC) == datetime(2026, 3, 29, 23, tzinfo=UTC)
    _, reviewed_at = span_of(wanted(0, review=7), zone)
    assert reviewed_at.astimezone(UTC) == datetime(2026, 3, 17, tzinfo=UTC)


def record(starts: int, ends: int, planned: int) -> PauseRecord:
    """A pause in hours from now."""
    return PauseRecord(
        pause_id=1,
        patient_id=PatientId("p"),
        kind="holiday",
        reason="",
        author="s-1",
        starts_at=NOW + timedelta(hours=starts),
        ends_at=NOW + timedelta(hours=ends),
        planned_until=NOW + timedelta(hours=planned),
        open_ended=False,
        set_at=NOW,
        last_what=None,
        last_author=None,
        last_reason=None,
        last_at=None,
    )


@pytest.mark.parametrize(
    ("one", "can"),
    [
        (record(-5, 5, 5), [PauseEvent.ENDED, PauseEvent.TAKEN_BACK]),
        (record(1, 5, 5), [PauseEvent.TAKEN_BACK]),
        (record(-5, -1, 5), [PauseEvent.RESUMED]),
        (record(1, 1, 5), [PauseEvent.RESUMED]),
        (record(-5, -1, -1), []),
    ],
)
def test_a_running_pause_can_end_and_one_that_ended_early_can_run_again(
    one: PauseRecord, can: list[PauseEvent]
) -> None:
    assert possible(one, NOW) == can
