"""The quarantine: what ingest could not admit waits here, as it came, until a person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import DeviceId, GatewayId, ReadingId

_ADD = """
    INSERT INTO quarantine (
        scope, wire_version, gateway_id, outbox_epoch, outbox_seq, device_id, reading_id,
        reason, detail, body, arrived_at
    ) VALUES (
        %(scope)s, %(wire_version)s, %(gateway_id)s, %(outbox_epoch)s, %(outbox_seq)s, %(device_id)s,
        %(reading_id)s, %(reason)s, %(detail)s, %(body)s, %(arrived_at)s
    )
    ON CONFLICT (coalesce(gateway_id, ''), md5(body)) DO NOTHING
"""

_COLUMNS = """
    quarantine_id, scope, wire_version, gateway_id, outbox_epoch, outbox_seq, device_id, reading_id, reason,
    detail, body, arrived_at, resolved_at, resolution, resolved_by, resolved_why
"""

_GET = f"SELECT {_COLUMNS} FROM quarantine WHERE quarantine_id = %(quarantine_id)s FOR UPDATE"

# Whose it is, where that can be told: of whoever has or later got the device, else of those with a device in
# the same home. What is nobody's is for those who enrol devices.
_ASSIGNED = """
    SELECT 1 FROM assignments s JOIN devices d USING (device_id) JOIN patients p USING (patient_id)
    WHERE (s.ends_at IS NULL OR s.ends_at > q.arrived_at) AND {whose}
"""
_BY_DEVICE = _ASSIGNED.format(whose="d.device_id = q.device_id")
_BY_HOME = _ASSIGNED.format(whose="d.gateway_id = q.gateway_id")
_ON_WARD = "AND p.ward_id = %(ward_id)s"

_SEEN = f"""(
    %(ward_id)s::text IS NULL OR EXISTS ({_BY_DEVICE} {_ON_WARD}) OR (NOT EXISTS ({_BY_DEVICE}) AND (
        EXISTS ({_BY_HOME} {_ON_WARD}) OR (%(nobodys)s AND NOT EXISTS ({_BY_HOME})))))"""

_IS_SEEN = f"SELECT 1 FROM quarantine q WHERE quarantine_id = %(quarantine_id)s AND {_SEEN}"

_OPEN = f"""
    SELECT {_COLUMNS} FROM quarantine q
    WHERE resolved_at IS NULL AND {_SEEN}
      AND (%(reason)s::text IS NULL OR reason = %(reason)s)
      AND (%(after_at)s::timestamptz IS NULL
           OR (arrived_at, quarantine_id) < (%(after_at)s, %(after_id)s))
    ORDER BY arrived_at DESC, quarantine_id DESC
    LIMIT %(limit)s
"""

_COUNT_OPEN = f"""
    SELECT reason, count(*) FROM quarantine q WHERE resolved_at IS NULL AND {_SEEN}
    GROUP BY reason ORDER BY reason
"""

_RESOLVE = """
    UPDATE quarantine SET
        resolved_at = %(at)s, resolution = %(resolution)s, resolved_by = %(by)s, resolved_why = %(why)s
    WHERE quarantine_id = %(quarantine_id)s AND resolved_at IS NULL
"""


class Scope(StrEnum):
    """Whether the body is one reading, or a whole message in which none could be made out."""

    READING = "reading"
    MESSAGE = "message"


class Resolution(StrEnum):
    """What a person decided: it is right after all, it is somebody else's, or it is nothing."""

    RELEASED = "released"
    REASSIGNED = "reassigned"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What could not be admitted. Everything that could be made out of it is set, the rest None."""

    scope: Scope
    body: bytes
    reason: str
    detail: str
    arrived_at: datetime
    wire_version: int | None = None
    gateway_id: GatewayId | None = None
    outbox_epoch: str | None = None
    outbox_seq: int | None = None
    device_id: DeviceId | None = None
    reading_id: ReadingId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineItem:
    """One refused reading or message, and what a person decided about it."""

    quarantine_id: int
    scope: Scope
    wire_version: int | None
    gateway_id: GatewayId | None
    outbox_epoch: str | None
    outbox_seq: int | None
    device_id: DeviceId | None
    reading_id: ReadingId | None
    reason: str
    detail: str
    body: bytes
    arrived_at: datetime
    resolved_at: datetime | None
    resolution: Resolution | None
    resolved_by: str | None
    resolved_why: str | None

    def __post_init__(self) -> None:
        """Turn the words of a row into ours."""
        object.__setattr__(self, "scope", Scope(self.scope))
        if self.resolution is not None:
            object.__setattr__(self, "resolution", Resolution(self.resolution))


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What somebody may see of it: their ward's, and with `nobodys` also what is no ward's."""

    ward_id: str
    nobodys: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an item stands in the list, newest first; the next page begins after it."""

    arrived_at: datetime
    quarantine_id: int


def add(connection: Connection, refused: Sequence[Refused]) -> None:
    """Put these into quarantine; what is there already, resolved or not, is passed over."""
    if not refused:
        return
    rows = [
        {
            "scope": one.scope.value,
            "wire_version": one.wire_version,
            "gateway_id": one.gateway_id,
            "outbox_epoch": one.outbox_epoch,
            "outbox_seq": one.outbox_seq,
            "device_id": one.device_id,
            "reading_id": one.reading_id,
            "reason": one.reason,
            "detail": one.detail,
            "body": one.body,
            "arrived_at": one.arrived_at,
        }
        for one in refused
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_ADD, rows)


def get(connection: Connection, quarantine_id: int) -> QuarantineItem | None:
    """The item, locked until the transaction ends; None where there is none of that id."""
    with connection.cursor(row_factory=class_row(QuarantineItem)) as cursor:
        return cursor.execute(_GET, {"quarantine_id": quarantine_id}).fetchone()


def is_seen(connection: Connection, quarantine_id: int, seen: Seen) -> bool:
    """Whether the item is there, and theirs to see."""
    asked = {"quarantine_id": quarantine_id, **_seen(seen)}
    return connection.execute(_IS_SEEN, asked).fetchone() is not None


def _seen(seen: Seen | None) -> dict[str, str | bool | None]:
    return {"ward_id": seen.ward_id if seen else None, "nobodys": seen is None or seen.nobodys}


def open_items(
    connection: Connection,
    *,
    seen: Seen | None = None,
    reason: str | None = None,
    after: Place | None = None,
    limit: int = 50,
) -> list[QuarantineItem]:
    """A page of what waits, newest first, of one reason or of all; `seen` None: of every ward."""
    asked = {
        **_seen(seen),
        "reason": reason,
        "after_at": None if after is None else after.arrived_at,
        "after_id": None if after is None else after.quarantine_id,
        "limit": limit,
    }
    with connection.cursor(row_factory=class_row(QuarantineItem)) as cursor:
        return cursor.execute(_OPEN, asked).fetchall()


def count_open(connection: Connection, seen: Seen | None = None) -> dict[str, int]:
    """How many items wait for a person, by reason; `seen` None: of every ward."""
    return dict(connection.execute(_COUNT_OPEN, _seen(seen)).fetchall())


def resolve(
    connection: Connection, quarantine_id: int, resolution: Resolution, *, by: str, why: str, at: datetime
) -> bool:
    """Keep what a person decided, and why; False where somebody decided before, or there is no such item."""
    asked = {
        "quarantine_id": quarantine_id,
        "resolution": resolution.value,
        "by": by,
        "why": why,
        "at": at,
    }
    return connection.execute(_RESOLVE, asked).rowcount == 1
