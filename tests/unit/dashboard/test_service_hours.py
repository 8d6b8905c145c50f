"""Whether a clinic looks at an instant, and when that changes: weekends, holidays, changes of the clock."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from alerts.clinic import patient_words
from alerts.clinic.service_hours import Day, Hours, Looking, looking
from dashboard.views.me import looking_words, nobody_words

LONDON, MADRID = ZoneInfo("Europe/London"), ZoneInfo("Europe/Madrid")
WEEK = [Hours(days=tuple(Day)[:5], begin=time(8), end=time(18))]


def at(day: int, hour: int, minute: int = 0, *, month: int = 11, zone: ZoneInfo = LONDON) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(27, 8), Looking(is_now=True, changes_at=at(27, 18))),
        (at(27, 17, 59), Looking(is_now=True, changes_at=at(27, 18))),
        (at(27, 18), Looking(is_now=False, changes_at=at(30, 8))),
        (at(27, 7, 59), Looking(is_now=False, changes_at=at(27, 8))),
        (at(29, 12), Looking(is_now=False, changes_at=at(30, 8))),
        # Summer time ends in the night to Sunday, 25 October.
        (at(23, 19, month=10), Looking(is_now=False, changes_at=at(26, 8, month=10))),
    ],
)
def test_a_week_with_its_nights_and_weekend(now: datetime, expected: Looking) -> None:
    assert looking(WEEK, [], LONDON, now) == expected


def test_a_holiday_has_no_hours() -> None:
    christmas = [date(2026, 12, 25), date(2026, 12, 28)]
    assert looking(WEEK, christmas, LONDON, at(25, 10, month=12)) == Looking(
        is_now=False, changes_at=at(29, 8, month=12)
    )


def test_hours_that_touch_are_one_time() -> None:
    two = [
        Hours(days=(Day.FRIDAY,), begin=time(13), end=time(20)),
        Hours(days=(Day.FRIDAY,), begin=time(8), end=time(13)),
    ]
    assert looking(two, [], LONDON, at(27, 9)) == Looking(is_now=True, changes_at=at(27, 20))


def test_a_clinic_that_is_closed_for_good_names_no_day() -> None:
    only = [Hours(days=(Day.FRIDAY,), begin=time(8), end=time(9))]
    closed = [date(2026, 11, 27), *(date(2026, 12, day) for day in (4, 11, 18, 25))]
    assert looking(only, closed, LONDON, at(27, 8)) == Looking(is_now=False, changes_at=None)


def test_hours_over_midnight_are_refused() -> None:
    with pytest.raises(ValidationError, match="two entries"):
        Hours(days=(Day.MONDAY,), begin=time(20), end=time(6))


def test_the_patient_reads_it_on_their_own_clock() -> None:
    english, spanish = patient_words.shipped().of("en"), patient_words.shipped().of("es")
    night, day = looking(WEEK, [], LONDON, at(27, 22)), looking(WEEK, [], LONDON, at(27, 12))
    assert nobody_words(night, LONDON, "en", english) == (
        "Nobody looks at your readings now. We look again on Monday 30 November at 08:00."
    )
    assert nobody_words(night, MADRID, "es", spanish) == (
        "Ahora nadie mira sus medidas. Volvemos a mirar el lunes 30 de noviembre a las 09:00."
    )
    assert looking_words(night, LONDON, english) is None
    assert nobody_words(day, LONDON, "en", english) is None
    assert looking_words(day, LONDON, english) == "We look today until 18:00."
