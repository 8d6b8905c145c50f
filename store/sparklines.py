"""The fortnight beside each row of the worklist, day by day, gaps as gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from store.connection import Connection

SPARK_DAYS = 14


@dataclass(frozen=True, slots=True)
class Day:
    """What was measured on one day: the last value, the lowest and the highest."""

    last: float
    low: float
    high: float


Spark = tuple[Day | None, ...]
"""Each of a patient's last `SPARK_DAYS` local days, oldest first; None: no reading that day."""

# Side by side for each patient and measure, so that each is one short range of the primary key.
_SPARKS = """
    SELECT k.n, array_agg(d.days_ago), array_agg(d.last), array_agg(d.low), array_agg(d.high)
    FROM unnest(%(patient_ids)s::text[], %(measures)s::text[]) WITH ORDINALITY AS k (patient_id, measure, n)
    JOIN patients p ON p.patient_id = k.patient_id
    CROSS JOIN LATERAL (
        SELECT (%(now)s AT TIME ZONE p.time_zone)::date - (o.measured_at AT TIME ZONE p.time_zone)::date
                 AS days_ago,
               (array_agg(o.value ORDER BY o.measured_at DESC))[1] AS last,
               min(o.value) AS low, max(o.value) AS high
        FROM observations o
        WHERE o.patient_id = k.patient_id AND o.measure = k.measure AND o.standing = 'accepted'
          AND o.measured_at > %(since)s AND o.measured_at <= %(now)s
        GROUP BY 1) d
    WHERE d.days_ago < %(days)s
    GROUP BY k.n
"""


def sparklines(
    connection: Connection, keys: Sequence[tuple[str, str]], now: datetime
) -> dict[tuple[str, str], Spark]:
    """The sparkline of each (patient, measure) that has a reading in the fortnight."""
    if not keys:
        return {}
    found = connection.execute(
        _SPARKS,
        {
            "now": now,
            "since": now - timedelta(days=SPARK_DAYS + 1),
            "days": SPARK_DAYS,
            "patient_ids": [patient_id for patient_id, _ in keys],
            "measures": [measure for _, measure in keys],
        },
    ).fetchall()
    return {keys[place - 1]: _spark(*arrays) for place, *arrays in found}


def _spark(
    days_ago: Sequence[int], last: Sequence[float], low: Sequence[float], high: Sequence[float]
) -> Spark:
    spark: list[Day | None] = [None] * SPARK_DAYS
    for place, *values in zip(days_ago, last, low, high, strict=True):
        spark[SPARK_DAYS - 1 - place] = Day(*values)
    return tuple(spark)
