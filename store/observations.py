"""Observations: the history of one patient, and many patients' as columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import PatientId, ReadingId
from vitals.measure import Measure
from vitals.observation import Observation, Standing
from vitals.reading import Quality

_COLUMNS = "patient_id, measure, value, measured_at, received_at, reading_id, quality, standing"

_HISTORY = f"""
    SELECT {_COLUMNS} FROM observations
    WHERE patient_id = %(patient_id)s
      AND (%(measures)s::text[] IS NULL OR measure = ANY(%(measures)s))
      AND measured_at >= %(since)s AND (%(until)s::timestamptz IS NULL OR measured_at < %(until)s)
      AND standing = ANY(%(standings)s)
    ORDER BY measured_at, measure, reading_id
"""

_OF_READINGS = f"""
    SELECT {_COLUMNS} FROM observations WHERE reading_id = ANY(%(reading_ids)s)
    ORDER BY measured_at, reading_id, measure
"""

_LATEST = f"""
    SELECT {", ".join("o." + name for name in _COLUMNS.split(", "))}
    FROM unnest(%(patient_ids)s::text[]) AS asked (patient_id)
    CROSS JOIN unnest(%(measures)s::text[]) AS wanted (measure)
    CROSS JOIN LATERAL (
        SELECT {_COLUMNS} FROM observations
        WHERE patient_id = asked.patient_id AND measure = wanted.measure AND standing = 'accepted'
        ORDER BY measured_at DESC, reading_id DESC LIMIT 1
    ) AS o
    ORDER BY o.patient_id, o.measure
"""

# Sorted as the caller groups them: whole patients, whole measures, in time.
_BULK = """
    SELECT patient_id, measure, (extract(epoch FROM measured_at) * 1000000)::bigint,
           (extract(epoch FROM received_at) * 1000000)::bigint, value, reading_id, quality
    FROM observations
    WHERE (%(patient_ids)s::text[] IS NULL OR patient_id = ANY(%(patient_ids)s))
      AND (%(measures)s::text[] IS NULL OR measure = ANY(%(measures)s))
      AND measured_at >= %(since)s AND measured_at < %(until)s
      AND standing = 'accepted'
    ORDER BY patient_id, measure, measured_at, reading_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    patient_id: str
    measure: str
    value: float
    measured_at: datetime
    received_at: datetime
    reading_id: str
    quality: list[str]
    standing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservationColumns:
    """Accepted observations of many patients, one array per column, all of one length.

    Sorted by patient, measure, `measured_at`. Times are `datetime64[us]` in UTC; `value` is in each measure's
    own unit; `patient_id`, `measure` and `reading_id` are arrays of `str`, `quality` of `frozenset[Quality]`.
    """

    patient_id: npt.NDArray[np.object_]
    measure: npt.NDArray[np.object_]
    measured_at: npt.NDArray[np.datetime64]
    received_at: npt.NDArray[np.datetime64]
    value: npt.NDArray[np.float64]
    reading_id: npt.NDArray[np.object_]
    quality: npt.NDArray[np.object_]

    def __len__(self) -> int:
        """How many observations."""
        return len(self.value)


def _observation(row: _Row) -> Observation:
    return Observation(
        patient_id=PatientId(row.patient_id),
        measure=Measure(row.measure),
        value=row.value,
        measured_at=row.measured_at,
        received_at=row.received_at,
        reading_id=ReadingId(row.reading_id),
        quality=frozenset(Quality(word) for word in row.quality),
        standing=Standing(row.standing),
    )


def history(
    connection: Connection,
    patient_id: PatientId,
    *,
    since: datetime,
    until: datetime | None = None,
    measures: Iterable[Measure] | None = None,
    standings: Iterable[Standing] = (Standing.ACCEPTED,),
) -> list[Observation]:
    """The patient's observations from `since` until before `until`, oldest first.

    Only those that rules may use, unless other standings are asked for.
    """
    asked = {
        "patient_id": patient_id,
        "since": since,
        "until": until,
        "measures": _words(measures),
        "standings": _words(standings),
    }
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        return [_observation(row) for row in cursor.execute(_HISTORY, asked)]


def of_readings(connection: Connection, reading_ids: Sequence[ReadingId]) -> list[Observation]:
    """Every observation of these readings, whatever its standing."""
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        rows = cursor.execute(_OF_READINGS, {"reading_ids": list(reading_ids)})
        return [_observation(row) for row in rows]


def latest(
    connection: Connection, patient_ids: Sequence[PatientId], measures: Iterable[Measure] = tuple(Measure)
) -> list[Observation]:
    """The newest accepted observation of each measure of each of these patients."""
    asked = {"patient_ids": list(patient_ids), "measures": _words(measures)}
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        return [_observation(row) for row in cursor.execute(_LATEST, asked)]


def columns(
    connection: Connection,
    *,
    since: datetime,
    until: datetime,
    patient_ids: Sequence[PatientId] | None = None,
    measures: Iterable[Measure] | None = None,
) -> ObservationColumns:
    """The accepted observations of these patients, or of all, for work on whole arrays."""
    asked = {
        "patient_ids": None if patient_ids is None else list(patient_ids),
        "measures": _words(measures),
        "since": since,
        "until": until,
    }
    rows = connection.execute(_BULK, asked, binary=True).fetchall()
    flags: dict[tuple[str, ...], frozenset[Quality]] = {}
    quality = np.empty(len(rows), dtype=object)
    for place, row in enumerate(rows):
        words = tuple(row[6])
        if words not in flags:
            flags[words] = frozenset(Quality(word) for word in words)
        quality[place] = flags[words]
    return ObservationColumns(
        patient_id=np.array([row[0] for row in rows], dtype=object),
        measure=np.array([row[1] for row in rows], dtype=object),
        measured_at=np.array([row[2] for row in rows], dtype=np.int64).astype("datetime64[us]"),
        received_at=np.array([row[3] for row in rows], dtype=np.int64).astype("datetime64[us]"),
        value=np.array([row[4] for row in rows], dtype=np.float64),
        reading_id=np.array([row[5] for row in rows], dtype=object),
        quality=quality,
    )


def _words(words: Iterable[Measure] | Iterable[Standing] | None) -> list[str] | None:
    return None if words is None else [word.value for word in words]
