"""Invented cohorts as a ward in the database: who they are, and their readings as ingest would store them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from alerts.readings.measured import Measured
from simulators.cohort import Cohort, CohortPatient
from simulators.cohort_readings import MEASURES
from store import patients, readings
from store.connection import Connection
from store.readings import AdmittedReading
from tests.harness.small_ward import WARD, patient
from vitals.ids import DeviceId, PatientId, ReadingId
from vitals.measure import Measure
from vitals.reading import Reading

SITTING = timedelta(minutes=15)
_DEVICE = DeviceId("of-the-cohort")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """One patient of a cohort, and the readings in the order in which they were measured."""

    who: CohortPatient
    readings: Sequence[Measured]


def lives(cohort: Cohort, *, prefix: str = "", grid: timedelta | None = None) -> list[Lived]:
    """Each patient's readings; what was measured at one instant is one reading.

    With a grid every sitting begins on it, so that many patients measure at the same instants.
    """
    columns = cohort.columns
    together: list[dict[int, dict[Measure, float]]] = [{} for _ in cohort.patients]
    for whose, at, measure, value in zip(
        columns.patient.tolist(),
        columns.at.tolist(),
        columns.measure.tolist(),
        columns.value.tolist(),
        strict=True,
    ):
        together[whose].setdefault(at, {})[MEASURES[measure]] = value
    found: list[Lived] = []
    for who, measured in zip(cohort.patients, together, strict=True):
        one = replace(who, patient_id=PatientId(f"{prefix}{who.patient_id}"))
        found.append(Lived(who=one, readings=_readings(one.patient_id, measured, grid)))
    return found


def _readings(
    patient_id: PatientId, measured: dict[int, dict[Measure, float]], grid: timedelta | None
) -> list[Measured]:
    found: list[Measured] = []
    before, shift = datetime.min.replace(tzinfo=UTC), timedelta(0)
    for number, (seconds, values) in enumerate(sorted(measured.items())):
        at = datetime.fromtimestamp(seconds, UTC)
        if grid is not None and at - before > SITTING:
            shift = timedelta(seconds=seconds % grid.total_seconds())
        before, at = at, at - shift
        reading_id = ReadingId(f"{patient_id}-{number:05}")
        found.append(Measured(reading_id=reading_id, at=at, known_at=at, values=values))
    return found


def add_ward(connection: Connection, everybody: Iterable[Lived], enrolled_at: datetime) -> None:
    """Enrol them on one ward, with a device that nobody looks at."""
    patients.add_ward(connection, WARD, name="Ward One", time_zone="Europe/Berlin")
    connection.execute(
        "INSERT INTO devices (device_id, profile, enrolled_at) VALUES (%s, 'test', %s)",
        (_DEVICE, enrolled_at),
    )
    for one in everybody:
        who = replace(
            patient(one.who.patient_id, "Any", "Body", one.who.programme),
            birth_date=one.who.birth_date,
            time_zone=one.who.time_zone,
        )
        patients.add(connection, who, enrolled_at=enrolled_at)


def store(connection: Connection, arrived: Iterable[tuple[PatientId, Measured]], now: datetime) -> None:
    """Store these readings as if each had been received and stored when it became known."""
    admitted = [
        AdmittedReading(
            reading=Reading(
                reading_id=measured.reading_id,
                device_id=measured.device_id or _DEVICE,
                profile="test",
                measured_at=measured.at,
                received_at=measured.known_at,
                values=measured.values,
                quality=measured.quality,
            ),
            patient_id=patient_id,
        )
        for patient_id, measured in arrived
    ]
    readings.store(connection, admitted, now=now, as_if_then=True)
