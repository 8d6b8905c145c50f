"""Held readings: attributed to a patient, kept from the rules, waiting for a person of the ward to decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import DeviceId, PatientId, ReadingId
from vitals.measure import Measure

PAGE = 50
REACH = timedelta(days=90)
"""How far back the list looks. What is older is compressed, and no rule would ask it again."""

# Only a held reading has a row here: the partial index `observations_held` is all that is read of the
# observations. `before` is the patient's last counting value of the same measure, to compare with.
_PAGE = """
    WITH held AS (
        SELECT o.reading_id, o.patient_id, o.measured_at, min(o.received_at) AS received_at,
               jsonb_object_agg(o.measure, o.value) AS measured
        FROM observations o JOIN patients p USING (patient_id)
        WHERE o.standing = 'held' AND p.ward_id = %(ward_id)s AND o.measured_at > %(since)s
          AND (%(after_at)s::timestamptz IS NULL
               OR (o.measured_at, o.reading_id) < (%(after_at)s, %(after_id)s))
        GROUP BY o.reading_id, o.patient_id, o.measured_at
        ORDER BY o.measured_at DESC, o.reading_id DESC LIMIT %(limit)s)
    SELECT h.reading_id, h.patient_id, h.measured_at, h.received_at, h.measured, p.given_name, p.family_name,
           p.record_number, r.device_id, w.reason, w.author, w.at AS held_at,
           q.asked_at, q.answer,
           coalesce((
               SELECT jsonb_object_agg(m.measure, b.value)
               FROM jsonb_object_keys(h.measured) AS m (measure)
               CROSS JOIN LATERAL (
                   SELECT value FROM observations
                   WHERE patient_id = h.patient_id AND measure = m.measure AND standing = 'accepted'
                     AND measured_at < h.measured_at AND measured_at > h.measured_at - interval '30 days'
                   ORDER BY measured_at DESC LIMIT 1) b), '{}') AS before
    FROM held h JOIN patients p USING (patient_id)
    LEFT JOIN readings r ON r.reading_id = h.reading_id
    LEFT JOIN asks q ON q.patient_id = h.patient_id AND q.kind = 'is_this_you' AND q.subject = h.reading_id
    LEFT JOIN LATERAL (
        SELECT reason, author, at FROM corrections
        WHERE reading_id = h.reading_id AND kind = 'held' ORDER BY correction_id DESC LIMIT 1) w ON true
    ORDER BY h.measured_at DESC, h.reading_id DESC
"""

_COUNT = """
    SELECT count(DISTINCT o.reading_id) FROM observations o JOIN patients p USING (patient_id)
    WHERE o.standing = 'held' AND p.ward_id = %(ward_id)s AND o.measured_at > %(since)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a held reading stands in the list, newest first; the next page begins after it."""

    measured_at: datetime
    reading_id: ReadingId


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldReading:
    """A reading that waits. Values are in each measure's own unit; `before` holds the last counting ones.

    `reason` is a check's code where `author` is the system, else a person's words; both are None where the
    reading was held as it came in. `asked_at` is when the patient was asked whether it was them, and `answer`
    what they said.
    """

    reading_id: ReadingId
    patient_id: PatientId
    given_name: str
    family_name: str
    record_number: str
    measured_at: datetime
    received_at: datetime
    measured: Mapping[Measure, float]
    before: Mapping[Measure, float]
    device_id: DeviceId | None
    reason: str | None
    author: str | None
    held_at: datetime | None
    asked_at: datetime | None = None
    answer: str | None = None

    @property
    def place(self) -> Place:
        """Where the reading stands, to ask for the page after it."""
        return Place(measured_at=self.measured_at, reading_id=self.reading_id)


def held_page(
    connection: Connection, ward_id: str, now: datetime, *, after: Place | None = None, limit: int = PAGE
) -> list[HeldReading]:
    """What is held of the ward's patients, newest measurement first."""
    asked = {
        "ward_id": ward_id,
        "since": now - REACH,
        "after_at": after.measured_at if after else None,
        "after_id": after.reading_id if after else None,
        "limit": limit,
    }
    with connection.cursor(row_factory=class_row(HeldReading)) as cursor:
        return cursor.execute(_PAGE, asked).fetchall()


def held_count(connection: Connection, ward_id: str, now: datetime) -> int:
    """How many readings of the ward are held."""
    row = connection.execute(_COUNT, {"ward_id": ward_id, "since": now - REACH}).fetchone()
    return row[0] if row else 0
