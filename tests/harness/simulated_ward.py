"""A simulated cohort as a ward: as histories for a backtest, and in a database for what works live."""

from datetime import UTC, datetime

from alerts.history.replay import History
from alerts.readings.measured import Measured
from alerts.rules.view import Watched
from simulators.cohort import Cohort
from simulators.cohort_readings import MEASURES
from store import patients, readings
from store.connection import Connection, transaction
from store.readings import AdmittedReading
from tests.harness.small_ward import WARD, patient
from vitals.ids import DeviceId, PatientId, ReadingId
from vitals.measure import Measure
from vitals.reading import Reading


def histories(cohort: Cohort) -> list[History]:
    """Each patient's readings; enrolled with the first of them."""
    columns = cohort.columns
    together: dict[tuple[int, int], dict[Measure, float]] = {}
    rows = zip(
        columns.patient.tolist(),
        columns.at.tolist(),
        columns.measure.tolist(),
        columns.value.tolist(),
        strict=True,
    )
    for number, at, measure, value in rows:
        together.setdefault((number, at), {})[MEASURES[measure]] = value
    found: dict[int, list[Measured]] = {}
    for (number, seconds), values in sorted(together.items()):
        at = datetime.fromtimestamp(seconds, UTC)
        reading_id = ReadingId(f"r{number:03}-{seconds}")
        found.setdefault(number, []).append(
            Measured(reading_id=reading_id, at=at, known_at=at, values=values)
        )
    return [
        History(patient=_watched(cohort, number, measured[0].at), readings=measured)
        for number, measured in found.items()
    ]


def _watched(cohort: Cohort, number: int, enrolled_at: datetime) -> Watched:
    who = cohort.patients[number]
    return Watched(
        patient_id=who.patient_id,
        time_zone=who.time_zone,
        birth_date=who.birth_date,
        enrolled_at=enrolled_at,
        programmes={who.programme.value: enrolled_at.date()},
        ward_id=WARD,
    )


def settle(connection: Connection, cohort: Cohort) -> list[History]:
    """Put the cohort into the database, each patient enrolled with the first reading; its histories."""
    past = histories(cohort)
    programmes = {one.patient_id: one.programme for one in cohort.patients}
    first = min(history.patient.enrolled_at for history in past)
    with transaction(connection):
        patients.add_ward(connection, WARD, name="Ward One", time_zone="Europe/Berlin")
        connection.execute(
            "INSERT INTO devices (device_id, profile, enrolled_at) VALUES ('one', 'test', %s)", (first,)
        )
        for history in past:
            who = history.patient
            file = patient(who.patient_id, "Agnes", "Agreed", programmes[who.patient_id])
            patients.add(connection, file, enrolled_at=who.enrolled_at)
            connection.execute(
                "UPDATE patients SET time_zone = %s, birth_date = %s WHERE patient_id = %s",
                (who.time_zone, who.birth_date, who.patient_id),
            )
            rows = [_admitted(measured, who.patient_id) for measured in history.readings]
            readings.store(connection, rows, now=first)
    return past


def _admitted(measured: Measured, patient_id: PatientId) -> AdmittedReading:
    reading = Reading(
        reading_id=measured.reading_id,
        device_id=DeviceId("one"),
        profile="test",
        measured_at=measured.at,
        received_at=measured.at,
        values=measured.values,
    )
    return AdmittedReading(reading=reading, patient_id=patient_id)
