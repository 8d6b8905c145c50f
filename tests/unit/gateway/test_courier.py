"""What the courier sends, and what it makes of the hub's answers. The protocol as a whole: tests/faults."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest

from gateway.courier import BATCH_BYTES, Courier
from gateway.outbox import Waiting
from gateway.record import Entry
from vitals.ids import GatewayId, ReadingId
from wire import messages, topics
from wire.broker import Connected, Message, Publication
from wire.messages import Quarantined, ReadingBatch

GATEWAY = GatewayId("gw-1")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


class PlayedShelf:
    incarnation = 0

    def __init__(self, *entries: Entry) -> None:
        self.entries = dict(enumerate(entries, 1))

    def rows(self) -> list[int]:
        return sorted(self.entries)

    def fetch(self, rows: Iterable[int]) -> list[Waiting]:
        return [Waiting(row=row, entry=self.entries[row]) for row in rows if row in self.entries]

    def settle(self, stored: Sequence[str], quarantined: Sequence[Quarantined]) -> list[int]:
        named = {*stored, *(refused.id for refused in quarantined)}
        gone = [row for row, entry in self.entries.items() if entry.reading_id in named]
        for row in gone:
            del self.entries[row]
        return gone


class PlayedPost:
    def __init__(self) -> None:
        self.sent: list[ReadingBatch] = []
        self.sizes: list[int] = []
        self.acknowledged: list[Message] = []

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> Publication:
        assert topic == topics.readings(GATEWAY)
        assert not retain
        self.sent.append(msgspec.json.decode(payload, type=ReadingBatch))
        self.sizes.append(len(payload))
        return Publication(generation=1, mid=len(self.sent))

    def acknowledge(self, message: Message) -> bool:
        self.acknowledged.append(message)
        return True


def entry(number: int, *, epoch: str = "e1", size: int = 0) -> Entry:
    body = msgspec.json.encode({"id": f"r{number}", "seq": number, "raw": "0" * size})
    return Entry(epoch=epoch, seq=number, reading_id=ReadingId(f"r{number}"), body=body)


def connected(shelf: PlayedShelf) -> tuple[Courier, PlayedPost]:
    post = PlayedPost()
    courier = Courier(GATEWAY, shelf, post, chance=Random(1))
    courier.handle(Connected(generation=1, session_present=False), now=NOW, now_s=0.0)
    courier.send(now=NOW, now_s=0.0)
    return courier, post


def answer(payload: bytes, topic: str = topics.ack(GATEWAY)) -> Message:
    return Message(topic=topic, payload=payload, retained=False, duplicate=False, generation=1, mid=1, qos=1)


def ids(batch: ReadingBatch) -> list[str]:
    return [msgspec.json.decode(raw)["id"] for raw in batch.readings]


def test_a_batch_says_whose_it_is_and_when_it_was_sent() -> None:
    _, post = connected(PlayedShelf(entry(1), entry(2)))
    (batch,) = post.sent
    assert (batch.v, batch.gateway, batch.epoch, batch.sent_at) == (messages.VERSION, GATEWAY, "e1", NOW)
    assert ids(batch) == ["r2", "r1"], "newest first"


def test_a_batch_is_of_one_epoch_only() -> None:
    _, post = connected(PlayedShelf(entry(1, epoch="old"), entry(2, epoch="old"), entry(1, epoch="new")))
    assert [(batch.epoch, len(batch.readings)) for batch in post.sent] == [("new", 1), ("old", 2)]


def test_a_batch_stays_under_the_size_that_brokers_take() -> None:
    _, post = connected(PlayedShelf(*(entry(number, size=7000) for number in range(1, 31))))
    assert sum(len(batch.readings) for batch in post.sent) == 30
    assert max(post.sizes) < BATCH_BYTES + 500
    assert len(post.sent) == 5


def test_one_reading_larger_than_a_batch_still_travels_alone() -> None:
    _, post = connected(PlayedShelf(entry(1, size=BATCH_BYTES * 2), entry(2)))
    assert [ids(batch) for batch in post.sent] == [["r2"], ["r1"]]


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"null", b"\xff\xfe", b'{"v":1}', b'{"v":1,"at":"yesterday"}', b"[" * 20_000],
)
def test_an_answer_that_cannot_be_read_changes_nothing_and_does_not_come_again(payload: bytes) -> None:
    shelf = PlayedShelf(entry(1))
    courier, post = connected(shelf)
    courier.handle(answer(payload), now=NOW, now_s=1.0)
    assert shelf.rows() == [1]
    assert len(post.acknowledged) == 1


def test_an_answer_for_another_topic_is_none() -> None:
    shelf = PlayedShelf(entry(1))
    courier, post = connected(shelf)
    ack = msgspec.json.encode(messages.Ack(v=1, at=NOW, stored=["r1"]))
    courier.handle(answer(ack, topics.ack(GatewayId("gw-2"))), now=NOW, now_s=1.0)
    assert shelf.rows() == [1]
    assert len(post.acknowledged) == 1


@pytest.mark.parametrize("at", ["2026-03-01T00:00:00Z", "2026-03-01T00:00:00", "2027-01-01T00:00:00Z"])
def test_an_answer_with_any_clock_is_taken(at: str) -> None:
    shelf = PlayedShelf(entry(1))
    courier, _ = connected(shelf)
    courier.handle(answer(f'{{"v":2,"at":"{at}","stored":["r1"],"more":1}}'.encode()), now=NOW, now_s=1.0)
    assert shelf.rows() == []


def test_the_broker_may_forget_an_answer_only_after_the_shelf_has_settled_it() -> None:
    class Failing(PlayedShelf):
        def settle(self, stored: Sequence[str], quarantined: Sequence[Quarantined]) -> list[int]:
            raise OSError("the disk is gone")

    courier, post = connected(Failing(entry(1)))
    ack = msgspec.json.encode(messages.Ack(v=1, at=NOW, stored=["r1"]))
    with pytest.raises(OSError, match="the disk is gone"):
        courier.handle(answer(ack), now=NOW, now_s=1.0)
    assert post.acknowledged == []


def test_after_the_shelf_was_replaced_everything_on_it_goes_again() -> None:
    shelf = PlayedShelf(entry(1), entry(2))
    courier, post = connected(shelf)
    shelf.entries = {11: entry(1), 12: entry(2)}
    shelf.incarnation = 1
    courier.send(now=NOW + timedelta(seconds=1), now_s=1.0)
    assert [ids(batch) for batch in post.sent] == [["r2", "r1"], ["r2", "r1"]]
    courier.stored(12)
    assert courier.wake_s() is not None
