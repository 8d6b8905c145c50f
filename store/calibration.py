"""When wards' thresholds were compared with their alert budget: rows in, rows out."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import PatientId

_WARDS = """
    SELECT w.ward_id, min(p.enrolled_at) AS began_at,
           (SELECT max(as_of) FROM calibration_runs r WHERE r.ward_id = w.ward_id) AS last_as_of
    FROM wards w JOIN patients p USING (ward_id)
    GROUP BY w.ward_id ORDER BY w.ward_id
"""

_PATIENTS = """
    SELECT patient_id FROM patients
    WHERE ward_id = %(ward_id)s AND enrolled_at <= %(at)s
      AND (discharged_at IS NULL OR discharged_at > %(since)s)
    ORDER BY patient_id
"""

_DONE = """
    INSERT INTO calibration_runs (ward_id, as_of, done_at, author, patients, moved)
    VALUES (%(ward_id)s, %(as_of)s, %(done_at)s, %(author)s, %(patients)s, %(moved)s)
    ON CONFLICT (ward_id, as_of) DO NOTHING
"""

_RUNS = """
    SELECT ward_id, as_of, done_at, author, patients, moved FROM calibration_runs
    WHERE ward_id = %(ward_id)s ORDER BY as_of DESC LIMIT %(most)s
"""

# Of the session, not of a transaction: the work goes on in slices. It ends with the connection at the latest.
_CLAIM = "SELECT pg_try_advisory_lock(hashtextextended('calibration:' || %(ward_id)s, 0))"
_RELEASE = "SELECT pg_advisory_unlock(hashtextextended('calibration:' || %(ward_id)s, 0))"


@dataclass(frozen=True, slots=True, kw_only=True)
class WardDue:
    """A ward with patients: since when, and up to when its history was last looked at."""

    ward_id: str
    began_at: datetime
    last_as_of: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One comparison of a ward's thresholds with the budget: up to when, when, by whom, what came of it."""

    ward_id: str
    as_of: datetime
    done_at: datetime
    author: str
    patients: int
    moved: int


def wards(connection: Connection) -> list[WardDue]:
    """Every ward that has or had patients."""
    with connection.cursor(row_factory=class_row(WardDue)) as cursor:
        return cursor.execute(_WARDS).fetchall()


def patients(connection: Connection, ward_id: str, *, since: datetime, at: datetime) -> list[PatientId]:
    """Whoever was on the ward between the two instants."""
    asked = {"ward_id": ward_id, "since": since, "at": at}
    return [PatientId(row[0]) for row in connection.execute(_PATIENTS, asked)]


def done(connection: Connection, run: Run) -> bool:
    """Keep that it was done; False where another has done it for this ward and history."""
    asked = {name: getattr(run, name) for name in Run.__slots__}
    return connection.execute(_DONE, asked).rowcount == 1


def runs(connection: Connection, ward_id: str, *, most: int = 20) -> list[Run]:
    """The ward's newest ones first."""
    with connection.cursor(row_factory=class_row(Run)) as cursor:
        return cursor.execute(_RUNS, {"ward_id": ward_id, "most": most}).fetchall()


def claim(connection: Connection, ward_id: str) -> bool:
    """Whether this connection alone works on the ward's calibration from now on."""
    row = connection.execute(_CLAIM, {"ward_id": ward_id}).fetchone()
    return row is not None and bool(row[0])


def release(connection: Connection, ward_id: str) -> None:
    """Let others work on it."""
    connection.execute(_RELEASE, {"ward_id": ward_id})
