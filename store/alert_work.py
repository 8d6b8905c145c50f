"""The alert worker's queue: who has news, and who must be looked at because time went by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row

from store.connection import Connection, known_as
from vitals.ids import PatientId

# Who evaluates a patient holds this until the transaction ends. It is no row's lock: ingest need not wait.
_KEY = "hashtextextended('evaluation:' || patient_id, 0)"

# A worker has its own patients, whom it remembers. Who has waited too long is anybody's: theirs is away.
_OURS = "(mod(hashtext(patient_id) & 2147483647, %(of)s) = %(number)s OR {since} <= %(overdue)s)"

# Candidates for several workers; each takes those that no other has. The entry stays until the work is done.
_CLAIM_DUE = f"""
    WITH candidate AS MATERIALIZED (
        SELECT patient_id, due_since, news FROM evaluations_due
        WHERE {_OURS.format(since="due_since")} ORDER BY due_since LIMIT %(candidates)s
    )
    SELECT patient_id, due_since, news FROM candidate WHERE pg_try_advisory_xact_lock({_KEY}) LIMIT %(most)s
"""

_CLAIM_PLANNED = f"""
    WITH candidate AS MATERIALIZED (
        SELECT patient_id, look_at FROM evaluations_planned
        WHERE look_at <= %(now)s AND {_OURS.format(since="look_at")}
        ORDER BY look_at LIMIT %(candidates)s
    )
    SELECT patient_id, look_at AS due_since, NULL::bigint AS news FROM candidate
    WHERE pg_try_advisory_xact_lock({_KEY}) LIMIT %(most)s
"""

CLOCKS_APART = timedelta(minutes=2)
"""The clocks of two workers' machines may differ so much before one counts as having gone back."""

OVERDUE = timedelta(seconds=1)
"""Whoever has waited so long is evaluated by any worker."""

_SHARE = """
    SELECT count(*) FILTER (WHERE pid < pg_backend_pid()), count(*)
    FROM pg_stat_activity WHERE datname = current_database() AND application_name = %(workers)s
    HAVING bool_or(pid = pg_backend_pid())
"""

_WORKERS = 8
"""So many workers find work of their own however many patients each of them takes at once."""

_PLAN = """
    INSERT INTO evaluations_planned (patient_id, look_at, planned_at)
    SELECT *, %(now)s FROM unnest(%(patient_ids)s::text[], %(looks)s::timestamptz[])
    ON CONFLICT (patient_id) DO UPDATE SET look_at = excluded.look_at, planned_at = excluded.planned_at
"""

_LOOK_NOW = """
    UPDATE evaluations_planned SET look_at = least(look_at, %(now)s) WHERE patient_id = %(patient_id)s
"""

# What was planned later than now was planned by a clock that has gone back since.
_REPLAN = """
    UPDATE evaluations_planned SET look_at = %(now)s, planned_at = %(now)s
    WHERE planned_at > %(later)s AND look_at > %(now)s
"""

_UNPLANNED = """
    INSERT INTO evaluations_planned (patient_id, look_at, planned_at)
    SELECT patient_id, %(now)s, %(now)s FROM patients p
    WHERE discharged_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM evaluations_planned e WHERE e.patient_id = p.patient_id)
      AND NOT EXISTS (SELECT 1 FROM evaluations_due d WHERE d.patient_id = p.patient_id)
    ON CONFLICT (patient_id) DO NOTHING
"""

# An entry that is newer than what was claimed has news that nobody looked at.
_DONE = """
    DELETE FROM evaluations_due d
    USING unnest(%(patient_ids)s::text[], %(news)s::bigint[]) AS seen (who, news)
    WHERE d.patient_id = seen.who AND d.news = seen.news
"""

_UNPLAN = "DELETE FROM evaluations_planned WHERE patient_id = ANY(%(patient_ids)s)"

_LOCK = f"""
    SELECT pg_advisory_xact_lock({_KEY})
    FROM (SELECT unnest(%(patient_ids)s::text[]) AS patient_id ORDER BY 1) AS in_order
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A patient to be evaluated, since when, and the number of the newest news; None where time went by."""

    patient_id: PatientId
    due_since: datetime
    news: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Which of how many workers one is; each patient is one worker's own."""

    number: int
    of: int


WHOLE = Share(number=0, of=1)
"""The share of a worker that is alone: everybody."""


def share(connection: Connection, application: str) -> Share:
    """Which of the connections of this application it is; the whole where it is none of them."""
    row = connection.execute(_SHARE, {"workers": known_as(application)}).fetchone()
    return WHOLE if row is None else Share(number=row[0], of=row[1])


def claim_due(connection: Connection, *, now: datetime, most: int, share: Share = WHOLE) -> list[Due]:
    """Patients with news whom nobody evaluates, longest waiting first: ours until the transaction ends.

    Those of one's own share, and whoever has waited for `OVERDUE`: no patient depends on one worker.
    """
    with connection.cursor(row_factory=class_row(Due)) as cursor:
        return cursor.execute(_CLAIM_DUE, _claim(now, most, share)).fetchall()


def claim_planned(connection: Connection, *, now: datetime, most: int, share: Share = WHOLE) -> list[Due]:
    """The same of patients whose planned look has come."""
    with connection.cursor(row_factory=class_row(Due)) as cursor:
        return cursor.execute(_CLAIM_PLANNED, _claim(now, most, share)).fetchall()


def _claim(now: datetime, most: int, share: Share) -> dict[str, object]:
    return {
        "now": now,
        "overdue": now - OVERDUE,
        "number": share.number,
        "of": share.of,
        "most": most,
        "candidates": most * _WORKERS,
    }


def plan(connection: Connection, looks: Mapping[PatientId, datetime], *, now: datetime) -> None:
    """Have each patient looked at again at that instant, whatever was planned before."""
    if looks:
        asked = {"patient_ids": list(looks), "looks": list(looks.values()), "now": now}
        connection.execute(_PLAN, asked)


def look_now(connection: Connection, patient_id: PatientId, *, now: datetime) -> None:
    """Have the patient's next look planned anew: a person's act changed what it depends on.

    Whoever has no plan is being evaluated for the first time, or has news; either way a plan follows.
    """
    connection.execute(_LOOK_NOW, {"patient_id": patient_id, "now": now})


def done(connection: Connection, evaluated: Sequence[Due]) -> None:
    """Take what was claimed off the queue, except whoever has had newer news since."""
    seen = [one for one in evaluated if one.news is not None]
    if seen:
        asked = {"patient_ids": [one.patient_id for one in seen], "news": [one.news for one in seen]}
        connection.execute(_DONE, asked)


def unplan(connection: Connection, patient_ids: Sequence[PatientId]) -> None:
    """Look at these patients no more unless there is news."""
    if patient_ids:
        connection.execute(_UNPLAN, {"patient_ids": list(patient_ids)})


def plan_unplanned(connection: Connection, *, now: datetime) -> int:
    """Have every patient who is in neither queue looked at now; how many there were."""
    return connection.execute(_UNPLANNED, {"now": now}).rowcount


def replan(connection: Connection, *, now: datetime) -> int:
    """Where the clock went back, have whoever was planned by it before looked at now; how many there were."""
    return connection.execute(_REPLAN, {"now": now, "later": now + CLOCKS_APART}).rowcount


def lock(connection: Connection, patient_ids: Sequence[PatientId]) -> None:
    """Keep other evaluations of these patients waiting until the transaction ends."""
    connection.execute(_LOCK, {"patient_ids": list(patient_ids)})
