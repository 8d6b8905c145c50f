"""Gateways: which exist, and what each last said of itself."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import GatewayId

_LIST = """
    SELECT gateway_id, label, enrolled_at, active, online, status_at, outbox_waiting, outbox_quarantined
    FROM gateways
    WHERE %(gateway_ids)s::text[] IS NULL OR gateway_id = ANY(%(gateway_ids)s)
    ORDER BY gateway_id
"""

_ADD = """
    INSERT INTO gateways (gateway_id, label, enrolled_at)
    VALUES (%(gateway_id)s, %(label)s, %(enrolled_at)s)
    ON CONFLICT (gateway_id) DO NOTHING
"""

_SET_ACTIVE = "UPDATE gateways SET active = %(active)s WHERE gateway_id = %(gateway_id)s"

# A last will has no time of its own: the first one that says "silent" sets the time, its repetitions do not.
_SAY = """
    UPDATE gateways SET
        status_at = CASE
            WHEN %(said_at)s::timestamptz IS NOT NULL THEN least(%(said_at)s::timestamptz, %(now)s)
            WHEN online <> %(online)s OR status_at IS NULL THEN %(now)s
            ELSE status_at
        END,
        online = %(online)s,
        outbox_waiting = coalesce(%(outbox_waiting)s, outbox_waiting),
        outbox_quarantined = coalesce(%(outbox_quarantined)s, outbox_quarantined)
    WHERE gateway_id = %(gateway_id)s AND active
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A box in one home. `status_at` is when it last said how it is, or when it fell silent; None: never."""

    gateway_id: GatewayId
    label: str
    enrolled_at: datetime
    active: bool
    online: bool
    status_at: datetime | None
    outbox_waiting: int
    outbox_quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySaid:
    """What a gateway says of itself; a last will says only that it is not online."""

    gateway_id: GatewayId
    online: bool
    said_at: datetime | None = None
    outbox_waiting: int | None = None
    outbox_quarantined: int | None = None


def listed(connection: Connection, gateway_ids: Sequence[GatewayId] | None = None) -> list[Gateway]:
    """Those of the gateways that exist, or all; the inactive ones included."""
    asked = {"gateway_ids": None if gateway_ids is None else list(gateway_ids)}
    with connection.cursor(row_factory=class_row(Gateway)) as cursor:
        return cursor.execute(_LIST, asked).fetchall()


def add(connection: Connection, gateway_id: GatewayId, *, label: str = "", enrolled_at: datetime) -> None:
    """Enrol a gateway; nothing happens where it is enrolled."""
    connection.execute(_ADD, {"gateway_id": gateway_id, "label": label, "enrolled_at": enrolled_at})


def set_active(connection: Connection, gateway_id: GatewayId, *, active: bool) -> bool:
    """Whether the hub takes readings from it; False where there is no such gateway."""
    return connection.execute(_SET_ACTIVE, {"gateway_id": gateway_id, "active": active}).rowcount == 1


def note(connection: Connection, said: GatewaySaid, *, now: datetime) -> bool:
    """Keep what the gateway says of itself; False where it is not enrolled or not active."""
    return connection.execute(_SAY, {**asdict(said), "now": now}).rowcount == 1
