"""The patient's page: what to do, what arrived, what the targets are, in the clinic's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from alerts.book import texts
from dashboard import book
from dashboard.patient_words import Content, MeasureWords
from dashboard.service_hours import Looking
from dashboard.views.sparkline import Sparkline, sparkline
from dashboard.views.targets import Limits, band, target
from dashboard.views.wording import number
from store.population import ChartReading, PatientFile
from vitals.measure import SPECS, Measure, plausible
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

_EXAMPLES = {
    Measure.WEIGHT: "72.5", Measure.SYSTOLIC: "130", Measure.DIASTOLIC: "80", Measure.SPO2: "96",
    Measure.HEART_RATE: "72", Measure.TEMPERATURE: "36.8", Measure.GLUCOSE: "110",
}  # fmt: skip

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
    first, *rest = KINDS[key]
    today = now.astimezone(zone).date()
    counted = [
        reading
        for reading in readings
        if reading.measure is first
        and reading.standing is not Standing.EXCLUDED
        and (today - reading.measured_at.astimezone(zone).date()) < timedelta(days=every_days)
    ]
    last = max(counted, key=lambda reading: reading.measured_at, default=None)
    value = None
    if last is not None:
        others = [r for r in readings if r.reading_id == last.reading_id and r.measure in rest]
        value = "/".join(number(r.value, SPECS[r.measure].decimals) for r in (last, *others))
    return Task(
        key=key,
        words=said.measures[key],
        value=value,
        at=f"{last.measured_at.astimezone(zone):%H:%M}" if last else None,
        typed=last is not None and Quality.MANUAL in last.quality,
        target=target_words(key, limits, said),
        picture=sparkline(readings, first, target(limits, first) or band(limits, first), now, zone),
        change=_change(last, readings, said) if key == "weight" and last is not None else None,
    )


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
    shown = number(abs(change), SPECS[last.measure].decimals)
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
    if low is not None and high is not None:
        return said.page["between"].format(
            low=number(low + step, decimals), high=number(high - step, decimals)
        )
    if high is not None:
        return said.page["under"].format(value=number(high, decimals))
    return said.page["at_least"].format(value=number((low or 0) + step, decimals))


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One number to type in, with what is wrong with it where something is."""

    id: str
    label: str
    hint: str
    unit: str
    value: str
    problem: str | None = None


def fields(
    key: str, typed: Mapping[str, str] | None, said: Content
) -> tuple[list[Field], dict[Measure, float]]:
    """The form's fields, and the values where all of them are right. `typed` None: nothing was sent yet."""
    drawn: list[Field] = []
    values: dict[Measure, float] = {}
    for measure in KINDS[key]:
        text = (typed or {}).get(measure.value, "").strip()
        problem = None
        if typed is not None:
            value, problem = _read(measure, text, said, key)
            if value is not None:
                values[measure] = value
        drawn.append(
            Field(
                id=measure.value,
                label=_label(measure, said, key),
                hint=said.page["like"].format(example=_EXAMPLES[measure]),
                unit=said.measures[key].unit,
                value=text,
                problem=problem,
            )
        )
    if key == "blood_pressure" and len(values) == 2 and values[Measure.DIASTOLIC] >= values[Measure.SYSTOLIC]:
        wrong = Field(
            id=drawn[1].id, label=drawn[1].label, hint=drawn[1].hint, unit=drawn[1].unit,
            value=drawn[1].value, problem=said.page["bottom_below"],
        )  # fmt: skip
        return [drawn[0], wrong], {}
    return drawn, values if len(values) == len(drawn) else {}


def _label(measure: Measure, said: Content, key: str) -> str:
    if measure is Measure.SYSTOLIC:
        return said.page["top_number"]
    if measure is Measure.DIASTOLIC:
        return said.page["bottom_number"]
    return said.measures[key].name


def _read(measure: Measure, text: str, said: Content, key: str) -> tuple[float | None, str | None]:
    name = _label(measure, said, key).lower()
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None, said.page["number_needed"].format(name=name, example=_EXAMPLES[measure])
    if not plausible(measure, value):
        low, high = SPECS[measure].plausible_low, SPECS[measure].plausible_high
        return None, said.page["too_far"].format(name=name, value=text, low=f"{low:g}", high=f"{high:g}")
    return value, None


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
