"""Wards and patients: rows in, rows out."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import PatientId
from vitals.patient import Patient, Programme, Sex

_SELECT = """
    SELECT p.patient_id, p.given_name, p.family_name, p.sex, p.birth_date, p.record_number, p.time_zone,
           p.language, p.phone, p.conditions, p.allergies, p.ward_id,
           ARRAY(
               SELECT e.programme FROM programme_enrolments e
               WHERE e.patient_id = p.patient_id
                 AND e.starts_on <= %(on)s AND (e.ends_on IS NULL OR e.ends_on >= %(on)s)
               ORDER BY e.starts_on, e.programme
           ) AS programmes
    FROM patients p
"""

_GET = f"{_SELECT} WHERE p.patient_id = %(patient_id)s"

_LIST = f"""
    {_SELECT}
    WHERE (%(ward_id)s::text IS NULL OR p.ward_id = %(ward_id)s)
      AND (p.discharged_at IS NULL OR %(with_discharged)s)
    ORDER BY lower(p.family_name), lower(p.given_name), p.patient_id
"""

_ADD_WARD = """
    INSERT INTO wards (ward_id, name, time_zone) VALUES (%(ward_id)s, %(name)s, %(time_zone)s)
    ON CONFLICT (ward_id) DO NOTHING
"""

_ADD = """
    INSERT INTO patients (
        patient_id, ward_id, given_name, family_name, sex, birth_date, record_number, time_zone, language,
        interpreter, phone, email, allergies, conditions, medicines, enrolled_at
    ) VALUES (
        %(patient_id)s, %(ward_id)s, %(given_name)s, %(family_name)s, %(sex)s, %(birth_date)s,
        %(record_number)s, %(time_zone)s, %(language)s, %(interpreter)s, %(phone)s, %(email)s,
        %(allergies)s, %(conditions)s, %(medicines)s, %(enrolled_at)s
    )
"""

_ENROL = """
    INSERT INTO programme_enrolments (patient_id, programme, starts_on)
    VALUES (%(patient_id)s, %(programme)s, %(starts_on)s)
    ON CONFLICT (patient_id, programme, starts_on) DO NOTHING
"""

_LEAVE = """
    UPDATE programme_enrolments SET ends_on = %(ends_on)s
    WHERE patient_id = %(patient_id)s AND programme = %(programme)s AND ends_on IS NULL
"""

_ADD_TO_CARE_TEAM = """
    INSERT INTO care_team (patient_id, name, role, phone)
    VALUES (%(patient_id)s, %(name)s, %(role)s, %(phone)s)
    ON CONFLICT (patient_id, role, name) DO UPDATE SET phone = excluded.phone
"""

_CARE_TEAM = """
    SELECT name, role, phone FROM care_team WHERE patient_id = %(patient_id)s ORDER BY role, name
"""

_DISCHARGE = """
    UPDATE patients SET discharged_at = %(at)s WHERE patient_id = %(patient_id)s AND discharged_at IS NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CareTeamMember:
    """Somebody around the patient: a nurse, a physician, a daughter."""

    name: str
    role: str
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    patient_id: str
    given_name: str
    family_name: str
    sex: str
    birth_date: date
    record_number: str
    time_zone: str
    language: str
    phone: str | None
    conditions: list[str]
    allergies: list[str] | None
    ward_id: str
    programmes: list[str]


def _patient(row: _Row) -> Patient:
    return Patient(
        patient_id=PatientId(row.patient_id),
        given_name=row.given_name,
        family_name=row.family_name,
        sex=Sex(row.sex),
        birth_date=row.birth_date,
        record_number=row.record_number,
        time_zone=row.time_zone,
        language=row.language,
        phone=row.phone,
        programmes=tuple(Programme(word) for word in row.programmes),
        conditions=tuple(row.conditions),
        allergies=None if row.allergies is None else tuple(row.allergies),
        ward_id=row.ward_id,
    )


def get(connection: Connection, patient_id: PatientId, *, on: date) -> Patient | None:
    """The patient with the programmes that they are in on that day; None where there is no such patient."""
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        row = cursor.execute(_GET, {"patient_id": patient_id, "on": on}).fetchone()
    return None if row is None else _patient(row)


def listed(
    connection: Connection, *, on: date, ward_id: str | None = None, with_discharged: bool = False
) -> list[Patient]:
    """The patients of a ward, or of all wards, by name, with their programmes on that day."""
    asked = {"ward_id": ward_id, "on": on, "with_discharged": with_discharged}
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        return [_patient(row) for row in cursor.execute(_LIST, asked)]


def add_ward(connection: Connection, ward_id: str, *, name: str, time_zone: str) -> None:
    """Make a ward; nothing happens where it exists."""
    connection.execute(_ADD_WARD, {"ward_id": ward_id, "name": name, "time_zone": time_zone})


def add(
    connection: Connection,
    patient: Patient,
    *,
    enrolled_at: datetime,
    email: str | None = None,
    interpreter: bool = False,
    medicines: Iterable[str] = (),
    care_team: Iterable[CareTeamMember] = (),
) -> None:
    """Enrol a new patient, in their programmes from that day, with their care team.

    Raises DataRefused where the id or the record number is taken, or the ward is unknown.
    """
    connection.execute(
        _ADD,
        {
            "patient_id": patient.patient_id,
            "ward_id": patient.ward_id,
            "given_name": patient.given_name,
            "family_name": patient.family_name,
            "sex": patient.sex.value,
            "birth_date": patient.birth_date,
            "record_number": patient.record_number,
            "time_zone": patient.time_zone,
            "language": patient.language,
            "interpreter": interpreter,
            "phone": patient.phone,
            "email": email,
            "allergies": None if patient.allergies is None else list(patient.allergies),
            "conditions": list(patient.conditions),
            "medicines": list(medicines),
            "enrolled_at": enrolled_at,
        },
    )
    for programme in patient.programmes:
        enrol(connection, patient.patient_id, programme, starts_on=enrolled_at.date())
    for member in care_team:
        connection.execute(_ADD_TO_CARE_TEAM, {"patient_id": patient.patient_id, **asdict(member)})


def enrol(connection: Connection, patient_id: PatientId, programme: Programme, *, starts_on: date) -> None:
    """Put the patient into a programme from that day."""
    connection.execute(
        _ENROL, {"patient_id": patient_id, "programme": programme.value, "starts_on": starts_on}
    )


def leave(connection: Connection, patient_id: PatientId, programme: Programme, *, ends_on: date) -> bool:
    """End the patient's time in a programme, that day included; False where they were not in it."""
    ended = connection.execute(
        _LEAVE, {"patient_id": patient_id, "programme": programme.value, "ends_on": ends_on}
    )
    return ended.rowcount > 0


def care_team(connection: Connection, patient_id: PatientId) -> list[CareTeamMember]:
    """Who is around the patient."""
    with connection.cursor(row_factory=class_row(CareTeamMember)) as cursor:
        return cursor.execute(_CARE_TEAM, {"patient_id": patient_id}).fetchall()


def discharge(connection: Connection, patient_id: PatientId, *, at: datetime) -> bool:
    """End the patient's time on the ward; False where it had ended already. Assignments are the caller's."""
    return connection.execute(_DISCHARGE, {"patient_id": patient_id, "at": at}).rowcount == 1
