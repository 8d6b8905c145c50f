"""What the rules read of patients: who they are to the rules, their readings, answers and equipment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from psycopg.rows import args_row, class_row

from store.connection import Connection
from vitals.ids import PatientId

_WATCHED = """
    SELECT p.patient_id, p.ward_id, p.time_zone, p.language, p.birth_date, p.enrolled_at, p.discharged_at,
           coalesce(array_agg(e.programme ORDER BY e.programme) FILTER (WHERE e.programme IS NOT NULL), '{}')
               AS programmes,
           coalesce(array_agg(e.starts_on ORDER BY e.programme) FILTER (WHERE e.programme IS NOT NULL), '{}')
               AS starts_on
    FROM patients p
    LEFT JOIN programme_enrolments e ON e.patient_id = p.patient_id
      AND e.starts_on <= (%(now)s AT TIME ZONE p.time_zone)::date
      AND (e.ends_on IS NULL OR e.ends_on >= (%(now)s AT TIME ZONE p.time_zone)::date)
    WHERE p.patient_id = ANY(%(patient_ids)s)
    GROUP BY p.patient_id
"""

# A reading is gathered from its observations, so that what has no row in `readings` counts too. The device
# matters only where a step between two instruments must not look like a change of the patient.
_READINGS = """
    SELECT o.patient_id, o.reading_id, o.measured_at, o.received_at, min(o.stored_at) AS stored_at,
           array_agg(o.measure) AS measures, array_agg(o.value) AS measured,
           min(o.quality) AS quality, min(o.standing) AS standing, min(r.device_id) AS device_id
    FROM unnest(%(patient_ids)s::text[], %(since)s::timestamptz[]) AS asked (patient_id, since)
    JOIN observations o ON o.patient_id = asked.patient_id AND o.measured_at >= asked.since
    LEFT JOIN readings r ON o.measure = 'weight' AND r.reading_id = o.reading_id
    GROUP BY o.patient_id, o.reading_id, o.measured_at, o.received_at
"""

_ANSWERS = """
    SELECT patient_id, question, yes, at FROM check_in_answers
    WHERE patient_id = ANY(%(patient_ids)s) AND at > %(since)s AND at <= %(until)s
    ORDER BY patient_id, at
"""

_ADD_ANSWER = """
    INSERT INTO check_in_answers (patient_id, question, at, yes, author)
    VALUES (%(patient_id)s, %(question)s, %(at)s, %(yes)s, %(author)s)
    ON CONFLICT (patient_id, question, at) DO NOTHING
"""

_EQUIPMENT = """
    SELECT a.patient_id, d.device_id, d.battery_percent, d.clock_offset_s, d.needs_pairing,
           g.gateway_id, g.online, g.status_at,
           greatest(g.enrolled_at, a.starts_at, d.bonded_at) AS expected_from,
           gap.missing, gap.missing_since
    FROM assignments a
    JOIN devices d USING (device_id)
    LEFT JOIN gateways g ON g.gateway_id = d.gateway_id AND g.active
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(missing_of(r.arrived)), 0)::bigint AS missing, max(r.gapped_at) AS missing_since
        FROM outbox_receipts r WHERE r.gateway_id = g.gateway_id AND r.gapped_at IS NOT NULL
    ) AS gap
    WHERE a.patient_id = ANY(%(patient_ids)s)
      AND a.starts_at <= %(now)s AND (a.ends_at IS NULL OR a.ends_at > %(now)s)
    ORDER BY a.patient_id, d.device_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedRow:
    """A patient as the rules know them; `programmes` and `starts_on` belong together."""

    patient_id: PatientId
    ward_id: str
    time_zone: str
    language: str
    birth_date: date
    enrolled_at: datetime
    discharged_at: datetime | None
    programmes: list[str]
    starts_on: list[date]


class ReadingRow(NamedTuple):
    """One reading with all its observations; `measures` and `measured` belong together."""

    patient_id: PatientId
    reading_id: str
    measured_at: datetime
    received_at: datetime
    stored_at: datetime
    measures: list[str]
    measured: list[float]
    quality: list[str]
    standing: str
    device_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """An answer to a check-in question."""

    patient_id: PatientId
    question: str
    yes: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentRow:
    """One of the patient's devices and the gateway that it is bonded to, to be heard from `expected_from`.

    `missing` readings of the gateway have not arrived, and no more of them since `missing_since`.
    """

    patient_id: PatientId
    device_id: str
    battery_percent: int | None
    clock_offset_s: float | None
    needs_pairing: bool
    gateway_id: str | None
    online: bool | None
    status_at: datetime | None
    expected_from: datetime
    missing: int
    missing_since: datetime | None


def watched(connection: Connection, patient_ids: Sequence[PatientId], *, now: datetime) -> list[WatchedRow]:
    """These patients, with the programmes that they are in on their local day."""
    with connection.cursor(row_factory=class_row(WatchedRow)) as cursor:
        return cursor.execute(_WATCHED, {"patient_ids": list(patient_ids), "now": now}).fetchall()


def readings(
    connection: Connection, since: Mapping[PatientId, datetime]
) -> dict[PatientId, list[ReadingRow]]:
    """These patients' readings measured since each one's instant, in no order; those of the future too."""
    found: dict[PatientId, list[ReadingRow]] = {patient_id: [] for patient_id in since}
    if since:
        asked = {"patient_ids": list(since), "since": list(since.values())}
        with connection.cursor(row_factory=args_row(ReadingRow)) as cursor:
            for row in cursor.execute(_READINGS, asked):
                found[row.patient_id].append(row)
    return found


def answers(
    connection: Connection, patient_ids: Sequence[PatientId], *, since: datetime, until: datetime
) -> list[AnswerRow]:
    """The patients' answers to check-in questions, oldest first."""
    asked = {"patient_ids": list(patient_ids), "since": since, "until": until}
    with connection.cursor(row_factory=class_row(AnswerRow)) as cursor:
        return cursor.execute(_ANSWERS, asked).fetchall()


def add_answer(
    connection: Connection, patient_id: PatientId, question: str, *, yes: bool, at: datetime, author: str
) -> None:
    """Keep an answer; the same question at the same instant is kept once. The caller requeues the patient."""
    asked = {"patient_id": patient_id, "question": question, "yes": yes, "at": at, "author": author}
    connection.execute(_ADD_ANSWER, asked)


def equipment(
    connection: Connection, patient_ids: Sequence[PatientId], *, now: datetime
) -> list[EquipmentRow]:
    """The devices assigned to these patients now, each with its gateway."""
    with connection.cursor(row_factory=class_row(EquipmentRow)) as cursor:
        return cursor.execute(_EQUIPMENT, {"patient_ids": list(patient_ids), "now": now}).fetchall()
