"""The worklist's queries: open alerts by priority and age, one row a patient, with a sparkline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum

import msgspec

from store.connection import Connection
from store.names import search_patterns
from store.pressing import PRESSING, WAITS_FOR, Pressing
from store.sparklines import SPARK, Spark, spark_parameters
from vitals.alert import Kind, Priority
from vitals.ids import AlertId, PatientId, StaffId
from vitals.measure import Measure
from vitals.message import Message

PAGE = 50


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
    """What a nurse asked the worklist for. `search` is parts of a name or a record number."""

    ward_id: str
    show: Show = Show.ALL
    staff_id: StaffId | None = None
    priority: Priority | None = None
    search: str = ""
    after: Place | None = None
    limit: int = PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReminder:
    """That somebody wants to be reminded of an open alert of the row's patient, and when."""

    staff_id: StaffId
    remind_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorklistRow:
    """One patient's most pressing open alert: of equally urgent ones the first that nobody has seen.

    `others` are their other open ones, most pressing first; `others_unseen` how many of them nobody has seen.
    `spark` is as `store.sparklines` makes it; `own_limits` those in force that are the patient's alone.
    `escalated_to` is the duty, or the name of the person, whom an alert that nobody has taken waits for now;
    `waits_for` the person who has yet to accept what a colleague handed on to them.
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
    others: tuple[AlertId, ...] = ()
    others_unseen: int = 0
    waits_for: StaffId | None = None
    waits_for_name: str | None = None
    message: Message | None = None
    escalated_to: str | None = None
    programmes: tuple[str, ...] = ()
    spark: Spark = field(default=())
    own_limits: Mapping[str, float] = field(default_factory=dict)
    reminders: tuple[RowReminder, ...] = ()
    withdrawn: bool = False

    @property
    def more(self) -> int:
        """How many other open alerts the patient has."""
        return len(self.others)

    @property
    def place(self) -> Place:
        """Where the row stands, to ask for the page after it."""
        return Place(rank=self.priority.rank, raised_at=self.raised_at, alert_id=self.alert_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklist:
    """One page, how many rows each section has in all, and what every screen of the ward speaks of.

    `newest` is the last alert's id: what has a greater one is news.
    """

    rows: Sequence[WorklistRow]
    counts: Mapping[Priority, int]
    snoozed: int
    pressing: Sequence[Pressing] = ()
    newest: int = 0


# The place's expression must stay that of the index `alerts_worklist`, or the page is sorted instead of read.
_URGENCY = "CASE {0}.priority WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END"
_PLACE = f"({_URGENCY}), {{0}}.raised_at, {{0}}.alert_id"
# Within a patient what nobody has seen comes before what somebody has, or it would hide behind that.
_FIRST = f"({_URGENCY}), ({{0}}.acknowledged_at IS NOT NULL), {{0}}.raised_at, {{0}}.alert_id"
_AWAKE = "({0}.snoozed_until IS NULL OR {0}.snoozed_until <= %(now)s)"
_FOUND = "p.search_text LIKE ALL (SELECT fold(pattern) FROM unnest(%(patterns)s::text[]) AS pattern)"
_IS_MINE = "({0}.owner = %(staff_id)s OR ({0}.escalation > 0 AND " + WAITS_FOR + " = %(staff_id)s))"
_IS_UNSEEN = f"({{0}}.acknowledged_at IS NULL AND {_AWAKE})"
# Of all rows of the patient: what `show` asks of any of their alerts.
_OF_ANY = {Show.MINE: _IS_MINE, Show.UNSEEN: _IS_UNSEEN}

_ROWS = f"""
    SELECT a.alert_id, a.patient_id, p.given_name, p.family_name, p.sex, p.birth_date, p.time_zone, a.kind,
           a.priority, a.measure, a.rule, a.reason, a.message, a.raised_at, a.due_at, a.acknowledged_at,
           a.owner, s.name AS owner_name, a.snoozed_until, a.cleared_at, a.rev, a.escalation,
           a.cleared_at IS NOT NULL AND a.evidence_at IS NULL AS withdrawn
    FROM alerts a JOIN patients p USING (patient_id) LEFT JOIN staff s ON s.staff_id = a.owner
    WHERE a.closed_at IS NULL AND p.ward_id = %(ward_id)s
      AND {_AWAKE.format("a")} = (NOT %(snoozed)s)
      AND NOT EXISTS (
        SELECT 1 FROM alerts b
        WHERE b.patient_id = a.patient_id AND b.closed_at IS NULL
          AND {_AWAKE.format("b")} = (NOT %(snoozed)s)
          AND ({_FIRST.format("b")}) < ({_FIRST.format("a")}))
"""

# What a row says, as JSON under the names of `WorklistRow`; what costs more is asked for a page's rows alone.
_ROW = f"""
    SELECT a.alert_id, a.patient_id, a.given_name, a.family_name, a.sex, a.birth_date, a.kind, a.priority,
           a.measure, a.rule, a.reason, nullif(a.message, '{{}}') AS message, a.raised_at, a.due_at,
           a.acknowledged_at, a.owner, a.owner_name, a.snoozed_until, a.cleared_at, a.rev, a.withdrawn,
           ARRAY(SELECT e.programme FROM programme_enrolments e
                  WHERE e.patient_id = a.patient_id AND e.starts_on <= %(now)s::date
                    AND (e.ends_on IS NULL OR e.ends_on >= %(now)s::date)) AS programmes,
           others.*, waiting.staff_id AS waits_for, waiting.name AS waits_for_name,
           CASE WHEN a.escalation > 0 AND a.acknowledged_at IS NULL THEN (
                SELECT coalesce(t.name, e.data ->> 'to')
                FROM alert_events e LEFT JOIN staff t ON t.staff_id = e.data ->> 'to'
                    AND t.staff_id NOT IN ('nurse', 'backup', 'on_call', 'lead')
                WHERE e.alert_id = a.alert_id AND e.kind = 'escalated' AND NOT EXISTS (
                    SELECT 1 FROM alert_events u WHERE u.alert_id = e.alert_id AND u.kind = 'undone'
                       AND (u.data ->> 'undone_rev')::int = e.rev)
                ORDER BY e.rev DESC LIMIT 1)
           END AS escalated_to,
           {SPARK} AS spark,
           coalesce((SELECT json_object_agg(name, value) FROM (
               SELECT DISTINCT ON (name) name, value FROM limits l
               WHERE l.patient_id = a.patient_id AND revoked_at IS NULL AND set_at <= %(now)s
                 AND (expires_at IS NULL OR expires_at > %(now)s)
               ORDER BY name, (expires_at IS NOT NULL) DESC, set_at DESC) AS own), '{{}}') AS own_limits,
           coalesce((SELECT json_agg(json_build_object('staff_id', m.staff_id, 'remind_at', m.remind_at))
                     FROM reminders m JOIN alerts o USING (alert_id)
                     WHERE o.patient_id = a.patient_id AND o.closed_at IS NULL AND m.ended_at IS NULL),
                    '[]') AS reminders
    FROM page a
    CROSS JOIN LATERAL (
        SELECT coalesce(json_agg(o.alert_id ORDER BY {_FIRST.format("o")}), '[]') AS others,
               count(*) FILTER (WHERE {_IS_UNSEEN.format("o")}) AS others_unseen
        FROM alerts o
        WHERE o.patient_id = a.patient_id AND o.closed_at IS NULL AND o.alert_id <> a.alert_id) AS others
    LEFT JOIN staff waiting
           ON waiting.staff_id = CASE WHEN a.escalation > 0 THEN {WAITS_FOR.format("a")} END
    ORDER BY {_PLACE.format("a")}
"""

# One pass over the open alerts: the first of each patient's awake ones, and of their snoozed ones.
_FIRSTS = f"""
    SELECT DISTINCT ON (a.patient_id, snoozed) a.patient_id, a.priority,
           NOT {_AWAKE.format("a")} AS snoozed, {{any}} AS wanted
    FROM alerts a WHERE a.closed_at IS NULL
    ORDER BY a.patient_id, snoozed, {_FIRST.format("a")}
"""


def _page_query(asked: Asked) -> str:
    """The page's query with only the conditions that were asked for, so that its plan is theirs."""
    in_section = asked.priority is not None
    conditions = {
        # A section is a range of the index too: from its first place, or the one asked for, to its last.
        f"({_PLACE.format('a')}) > (%(after_urgency)s, %(after_raised_at)s, %(after_alert_id)s)": (
            in_section or asked.after is not None
        ),
        f"({_URGENCY.format('a')}) <= %(urgency)s": in_section,
        _FOUND: bool(asked.search.strip()),
    }
    wanted = "".join(f" AND {condition}" for condition, applies in conditions.items() if applies)
    if asked.show in _OF_ANY:
        wanted += f""" AND EXISTS (
            SELECT 1 FROM alerts m
            WHERE m.patient_id = a.patient_id AND m.closed_at IS NULL
              AND {_OF_ANY[asked.show].format("m")})"""
    return f"{_ROWS}{wanted} ORDER BY {_PLACE.format('a')} LIMIT %(limit)s"


def _counts_query(asked: Asked) -> str:
    of_any = "true"
    if asked.show in _OF_ANY:
        of_any = f"bool_or({_OF_ANY[asked.show].format('a')}) OVER (PARTITION BY a.patient_id)"
    found = f" AND {_FOUND}" if asked.search.strip() else ""
    shown = ", ".join(
        f"count(*) FILTER (WHERE f.priority = '{priority}' AND f.snoozed = %(snoozed)s) AS {priority}"
        for priority in Priority
    )
    return f"""
        SELECT {shown}, count(*) FILTER (WHERE f.snoozed) AS aside
        FROM ({_FIRSTS.format(any=of_any)}) f JOIN patients p USING (patient_id)
        WHERE p.ward_id = %(ward_id)s AND (f.snoozed OR f.wanted){found}
    """


def _query(asked: Asked) -> str:
    """Page and counts in one question: each more is a round trip, which costs more than its answer."""
    return f"""
        WITH page AS MATERIALIZED ({_page_query(asked)}), counts AS MATERIALIZED ({_counts_query(asked)})
        SELECT counts.*, (SELECT json_agg(r)::text FROM ({_ROW}) AS r),
               (SELECT json_agg(r)::text FROM ({PRESSING}) AS r),
               coalesce((SELECT max(alert_id) FROM alerts), 0) FROM counts
    """


_Value = str | int | float | bool | datetime | list[str] | None


_EVER = datetime.min.replace(tzinfo=UTC)


def _urgency(rank: int) -> int:
    """The index's number: the most pressing is 1."""
    return Priority.HIGH.rank - rank + 1


def _parameters(asked: Asked, now: datetime) -> dict[str, _Value]:
    urgency = _urgency(asked.priority.rank) if asked.priority else None
    after = asked.after
    return {
        "ward_id": asked.ward_id,
        "now": now,
        "patterns": search_patterns(asked.search),
        "snoozed": asked.show is Show.SNOOZED,
        "staff_id": asked.staff_id,
        "urgency": urgency,
        "after_urgency": _urgency(after.rank) if after else urgency,
        "after_raised_at": after.raised_at if after else _EVER,
        "after_alert_id": after.alert_id if after else 0,
        "limit": asked.limit,
        **spark_parameters(now),
    }


_DECODER = msgspec.json.Decoder(list[WorklistRow])
_PRESSING = msgspec.json.Decoder(list[Pressing])


def worklist(connection: Connection, asked: Asked, now: datetime) -> Worklist:
    """One page of the worklist with its counts, of one instant, by one statement."""
    found = connection.execute(_query(asked).encode(), _parameters(asked, now)).fetchone()
    assert found is not None, "an aggregate is always a row"
    *counts, snoozed, rows, pressing, newest = found
    return Worklist(
        rows=_DECODER.decode(rows) if rows is not None else [],
        counts=dict(zip(Priority, counts, strict=True)),
        snoozed=snoozed,
        pressing=_PRESSING.decode(pressing) if pressing is not None else [],
        newest=newest,
    )


def alert_ward(connection: Connection, alert_id: AlertId) -> str | None:
    """The ward of the alert's patient; None where there is no such alert."""
    row = connection.execute(
        "SELECT p.ward_id FROM alerts a JOIN patients p USING (patient_id) WHERE a.alert_id = %(alert_id)s",
        {"alert_id": alert_id},
    ).fetchone()
    return None if row is None else row[0]


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
