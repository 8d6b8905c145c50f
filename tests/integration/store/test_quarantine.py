"""The quarantine keeps what was refused, once, until one person decides."""

from datetime import UTC, datetime, timedelta

from store import quarantine
from store.connection import Connection
from store.quarantine import Place, Refused, Resolution, Scope
from tests.harness.small_ward import HOME
from vitals.ids import DeviceId, GatewayId, ReadingId

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def refused(name: str, *, minutes: int = 0, gateway_id: GatewayId = HOME) -> Refused:
    return Refused(
        scope=Scope.READING,
        body=f'{{"id":"{name}"}}'.encode(),
        reason="implausible" if minutes % 2 else "unassigned",
        detail="weight 3000 kg",
        arrived_at=NOON + timedelta(minutes=minutes),
        wire_version=1,
        gateway_id=gateway_id,
        outbox_epoch="e1",
        outbox_seq=minutes + 1,
        device_id=DeviceId("cuff-1"),
        reading_id=ReadingId(name),
    )


def test_what_was_refused_comes_back_as_it_came(connection: Connection) -> None:
    quarantine.add(connection, [refused("r1")])
    (item,) = quarantine.open_items(connection)
    assert (item.scope, item.body, item.reason) == (Scope.READING, b'{"id":"r1"}', "unassigned")
    assert (item.gateway_id, item.outbox_epoch, item.outbox_seq) == (HOME, "e1", 1)
    assert (item.device_id, item.reading_id, item.wire_version) == ("cuff-1", "r1", 1)
    assert (item.arrived_at, item.resolved_at, item.resolution) == (NOON, None, None)


def test_the_same_body_of_the_same_gateway_is_kept_once_even_after_it_was_resolved(
    connection: Connection,
) -> None:
    quarantine.add(connection, [refused("r1"), refused("r1", minutes=2)])
    (item,) = quarantine.open_items(connection)
    quarantine.resolve(connection, item.quarantine_id, Resolution.DISCARDED, by="s-1", why="test", at=NOON)
    quarantine.add(connection, [refused("r1", minutes=4)])
    assert quarantine.open_items(connection) == []
    quarantine.add(connection, [refused("r1", gateway_id=GatewayId("gw-2"))])
    assert len(quarantine.open_items(connection)) == 1


def test_pages_go_newest_first_without_gap_or_repetition(connection: Connection) -> None:
    quarantine.add(connection, [refused(f"r{n}", minutes=n // 2) for n in range(9)])
    seen: list[int] = []
    after: Place | None = None
    while page := quarantine.open_items(connection, after=after, limit=2):
        seen += [item.quarantine_id for item in page]
        after = Place(arrived_at=page[-1].arrived_at, quarantine_id=page[-1].quarantine_id)
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 9
    assert len(quarantine.open_items(connection, reason="implausible")) == 4
    assert quarantine.count_open(connection) == {"implausible": 4, "unassigned": 5}


def test_the_first_decision_stands(connection: Connection) -> None:
    quarantine.add(connection, [refused("r1")])
    (item,) = quarantine.open_items(connection)
    ours = quarantine.resolve(
        connection, item.quarantine_id, Resolution.RELEASED, by="s-1", why="checked by phone", at=NOON
    )
    theirs = quarantine.resolve(
        connection, item.quarantine_id, Resolution.DISCARDED, by="s-2", why="nonsense", at=NOON
    )
    assert (ours, theirs) == (True, False)
    kept = quarantine.get(connection, item.quarantine_id)
    assert kept is not None
    assert (kept.resolution, kept.resolved_by, kept.resolved_why) == (
        Resolution.RELEASED,
        "s-1",
        "checked by phone",
    )
    assert quarantine.get(connection, 999_999) is None
