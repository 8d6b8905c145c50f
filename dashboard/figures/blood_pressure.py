"""Blood pressure: systolic and diastolic as a pair of marks joined by a bar, one pair a measurement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dashboard.figures.frame import (
    BAR,
    KIND_SYMBOLS,
    LIMIT,
    LINE,
    Figure,
    Frame,
    Json,
    Kind,
    layout,
    value_range,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One measurement."""

    at: datetime
    systolic: float
    diastolic: float
    notes: tuple[str, ...] = ()
    kind: Kind = Kind.PLAIN

    @property
    def counts(self) -> bool:
        """Whether the rules may use it."""
        return self.kind.counts


def blood_pressure_chart(pairs: Sequence[Pair], systolic: Frame, diastolic: Frame) -> Figure:
    """Triangles that point at each other, joined by a bar; a pair is in colour where either value is out.

    The frames are of one chart: what differs is what each value is judged by.
    """
    ordered = sorted(pairs, key=lambda pair: pair.at)
    values = [value for pair in ordered for value in (pair.systolic, pair.diastolic)]
    is_out = [
        pair.counts and (systolic.outside(pair.systolic) or diastolic.outside(pair.diastolic))
        for pair in ordered
    ]
    frame = replace(systolic, lines=(*systolic.lines, *diastolic.lines))
    return {
        "data": [
            *_bars(ordered, is_out, frame),
            _marks(ordered, is_out, frame, top=True),
            _marks(ordered, is_out, frame, top=False),
        ],
        "layout": layout(frame, value_range(values, frame, least=40)),
    }


def _bars(pairs: Sequence[Pair], is_out: Sequence[bool], frame: Frame) -> list[Json]:
    drawn: list[Json] = []
    for out in (False, True):
        chosen = [pair for pair, beyond in zip(pairs, is_out, strict=True) if beyond is out and pair.counts]
        drawn.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [x for pair in chosen for x in (frame.x(pair.at), frame.x(pair.at), None)],
                "y": [y for pair in chosen for y in (pair.systolic, pair.diastolic, None)],
                "line": {"color": LIMIT if out else BAR, "width": 2.5},
                "opacity": 0.55 if out else 1,
                "hoverinfo": "skip",
            }
        )
    return drawn


def _marks(pairs: Sequence[Pair], is_out: Sequence[bool], frame: Frame, *, top: bool) -> Figure:
    def symbol(pair: Pair) -> str:
        return KIND_SYMBOLS.get(pair.kind, "triangle-down" if top else "triangle-up")

    def words(pair: Pair) -> str:
        notes = f"<br>{', '.join(pair.notes)}" if pair.notes else ""
        return f"{pair.systolic:.0f}/{pair.diastolic:.0f} mmHg{notes}"

    return {
        "type": "scatter",
        "mode": "markers",
        "x": [frame.x(pair.at) for pair in pairs],
        "y": [pair.systolic if top else pair.diastolic for pair in pairs],
        "text": [words(pair) for pair in pairs],
        "hovertemplate": "%{text}<br>%{x|%-d %b %H:%M}<extra></extra>",
        "marker": {
            "opacity": 1,
            "symbol": [symbol(pair) for pair in pairs],
            "size": 8.5,
            "color": [LIMIT if out else LINE for out in is_out],
        },
    }
