"""Heartbeats: each process says that it lives, so that silence shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row

from store.connection import Connection

# By the database's clock on both sides, so that no other machine's clock can make a dead process look alive.
_BEAT = """
    INSERT INTO heartbeats (process, beat_at, detail) VALUES (%(process)s, clock_timestamp(), %(detail)s)
    ON CONFLICT (process) DO UPDATE SET beat_at = excluded.beat_at, detail = excluded.detail
"""

_ALL = """
    SELECT process, beat_at, clock_timestamp() - beat_at AS age, detail FROM heartbeats ORDER BY process
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The last sign of life of one process; `detail` is what it said of itself."""

    process: str
    beat_at: datetime
    age: timedelta
    detail: str


def beat(connection: Connection, process: str, *, detail: str = "") -> None:
    """Say that the process lives, now."""
    connection.execute(_BEAT, {"process": process, "detail": detail})


def every(connection: Connection) -> list[Heartbeat]:
    """The last heartbeat of each process that ever beat."""
    with connection.cursor(row_factory=class_row(Heartbeat)) as cursor:
        return cursor.execute(_ALL).fetchall()
