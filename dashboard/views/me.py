"""The patient's page: what to do, what arrived, what the targets are, in the clinic's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from alerts.book import texts
from alerts.clinic.patient_words import Content, MeasureWords
from alerts.clinic.service_hours import Looking
from dashboard import book
from dashboard.numbers import number
from dashboard.views.sparkline import Sparkline, sparkline
from dashboard.views.targets import Limits, band, target
from store.population import ChartReading, PatientFile
from vitals.ids import ReadingId
from vitals.measure import SPECS, Measure
from vitals.observation import Standing
from vitals.reading import Quality

KINDS: dict[str, tuple[Measure, ...]] = {
    "weight": (Measure.WEIGHT,),
    "blood_pressure": (Measure.SYSTOLIC, Measure.DIASTOLIC),
    "spo2": (Measure.SPO2,),
    "heart_rate": (Measure.HEART_RATE,),
    "temperature": (Measure.TEMPERATURE,),
    "glucose": (Measure.GLUCOSE,),
}
"""What a patient can be asked for, by the key in the content file and in the address."""

_CHANGE_OVER = timedelta(days=3)
_DAY_PATTERNS = {"en": "EEEE d MMMM", "es": "EEEE d 'de' MMMM"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One measurement asked for today: the receipt where it arrived, else None."""

    key: str
    words: MeasureWords
    value: str | None
    at: str | None
    typed: bool
    reading_id: ReadingId | None
    target: str | None
    picture: Sparkline | None = None
    change: str | None = None


def tasks(
    programmes: Sequence[str],
    readings: Sequence[ChartReading],
    limits: Limits,
    said: Content,
    now: datetime,
    zone: ZoneInfo,
) -> list[Task]:
    """What the patient's programmes ask for today, in the order of the schedule."""
    asked: dict[str, int] = {}
    for entry in book.in_force().for_programmes(programmes).schedule:
        key = next((key for key, measures in KINDS.items() if entry.measure in measures), None)
        if key is not None:
            asked[key] = min(entry.every_days, asked.get(key, entry.every_days))
    return [_task(key, days, readings, limits, said, now, zone) for key, days in asked.items()]


def _task(
    key: str,
    every_days: int,
    readings: Sequence[ChartReading],
    limits: Limits,
    said: Content,
    now: datetime,
    zone: ZoneInfo,
) -> Task:
    first = KINDS[key][0]
    today = now.astimezone(zone).date()
    counted = [
        reading
        for reading in readings
        if reading.measure is first
        and reading.standing is not Standing.EXCLUDED
        and (today - reading.measured_at.astimezone(zone).date()) < timedelta(days=every_days)
    ]
    last = max(counted, key=lambda reading: reading.measured_at, default=None)
    return Task(
        key=key,
        words=said.measures[key],
        value=None if last is None else values_of(last.reading_id, key, readings, said),
        at=f"{last.measured_at.astimezone(zone):%H:%M}" if last else None,
        typed=last is not None and Quality.MANUAL in last.quality,
        reading_id=None if last is None else last.reading_id,
        target=target_words(key, limits, said),
        picture=sparkline(readings, first, target(limits, first) or band(limits, first), now, zone),
        change=_change(last, readings, said) if key == "weight" and last is not None else None,
    )


def values_of(reading_id: ReadingId, key: str, readings: Sequence[ChartReading], said: Content) -> str:
    """What the reading says of this measurement: 72.5, or 130/80."""
    found = {r.measure: r.value for r in readings if r.reading_id == reading_id}
    parts = [measure for measure in KINDS[key] if measure in found]
    return "/".join(number(found[one], SPECS[one].decimals, said.language) for one in parts)


def _change(last: ChartReading, readings: Sequence[ChartReading], said: Content) -> str | None:
    """How the weight differs from that of three days before; None where there was none on that day."""
    since = last.measured_at - _CHANGE_OVER
    then = [
        reading
        for reading in readings
        if reading.measure is last.measure
        and reading.standing is Standing.ACCEPTED
        and abs(reading.measured_at - since) <= timedelta(hours=12)
    ]
    if last.standing is not Standing.ACCEPTED or not then:
        return None
    before = min(then, key=lambda reading: abs(reading.measured_at - since))
    change = round(last.value - before.value, SPECS[last.measure].decimals)
    words = "weight_same" if change == 0 else "weight_more" if change > 0 else "weight_less"
    shown = number(abs(change), SPECS[last.measure].decimals, said.language)
    places = {"days": _CHANGE_OVER.days} | ({} if change == 0 else {"change": shown})
    return said.page[words].format(**places)


def target_words(key: str, limits: Limits, said: Content) -> str | None:
    """The target in plain words; None where the patient has none for it."""
    first, *rest = KINDS[key]
    aim = target(limits, first)
    edges = aim or band(limits, first)
    if edges is None:
        return None
    low, high = edges
    # A target's ends are within it, a limit's are not.
    step = 0.0 if aim else 10.0 ** -SPECS[first].decimals
    decimals = SPECS[first].decimals
    if key == "blood_pressure":
        bottom = target(limits, rest[0])
        below = "" if bottom is None or bottom[1] is None else f"/{bottom[1]:g}"
        return None if high is None else said.page["under"].format(value=f"{high:g}{below}")

    def written(value: float) -> str:
        return number(value, decimals, said.language)

    if low is not None and high is not None:
        return said.page["between"].format(low=written(low + step), high=written(high - step))
    if high is not None:
        return said.page["under"].format(value=written(high))
    return said.page["at_least"].format(value=written((low or 0) + step))


def today_words(now: datetime, zone: ZoneInfo, language: str, said: Content) -> str:
    """Today's date in full, on the patient's calendar."""
    return said.page["today"].format(date=day_words(now, zone, language))


def day_words(at: datetime, zone: ZoneInfo, language: str) -> str:
    """The day in full, on the patient's calendar: Friday 20 November."""
    short = texts.language_for(language)
    return format_date(at.astimezone(zone).date(), _DAY_PATTERNS[short], locale=short)


def paused_words(file: PatientFile, zone: ZoneInfo, language: str, said: Content) -> str | None:
    """That the nurse has paused the readings, until when, and when to begin again; None while nothing is."""
    if file.pause_ends_at is None:
        return None
    # One that ends at midnight ends with the day before; in the middle of a day, they begin again that day.
    last, begin = file.pause_ends_at - datetime.resolution, file.pause_ends_at
    words = said.page["paused_open" if file.pause_open_ended else "paused"]
    return words.format(day=day_words(last, zone, language), next=day_words(begin, zone, language))


def nobody_words(watch: Looking, zone: ZoneInfo, language: str, said: Content) -> str | None:
    """That nobody looks now, and when somebody does again; None while somebody does."""
    if watch.is_now:
        return None
    if watch.changes_at is None:
        return said.page["nobody_soon"]
    at = f"{watch.changes_at.astimezone(zone):%H:%M}"
    return said.page["nobody_now"].format(day=day_words(watch.changes_at, zone, language), at=at)


def looking_words(watch: Looking, zone: ZoneInfo, said: Content) -> str | None:
    """Until when somebody looks; None while nobody does."""
    if not watch.is_now or watch.changes_at is None:
        return None
    return said.page["looking_now"].format(at=f"{watch.changes_at.astimezone(zone):%H:%M}")
