"""How patients and their carers are reached: addresses by channel, in the order in which they are tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ask import Audience
from vitals.ids import PatientId

_ADD = """
    INSERT INTO patient_contacts (patient_id, audience, channel, address, position)
    VALUES (%(patient_id)s, %(audience)s, %(channel)s, %(address)s, %(position)s)
    ON CONFLICT (patient_id, audience, channel, address) WHERE removed_at IS NULL
        DO UPDATE SET position = excluded.position
    RETURNING contact_id
"""

# Who recorded no way of their own is reached by the mail address, then the phone, of their record.
_WAYS = """
    SELECT channel, address FROM (
        SELECT channel, address, position::bigint, contact_id FROM patient_contacts
        WHERE patient_id = %(patient_id)s AND audience = %(audience)s AND removed_at IS NULL
        UNION ALL
        SELECT 'mail', email, 1, 0 FROM patients WHERE patient_id = %(patient_id)s AND email IS NOT NULL
            AND %(falls_back)s
        UNION ALL
        SELECT 'sms', phone, 2, 0 FROM patients WHERE patient_id = %(patient_id)s AND phone IS NOT NULL
            AND %(falls_back)s
    ) AS ways ORDER BY position, contact_id
"""

_HAS_OWN = """
    SELECT EXISTS (SELECT 1 FROM patient_contacts
                   WHERE patient_id = %(patient_id)s AND audience = %(audience)s AND removed_at IS NULL)
"""

_REMOVE_OTHERS = """
    UPDATE patient_contacts c SET removed_at = %(now)s FROM patients p
    WHERE p.patient_id = c.patient_id AND p.ward_id = %(ward_id)s AND c.removed_at IS NULL
      AND NOT (c.contact_id = ANY(%(kept)s))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to reach a patient or their carer."""

    channel: str
    address: str


def add(
    connection: Connection,
    patient_id: PatientId,
    audience: Audience,
    channel: str,
    address: str,
    *,
    position: int = 1,
) -> int:
    """Add a contact, or move a known one; returns its id. Raises DataRefused for an unknown patient."""
    asked = {
        "patient_id": patient_id,
        "audience": audience.value,
        "channel": channel,
        "address": address,
        "position": position,
    }
    row = connection.execute(_ADD, asked).fetchone()
    assert row is not None
    return row[0]


def keep_only(connection: Connection, ward_id: str, contact_ids: Sequence[int], now: datetime) -> None:
    """Remove all contacts of the ward's patients and carers but these."""
    connection.execute(_REMOVE_OTHERS, {"ward_id": ward_id, "kept": list(contact_ids), "now": now})


def ways_to(
    connection: Connection, patient_id: PatientId, audience: Audience = Audience.PATIENT
) -> list[Way]:
    """How they are reached, in the order in which it is tried."""
    asked = {"patient_id": patient_id, "audience": audience.value}
    row = connection.execute(_HAS_OWN, asked).fetchone()
    falls_back = audience is Audience.PATIENT and row is not None and not row[0]
    with connection.cursor(row_factory=class_row(Way)) as cursor:
        return cursor.execute(_WAYS, asked | {"falls_back": falls_back}).fetchall()
