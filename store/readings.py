"""Readings: stored once, together with their observations and the evaluations that they make due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store import course_revisions, evaluations
from store.connection import Connection
from vitals.ids import DeviceId, GatewayId, PatientId, ReadingId
from vitals.observation import Standing
from vitals.reading import ClockState, Origin, Quality, Reading

# Made once per connection, and emptied by every commit; the DELETE is for a second call in one transaction.
_STAGE = f"""
    {course_revisions.COUNTED};
    CREATE TEMP TABLE IF NOT EXISTS arriving (
        reading_id text, gateway_id text, outbox_epoch text, outbox_seq bigint, device_id text,
        patient_id text, profile text, user_slot smallint, device_time text, clock text, origin text,
        measured_at timestamptz, received_at timestamptz, quality text[], failure text, raw bytea,
        standing text, measures text[], measured float8[]
    ) ON COMMIT DELETE ROWS;
    DELETE FROM arriving
"""
_STAGE_TYPES = (
    *("text", "text", "text", "int8", "text"),
    *("text", "text", "int2", "text", "text", "text"),
    *("timestamptz", "timestamptz", "text[]", "text", "bytea"),
    *("text", "text[]", "float8[]"),
)

_COPY = """
    COPY arriving (
        reading_id, gateway_id, outbox_epoch, outbox_seq, device_id, patient_id, profile, user_slot,
        device_time, clock, origin, measured_at, received_at, quality, failure, raw,
        standing, measures, measured
    ) FROM STDIN (FORMAT BINARY)
"""

# Only what is new makes observations and work: a replay falls through without a trace. All of one statement
# counts as stored at one instant, so that its readings became known in the order in which they were measured.
_ADMIT = """
    WITH fresh AS (
        INSERT INTO readings (
            reading_id, gateway_id, outbox_epoch, outbox_seq, device_id, patient_id, profile, user_slot,
            device_time, clock, origin, measured_at, received_at, stored_at, quality, failure, raw
        )
        SELECT reading_id, gateway_id, outbox_epoch, outbox_seq, device_id, patient_id, profile, user_slot,
               device_time, clock, origin, measured_at, received_at,
               CASE WHEN %(as_if_then)s THEN received_at ELSE statement_timestamp() END, quality, failure, raw
        FROM arriving
        ORDER BY reading_id
        ON CONFLICT (reading_id) DO NOTHING
        RETURNING reading_id, patient_id, measured_at, received_at, stored_at, quality
    ), observed AS (
        INSERT INTO observations (
            patient_id, measure, measured_at, value, reading_id, received_at, stored_at, quality, standing
        )
        SELECT f.patient_id, v.measure, f.measured_at, v.value, f.reading_id, f.received_at, f.stored_at,
               f.quality, a.standing
        FROM fresh f
        JOIN arriving a USING (reading_id)
        CROSS JOIN LATERAL unnest(a.measures, a.measured) AS v (measure, value)
        WHERE f.patient_id IS NOT NULL
    )
    SELECT reading_id FROM fresh
"""

_KNOWN = "SELECT reading_id, device_id FROM readings WHERE reading_id = ANY(%(reading_ids)s)"

_OF_PATIENT = """
    SELECT reading_id, gateway_id, device_id, patient_id, profile, user_slot, device_time, clock, origin,
           measured_at, received_at, stored_at, quality, failure
    FROM readings
    WHERE patient_id = %(patient_id)s AND measured_at >= %(since)s
    ORDER BY measured_at, reading_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedReading:
    """A reading that may be stored, with whose it is and where it stood in its gateway's outbox.

    `patient_id` None: the device was nobody's, and there will be no observations. The gateway and its outbox
    number are None for what did not come from a gateway. `standing` is that of its observations.
    """

    reading: Reading
    patient_id: PatientId | None
    gateway_id: GatewayId | None = None
    outbox_epoch: str | None = None
    outbox_seq: int | None = None
    standing: Standing = Standing.ACCEPTED


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReading:
    """A reading as the hub keeps it; its values are its observations. `failure`: the measurement failed."""

    reading_id: ReadingId
    gateway_id: GatewayId | None
    device_id: DeviceId
    patient_id: PatientId | None
    profile: str
    user_slot: int | None
    device_time: str | None
    clock: ClockState
    origin: Origin
    measured_at: datetime
    received_at: datetime
    stored_at: datetime
    quality: frozenset[Quality]
    failure: str | None

    def __post_init__(self) -> None:
        """Turn the words of a row into ours."""
        object.__setattr__(self, "clock", ClockState(self.clock))
        object.__setattr__(self, "origin", Origin(self.origin))
        object.__setattr__(self, "quality", frozenset(Quality(word) for word in self.quality))


def known(connection: Connection, reading_ids: Sequence[ReadingId]) -> dict[ReadingId, DeviceId]:
    """Those of the ids that are stored already, each with the device that said it."""
    rows = connection.execute(_KNOWN, {"reading_ids": list(reading_ids)}).fetchall()
    return {ReadingId(reading_id): DeviceId(device_id) for reading_id, device_id in rows}


def store(
    connection: Connection,
    admitted: Sequence[AdmittedReading],
    *,
    now: datetime,
    as_if_then: bool = False,
) -> set[ReadingId]:
    """Store the readings with their observations, queue their patients, wake worker and screens.

    `as_if_then`: invented history, which counts as stored when it was received.

    Returns the ids that were new; what was stored before, or comes twice here, changes nothing. In the
    caller's transaction, which must be one. Raises DataRefused where one of them breaks a rule of the schema:
    then none of them is stored.
    """
    once = {one.reading.reading_id: one for one in reversed(admitted)}
    if not once:
        return set()
    connection.execute(_STAGE)
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_STAGE_TYPES)
        for one in once.values():
            copy.write_row(_stage_row(one))
    rows = connection.execute(_ADMIT, {"as_if_then": as_if_then}).fetchall()
    fresh = {ReadingId(reading_id) for (reading_id,) in rows}
    _make_due(connection, [once[reading_id] for reading_id in fresh], now)
    return fresh


def of_patient(connection: Connection, patient_id: PatientId, *, since: datetime) -> list[StoredReading]:
    """The patient's readings, failed ones included, oldest first."""
    with connection.cursor(row_factory=class_row(StoredReading)) as cursor:
        return cursor.execute(_OF_PATIENT, {"patient_id": patient_id, "since": since}).fetchall()


def _make_due(connection: Connection, fresh: Sequence[AdmittedReading], now: datetime) -> None:
    """Count the additions and queue the patients, both in the order of the patients."""
    earliest: dict[PatientId, datetime] = {}
    newest: dict[PatientId, tuple[datetime, ReadingId]] = {}
    for one in fresh:
        if one.patient_id is None:
            continue
        at, reading_id = one.reading.measured_at, one.reading.reading_id
        earliest[one.patient_id] = min(at, earliest.get(one.patient_id, at))
        newest[one.patient_id] = max((at, reading_id), newest.get(one.patient_id, (at, reading_id)))
    if earliest:
        course_revisions.add(connection, sorted(earliest.items()))
        reading_ids = {patient_id: reading_id for patient_id, (_at, reading_id) in newest.items()}
        evaluations.requeue(connection, sorted(earliest.items()), now=now, newest=reading_ids)


def _stage_row(one: AdmittedReading) -> tuple[object, ...]:
    reading = one.reading
    return (
        reading.reading_id,
        one.gateway_id,
        one.outbox_epoch,
        one.outbox_seq,
        reading.device_id,
        one.patient_id,
        reading.profile,
        reading.user_slot,
        reading.device_time,
        reading.clock.value,
        reading.origin.value,
        reading.measured_at,
        reading.received_at,
        sorted(flag.value for flag in reading.quality),
        reading.failure,
        reading.raw,
        one.standing.value,
        [measure.value for measure in reading.values],
        list(reading.values.values()),
    )
