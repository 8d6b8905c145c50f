"""The patients as a page shows them: one patient's file with their readings, and the population."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Standing
from vitals.reading import Quality

_FILE = """
    SELECT p.patient_id, p.given_name, p.family_name, p.sex, p.birth_date, p.record_number, p.time_zone,
           p.language, p.interpreter, p.phone, p.email, p.allergies, p.conditions, p.medicines, p.enrolled_at,
           p.discharged_at,
           ARRAY(
               SELECT e.programme FROM programme_enrolments e
               WHERE e.patient_id = p.patient_id
                 AND e.starts_on <= (%(now)s AT TIME ZONE p.time_zone)::date
                 AND (e.ends_on IS NULL OR e.ends_on >= (%(now)s AT TIME ZONE p.time_zone)::date)
               ORDER BY e.starts_on, e.programme) AS programmes,
           u.kind AS pause_kind, u.reason AS pause_reason, u.ends_at AS pause_ends_at,
           coalesce(u.open_ended, false) AS pause_open_ended, u.measured_at AS pause_measured_at
    FROM patients p
    LEFT JOIN LATERAL (
        SELECT kind, reason, ends_at, open_ended,
               (SELECT max(o.at) FROM unnest(%(every_measure)s::text[]) m (measure), LATERAL (
                   SELECT max(measured_at) AS at FROM observations
                   WHERE patient_id = p.patient_id AND measure = m.measure
                     AND measured_at >= pauses.starts_at AND measured_at <= %(now)s) o) AS measured_at
        FROM pauses
        WHERE patient_id = p.patient_id AND starts_at <= %(now)s AND ends_at > %(now)s
        ORDER BY ends_at DESC LIMIT 1) u ON true
    WHERE p.patient_id = %(patient_id)s AND (%(ward_id)s::text IS NULL OR p.ward_id = %(ward_id)s)
"""

# A patient's own limit counts until it is revoked; an override that expires wins over it while it lasts.
_OWN_LIMITS = """
    SELECT DISTINCT ON (patient_id, name) patient_id, name, value FROM limits
    WHERE patient_id = ANY(%(patient_ids)s) AND revoked_at IS NULL AND set_at <= %(now)s
      AND (expires_at IS NULL OR expires_at > %(now)s)
    ORDER BY patient_id, name, (expires_at IS NOT NULL) DESC, set_at DESC
"""

_READINGS = """
    SELECT measure, measured_at, received_at, value, reading_id, quality, standing
    FROM observations
    WHERE patient_id = %(patient_id)s AND measure = ANY(%(measures)s)
      AND measured_at > %(since)s AND measured_at <= %(until)s
    ORDER BY measured_at, reading_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientFile:
    """What the patient's page says of a person. `allergies` is None where nobody recorded them.

    `pause_measured_at` is when the patient last measured in the pause that runs.
    """

    patient_id: str
    given_name: str
    family_name: str
    sex: str
    birth_date: date
    record_number: str
    time_zone: str
    language: str
    interpreter: bool
    phone: str | None
    email: str | None
    allergies: list[str] | None
    conditions: list[str]
    medicines: list[str]
    enrolled_at: datetime
    discharged_at: datetime | None
    programmes: list[str]
    pause_reason: str | None
    pause_ends_at: datetime | None
    pause_kind: str | None = None
    pause_open_ended: bool = False
    pause_measured_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartReading:
    """One value on a chart, in its measure's unit, whether rules may use it or not."""

    measure: Measure
    measured_at: datetime
    received_at: datetime
    value: float
    reading_id: ReadingId
    quality: frozenset[Quality]
    standing: Standing


def patient_file(
    connection: Connection, patient_id: PatientId, ward_id: str, now: datetime
) -> PatientFile | None:
    """The patient's file; None where the ward has no such patient."""
    with connection.cursor(row_factory=class_row(PatientFile)) as cursor:
        return cursor.execute(_FILE, _file_of(patient_id, ward_id, now)).fetchone()


def own_file(connection: Connection, patient_id: PatientId, now: datetime) -> PatientFile | None:
    """The file for the patient's own page, whatever their ward."""
    with connection.cursor(row_factory=class_row(PatientFile)) as cursor:
        return cursor.execute(_FILE, _file_of(patient_id, None, now)).fetchone()


def _file_of(patient_id: PatientId, ward_id: str | None, now: datetime) -> dict[str, object]:
    every = [measure.value for measure in Measure]
    return {"patient_id": patient_id, "ward_id": ward_id, "now": now, "every_measure": every}


def ward_id_of(connection: Connection, patient_id: PatientId) -> str | None:
    """The ward that the patient is on; None where there is no such patient."""
    row = connection.execute(
        "SELECT ward_id FROM patients WHERE patient_id = %(patient_id)s", {"patient_id": patient_id}
    ).fetchone()
    return None if row is None else row[0]


def ward_of(connection: Connection, patient_id: PatientId) -> tuple[str, str]:
    """What the patient's ward is called, and its time zone."""
    row = connection.execute(
        "SELECT w.name, w.time_zone FROM wards w JOIN patients p USING (ward_id)"
        " WHERE p.patient_id = %(patient_id)s",
        {"patient_id": patient_id},
    ).fetchone()
    return (str(row[0]), str(row[1])) if row else ("", "UTC")


def patient_by_record_number(connection: Connection, record_number: str, ward_id: str) -> PatientId | None:
    """Whose record number this is; None where no patient of the ward has it."""
    row = connection.execute(
        "SELECT patient_id FROM patients WHERE record_number = %(number)s AND ward_id = %(ward_id)s",
        {"number": record_number, "ward_id": ward_id},
    ).fetchone()
    return PatientId(row[0]) if row else None


def names_of(connection: Connection, patient_ids: Sequence[str], ward_id: str) -> dict[str, str]:
    """What these patients of the ward are called, by their ids: given name first."""
    return dict(
        connection.execute(
            "SELECT patient_id, given_name || ' ' || family_name FROM patients"
            " WHERE patient_id = ANY(%(patient_ids)s) AND ward_id = %(ward_id)s",
            {"patient_ids": list(patient_ids), "ward_id": ward_id},
        ).fetchall()
    )


def own_limits(
    connection: Connection, patient_ids: Sequence[PatientId], now: datetime
) -> dict[PatientId, dict[str, float]]:
    """The limits in force that were set for these patients alone, by the rulebook's names."""
    rows = connection.execute(_OWN_LIMITS, {"patient_ids": list(patient_ids), "now": now}).fetchall()
    found: dict[PatientId, dict[str, float]] = {}
    for patient_id, name, value in rows:
        found.setdefault(PatientId(patient_id), {})[name] = value
    return found


def chart_readings(
    connection: Connection,
    patient_id: PatientId,
    measures: Sequence[Measure],
    *,
    since: datetime,
    until: datetime,
) -> list[ChartReading]:
    """The patient's readings of these measures, oldest first, the held and the excluded ones too."""
    rows = connection.execute(
        _READINGS,
        {"patient_id": patient_id, "measures": list(measures), "since": since, "until": until},
    ).fetchall()
    return [
        ChartReading(
            measure=Measure(measure),
            measured_at=measured_at,
            received_at=received_at,
            value=value,
            reading_id=ReadingId(reading_id),
            quality=frozenset(Quality(flag) for flag in quality),
            standing=Standing(standing),
        )
        for measure, measured_at, received_at, value, reading_id, quality, standing in rows
    ]
