"""What all charts share: colours, axes, target band, limits, when the alert was raised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

Json = str | int | float | bool | None | Mapping[str, "Json"] | Sequence["Json"]
Figure = dict[str, Json]


# Colours are the style sheet's names: a theme turns without asking the server. Plotly is given their values.
GRID, LINE, BAR = "var(--chart-grid)", "var(--chart-line)", "var(--chart-bar)"
BAND, LIMIT = "var(--chart-band)", "var(--chart-limit)"
BASELINE, ALERT, CARD = "var(--chart-baseline)", "var(--chart-alert)", "var(--card)"


class Kind(StrEnum):
    """What a reading is besides its value: each is drawn with a shape of its own, whatever its colour."""

    PLAIN = "plain"
    MANUAL = "manual"
    LATE = "late"
    HELD = "held"
    EXCLUDED = "excluded"

    @property
    def counts(self) -> bool:
        """Whether the rules may use such a reading."""
        return self not in (Kind.HELD, Kind.EXCLUDED)


KIND_SYMBOLS = {
    Kind.MANUAL: "square",
    Kind.LATE: "hourglass",
    Kind.HELD: "circle-open",
    Kind.EXCLUDED: "x-open",
}
"""The shape of each kind but the plain one, whose shape is the chart's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One reading. `notes` are words for its quality."""

    at: datetime
    value: float
    notes: tuple[str, ...] = ()
    kind: Kind = Kind.PLAIN

    @property
    def counts(self) -> bool:
        """Whether the rules may use it."""
        return self.kind.counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A limit or a baseline across the chart, with its words at the right end.

    `over` is the time that it speaks of, where it is the mean of some days: drawn there alone.
    """

    value: float
    words: str
    is_limit: bool = True
    over: tuple[datetime, datetime] | None = None

    @property
    def colour(self) -> str:
        """A mean is in the colour of the alert that it raised."""
        if self.over is not None:
            return ALERT
        return LIMIT if self.is_limit else BASELINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is around the readings: the time shown, in the patient's zone, and what they are judged by."""

    since: datetime
    until: datetime
    zone: ZoneInfo
    band: tuple[float | None, float | None] | None = None
    lines: tuple[Line, ...] = field(default=())
    alert_at: datetime | None = None

    def x(self, at: datetime) -> str:
        """The instant as the patient's wall clock, which is what Plotly writes on the axis."""
        return at.astimezone(self.zone).isoformat(" ", "minutes")[:16]

    def outside(self, value: float) -> bool:
        """Whether the value is at an edge of the target band or beyond it: so the rules count too."""
        if self.band is None:
            return False
        low, high = self.band
        return (low is not None and value <= low) or (high is not None and value >= high)


_MARGIN = 0.03
"""Of the time shown, after its end: the newest mark is drawn whole."""

LONGEST_GAP = timedelta(hours=60)
"""Readings further apart are not joined: a line would claim to know what lay between."""


def with_gaps(points: Sequence[Point]) -> list[Point | None]:
    """The points that count, in time order, with None wherever the line must break."""
    ordered = sorted((point for point in points if point.counts), key=lambda point: point.at)
    joined: list[Point | None] = []
    for point in ordered:
        last = joined[-1] if joined else None
        if last is not None and point.at - last.at > LONGEST_GAP:
            joined.append(None)
        joined.append(point)
    return joined


def value_range(values: Sequence[float], frame: Frame, *, least: float) -> tuple[float, float]:
    """The y axis: all values, lines and band edges with a margin, and never narrower than `least`."""
    edges = [edge for edge in frame.band or () if edge is not None]
    shown = [*values, *edges, *(line.value for line in frame.lines)]
    if not shown:
        return 0.0, least
    low, high = min(shown), max(shown)
    margin = max((high - low) * 0.12, (least - (high - low)) / 2, least * 0.08)
    return low - margin, high + margin


def layout(frame: Frame, y_range: tuple[float, float], *, whole_numbers: bool = True) -> Figure:
    """Axes, band, lines and labels of one chart: what differs between charts. How they look is the page's."""
    return {
        "xaxis": {
            "range": [frame.x(frame.since), frame.x(frame.until + (frame.until - frame.since) * _MARGIN)],
            "type": "date",
            "tickformat": "%-d %b",
            "tick0": frame.x(frame.until)[:10] + " 00:00",
            "dtick": _tick_every(frame),
        },
        "yaxis": {"range": list(y_range), "nticks": 5, "tickformat": "d" if whole_numbers else "~g"},
        "shapes": [*_band(frame, y_range), *(_line(line, frame) for line in frame.lines), *_alert(frame)],
        "annotations": _labels(frame, y_range),
    }


def _tick_every(frame: Frame) -> int:
    """Milliseconds between two dates on the axis: four or five of them, on whole days."""
    days = (frame.until - frame.since) / timedelta(days=1)
    return max(1, round(days / 4)) * 86_400_000


def _band(frame: Frame, y_range: tuple[float, float]) -> list[Figure]:
    if frame.band is None:
        return []
    low, high = frame.band
    return [
        {
            "type": "rect", "layer": "below", "xref": "paper", "x0": 0, "x1": 1, "line": {"width": 0},
            "y0": y_range[0] if low is None else low, "y1": y_range[1] if high is None else high,
            "fillcolor": BAND,
        }
    ]  # fmt: skip


def _line(line: Line, frame: Frame) -> Figure:
    look: Figure = {"color": line.colour, "width": 1.4, "dash": "dash" if line.is_limit else "solid"}
    drawn: Figure = {"type": "line", "layer": "below", "y0": line.value, "y1": line.value, "line": look}
    if line.over is None:
        return {**drawn, "xref": "paper", "x0": 0, "x1": 1}
    began, ended = max(line.over[0], frame.since), min(line.over[1], frame.until)
    return {**drawn, "x0": frame.x(min(began, ended)), "x1": frame.x(ended), "line": {**look, "width": 3}}


def _alert(frame: Frame) -> list[Figure]:
    if frame.alert_at is None or not frame.since <= frame.alert_at <= frame.until:
        return []
    at = frame.x(frame.alert_at)
    return [
        {
            "type": "line", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1,
            "line": {"color": ALERT, "width": 1.6, "dash": "dot"},
        }
    ]  # fmt: skip


def _labels(frame: Frame, y_range: tuple[float, float]) -> list[Json]:
    """The lines' words at the right, pushed apart where lines are close: 8.5 % of the height each."""
    apart = (y_range[1] - y_range[0]) * 0.085
    labels: list[Json] = []
    below = float("-inf")
    for line in sorted(frame.lines, key=lambda line: line.value):
        y = max(line.value, below + apart)
        below = y
        labels.append(
            {
                "xref": "paper", "x": 1.015, "xanchor": "left", "y": y, "yanchor": "middle",
                "showarrow": False, "text": line.words,
                "font": {"color": line.colour},
            }
        )  # fmt: skip
    return labels


def notes_words(point: Point) -> str:
    """The point's notes for its hover label; empty where it has none."""
    return f"<br>{', '.join(point.notes)}" if point.notes else ""
