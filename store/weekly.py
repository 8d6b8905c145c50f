"""The weekly list: lines, and who has seen or discussed them. Rows in, rows out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from store.connection import Connection
from vitals.ids import PatientId, StaffId
from vitals.message import Message

_COLUMNS = (
    "patient_id, rule, rule_version, problem, measure, week, days, first_at, evidence_at, magnitude, message"
)
_NAMES = _COLUMNS.replace(" ", "").split(",")

_NEWEST = f"""
    SELECT DISTINCT ON (patient_id, rule) {_COLUMNS} FROM weekly_lines
    WHERE patient_id = ANY(%(patient_ids)s) AND week >= %(since)s ORDER BY patient_id, rule, week DESC
"""

_KEEP = f"""
    INSERT INTO weekly_lines ({_COLUMNS}) VALUES ({", ".join(f"%({name})s" for name in _NAMES)})
    ON CONFLICT (patient_id, rule, week) DO UPDATE SET
        rule_version = excluded.rule_version, measure = excluded.measure, days = excluded.days,
        evidence_at = excluded.evidence_at, magnitude = excluded.magnitude, message = excluded.message
"""

_WEEKS = """
    SELECT week, count(*) AS lines,
           count(*) FILTER (WHERE NOT EXISTS (
               SELECT 1 FROM weekly_marks m WHERE m.line_id = l.line_id AND m.mark_id = (
                   SELECT max(mark_id) FROM weekly_marks n WHERE n.line_id = l.line_id)
                 AND m.deed <> 'reopened')) AS open
    FROM weekly_lines l JOIN patients p USING (patient_id)
    WHERE p.ward_id = %(ward_id)s GROUP BY week ORDER BY week DESC LIMIT %(most)s
"""

_LISTED = """
    SELECT l.line_id, l.patient_id, p.given_name, p.family_name, l.rule, l.rule_version, l.problem, l.measure,
           l.week, l.days, l.first_at, l.evidence_at, l.magnitude, l.message,
           m.deed, m.staff_id AS marked_by, s.name AS marked_by_name, m.at AS marked_at
    FROM weekly_lines l
    JOIN patients p USING (patient_id)
    LEFT JOIN LATERAL (
        SELECT deed, staff_id, at FROM weekly_marks WHERE line_id = l.line_id ORDER BY mark_id DESC LIMIT 1
    ) m ON true
    LEFT JOIN staff s ON s.staff_id = m.staff_id
    WHERE p.ward_id = %(ward_id)s AND l.week = %(week)s
    ORDER BY p.family_name, p.given_name, l.patient_id, l.rule
"""

# A line of another ward's patient is not marked.
_MARK = """
    INSERT INTO weekly_marks (line_id, deed, staff_id, at)
    SELECT l.line_id, %(deed)s, %(staff_id)s, %(at)s
    FROM weekly_lines l JOIN patients p USING (patient_id)
    WHERE l.line_id = ANY(%(line_ids)s) AND p.ward_id = %(ward_id)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """One line, as `alerts.review.weekly` makes it."""

    patient_id: PatientId
    rule: str
    rule_version: int
    problem: str
    measure: str | None
    week: date
    days: int
    first_at: datetime
    evidence_at: datetime
    magnitude: float
    message: dict[str, object]

    @property
    def said(self) -> Message:
        """What the line says, for a catalogue."""
        return msgspec.convert(self.message, Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedLine:
    """One line as it is read, with how it stands: `deed` is None where nobody has looked at it."""

    line_id: int
    patient_id: PatientId
    given_name: str
    family_name: str
    rule: str
    rule_version: int
    problem: str
    measure: str | None
    week: date
    days: int
    first_at: datetime
    evidence_at: datetime
    magnitude: float
    message: dict[str, object]
    deed: str | None
    marked_by: StaffId | None
    marked_by_name: str | None
    marked_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether nobody has dealt with it."""
        return self.deed in (None, "reopened")

    @property
    def said(self) -> Message:
        """What the line says, for a catalogue."""
        return msgspec.convert(self.message, Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCount:
    """A week that has lines, and how many of them nobody has looked at."""

    week: date
    lines: int
    open: int


def newest(connection: Connection, patient_ids: Sequence[PatientId], *, since: date) -> list[LineRow]:
    """Each rule's newest line of each of these patients, of the weeks since then."""
    with connection.cursor(row_factory=class_row(LineRow)) as cursor:
        return cursor.execute(_NEWEST.encode(), {"patient_ids": list(patient_ids), "since": since}).fetchall()


def keep(connection: Connection, lines: Iterable[LineRow]) -> None:
    """Write lines down; a week's line that is there already becomes this one."""
    for line in lines:
        values = {name: getattr(line, name) for name in _NAMES}
        connection.execute(_KEEP.encode(), values | {"message": Jsonb(line.message)})


def weeks(connection: Connection, ward_id: str, *, most: int = 26) -> list[WeekCount]:
    """The newest weeks of the ward that have lines, newest first."""
    with connection.cursor(row_factory=class_row(WeekCount)) as cursor:
        return cursor.execute(_WEEKS, {"ward_id": ward_id, "most": most}).fetchall()


def listed(connection: Connection, ward_id: str, week: date) -> list[ListedLine]:
    """The ward's lines of the week, by patient."""
    with connection.cursor(row_factory=class_row(ListedLine)) as cursor:
        return cursor.execute(_LISTED, {"ward_id": ward_id, "week": week}).fetchall()


def mark(
    connection: Connection, ward_id: str, line_ids: Sequence[int], deed: str, by: StaffId, at: datetime
) -> int:
    """Keep that somebody has `seen`, `discussed` or `reopened` the lines; how many were the ward's."""
    asked = {"line_ids": list(line_ids), "deed": deed, "staff_id": by, "at": at, "ward_id": ward_id}
    return connection.execute(_MARK, asked).rowcount
