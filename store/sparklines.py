"""The fortnight beside each row of the worklist, day by day, gaps as gaps."""

from datetime import datetime, timedelta

import msgspec

SPARK_DAYS = 14


class Day(msgspec.Struct, frozen=True, array_like=True):
    """What was measured on one day: the last value, the lowest and the highest."""

    last: float
    low: float
    high: float


Spark = tuple[Day | None, ...]
"""Each of a patient's last `SPARK_DAYS` local days, oldest first, None where empty; (): no reading at all."""

# Of the row `a`: a short range of the primary key for its patient and measure, as the JSON of a `Spark`.
SPARK = """
    coalesce((
        SELECT json_agg(d.day ORDER BY n DESC) FROM generate_series(0, %(spark_days)s - 1) n LEFT JOIN (
            SELECT (%(now)s AT TIME ZONE a.time_zone)::date
                     - (o.measured_at AT TIME ZONE a.time_zone)::date AS n,
                   json_build_array((array_agg(o.value ORDER BY o.measured_at DESC))[1],
                                    min(o.value), max(o.value)) AS day
            FROM observations o
            WHERE o.patient_id = a.patient_id AND o.measure = a.measure AND o.standing = 'accepted'
              AND o.measured_at > %(spark_since)s AND o.measured_at <= %(now)s
            GROUP BY 1) d USING (n)
        HAVING count(d.day) > 0), '[]')
"""


def spark_parameters(now: datetime) -> dict[str, datetime | int]:
    """What `SPARK` asks besides `now`."""
    return {"spark_since": now - timedelta(days=SPARK_DAYS + 1), "spark_days": SPARK_DAYS}
