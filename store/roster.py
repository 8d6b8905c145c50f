"""The ward's patients as a table: by name in pages from an index, found by part of a name or number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg.rows import class_row

from store.connection import Connection

PAGE = 50

_ROWS = """
    WITH page AS (
        SELECT patient_id, given_name, family_name, sex, birth_date, record_number
        FROM patients
        WHERE ward_id = %(ward_id)s AND discharged_at IS NULL
          AND (%(like)s::text IS NULL
               OR lower(given_name || ' ' || family_name || ' ' || record_number) LIKE %(like)s)
          AND (%(family)s::text IS NULL
               OR (lower(family_name), lower(given_name), patient_id)
                  > (%(family)s, %(given)s, %(patient_id)s))
        ORDER BY lower(family_name), lower(given_name), patient_id
        LIMIT %(limit)s
    )
    SELECT p.patient_id, p.given_name, p.family_name, p.sex, p.birth_date, p.record_number,
           ARRAY(SELECT e.programme FROM programme_enrolments e
                  WHERE e.patient_id = p.patient_id AND e.starts_on <= %(now)s::date
                    AND (e.ends_on IS NULL OR e.ends_on >= %(now)s::date)
                  ORDER BY e.programme) AS programmes,
           (SELECT max(o.measured_at) FROM observations o
             WHERE o.patient_id = p.patient_id
               AND o.measured_at > %(now)s - interval '90 days') AS last_reading_at,
           a.worst, coalesce(a.open, 0) AS open_alerts
    FROM page p
    LEFT JOIN LATERAL (
        SELECT max(CASE priority WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END) AS worst,
               count(*) AS open
        FROM alerts WHERE patient_id = p.patient_id AND closed_at IS NULL) a ON true
    ORDER BY lower(p.family_name), lower(p.given_name), p.patient_id
"""

# Exact below a thousand; above, nobody needs the last digit and counting would read every row.
_COUNT = """
    SELECT count(*) FROM (
        SELECT 1 FROM patients
        WHERE ward_id = %(ward_id)s AND discharged_at IS NULL
          AND (%(like)s::text IS NULL
               OR lower(given_name || ' ' || family_name || ' ' || record_number) LIKE %(like)s)
        LIMIT 1001) AS found
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPlace:
    """The last row of a page; the next page begins after it."""

    family: str
    given: str
    patient_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One patient of the table. `worst` is the rank of their most pressing open alert."""

    patient_id: str
    given_name: str
    family_name: str
    sex: str
    birth_date: date
    record_number: str
    programmes: list[str]
    last_reading_at: datetime | None
    worst: int | None
    open_alerts: int

    @property
    def place(self) -> RosterPlace:
        """Where the row stands, to ask for the page after it."""
        return RosterPlace(
            family=self.family_name.lower(), given=self.given_name.lower(), patient_id=self.patient_id
        )


def _like(search: str) -> str | None:
    words = search.strip().lower()
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%" if words else None


def roster_page(
    connection: Connection,
    ward_id: str,
    now: datetime,
    *,
    search: str = "",
    after: RosterPlace | None = None,
    limit: int = PAGE,
) -> Sequence[RosterRow]:
    """At most `limit` patients of the ward who are not discharged, by family name."""
    parameters = {
        "ward_id": ward_id,
        "now": now,
        "like": _like(search),
        "family": after.family if after else None,
        "given": after.given if after else None,
        "patient_id": after.patient_id if after else None,
        "limit": limit,
    }
    with connection.cursor(row_factory=class_row(RosterRow)) as cursor:
        return cursor.execute(_ROWS, parameters).fetchall()


def roster_count(connection: Connection, ward_id: str, *, search: str = "") -> int:
    """How many there are; 1001 stands for more than a thousand."""
    row = connection.execute(_COUNT, {"ward_id": ward_id, "like": _like(search)}).fetchone()
    return int(row[0]) if row else 0
