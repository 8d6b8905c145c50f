"""Asks on their way to a patient's or carer's own channel: which are due, and their deliveries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import msgspec
from psycopg.rows import dict_row

from store.connection import Connection
from store.patient_contacts import Way
from vitals.ask import Audience
from vitals.ids import PatientId

# One notifier at a time looks, so that two never tell one patient of two asks at once.
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('asks of patients', 0))"

# Of each person the ask that ends first, unless they have been told of one that still waits for its answer.
_DUE = """
    SELECT DISTINCT ON (a.patient_id, a.audience)
           a.ask_id, a.patient_id, a.audience, p.language, p.time_zone,
           ARRAY(SELECT d.channel || ' ' || d.address FROM deliveries d
                 WHERE d.ask_id = a.ask_id AND d.state = 'dead') AS failed
    FROM asks a JOIN patients p USING (patient_id)
    WHERE a.answered_at IS NULL AND a.expires_at > %(now)s AND a.asked_at <= %(now)s
      AND p.discharged_at IS NULL
      AND (EXISTS (SELECT 1 FROM patient_contacts c
                   WHERE c.patient_id = a.patient_id AND c.audience = a.audience AND c.removed_at IS NULL
                     AND c.channel = ANY(%(channels)s))
           OR a.audience = 'patient' AND (p.email IS NOT NULL AND 'mail' = ANY(%(channels)s)
                                          OR p.phone IS NOT NULL AND 'sms' = ANY(%(channels)s)))
      AND NOT EXISTS (
        SELECT 1 FROM deliveries d JOIN asks b ON b.ask_id = d.ask_id
        WHERE b.patient_id = a.patient_id AND b.audience = a.audience
          AND (d.state IN ('waiting', 'sending')
               OR d.state = 'sent' AND b.answered_at IS NULL AND b.expires_at > %(now)s))
    ORDER BY a.patient_id, a.audience, a.expires_at, a.ask_id
"""

_ADD = """
    INSERT INTO deliveries
        (idempotency_key, ask_id, channel, address, reason, subject, body, made_at, next_try_at)
    VALUES (%(key)s, %(ask_id)s, %(channel)s, %(address)s, 'ask', %(subject)s, %(body)s, %(now)s, %(now)s)
    ON CONFLICT (idempotency_key) DO NOTHING
"""

_CANCEL_OVER = """
    UPDATE deliveries d SET state = 'cancelled', ended_at = %(now)s, result = 'the ask is over'
    FROM asks a
    WHERE a.ask_id = d.ask_id AND d.state = 'waiting'
      AND (a.answered_at IS NOT NULL OR a.expires_at <= %(now)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueAsk:
    """An ask that nobody was told of yet. `failed` names the ways that were given up: channel and address."""

    ask_id: int
    patient_id: PatientId
    audience: Audience
    language: str
    time_zone: str
    failed: list[str]


def alone(connection: Connection) -> bool:
    """Whether we may look now: nobody else does until the transaction ends."""
    row = connection.execute(_ALONE).fetchone()
    return row is not None and row[0]


def due(connection: Connection, channels: Collection[str], now: datetime) -> list[DueAsk]:
    """What people who have one of these channels are to be told of now, one ask each."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_DUE, {"now": now, "channels": list(channels)}).fetchall()
    return msgspec.convert(rows, list[DueAsk])


def add(
    connection: Connection, ask: DueAsk, way: Way, *, key: str, subject: str, body: str, now: datetime
) -> bool:
    """Make a delivery that is sent as soon as the transaction commits; False where it was there already."""
    asked = {
        "key": key,
        "ask_id": ask.ask_id,
        "channel": way.channel,
        "address": way.address,
        "subject": subject,
        "body": body,
        "now": now,
    }
    return connection.execute(_ADD, asked).rowcount == 1


def cancel_over(connection: Connection, now: datetime) -> int:
    """Cancel what is not on its way yet and whose ask was answered, or has ended; how many."""
    return connection.execute(_CANCEL_OVER, {"now": now}).rowcount
