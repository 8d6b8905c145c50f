"""What the patient has just typed in, and what they took back, as their page says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.clinic.patient_words import Content
from dashboard.views.me import KINDS, values_of
from store.population import ChartReading
from store.typed_in import TypedIn
from vitals.ids import ReadingId

_JUST_NOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A reading that has just come: what was understood, and by which id it is taken back."""

    reading_id: ReadingId
    words: str


def receipt_of(
    typed: Sequence[TypedIn], readings: Sequence[ChartReading], said: Content, now: datetime
) -> Receipt | None:
    """The newest reading that was typed in, if that was just now and it can be taken back."""
    newest = next((one for one in typed if one.is_open and one.received_at > now - _JUST_NOW), None)
    if newest is None:
        return None
    words = _words(newest.reading_id, readings, said)
    return None if words is None else Receipt(reading_id=newest.reading_id, words=words)


def taken_back_words(
    typed: Sequence[TypedIn],
    readings: Sequence[ChartReading],
    said: Content,
    now: datetime,
    zone: ZoneInfo,
) -> list[str]:
    """What the patient took back today: it must not look lost."""
    today = now.astimezone(zone).date()
    back = [one for one in typed if one.is_taken_back and one.received_at.astimezone(zone).date() == today]
    words = ((_words(one.reading_id, readings, said), one.received_at) for one in back)
    return [
        said.page["you_took_back"].format(reading=one, at=f"{at.astimezone(zone):%H:%M}")
        for one, at in words
        if one is not None
    ]


def _words(reading_id: ReadingId, readings: Sequence[ChartReading], said: Content) -> str | None:
    """Weight: 72.5 kg."""
    for key, measures in KINDS.items():
        if any(one.reading_id == reading_id and one.measure is measures[0] for one in readings):
            measure = said.measures[key]
            return f"{measure.name}: {values_of(reading_id, key, readings, said)} {measure.unit}"
    return None
