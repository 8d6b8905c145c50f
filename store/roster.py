"""The ward's patients as a table: in pages from an index, found by parts of a name or number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from psycopg.rows import class_row

from store.connection import Connection
from store.names import escaped, is_short, search_patterns, words_of
from vitals.measure import Measure

PAGE = 50


class Order(StrEnum):
    """By what the table is sorted."""

    NAME = "name"
    RECORD_NUMBER = "record_number"
    ENROLLED = "enrolled"


# Each is the key of one index, and so a place in it is where the next page begins.
_KEYS: dict[Order, tuple[str, ...]] = {
    Order.NAME: ("family_sort", "given_sort", "patient_id"),
    Order.RECORD_NUMBER: ("record_sort", "patient_id"),
    Order.ENROLLED: ("enrolled_at", "patient_id"),
}

_CASTS = {"enrolled_at": "::timestamptz"}

Place = tuple[str, ...]
"""The key of a page's last row, as text; the next page begins after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterAsked:
    """What is asked of the table. `search` is parts of a name or of a record number."""

    ward_id: str
    search: str = ""
    order: Order = Order.NAME
    descending: bool = False
    after: Place | None = None
    limit: int = PAGE

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that order the page. Short digits begin a record number, and its index finds them."""
        words = words_of(self.search)
        if words and all(is_short(word) for word in words) and words[0][0].isdigit():
            return _KEYS[Order.RECORD_NUMBER]
        return _KEYS[self.order]


_ROWS = """
    WITH page AS (
        SELECT patient_id, given_name, family_name, sex, birth_date, record_number, time_zone, {keys}
        FROM patients
        WHERE ward_id = %(ward_id)s AND discharged_at IS NULL {conditions}
        ORDER BY {order}
        LIMIT %(limit)s
    )
    SELECT p.patient_id, p.given_name, p.family_name, p.sex, p.birth_date, p.record_number, p.time_zone,
           ARRAY[{texts}] AS place,
           ARRAY(SELECT e.programme FROM programme_enrolments e
                  WHERE e.patient_id = p.patient_id AND e.starts_on <= %(now)s::date
                    AND (e.ends_on IS NULL OR e.ends_on >= %(now)s::date)
                  ORDER BY e.programme) AS programmes,
           (SELECT max(o.at) FROM unnest(%(measures)s::text[]) m (measure), LATERAL (
               SELECT max(measured_at) AS at FROM observations
               WHERE patient_id = p.patient_id AND measure = m.measure
                 AND measured_at > %(now)s - interval '90 days') o) AS last_reading_at,
           a.worst, coalesce(a.open, 0) AS open_alerts,
           u.starts_at AS pause_starts_at, u.ends_at AS pause_ends_at, u.open_ended AS pause_open_ended
    FROM page p
    LEFT JOIN LATERAL (
        SELECT starts_at, ends_at, open_ended FROM pauses
        WHERE patient_id = p.patient_id AND starts_at <= %(now)s AND ends_at > %(now)s
        ORDER BY ends_at DESC LIMIT 1) u ON true
    LEFT JOIN LATERAL (
        SELECT max(CASE priority WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END) AS worst,
               count(*) AS open
        FROM alerts WHERE patient_id = p.patient_id AND closed_at IS NULL) a ON true
    ORDER BY {order}
"""

# Exact up to a thousand; above, nobody needs the last digit and counting would read every row.
_COUNT = """
    SELECT count(*) FROM (
        SELECT 1 FROM patients
        WHERE ward_id = %(ward_id)s AND discharged_at IS NULL {conditions}
        LIMIT 1001) AS found
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """One patient of the table. `worst` is the rank of their most pressing open alert, and the pause is the
    one that runs."""

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
    place: list[str]
    pause_starts_at: datetime | None = None
    pause_ends_at: datetime | None = None
    pause_open_ended: bool | None = None
    time_zone: str = "UTC"


def _conditions(asked: RosterAsked) -> tuple[str, dict[str, str]]:
    """The search as conditions that an index answers, and their values.

    Words of three letters or more are found anywhere in a name or number (trigrams). Where all words are
    shorter, one of them must begin the family name or, with a digit, the record number (a range of that
    order's index); the others begin any word.
    """
    words = words_of(asked.search)
    conditions = [f"search_text LIKE fold(%(word_{place})s)" for place in range(len(words))]
    values = {f"word_{place}": pattern for place, pattern in enumerate(search_patterns(asked.search))}
    if words and all(is_short(word) for word in words):
        column = asked.keys[0] if asked.keys[0] in ("family_sort", "record_sort") else "family_sort"
        conditions.append(
            "(" + " OR ".join(f"{column} LIKE fold(%(first_{place})s)" for place in range(len(words))) + ")"
        )
        values |= {f"first_{place}": f"{escaped(word)}%" for place, word in enumerate(words)}
    return "".join(f" AND {condition}" for condition in conditions), values


def roster_page(connection: Connection, asked: RosterAsked, now: datetime) -> Sequence[RosterRow]:
    """At most `asked.limit` patients of the ward who are not discharged, in the order asked for.

    Raises DataRefused where `asked.after` is no place of that order.
    """
    conditions, values = _conditions(asked)
    keys, way = asked.keys, " DESC" if asked.descending else ""
    after = asked.after if asked.after is not None and len(asked.after) == len(keys) else None
    if after is not None:
        casts = [f"%(after_{place})s{_CASTS.get(key, '')}" for place, key in enumerate(keys)]
        conditions += f" AND ({', '.join(keys)}) {'<' if asked.descending else '>'} ({', '.join(casts)})"
        values |= {f"after_{place}": value for place, value in enumerate(after)}
    query = _ROWS.format(
        conditions=conditions,
        keys=", ".join(key for key in keys if key != "patient_id"),
        order=", ".join(key + way for key in keys),
        texts=", ".join(f"p.{key}::text" for key in keys),
    )
    parameters = {"ward_id": asked.ward_id, "now": now, "limit": asked.limit, "measures": list(Measure)}
    with connection.cursor(row_factory=class_row(RosterRow)) as cursor:
        return cursor.execute(query.encode(), parameters | values).fetchall()


def roster_count(connection: Connection, ward_id: str, *, search: str = "") -> int:
    """How many there are; 1001 stands for more than a thousand."""
    conditions, values = _conditions(RosterAsked(ward_id=ward_id, search=search))
    query = _COUNT.format(conditions=conditions)
    row = connection.execute(query.encode(), {"ward_id": ward_id, **values}).fetchone()
    return int(row[0]) if row else 0
