"""The protocol between outbox and hub: send, send again, and forget on the hub's own acknowledgement only."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

import msgspec
import structlog

from gateway import pack
from gateway.dispatch import Dispatch
from gateway.outbox import Waiting
from vitals.ids import GatewayId
from wire import messages, topics
from wire.broker import (
    BrokerUnavailable,
    Connected,
    Disconnected,
    Event,
    Message,
    Publication,
    Published,
)
from wire.messages import Quarantined

log: structlog.types.FilteringBoundLogger = structlog.get_logger()

# Under the 64 KiB that a broker may refuse a message above.
BATCH_BYTES = 48 << 10
CLOCK_TOLERANCE = timedelta(minutes=5)


class Shelf(Protocol):
    """Where the readings wait; `gateway.outbox.Outbox` in life."""

    @property
    def incarnation(self) -> int: ...
    def rows(self) -> list[int]: ...
    def fetch(self, rows: Iterable[int]) -> list[Waiting]: ...
    def settle(self, stored: Sequence[str], quarantined: Sequence[Quarantined]) -> list[int]: ...


class Post(Protocol):
    """How messages leave; `wire.mqtt.MqttClient` in life."""

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> Publication: ...
    def acknowledge(self, message: Message) -> bool: ...


class Courier:
    """Carries what waits on the shelf to the hub. Not one thread's business and another's: call it from one.

    `now` is the calendar's time and `now_s` that of a clock that never jumps.
    """

    def __init__(self, gateway_id: GatewayId, shelf: Shelf, post: Post, *, chance: Random) -> None:
        self._gateway_id = gateway_id
        self._shelf = shelf
        self._post = post
        self._chance = chance
        self._connected = False
        self._clock_told = False
        self._publications: dict[Publication, int] = {}
        self._incarnation = shelf.incarnation
        self._dispatch = Dispatch(shelf.rows(), chance=chance)

    def stored(self, row: int) -> None:
        """A reading has come to the shelf."""
        self._dispatch.added(row)

    def handle(self, event: Event, *, now: datetime, now_s: float) -> None:
        """What happened on the connection."""
        match event:
            case Connected():
                self._connected = True
                self._clock_told = False
                self._dispatch.connected()
            case Disconnected():
                self._connected = False
                self._publications.clear()
                self._dispatch.disconnected()
            case Published(publication=publication, delivered=delivered, reason=reason):
                self._published(publication, delivered, reason, now_s)
            case Message():
                self._message(event, now, now_s)

    def send(self, *, now: datetime, now_s: float) -> None:
        """Send what may be sent now."""
        self._meet_new_incarnation()
        while rows := self._dispatch.pick(now_s):
            waiting = self._shelf.fetch(rows)
            if self._meet_new_incarnation():
                continue
            batch = _batch(waiting)
            still = {item.row for item in waiting}
            self._dispatch.put_back(item.row for item in waiting[len(batch) :])
            self._dispatch.gone(row for row in rows if row not in still)
            if batch and not self._publish(batch, now, now_s):
                return

    def wake_s(self) -> float | None:
        """When `send` is worth calling again though nothing happened; None for never."""
        return self._dispatch.wake_s()

    def _publish(self, batch: Sequence[Waiting], now: datetime, now_s: float) -> bool:
        rows = [item.row for item in batch]
        payload = pack.batch_bytes(
            self._gateway_id,
            batch[0].entry.epoch,
            [item.entry.body for item in batch],
            version=messages.VERSION,
            sent_at=now,
        )
        try:
            publication = self._post.publish(topics.readings(self._gateway_id), payload)
        except BrokerUnavailable:
            self._dispatch.put_back(rows)
            self._connected = False
            self._dispatch.disconnected()
            return False
        self._publications[publication] = self._dispatch.sent(rows, now_s)
        return True

    def _published(self, publication: Publication, delivered: bool, reason: str, now_s: float) -> None:
        """The broker's word. It is never a reason to forget: the broker has it in memory, if at all."""
        message = self._publications.pop(publication, None)
        if message is not None and not delivered:
            log.warning("batch not delivered", reason=reason)
            self._dispatch.undelivered(message, now_s)

    def _message(self, message: Message, now: datetime, now_s: float) -> None:
        if message.topic == topics.ack(self._gateway_id):
            try:
                ack = msgspec.json.decode(message.payload, type=messages.Ack)
            except (msgspec.DecodeError, RecursionError):
                log.warning("unreadable answer of the hub", size=len(message.payload))
            else:
                self._acknowledged(ack, now, now_s)
        self._post.acknowledge(message)

    def _acknowledged(self, ack: messages.Ack, now: datetime, now_s: float) -> None:
        gone = self._shelf.settle(ack.stored, ack.quarantined)
        if not self._meet_new_incarnation():
            self._dispatch.answered(gone, now_s)
        log.info("hub answered", stored=len(ack.stored), quarantined=len(ack.quarantined), gone=len(gone))
        for refused in ack.quarantined:
            log.warning("reading quarantined by the hub", reading_id=refused.id)
        self._compare_clocks(ack.at, now)

    def _compare_clocks(self, hub_at: datetime, now: datetime) -> None:
        # Only this direction is certain: an Ack from the past may just have been long on its way.
        if self._clock_told or hub_at.tzinfo is None or hub_at - now <= CLOCK_TOLERANCE:
            return
        self._clock_told = True
        log.warning("gateway clock is behind the hub's", behind_s=(hub_at - now).total_seconds())

    def _meet_new_incarnation(self) -> bool:
        """Start over with what is on the shelf, where it was replaced: its rows have new numbers."""
        if self._incarnation == self._shelf.incarnation:
            return False
        self._incarnation = self._shelf.incarnation
        self._publications.clear()
        self._dispatch = Dispatch(self._shelf.rows(), chance=self._chance)
        if self._connected:
            self._dispatch.connected()
        return True


def _batch(waiting: Sequence[Waiting]) -> Sequence[Waiting]:
    """As many from the front as travel together: of one epoch, and within the size of a message."""
    size = 0
    for place, item in enumerate(waiting):
        size += len(item.entry.body) + 1
        if item.entry.epoch != waiting[0].entry.epoch or (place and size > BATCH_BYTES):
            return waiting[:place]
    return waiting
