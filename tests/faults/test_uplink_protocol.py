"""The protocol between outbox and hub under crash, loss, duplicate and reorder: nothing promised is lost.

The same code as in life, behind its two ports. The unsafe variants at the end show that the search finds what
it is there to find.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gateway.courier import Courier, Post, Shelf
from gateway.outbox import Waiting
from gateway.record import Entry
from vitals.ids import GatewayId, ReadingId
from wire import messages, topics
from wire.broker import BrokerUnavailable, Connected, Disconnected, Message, Publication, Published
from wire.messages import Quarantined

GATEWAY = GatewayId("gw-1")
START = datetime(2026, 3, 1, tzinfo=UTC)
NUMBERS = st.integers(0, 2**16)


class Disk:
    """The shelf as a crash leaves it: what was committed, and nothing else."""

    incarnation = 0

    def __init__(self) -> None:
        self.waiting: dict[int, Entry] = {}
        self.quarantined: set[str] = set()
        self._last_row = 0

    def store(self, reading_id: str) -> int:
        self._last_row += 1
        body = msgspec.json.encode({"id": reading_id, "seq": self._last_row})
        self.waiting[self._last_row] = Entry(
            epoch="e", seq=self._last_row, reading_id=ReadingId(reading_id), body=body
        )
        return self._last_row

    def rows(self) -> list[int]:
        return sorted(self.waiting)

    def fetch(self, rows: Iterable[int]) -> list[Waiting]:
        return [Waiting(row=row, entry=self.waiting[row]) for row in rows if row in self.waiting]

    def settle(self, stored: Sequence[str], quarantined: Sequence[Quarantined]) -> list[int]:
        refused = {item.id for item in quarantined}
        gone = [row for row, entry in self.waiting.items() if entry.reading_id in {*stored, *refused}]
        self.quarantined |= {self.waiting[row].reading_id for row in gone} & refused
        for row in gone:
            del self.waiting[row]
        return gone


class Wire:
    """A broker that may lose, repeat and reorder whatever it holds. It says "delivered" when it has it."""

    def __init__(self) -> None:
        self.up: list[bytes] = []
        self.down: list[bytes] = []
        self.unconfirmed: list[Publication] = []
        self.generation = 0
        self.is_connected = False
        self._mid = 0

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> Publication:
        if not self.is_connected:
            raise BrokerUnavailable("not connected")
        assert topic == topics.readings(GATEWAY)
        self.up.append(payload)
        self._mid += 1
        self.unconfirmed.append(Publication(generation=self.generation, mid=self._mid))
        return self.unconfirmed[-1]

    def acknowledge(self, message: Message) -> bool:
        return message.generation == self.generation


class Delivery(RuleBasedStateMachine):
    """One gateway, one broker, one hub."""

    def courier(self, shelf: Shelf, post: Post) -> Courier:
        return Courier(GATEWAY, shelf, post, chance=Random(1))

    @initialize()
    def begin(self) -> None:
        self.disk, self.wire = Disk(), Wire()
        self.promised: list[str] = []
        self.committed: set[str] = set()
        self.refused: set[str] = set()
        self.now_s = 0.0
        self.gateway = self.courier(self.disk, self.wire)

    @property
    def now(self) -> datetime:
        return START + timedelta(seconds=self.now_s)

    def send(self) -> None:
        self.gateway.send(now=self.now, now_s=self.now_s)

    @rule(count=st.integers(1, 5))
    def readings_are_stored(self, count: int) -> None:
        for _ in range(count):
            self.promised.append(f"r{len(self.promised)}")
            self.gateway.stored(self.disk.store(self.promised[-1]))
        self.send()

    @rule()
    def connects(self) -> None:
        if not self.wire.is_connected:
            self.wire.is_connected = True
            self.wire.generation += 1
            connected = Connected(generation=self.wire.generation, session_present=True)
            self.gateway.handle(connected, now=self.now, now_s=self.now_s)
            self.send()

    @rule(
        what=st.sampled_from(
            ["disconnects", "broker_loses_everything", "broker_loses_one", "gateway_crashes"]
        )
    )
    def trouble(self, what: str) -> None:
        getattr(self, what)()

    def disconnects(self) -> None:
        if self.wire.is_connected:
            self.wire.is_connected = False
            self.wire.unconfirmed.clear()
            lost = Disconnected(generation=self.wire.generation, reason="lost")
            self.gateway.handle(lost, now=self.now, now_s=self.now_s)

    @precondition(lambda self: self.wire.unconfirmed)
    @rule(number=NUMBERS, delivered=st.booleans())
    def broker_confirms(self, number: int, delivered: bool) -> None:
        publication = self.wire.unconfirmed.pop(number % len(self.wire.unconfirmed))
        answer = Published(publication=publication, delivered=delivered, reason="")
        self.gateway.handle(answer, now=self.now, now_s=self.now_s)
        self.send()

    def broker_loses_everything(self) -> None:
        self.wire.up.clear()
        self.wire.down.clear()
        self.disconnects()

    def broker_loses_one(self) -> None:
        for held in (self.wire.up, self.wire.down):
            del held[:1]

    @precondition(lambda self: self.wire.up)
    @rule(number=NUMBERS, again=st.booleans(), refuses=st.booleans(), answers=st.booleans())
    def hub_commits(self, number: int, again: bool, refuses: bool, answers: bool) -> None:
        payload = self.wire.up[number % len(self.wire.up)]
        if not again:
            self.wire.up.remove(payload)
        batch = msgspec.json.decode(payload, type=messages.ReadingBatch)
        ids = [msgspec.json.decode(raw)["id"] for raw in batch.readings]
        if refuses and ids[0] not in self.committed:
            self.refused.add(ids[0])
        self.committed |= {each for each in ids if each not in self.refused}
        if answers:
            ack = messages.Ack(
                v=1,
                at=self.now,
                stored=[each for each in ids if each not in self.refused],
                quarantined=[Quarantined(id=each, reason="x") for each in ids if each in self.refused],
            )
            self.wire.down.append(msgspec.json.encode(ack))

    @precondition(lambda self: self.wire.down and self.wire.is_connected)
    @rule(number=NUMBERS, again=st.booleans())
    def gateway_hears_the_hub(self, number: int, again: bool) -> None:
        payload = self.wire.down[number % len(self.wire.down)]
        if not again:
            self.wire.down.remove(payload)
        heard = Message(
            topic=topics.ack(GATEWAY),
            payload=payload,
            retained=False,
            duplicate=again,
            generation=self.wire.generation,
            mid=1,
            qos=1,
        )
        self.gateway.handle(heard, now=self.now, now_s=self.now_s)
        self.send()

    def gateway_crashes(self) -> None:
        self.wire.is_connected = False
        self.wire.unconfirmed.clear()
        self.gateway = self.courier(self.disk, self.wire)

    @rule(seconds=st.sampled_from([1.0, 30.0, 600.0]))
    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds
        self.send()

    @invariant()
    def nothing_promised_is_lost(self) -> None:
        waiting = {entry.reading_id for entry in self.disk.waiting.values()}
        for reading_id in self.promised:
            safe = (waiting, self.disk.quarantined & self.refused, self.committed - self.refused)
            assert any(reading_id in place for place in safe), f"{reading_id} is lost"

    def teardown(self) -> None:
        """Once everything works again, everything arrives, and by itself."""
        self.connects()
        for _ in range(30):
            while self.wire.up:
                self.hub_commits(0, again=False, refuses=False, answers=True)
            while self.wire.down:
                self.gateway_hears_the_hub(0, again=False)
            self.time_passes(600.0)
            self.nothing_promised_is_lost()
        assert not self.disk.waiting, "still waiting, though everything works"


class ForgetsOnPuback(Courier):
    """The variant that trusts the broker."""

    def _published(self, publication: Publication, delivered: bool, reason: str, now_s: float) -> None:
        message = self._publications.get(publication)
        sent = self._dispatch._sent.get(message) if message is not None else None
        if sent is not None and delivered:
            waiting = self._shelf.fetch(sorted(sent.rows))
            self._shelf.settle([item.entry.reading_id for item in waiting], [])
        super()._published(publication, delivered, reason, now_s)


class DeletesWhatTheHubRefused(Courier):
    """The variant that keeps nothing aside."""

    def _acknowledged(self, ack: messages.Ack, now: datetime, now_s: float) -> None:
        everything = [*ack.stored, *(refused.id for refused in ack.quarantined)]
        super()._acknowledged(messages.Ack(v=1, at=ack.at, stored=everything), now, now_s)


class NeverSendsAgain(Courier):
    """The variant that believes that what was once sent will arrive."""

    def _publish(self, batch: Sequence[Waiting], now: datetime, now_s: float) -> bool:
        sent = super()._publish(batch, now, now_s)
        self._dispatch.gone([item.row for item in batch] if sent else [])
        return sent


def _search(kind: type[Courier], *, examples: int, fresh: bool) -> None:
    class Variant(Delivery):
        def courier(self, shelf: Shelf, post: Post) -> Courier:
            return kind(GATEWAY, shelf, post, chance=Random(1))

    run_state_machine_as_test(
        Variant,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            derandomize=not fresh,
            phases=[Phase.generate, Phase.shrink] if fresh else [Phase.generate],
            report_multiple_bugs=False,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_nothing_is_lost_and_everything_arrives() -> None:
    _search(Courier, examples=400, fresh=True)


@pytest.mark.parametrize("unsafe", [ForgetsOnPuback, DeletesWhatTheHubRefused, NeverSendsAgain])
def test_an_unsafe_variant_is_found_out(unsafe: type[Courier]) -> None:
    with pytest.raises(AssertionError, match=r"is lost|still waiting"):
        _search(unsafe, examples=400, fresh=False)
