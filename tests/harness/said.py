"""Readings as ingest stores them, for tests that begin behind ingest."""

from datetime import datetime, timedelta
from itertools import count

from store import readings
from store.connection import Connection, transaction
from store.readings import AdmittedReading
from tests.harness.small_ward import ANNA, CUFF, SCALE
from vitals.ids import DeviceId, PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality, Reading

_numbers = count(1)


def said(
    connection: Connection,
    values: dict[Measure, float],
    at: datetime,
    *,
    patient_id: PatientId = ANNA,
    device_id: DeviceId | None = None,
    received_after: timedelta = timedelta(seconds=2),
    quality: frozenset[Quality] = frozenset(),
    standing: Standing = Standing.ACCEPTED,
) -> ReadingId:
    """Store one reading of the patient, as ingest would, and return its id."""
    reading_id = ReadingId(f"r{next(_numbers):06}")
    reading = Reading(
        reading_id=reading_id,
        device_id=device_id or (SCALE if Measure.WEIGHT in values else CUFF),
        profile="test",
        measured_at=at,
        received_at=at + received_after,
        values=values,
        quality=quality,
    )
    with transaction(connection):
        admitted = AdmittedReading(reading=reading, patient_id=patient_id, standing=standing)
        readings.store(connection, [admitted], now=at + received_after)
    return reading_id


def pressure(systolic: float, diastolic: float, heart_rate: float = 72) -> dict[Measure, float]:
    """What a cuff says."""
    return {
        Measure.SYSTOLIC: systolic,
        Measure.DIASTOLIC: diastolic,
        Measure.HEART_RATE: heart_rate,
    }


def oxygen(spo2: float, heart_rate: float = 78) -> dict[Measure, float]:
    """What an oximeter says."""
    return {Measure.SPO2: spo2, Measure.HEART_RATE: heart_rate}
