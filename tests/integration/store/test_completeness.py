"""The hub can prove which outbox numbers it has, however they arrived and however they ended."""

from datetime import UTC, datetime, timedelta

from store import completeness, histories
from store.completeness import Receipt
from store.connection import Connection
from tests.harness.small_ward import ANNA, HOME, OTHER_HOME
from vitals.ids import GatewayId

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def arrived(
    connection: Connection, *seqs: int, gateway_id: GatewayId = HOME, epoch: str = "e1", at: datetime = NOON
) -> None:
    receipts = [Receipt(gateway_id=gateway_id, outbox_epoch=epoch, outbox_seq=seq) for seq in seqs]
    completeness.note_arrived(connection, receipts, now=at)


def gaps(connection: Connection, gateway_id: GatewayId | None = None) -> list[tuple[str, str, int, int]]:
    found = completeness.gaps(connection, gateway_id=gateway_id)
    return [(gap.gateway_id, gap.outbox_epoch, gap.first_seq, gap.last_seq) for gap in found]


def test_numbers_in_any_order_and_repeated_leave_no_gap(connection: Connection) -> None:
    arrived(connection, 3, 1)
    assert gaps(connection) == [(HOME, "e1", 2, 2)]
    arrived(connection, 2, 2, 3)
    assert gaps(connection) == []
    (count,) = completeness.counts(connection)
    assert (count.arrived, count.newest_seq) == (3, 3)


def test_a_gap_is_named_by_gateway_and_epoch(connection: Connection) -> None:
    arrived(connection, 1, 2, 5, 9)
    arrived(connection, 1, gateway_id=OTHER_HOME)
    arrived(connection, 4, epoch="e2")
    assert gaps(connection) == [(HOME, "e1", 3, 4), (HOME, "e1", 6, 8), (HOME, "e2", 1, 3)]
    assert [gap.missing for gap in completeness.gaps(connection)] == [2, 3, 3]
    assert gaps(connection, OTHER_HOME) == []


def test_since_when_no_more_are_missing_is_told_with_the_patients_equipment(connection: Connection) -> None:
    def missing() -> set[tuple[int, datetime | None]]:
        rows = histories.equipment(connection, [ANNA], now=NOON + 9 * HOUR)
        return {(row.missing, row.missing_since) for row in rows if row.gateway_id == HOME}

    arrived(connection, 1, 2)
    assert missing() == {(0, None)}
    arrived(connection, 5, at=NOON + HOUR)
    assert missing() == {(2, NOON + HOUR)}
    arrived(connection, 6, 3, at=NOON + 2 * HOUR)
    assert missing() == {(1, NOON + HOUR)}
    arrived(connection, 2, epoch="e2", at=NOON + 3 * HOUR)
    assert missing() == {(2, NOON + 3 * HOUR)}
    arrived(connection, 4, at=NOON + 4 * HOUR)
    arrived(connection, 1, epoch="e2", at=NOON + 4 * HOUR)
    assert missing() == {(0, None)}


def test_a_gateway_that_is_not_enrolled_leaves_no_trace(connection: Connection) -> None:
    arrived(connection, 7, gateway_id=GatewayId("gw-unknown"))
    arrived(connection)
    assert completeness.counts(connection) == []


def test_the_row_stays_small(connection: Connection) -> None:
    arrived(connection, *range(1, 20_001))
    completeness.note_arrived(
        connection,
        [Receipt(gateway_id=HOME, outbox_epoch="e1", outbox_seq=20_001)],
        now=NOON + timedelta(hours=1),
    )
    row = connection.execute("SELECT arrived::text, first_at, last_at FROM outbox_receipts").fetchone()
    assert row == ("{[1,20002)}", NOON, NOON + timedelta(hours=1))
