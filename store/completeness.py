"""Proof that nothing was lost: which numbers of each gateway's outbox have arrived, and which have not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from store.connection import Connection
from vitals.ids import GatewayId

# Sorted, so that two processes lock the rows in one order.
_ARRIVED = """
    INSERT INTO outbox_receipts (gateway_id, outbox_epoch, arrived, first_at, last_at, gapped_at)
    SELECT said.gateway_id, said.outbox_epoch, range_agg(int8range(said.seq, said.seq, '[]')),
           %(now)s, %(now)s,
           CASE WHEN missing_of(range_agg(int8range(said.seq, said.seq, '[]'))) > 0 THEN %(now)s END
    FROM unnest(%(gateway_ids)s::text[], %(epochs)s::text[], %(seqs)s::bigint[])
             AS said (gateway_id, outbox_epoch, seq)
    JOIN gateways USING (gateway_id)
    GROUP BY said.gateway_id, said.outbox_epoch
    ORDER BY said.gateway_id, said.outbox_epoch
    ON CONFLICT (gateway_id, outbox_epoch) DO UPDATE SET
        arrived = outbox_receipts.arrived + excluded.arrived,
        last_at = greatest(outbox_receipts.last_at, excluded.last_at),
        gapped_at = CASE
            WHEN missing_of(outbox_receipts.arrived + excluded.arrived) = 0 THEN NULL
            WHEN missing_of(outbox_receipts.arrived + excluded.arrived) > missing_of(outbox_receipts.arrived)
                THEN excluded.last_at
            ELSE outbox_receipts.gapped_at
        END
"""

_GAPS = """
    SELECT r.gateway_id, r.outbox_epoch, lower(gap) AS first_seq, upper(gap) - 1 AS last_seq, r.last_at
    FROM outbox_receipts r,
         unnest(int8multirange(int8range(1, upper(r.arrived))) - r.arrived) AS gap
    WHERE %(gateway_id)s::text IS NULL OR r.gateway_id = %(gateway_id)s
    ORDER BY r.gateway_id, r.outbox_epoch, first_seq
"""

_COUNTS = """
    SELECT gateway_id, outbox_epoch, first_at, last_at,
           (SELECT sum(upper(stretch) - lower(stretch)) FROM unnest(arrived) AS stretch)::bigint AS arrived,
           upper(arrived) - 1 AS newest_seq
    FROM outbox_receipts
    WHERE %(gateway_id)s::text IS NULL OR gateway_id = %(gateway_id)s
    ORDER BY gateway_id, first_at, outbox_epoch
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One number of one gateway's outbox has arrived, however it ended."""

    gateway_id: GatewayId
    outbox_epoch: str
    outbox_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Outbox numbers, first and last included, that have not arrived though later ones have.

    The gateway may still hold them: newer readings travel first. What its outbox does not hold is lost.
    """

    gateway_id: GatewayId
    outbox_epoch: str
    first_seq: int
    last_seq: int
    last_at: datetime

    @property
    def missing(self) -> int:
        """How many readings."""
        return self.last_seq - self.first_seq + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochCount:
    """How many numbers of one epoch have arrived, and the newest; equal where nothing is missing."""

    gateway_id: GatewayId
    outbox_epoch: str
    first_at: datetime
    last_at: datetime
    arrived: int
    newest_seq: int


def note_arrived(connection: Connection, receipts: Sequence[Receipt], *, now: datetime) -> None:
    """Keep that these numbers have arrived; those of gateways that are not enrolled are passed over."""
    if not receipts:
        return
    connection.execute(
        _ARRIVED,
        {
            "gateway_ids": [receipt.gateway_id for receipt in receipts],
            "epochs": [receipt.outbox_epoch for receipt in receipts],
            "seqs": [receipt.outbox_seq for receipt in receipts],
            "now": now,
        },
    )


def gaps(connection: Connection, *, gateway_id: GatewayId | None = None) -> list[Gap]:
    """What has not arrived, of one gateway or of all; empty where everything has."""
    with connection.cursor(row_factory=class_row(Gap)) as cursor:
        return cursor.execute(_GAPS, {"gateway_id": gateway_id}).fetchall()


def counts(connection: Connection, *, gateway_id: GatewayId | None = None) -> list[EpochCount]:
    """How much of each epoch has arrived, oldest epoch first."""
    with connection.cursor(row_factory=class_row(EpochCount)) as cursor:
        return cursor.execute(_COUNTS, {"gateway_id": gateway_id}).fetchall()
