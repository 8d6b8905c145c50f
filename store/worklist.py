"""The worklist's queries: open alerts by priority and age, one row a patient, with a sparkline."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

import msgspec
from psycopg.rows import class_row

from store.connection import Connection
from vitals.alert import Kind, Priority
from vitals.ids import AlertId, PatientId, StaffId
from vitals.measure import Measure
from vitals.message import Message

PAGE = 50
SPARK_DAYS = 14


class Show(StrEnum):
    """Which of the ward's open alerts a nurse asked for."""

    ALL = "all"
    MINE = "mine"
    UNSEEN = "unseen"
    SNOOZED = "snoozed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a row stands in the worklist's order; the next page begins after it."""

    rank: int
    raised_at: datetime
    alert_id: AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a nurse asked the worklist for. `search` is part of a name, or a record number."""

    ward_id: str
    show: Show = Show.ALL
    staff_id: StaffId | None = None
    priority: Priority | None = None
    search: str = ""
    after: Place | None = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Day:
    """What was measured on one day: the last value, the lowest and the highest."""

    last: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRow:
    """One patient's most pressing open alert. `more` counts their other open ones.

    `spark` holds each of the patient's last `SPARK_DAYS` local days, oldest first; None where there was no
    reading that day.
    """

    alert_id: AlertId
    patient_id: PatientId
    given_name: str
    family_name: str
    sex: str
    birth_date: date
    kind: Kind
    priority: Priority
    measure: Measure | None
    rule: str
    reason: str
    raised_at: datetime
    due_at: datetime
    acknowledged_at: datetime | None
    owner: StaffId | None
    owner_name: str | None
    snoozed_until: datetime | None
    cleared_at: datetime | None
    rev: int
    more: int
    message: Message | None = None
    programmes: tuple[str, ...] = ()
    spark: tuple["Day | None", ...] = field(default=())

    @property
    def place(self) -> Place:
        """Where the row stands, to ask for the page after it."""
        return Place(rank=self.priority.rank, raised_at=self.raised_at, alert_id=self.alert_id)


# The rank's expression must stay that of the index `alerts_worklist`, or the page is sorted instead of read.
_RANK = "CASE {0}.priority WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END"
_AWAKE = "({0}.snoozed_until IS NULL OR {0}.snoozed_until <= %(now)s)"

_FROM = f"""
    FROM alerts a JOIN patients p USING (patient_id) LEFT JOIN staff s ON s.staff_id = a.owner
    WHERE a.closed_at IS NULL AND p.ward_id = %(ward_id)s
      AND {_AWAKE.format("a")} = (NOT %(snoozed)s)
      AND NOT EXISTS (
        SELECT 1 FROM alerts b
        WHERE b.patient_id = a.patient_id AND b.closed_at IS NULL
          AND {_AWAKE.format("b")} = (NOT %(snoozed)s)
          AND (-({_RANK.format("b")}), b.raised_at, b.alert_id)
            < (-({_RANK.format("a")}), a.raised_at, a.alert_id))
      AND (%(search)s = '' OR lower(p.given_name || ' ' || p.family_name) LIKE %(like)s
           OR lower(p.record_number) LIKE %(like)s)
      AND (NOT %(unseen)s OR a.acknowledged_at IS NULL)
      AND (NOT %(mine)s OR EXISTS (
        SELECT 1 FROM alerts m
        WHERE m.patient_id = a.patient_id AND m.closed_at IS NULL AND m.owner = %(staff_id)s))
"""

_PAGE = f"""
    SELECT a.alert_id, a.patient_id, p.given_name, p.family_name, p.sex, p.birth_date, a.kind, a.priority,
           a.measure, a.rule, a.reason, a.message, a.raised_at, a.due_at, a.acknowledged_at, a.owner,
           s.name AS owner_name, a.snoozed_until, a.cleared_at, a.rev,
           ARRAY(SELECT e.programme FROM programme_enrolments e
                  WHERE e.patient_id = a.patient_id AND e.starts_on <= %(now)s::date
                    AND (e.ends_on IS NULL OR e.ends_on >= %(now)s::date)) AS programmes,
           (SELECT count(*) - 1 FROM alerts o
             WHERE o.patient_id = a.patient_id AND o.closed_at IS NULL) AS more
    {_FROM}
      AND (%(priority)s::text IS NULL OR a.priority = %(priority)s)
      AND (%(after_rank)s::int IS NULL
           OR ({_RANK.format("a")}) < %(after_rank)s
           OR (({_RANK.format("a")}) = %(after_rank)s
               AND (a.raised_at, a.alert_id) > (%(after_raised_at)s, %(after_alert_id)s)))
    ORDER BY ({_RANK.format("a")}) DESC, a.raised_at, a.alert_id
    LIMIT %(limit)s
"""

_COUNTS = f"SELECT a.priority, count(*) {_FROM} GROUP BY a.priority"

_SPARKS = """
    SELECT o.patient_id, o.measure,
           (%(now)s AT TIME ZONE p.time_zone)::date
             - (o.measured_at AT TIME ZONE p.time_zone)::date AS days_ago,
           (array_agg(o.value ORDER BY o.measured_at DESC))[1] AS last,
           min(o.value) AS low, max(o.value) AS high
    FROM unnest(%(patient_ids)s::text[], %(measures)s::text[]) AS k (patient_id, measure)
    JOIN patients p ON p.patient_id = k.patient_id
    JOIN observations o ON o.patient_id = k.patient_id AND o.measure = k.measure
    WHERE o.measured_at > %(since)s AND o.measured_at <= %(now)s AND o.standing = 'accepted'
    GROUP BY 1, 2, 3
"""

_Value = str | int | bool | datetime | None


def _parameters(asked: Asked, now: datetime) -> dict[str, _Value]:
    words = asked.search.strip().lower()
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {
        "ward_id": asked.ward_id,
        "now": now,
        "search": words,
        "like": f"%{escaped}%",
        "snoozed": asked.show is Show.SNOOZED,
        "unseen": asked.show is Show.UNSEEN,
        "mine": asked.show is Show.MINE,
        "staff_id": asked.staff_id,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    alert_id: int
    patient_id: str
    given_name: str
    family_name: str
    sex: str
    birth_date: date
    kind: str
    priority: str
    measure: str | None
    rule: str
    reason: str
    raised_at: datetime
    due_at: datetime
    acknowledged_at: datetime | None
    owner: str | None
    owner_name: str | None
    snoozed_until: datetime | None
    cleared_at: datetime | None
    rev: int
    more: int
    programmes: list[str]
    message: dict[str, object]


def worklist_page(connection: Connection, asked: Asked, now: datetime) -> Sequence[WorklistRow]:
    """At most `asked.limit` rows in the worklist's order: most pressing first, then oldest."""
    after = asked.after
    parameters = _parameters(asked, now) | {
        "priority": asked.priority,
        "after_rank": after.rank if after else None,
        "after_raised_at": after.raised_at if after else None,
        "after_alert_id": after.alert_id if after else None,
        "limit": asked.limit,
    }
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        rows = cursor.execute(_PAGE, parameters).fetchall()
    sparks = _sparks(connection, rows, now)
    return [_worklist_row(row, sparks.get((row.patient_id, row.measure), ())) for row in rows]


def _worklist_row(row: _Row, spark: tuple[Day | None, ...]) -> WorklistRow:
    return WorklistRow(
        alert_id=AlertId(row.alert_id),
        patient_id=PatientId(row.patient_id),
        given_name=row.given_name,
        family_name=row.family_name,
        sex=row.sex,
        birth_date=row.birth_date,
        kind=Kind(row.kind),
        priority=Priority(row.priority),
        measure=Measure(row.measure) if row.measure else None,
        rule=row.rule,
        reason=row.reason,
        raised_at=row.raised_at,
        due_at=row.due_at,
        acknowledged_at=row.acknowledged_at,
        owner=StaffId(row.owner) if row.owner else None,
        owner_name=row.owner_name,
        snoozed_until=row.snoozed_until,
        cleared_at=row.cleared_at,
        rev=row.rev,
        more=row.more,
        message=msgspec.convert(row.message, Message) if row.message else None,
        programmes=tuple(row.programmes),
        spark=spark,
    )


def _sparks(
    connection: Connection, rows: Sequence[_Row], now: datetime
) -> dict[tuple[str, str | None], tuple[Day | None, ...]]:
    keys = {(row.patient_id, row.measure) for row in rows if row.measure}
    if not keys:
        return {}
    found = connection.execute(
        _SPARKS,
        {
            "now": now,
            "since": now - timedelta(days=SPARK_DAYS + 1),
            "patient_ids": [patient_id for patient_id, _ in keys],
            "measures": [measure for _, measure in keys],
        },
    ).fetchall()
    sparks: dict[tuple[str, str | None], list[Day | None]] = {}
    for patient_id, measure, days_ago, last, low, high in found:
        if 0 <= days_ago < SPARK_DAYS:
            days = sparks.setdefault((patient_id, measure), [None] * SPARK_DAYS)
            days[SPARK_DAYS - 1 - days_ago] = Day(last, low, high)
    return {key: tuple(values) for key, values in sparks.items()}


def worklist_counts(connection: Connection, asked: Asked, now: datetime) -> dict[Priority, int]:
    """How many rows each section has in all, whatever page or priority was asked for."""
    rows = connection.execute(_COUNTS, _parameters(asked, now)).fetchall()
    found = {Priority(priority): int(count) for priority, count in rows}
    return {priority: found.get(priority, 0) for priority in Priority}


def alert_patient(connection: Connection, alert_id: AlertId, ward_id: str) -> PatientId | None:
    """Whose alert this is; None where the ward has no such alert."""
    row = connection.execute(
        """
        SELECT a.patient_id FROM alerts a JOIN patients p USING (patient_id)
        WHERE a.alert_id = %(alert_id)s AND p.ward_id = %(ward_id)s
        """,
        {"alert_id": alert_id, "ward_id": ward_id},
    ).fetchone()
    return PatientId(row[0]) if row else None
