"""A small picture of a patient's last days for their own page: drawn on the server, without a script."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dashboard.views.targets import Band
from store.population import ChartReading
from vitals.measure import SPECS, Measure
from vitals.observation import Standing

DAYS = 14
WIDTH, HEIGHT, _EDGE = 320, 64, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """Where everything lies, in the picture's units: lines that end at a gap, the last point, the target."""

    lines: tuple[str, ...]
    last: tuple[float, float]
    band: tuple[float, float] | None


def sparkline(
    readings: Sequence[ChartReading], measure: Measure, target: Band | None, now: datetime, zone: ZoneInfo
) -> Sparkline | None:
    """The last value of each of the last `DAYS` days; None where there are fewer than two to draw."""
    today = now.astimezone(zone).date()
    days: dict[int, float] = {}
    for reading in sorted(readings, key=lambda one: one.measured_at):
        ago = (today - reading.measured_at.astimezone(zone).date()) / timedelta(days=1)
        if reading.measure is measure and reading.standing is Standing.ACCEPTED and 0 <= ago < DAYS:
            days[DAYS - 1 - int(ago)] = reading.value
    if len(days) < 2:
        return None
    low, high = _range(list(days.values()), target, 10 ** -SPECS[measure].decimals)

    def across(day: int) -> float:
        return round(_EDGE + day / (DAYS - 1) * (WIDTH - 2 * _EDGE), 1)

    def down(value: float) -> float:
        share = (min(max(value, low), high) - low) / (high - low)
        return round(HEIGHT - _EDGE - share * (HEIGHT - 2 * _EDGE), 1)

    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    newest = max(days)
    return Sparkline(
        lines=tuple(" ".join(f"{across(day)},{down(days[day])}" for day in run) for run in runs),
        last=(across(newest), down(days[newest])),
        band=None if target is None else _band(target, down),
    )


def _range(values: Sequence[float], target: Band | None, step: float) -> tuple[float, float]:
    """What the picture shows: all values, and an edge of the target where one is near."""
    low, high = min(values), max(values)
    room = max(high - low, 10 * step)
    near = [edge for edge in target or () if edge is not None and low - room <= edge <= high + room]
    low, high = min([low, *near]), max([high, *near])
    return low - step, high + step


def _band(target: Band, down: Callable[[float], float]) -> tuple[float, float] | None:
    low, high = target
    bottom = HEIGHT if low is None else down(low)
    top = 0.0 if high is None else down(high)
    return (top, round(bottom - top, 1)) if bottom > top else None
