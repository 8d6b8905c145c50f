"""Which charts a patient has, and of each: last value, verdict in one line, figure and table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.components import Json
from dashboard.figures.blood_pressure import Pair, blood_pressure_chart
from dashboard.figures.frame import Figure, Frame, Kind, Line, Point
from dashboard.figures.heart_rate import heart_rate_chart
from dashboard.figures.single import line_chart
from dashboard.figures.spo2 import spo2_chart
from dashboard.figures.weight import weight_chart
from dashboard.numbers import number, short_number
from dashboard.views.fired import Drawn, fired_lines
from dashboard.views.patient import PatientFacts, newest_breach
from dashboard.views.targets import Limits, band
from dashboard.views.verdicts import verdict_of, verdict_of_pressure, weight_lines
from dashboard.views.wording import full_name, written_time
from dashboard.words import say
from store.population import ChartReading
from vitals.breach import LimitUsed
from vitals.measure import SPECS, Measure
from vitals.observation import Standing
from vitals.reading import Quality

MEASURES = (
    Measure.WEIGHT, Measure.SYSTOLIC, Measure.DIASTOLIC, Measure.SPO2, Measure.HEART_RATE,
    Measure.TEMPERATURE, Measure.GLUCOSE,
)  # fmt: skip
BASELINE_DAYS = 35
_TITLES = {
    Measure.WEIGHT: "Weight",
    Measure.SYSTOLIC: "Blood pressure",
    Measure.SPO2: "Oxygen (SpO₂)",
    Measure.HEART_RATE: "Heart rate",
    Measure.TEMPERATURE: "Temperature",
    Measure.GLUCOSE: "Glucose",
}
_PLAIN_WORDS = ("limit {value}", "alert at {value}")
# Two measures in one chart: whose limit a line is must stand beside it.
_LINE_WORDS = {
    Measure.SYSTOLIC: ("systolic {value}", "alert: sys. {value}"),
    Measure.DIASTOLIC: ("diastolic {value}", "alert: dia. {value}"),
}
_NOTES = {
    Quality.MANUAL: "typed in",
    Quality.LATE: "arrived late",
    Quality.MOTION: "movement",
    Quality.POOR_CONTACT: "poor contact",
    Quality.IRREGULAR_PULSE: "irregular pulse",
    Quality.IMPROPER_POSITION: "improper position",
    Quality.RATE_OUT_OF_RANGE: "pulse out of range",
    Quality.BEYOND_RANGE: "beyond what the meter measures (HI or LO)",
    Quality.LOW_PERFUSION: "weak signal",
    Quality.QUESTIONABLE: "questionable",
    Quality.CLOCK_UNSET: "device clock not set",
    Quality.CLOCK_DOUBTFUL: "device clock doubtful",
    Quality.UNCONFIRMED_SOURCE: "perhaps somebody else",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One chart: what its card says, and its figure."""

    key: str
    data: Mapping[str, Json]
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the charts are of: one patient's readings, from `since` to `until`, in their own time zone."""

    readings: Sequence[ChartReading]
    limits: Limits
    fired: Measure | None
    alert_at: datetime | None
    since: datetime
    until: datetime
    zone: ZoneInfo
    fired_limits: Sequence[LimitUsed] = ()
    fired_lines: Drawn = field(default_factory=dict[Measure, Sequence[Line]])

    def of(self, measure: Measure) -> list[ChartReading]:
        """The measure's readings, oldest first."""
        return [reading for reading in self.readings if reading.measure is measure]

    def frame(self, measure: Measure, lines: Sequence[Line] = ()) -> Frame:
        """The measure's axes and limits."""
        edges = band(self.limits, measure)
        limit, _ = _LINE_WORDS.get(measure, _PLAIN_WORDS)
        limit_lines = [
            Line(value=edge, words=say(limit, value=short_number(edge)))
            for edge in edges or ()
            if edge is not None
        ]
        limit_lines += self._fired_lines(measure, edges or ())
        return Frame(
            since=self.since,
            until=self.until,
            zone=self.zone,
            band=edges,
            lines=(*limit_lines, *lines),
            alert_at=self.alert_at,
        )

    def _fired_lines(self, measure: Measure, drawn: Sequence[float | None]) -> list[Line]:
        """The lines of the rule that fired, as its alert explains it.

        Where it judges single readings: its limits, if they are of this measure and no edge of the target.
        """
        if self.fired_lines:
            own = self.fired_lines.get(measure, ())
            return [line for line in own if line.over is None or line.over[1] > self.since]
        own = [limit for limit in self.fired_limits if limit.name.startswith(f"{measure.value}_")]
        values = {limit.value for limit in own if SPECS[measure].plausible_low <= limit.value}
        _, alert = _LINE_WORDS.get(measure, _PLAIN_WORDS)
        return [
            Line(value=value, words=say(alert, value=short_number(value)))
            for value in sorted(values - set(drawn))
        ]


def charts_props(facts: PatientFacts, path: str, days: int, now: datetime) -> dict[str, Json]:
    """All charts as their component draws them. `path` tells the page whether they are still wanted."""
    file, alert = facts.file, facts.alert
    breach = newest_breach(facts.events) if alert else None
    shown = Shown(
        readings=facts.readings,
        limits=facts.limits,
        fired=alert.measure if alert else None,
        alert_at=alert.raised_at if alert else None,
        since=now - timedelta(days=days),
        until=now,
        zone=ZoneInfo(file.time_zone),
        fired_limits=breach.limits if breach else (),
        fired_lines=fired_lines(breach, ZoneInfo(file.time_zone)),
    )
    return {
        "path": path,
        "patient": {"id": file.patient_id, "name": full_name(file.given_name, file.family_name)},
        "cards": [{"key": card.key, **card.data, "figure": card.figure} for card in cards(shown)],
    }


def cards(shown: Shown) -> list[Card]:
    """The patient's charts, the measure that fired first, then by habit of reading."""
    fired = Measure.SYSTOLIC if shown.fired is Measure.DIASTOLIC else shown.fired
    order = [measure for measure in _TITLES if shown.of(measure) or measure is fired]
    order.sort(key=lambda measure: measure is not fired)
    return [_card(measure, shown, fired=measure is fired) for measure in order]


def _card(measure: Measure, shown: Shown, *, fired: bool) -> Card:
    if measure is Measure.SYSTOLIC:
        return _pressure_card(shown, fired=fired)
    recent = [reading for reading in shown.of(measure) if reading.measured_at >= shown.since]
    points = [_point(reading) for reading in recent]
    spec = SPECS[measure]
    usual = measure is Measure.WEIGHT and not shown.fired_lines.get(measure)
    lines = weight_lines(shown.of(measure), shown.limits, shown.until) if usual else []
    frame = shown.frame(measure, lines)
    match measure:
        case Measure.WEIGHT:
            figure = weight_chart(points, frame)
        case Measure.SPO2:
            figure = spo2_chart(points, frame)
        case Measure.HEART_RATE:
            figure = heart_rate_chart(points, frame)
        case _:
            figure = line_chart(
                points, frame, unit=say(spec.display_unit), decimals=spec.decimals, least_range=3
            )
    counted = [reading for reading in shown.of(measure) if reading.standing is Standing.ACCEPTED]
    verdict, out = verdict_of(measure, counted, frame, shown.until)
    data = _data(measure, fired=fired, verdict=verdict, out=out)
    data["last"] = number(counted[-1].value, spec.decimals) if counted else None
    data["last_at"] = written_time(counted[-1].measured_at, shown.zone) if counted else None
    data["kinds"] = _kinds(recent)
    data["readings"] = [
        _table_row(
            (number(reading.value, spec.decimals),), reading, shown.zone, out=frame.outside(reading.value)
        )
        for reading in reversed(recent)
    ]
    return Card(key=measure.value, data=data, figure=figure)


def _data(measure: Measure, *, fired: bool, verdict: str, out: bool) -> dict[str, Json]:
    pressure = measure is Measure.SYSTOLIC
    return {
        "title": _TITLES[measure],
        "unit": say(SPECS[measure].display_unit),
        "fired": fired,
        "verdict": verdict,
        "out": out,
        "columns": ["Systolic", "Diastolic"] if pressure else [_TITLES[measure]],
        "measures": ["systolic", "diastolic"] if pressure else [measure],
    }


def _pressure_card(shown: Shown, *, fired: bool) -> Card:
    bottoms = {reading.reading_id: reading for reading in shown.of(Measure.DIASTOLIC)}
    both = [
        (reading, bottoms[reading.reading_id])
        for reading in shown.of(Measure.SYSTOLIC)
        if reading.reading_id in bottoms
    ]
    recent = [(top, bottom) for top, bottom in both if top.measured_at >= shown.since]
    systolic, diastolic = shown.frame(Measure.SYSTOLIC), shown.frame(Measure.DIASTOLIC)
    pairs = [
        Pair(
            at=top.measured_at,
            systolic=top.value,
            diastolic=bottom.value,
            notes=_notes(top),
            kind=_kind(top),
        )
        for top, bottom in recent
    ]
    counted = [(top, bottom) for top, bottom in both if top.standing is Standing.ACCEPTED]
    verdict, out = verdict_of_pressure(counted, systolic, diastolic, shown.until)
    data = _data(Measure.SYSTOLIC, fired=fired, verdict=verdict, out=out)
    data["last"] = f"{counted[-1][0].value:.0f}/{counted[-1][1].value:.0f}" if counted else None
    data["last_at"] = written_time(counted[-1][0].measured_at, shown.zone) if counted else None
    data["kinds"] = _kinds([top for top, _ in recent])
    data["readings"] = [
        _table_row(
            (number(top.value, 0), number(bottom.value, 0)),
            top,
            shown.zone,
            out=systolic.outside(top.value) or diastolic.outside(bottom.value),
        )
        for top, bottom in reversed(recent)
    ]
    return Card(key="blood_pressure", data=data, figure=blood_pressure_chart(pairs, systolic, diastolic))


def _notes(reading: ChartReading) -> tuple[str, ...]:
    if not reading.quality and reading.standing is Standing.ACCEPTED:
        return ()  # nearly all of them, and there are hundreds
    flags = tuple(say(_NOTES[flag]) for flag in Quality if flag in reading.quality and flag in _NOTES)
    standing = {
        Standing.ACCEPTED: (),
        Standing.HELD: (say("held for a check"),),
        Standing.EXCLUDED: (say("excluded"),),
    }
    return (*standing[reading.standing], *flags)


def _kind(reading: ChartReading) -> Kind:
    """The one thing about the reading that matters most to whoever looks at its mark."""
    if reading.standing is not Standing.ACCEPTED:
        return Kind.HELD if reading.standing is Standing.HELD else Kind.EXCLUDED
    if Quality.MANUAL in reading.quality:
        return Kind.MANUAL
    return Kind.LATE if Quality.LATE in reading.quality else Kind.PLAIN


def _kinds(readings: Sequence[ChartReading]) -> list[Json]:
    """The kinds among the readings, for the legend: none where all are plain."""
    there = {_kind(reading) for reading in readings}
    return [kind.value for kind in Kind if kind in there and kind is not Kind.PLAIN]


def _point(reading: ChartReading) -> Point:
    return Point(
        at=reading.measured_at,
        value=reading.value,
        notes=_notes(reading),
        kind=_kind(reading),
    )


def _table_row(values: Sequence[str], reading: ChartReading, zone: ZoneInfo, *, out: bool) -> Json:
    return {
        "id": reading.reading_id,
        "standing": reading.standing,
        "at": written_time(reading.measured_at, zone),
        "values": list(values),
        "notes": list(_notes(reading)),
        "out": reading.standing is Standing.ACCEPTED and out,
    }
