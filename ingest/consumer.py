"""The loop between broker and database: batch, commit, tell the gateway, and only then the broker."""

import faulthandler
import queue
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from random import Random

import msgspec
import structlog

from ingest import batch, status
from ingest.batch import Committed
from ingest.canary import Canary
from ingest.settings import IngestSettings
from runtime.clock import utc_now
from runtime.ready import say_ready
from runtime.stop import stop_on_signals
from store import heartbeats, migrate
from store.connection import Connection, connect, transaction
from store.errors import StoreUnavailable
from vitals.errors import HubError
from vitals.ids import GatewayId
from wire import topics
from wire.backoff import full_jitter_s
from wire.broker import BrokerUnavailable, Connected, Disconnected, Event, Message, Publication, Published
from wire.messages import VERSION, Ack, Quarantined
from wire.mqtt import MqttClient

log: structlog.types.FilteringBoundLogger = structlog.get_logger()

PROCESS = "ingest"
# Natural batching: what came while the last commit ran. More than this would only delay the first of it.
BATCH_MESSAGES = 200
BATCH_BYTES = 256 * 1024  # about a thousand readings
# An Ack stays well below the 64 KiB that brokers are told to take.
ACK_IDS = 500
HEARTBEAT_S = 5.0
IDLE_S = 0.5
RETRY_FIRST_S, RETRY_CAP_S = 0.2, 5.0
# A loop that does not come round for so long is stuck: it prints where, and ends, to be started again.
STUCK_AFTER_S = 120.0
# While the database is away the broker may reconnect and deliver again; beyond this the old copies go.
MAX_WAITING = 2_000


class ConsumerDeaf(HubError):
    """The broker keeps the connection and delivers nothing, or the network thread is dead."""

    def __init__(self, why: str) -> None:
        super().__init__(f"ingest hears nothing from the broker ({why}): it ends, to be started again")
        self.why = why


class Consumer:
    """Takes messages in the order they came; owns the database connection and what waits for it."""

    def __init__(
        self,
        client: MqttClient,
        events: "queue.SimpleQueue[Event]",
        conninfo: str,
        *,
        batch_messages: int = BATCH_MESSAGES,
    ) -> None:
        self._client = client
        self._batch_messages = batch_messages
        self._events = events
        self._conninfo = conninfo
        self._connection: Connection | None = None
        self._waiting: deque[Message] = deque()
        self._canary = Canary()
        self._canary_flight: Publication | None = None
        self._heartbeat_s = float("-inf")
        self._chance = Random(secrets.randbits(32))

    def serve(self, stopping: threading.Event, still_alive: Callable[[], None] = lambda: None) -> None:
        """Serve until asked to stop; calls `still_alive` every round.

        Raises ConsumerDeaf, and what `store.migrate.check` raises.
        """
        failures = 0
        while not stopping.is_set():
            still_alive()
            self._listen(IDLE_S if failures == 0 else 0.0)
            try:
                self._work()
                failures = 0
            except StoreUnavailable as error:
                self._disconnect()
                wait_s = full_jitter_s(failures, self._chance, RETRY_FIRST_S, RETRY_CAP_S)
                failures += 1
                log.warning("database away", why=str(error), attempt=failures, next_try_s=round(wait_s, 1))
                stopping.wait(wait_s)
        self._disconnect()

    def _work(self) -> None:
        """One round. What is waiting leaves only after its commit."""
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._conninfo, application=PROCESS)
            migrate.check(self._connection)
        if self._waiting:
            self._handle(self._connection, self._batch())
        now_s = time.monotonic()
        if now_s - self._heartbeat_s >= HEARTBEAT_S:
            self._heartbeat_s = now_s
            self._beat(self._connection)
        self._watch(now_s)

    def _handle(self, connection: Connection, messages: Sequence[Message]) -> None:
        now = utc_now()
        readings = [message for message in messages if not message.topic.endswith("/status")]
        committed = batch.commit(connection, readings, now=now)
        for message in messages:
            if message.topic.endswith("/status"):
                status.note(connection, message, now=now)
        for _ in messages:
            self._waiting.popleft()
        self._tell(committed, now)
        for message in messages:
            self._client.acknowledge(message)

    def _batch(self) -> list[Message]:
        messages: list[Message] = []
        size = 0
        for message in self._waiting:
            size += len(message.payload)
            if messages and (size > BATCH_BYTES or len(messages) == self._batch_messages):
                break
            messages.append(message)
        return messages

    def _tell(self, committed: Mapping[GatewayId, Committed], now: datetime) -> None:
        """Tell each gateway what is committed; what it is not told it sends again, and is told then."""
        try:
            for gateway_id, about in committed.items():
                for ack in acks(about, now):
                    self._client.publish(topics.ack(gateway_id), msgspec.json.encode(ack))
        except BrokerUnavailable as error:
            log.warning("acknowledgement not sent", why=error.reason)

    def _listen(self, wait_s: float) -> None:
        """Take in what has happened; waits for the first only where nothing is left to do."""
        wait_s = 0.0 if self._waiting else wait_s
        while True:
            try:
                event = self._events.get(timeout=wait_s) if wait_s else self._events.get_nowait()
            except queue.Empty:
                return
            wait_s = 0.0
            self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case Message():
                self._canary.heard(time.monotonic())
                if event.topic == topics.CANARY:
                    self._client.acknowledge(event)
                else:
                    self._waiting.append(event)
            case Connected():
                self._canary.connected(time.monotonic())
                say_ready()
            case Disconnected() if len(self._waiting) > MAX_WAITING:
                kept = [message for message in self._waiting if message.generation > event.generation]
                self._waiting = deque(kept)
            case Published() if event.publication == self._canary_flight and not event.delivered:
                log.warning("canary refused", reason=event.reason)
                self._canary.refused()
            case _:
                pass

    def _beat(self, connection: Connection) -> None:
        detail = "" if self._client.connected else "the broker is not reachable"
        with transaction(connection):
            heartbeats.beat(connection, PROCESS, detail=detail)

    def _watch(self, now_s: float) -> None:
        if not self._client.alive:
            raise ConsumerDeaf("its network thread has ended")
        self._listen(0.0)  # what came while we worked is a sign of life
        if not self._client.connected:
            return
        if self._canary.is_lost(now_s):
            raise ConsumerDeaf("its own message does not come back")
        if self._canary.is_due(now_s):
            with suppress(BrokerUnavailable):
                self._canary_flight = self._client.publish(topics.CANARY, b"{}")
                self._canary.sent(now_s)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def acks(committed: Committed, now: datetime) -> list[Ack]:
    """The Acks that tell one gateway what is committed, each of a bounded size."""
    stored = [str(reading_id) for reading_id in dict.fromkeys(committed.stored)]
    quarantined = [
        Quarantined(id=reading_id, reason=reason.value) for reading_id, reason in committed.quarantined
    ]
    told = [Ack(v=VERSION, at=now, stored=stored[i : i + ACK_IDS]) for i in range(0, len(stored), ACK_IDS)]
    told += [
        Ack(v=VERSION, at=now, quarantined=quarantined[i : i + ACK_IDS])
        for i in range(0, len(quarantined), ACK_IDS)
    ]
    return told


def _rearm_watchdog() -> None:
    faulthandler.dump_traceback_later(STUCK_AFTER_S, exit=True)


def run(settings: IngestSettings) -> None:
    """Ingest, until SIGTERM or SIGINT. Raises HubError where it cannot go on and must be started again."""
    stopping = stop_on_signals()
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    client = MqttClient(
        settings.broker(settings.ingest_client_id),
        sink=events.put,
        subscriptions=(topics.ALL_READINGS, topics.ALL_STATUS, topics.CANARY),
        seed=secrets.randbits(32),
    )
    consumer = Consumer(client, events, settings.conninfo())
    client.start()
    log.info("ingest started")
    try:
        consumer.serve(stopping, still_alive=_rearm_watchdog)
    finally:
        faulthandler.cancel_dump_traceback_later()
        client.stop()
    log.info("ingest stopped")
