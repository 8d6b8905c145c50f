"""Readings that a patient types in on their own page, and which of them they can still take back."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from store.connection import Connection
from store.evaluations import requeue
from vitals.ids import PatientId, ReadingId
from vitals.measure import Measure
from vitals.reading import Quality

PRESSED_TWICE = timedelta(minutes=1)
"""The same numbers within this time are one reading (clinical data quality: same value within 60 s)."""

_READING = """
    INSERT INTO readings (reading_id, patient_id, profile, clock, origin, measured_at, received_at, quality)
    VALUES (%(reading_id)s, %(patient_id)s, 'typed_in', 'fine', 'live', %(now)s, %(now)s, %(quality)s)
"""

_VALUE = """
    INSERT INTO observations (patient_id, measure, measured_at, value, reading_id, received_at, quality)
    VALUES (%(patient_id)s, %(measure)s, %(now)s, %(value)s, %(reading_id)s, %(now)s, %(quality)s)
"""

# Locked, so that of two presses at once the second sees what the first one kept.
_ONE_PRESS = "SELECT 1 FROM patients WHERE patient_id = %(patient_id)s FOR NO KEY UPDATE"

# One that was taken back does not count: who types the same again means it now.
_JUST_NOW = """
    SELECT o.reading_id FROM observations o JOIN readings r USING (reading_id)
    WHERE o.patient_id = %(patient_id)s AND r.profile = 'typed_in' AND o.measured_at > %(since)s
      AND o.standing <> 'excluded'
    GROUP BY o.reading_id HAVING jsonb_object_agg(o.measure, o.value) = %(typed)s
"""

# What staff have decided on is no longer the patient's alone to take back.
_LATELY = """
    SELECT r.reading_id, r.received_at,
           bool_and(o.standing = 'excluded') AND EXISTS (
               SELECT 1 FROM corrections c WHERE c.reading_id = r.reading_id AND c.author = %(patient)s
           ) AS is_taken_back,
           bool_or(o.standing <> 'excluded') AND NOT EXISTS (
               SELECT 1 FROM corrections c
               WHERE c.reading_id = r.reading_id AND c.author NOT IN ('system', %(patient)s)
           ) AS is_open
    FROM readings r JOIN observations o ON o.reading_id = r.reading_id AND o.patient_id = r.patient_id
    WHERE r.patient_id = %(patient_id)s AND r.profile = 'typed_in'
      AND r.measured_at > %(since)s AND r.measured_at <= %(now)s
    GROUP BY r.reading_id, r.received_at ORDER BY r.received_at DESC, r.reading_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedIn:
    """A reading that the patient typed in.

    `is_taken_back`: by the patient. `is_open`: it counts, or is held, and no member of staff has decided on
    it.
    """

    reading_id: ReadingId
    received_at: datetime
    is_taken_back: bool
    is_open: bool


def add(
    connection: Connection, patient_id: PatientId, values: Mapping[Measure, float], now: datetime
) -> ReadingId:
    """Keep what the patient typed in, marked as such, and have the rules look at it.

    A second press on the button keeps nothing new: it must not pass for a repeat that agrees.
    """
    connection.execute(_ONE_PRESS, {"patient_id": patient_id})
    typed = Jsonb({measure.value: value for measure, value in values.items()})
    before = {"patient_id": patient_id, "since": now - PRESSED_TWICE, "typed": typed}
    known = connection.execute(_JUST_NOW, before).fetchone()
    if known is not None:
        return ReadingId(known[0])
    reading_id = ReadingId(secrets.token_hex(16))
    quality = [Quality.MANUAL.value]
    asked = {"reading_id": reading_id, "patient_id": patient_id, "now": now, "quality": quality}
    connection.execute(_READING, asked)
    for measure, value in values.items():
        connection.execute(_VALUE, asked | {"measure": measure.value, "value": value})
    requeue(connection, [(patient_id, now)], now=now)
    return reading_id


def lately(
    connection: Connection, patient_id: PatientId, *, since: datetime, now: datetime, patient: str
) -> list[TypedIn]:
    """What the patient typed in since then, newest first. `patient` is how their own decisions are signed."""
    asked = {"patient_id": patient_id, "since": since, "now": now, "patient": patient}
    with connection.cursor(row_factory=class_row(TypedIn)) as cursor:
        return cursor.execute(_LATELY, asked).fetchall()
