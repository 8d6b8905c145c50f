"""Ingest on a thread of the test's, between a real broker and a real database with a small ward."""

import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from ingest.consumer import Consumer
from store.connection import Connection, connect
from tests.harness.home import Home
from tests.harness.mqtt import RunningBroker
from tests.harness.small_ward import small_ward
from tests.harness.waiting import wait_until
from vitals.ids import GatewayId
from wire import topics
from wire.broker import Broker, Event
from wire.mqtt import MqttClient


class RunningIngest:
    """The consumer as `ingest.consumer.run` builds it, without the process around it."""

    def __init__(self, broker: RunningBroker, database_url: str) -> None:
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.client = MqttClient(
            Broker(
                host=broker.host,
                port=broker.port,
                client_id="ingest",
                username="ingest",
                password_file=broker.password_file("ingest"),
                retry_first_s=0.05,
                retry_cap_s=0.2,
            ),
            sink=events.put,
            subscriptions=(topics.ALL_READINGS, topics.ALL_STATUS, topics.CANARY),
            seed=1,
        )
        self._stopping = threading.Event()
        self._failure: list[BaseException] = []
        self._consumer = Consumer(self.client, events, database_url)
        self._thread = threading.Thread(target=self._serve)
        self.client.start()
        self._thread.start()
        wait_until(lambda: self.client.connected, what="ingest is connected")

    def _serve(self) -> None:
        try:
            self._consumer.serve(self._stopping)
        except Exception as error:  # noqa: BLE001  # the test's own thread: `stop` tells
            self._failure.append(error)

    def stop(self) -> None:
        """Ask it to stop; fails where it had ended with an error before."""
        self._stopping.set()
        self._thread.join(timeout=10)
        self.client.stop()
        assert not self._thread.is_alive()
        assert not self._failure, self._failure


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """The test's own look at the database; the ward of `tests.harness.small_ward` is there."""
    with connect(database_url, application="test") as ours:
        small_ward(ours)
        yield ours


@pytest.fixture
def ingest(connection: Connection, broker: RunningBroker, database_url: str) -> Iterator[RunningIngest]:
    """Ingest, running."""
    running = RunningIngest(broker, database_url)
    yield running
    running.stop()


@pytest.fixture
def home(ingest: RunningIngest, broker: RunningBroker) -> Iterator[Home]:
    """The home of `gw-1`, connected, and ingest is there to hear it."""
    ours = Home(broker)
    yield ours
    ours.close()


@pytest.fixture
def another_home(ingest: RunningIngest, broker: RunningBroker) -> Iterator[Callable[[str], Home]]:
    """Another gateway's home, by the gateway's id."""
    opened: list[Home] = []

    def open_home(gateway_id: str) -> Home:
        opened.append(Home(broker, GatewayId(gateway_id)))
        return opened[-1]

    yield open_home
    for ours in opened:
        ours.close()
