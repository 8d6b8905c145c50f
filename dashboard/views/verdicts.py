"""What a chart says in one line, and the lines of a weight: usual, and where its rule would fire."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from dashboard.figures.frame import Frame, Line
from dashboard.numbers import number
from dashboard.views.targets import Band, Limits, in_words
from dashboard.words import say
from store.population import ChartReading
from vitals.measure import SPECS, Measure
from vitals.observation import Standing

_QUIET_AFTER = timedelta(days=3)


def usual_weight(readings: Sequence[ChartReading], until: datetime) -> float | None:
    """The median of the four weeks that ended three days ago, so that a gain is not its own baseline."""
    values = [
        reading.value
        for reading in readings
        if reading.standing is Standing.ACCEPTED
        and until - timedelta(days=31) <= reading.measured_at <= until - timedelta(days=3)
    ]
    return round(median(values), 1) if len(values) >= 5 else None


def weight_lines(weights: Sequence[ChartReading], limits: Limits, until: datetime) -> list[Line]:
    """The patient's usual weight, and where the rule of a fast gain would fire today."""
    counted = [reading for reading in weights if reading.standing is Standing.ACCEPTED]
    usual = usual_weight(counted, until)
    lines = (
        []
        if usual is None
        else [Line(value=usual, words=say("usual {value}", value=number(usual, 1)), is_limit=False)]
    )
    gain, before = limits.get("weight_gain_fast"), _days_before_last(counted, 2, 5)
    if gain is not None and before:
        edge = median(reading.value for reading in before) + gain
        lines.append(Line(value=round(edge, 1), words=say("limit {value}", value=number(edge, 1))))
    return lines


def _days_before_last(counted: Sequence[ChartReading], least: float, most: float) -> list[ChartReading]:
    """The readings from `most` to `least` days before the newest one."""
    if not counted:
        return []
    newest = counted[-1].measured_at
    return [
        reading
        for reading in counted
        if timedelta(days=least) <= newest - reading.measured_at <= timedelta(days=most)
    ]


def verdict_of(
    measure: Measure, counted: Sequence[ChartReading], frame: Frame, until: datetime
) -> tuple[str, bool]:
    """One line on the latest readings, and whether it is bad news."""
    if not counted:
        return "", False
    last = counted[-1]
    silent = _silence(last, until)
    if silent is not None:
        return silent, True
    if measure is Measure.WEIGHT:
        return _weight_change(counted, last)
    if frame.band is None:
        return say("No limit set"), False
    if frame.outside(last.value):
        return _beyond(last.value, frame.band, measure), True
    out = [frame.outside(reading.value) for reading in counted if _is_recent(reading, until)]
    if any(out):
        return _out_lately(out), False
    return say("In range {words}", words=in_words(frame.band, measure)), False


def verdict_of_pressure(
    counted: Sequence[tuple[ChartReading, ChartReading]], systolic: Frame, diastolic: Frame, until: datetime
) -> tuple[str, bool]:
    """The same of pairs, systolic first: a pair is out of range where either value is."""
    if not counted:
        return "", False
    top, bottom = counted[-1]
    silent = _silence(top, until)
    if silent is not None:
        return silent, True
    if systolic.band is None and diastolic.band is None:
        return say("No limit set"), False
    if systolic.band is not None and systolic.outside(top.value):
        return _beyond(top.value, systolic.band, Measure.SYSTOLIC), True
    if diastolic.band is not None and diastolic.outside(bottom.value):
        said = _beyond(bottom.value, diastolic.band, Measure.DIASTOLIC)
        return say("Diastolic: {what}", what=said), True
    out = [
        systolic.outside(top.value) or diastolic.outside(bottom.value)
        for top, bottom in counted
        if _is_recent(top, until)
    ]
    if any(out):
        return _out_lately(out), False
    bands = ((systolic.band, Measure.SYSTOLIC), (diastolic.band, Measure.DIASTOLIC))
    words = " / ".join(in_words(edges, measure) for edges, measure in bands if edges is not None)
    unit = f" {SPECS[Measure.SYSTOLIC].display_unit}"
    words = words.replace(unit, "") + unit
    return say("In range {words}", words=words), False


def _silence(last: ChartReading, until: datetime) -> str | None:
    silent = until - last.measured_at
    return say("No reading for {n} days", n=silent.days) if silent > _QUIET_AFTER else None


def _is_recent(reading: ChartReading, until: datetime) -> bool:
    return reading.measured_at >= until - timedelta(days=7)


def _beyond(value: float, edges: Band, measure: Measure) -> str:
    low, _ = edges
    below = low is not None and value <= low
    return say("Below range {words}" if below else "Above range {words}", words=in_words(edges, measure))


def _out_lately(out: Sequence[bool]) -> str:
    return say("{n} of {all} out of range in 7 days", n=sum(out), all=len(out))


def _weight_change(counted: Sequence[ChartReading], last: ChartReading) -> tuple[str, bool]:
    before = _days_before_last(counted, 2.5, 5)
    if not before:
        return say("No reading to compare with"), False
    change = last.value - before[-1].value
    days = max(1, round((last.measured_at - before[-1].measured_at) / timedelta(days=1)))
    sign = "+" if change >= 0 else "−"
    return say("{change} kg in {n} days", change=sign + number(abs(change), 1), n=days), abs(change) >= 2
