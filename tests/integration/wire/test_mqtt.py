"""The client against each broker that a ward may have, over loopback."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar

import pytest

from hub.broker import BrokerKind
from tests.harness.mqtt import RunningBroker
from tests.harness.waiting import wait_until
from vitals.ids import GatewayId
from wire import topics
from wire.broker import (
    Broker,
    BrokerSettingsRefused,
    BrokerUnavailable,
    Connected,
    Disconnected,
    Event,
    Message,
    Published,
    Will,
)
from wire.mqtt import MqttClient

GATEWAY = GatewayId("gw-1")
Wanted = TypeVar("Wanted", bound=Event)


class Client:
    """An MqttClient with the queue that its events land in."""

    def __init__(
        self,
        running: RunningBroker,
        username: str,
        subscriptions: tuple[str, ...],
        will: Will | None = None,
        **changed: int,
    ) -> None:
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.mqtt = MqttClient(
            Broker(
                host=running.host,
                port=running.port,
                client_id=username,
                username=username,
                password_file=running.password_file(username),
                retry_first_s=0.05,
                retry_cap_s=0.2,
                **changed,
            ),
            sink=self.events.put,
            subscriptions=subscriptions,
            will=will,
            seed=1,
        )
        self.mqtt.start()

    def next(self, kind: type[Wanted], deadline_s: float = 10.0) -> Wanted:
        """The next event of that kind; the others before it are let go."""
        found: list[Wanted] = []

        def look() -> bool:
            with suppress(Empty):
                while not found:
                    event = self.events.get_nowait()
                    if isinstance(event, kind):
                        found.append(event)
            return bool(found)

        wait_until(look, deadline_s=deadline_s, what=kind.__name__)
        return found[0]


@pytest.fixture
def connect(any_broker: RunningBroker) -> Iterator[Callable[..., Client]]:
    started: list[Client] = []

    def make(username: str, *subscriptions: str, will: Will | None = None, **changed: int) -> Client:
        started.append(Client(any_broker, username, subscriptions, will, **changed))
        return started[-1]

    yield make
    for client in started:
        client.mqtt.stop()
        assert not client.mqtt.alive


def test_a_message_that_was_not_acknowledged_comes_again_and_an_acknowledged_one_does_not(
    connect: Callable[..., Client],
) -> None:
    ingest = connect("ingest", topics.ALL_READINGS)
    ingest.next(Connected)
    gateway = connect("gw-1")
    gateway.next(Connected)
    for payload in (b"first", b"second"):
        gateway.mqtt.publish(topics.readings(GATEWAY), payload)
    first, second = ingest.next(Message), ingest.next(Message)
    assert (first.payload, second.payload) == (b"first", b"second")
    assert first.topic == topics.readings(GATEWAY)
    assert ingest.mqtt.acknowledge(first)
    ingest.mqtt.stop()
    assert ingest.next(Disconnected).reason == "stopped"

    again = connect("ingest", topics.ALL_READINGS)
    assert again.next(Message).payload == b"second"
    with pytest.raises(AssertionError):
        again.next(Message, deadline_s=0.3)


def test_a_publication_is_confirmed_by_name(connect: Callable[..., Client]) -> None:
    ingest = connect("ingest", topics.ALL_READINGS)
    ingest.next(Connected)
    gateway = connect("gw-1")
    gateway.next(Connected)
    publication = gateway.mqtt.publish(topics.readings(GATEWAY), b"x")
    confirmed = gateway.next(Published)
    assert confirmed.publication == publication
    assert confirmed.delivered


def test_a_message_that_nobody_subscribes_to_counts_as_not_delivered(
    connect: Callable[..., Client], any_broker: RunningBroker
) -> None:
    gateway = connect("gw-1")
    gateway.next(Connected)
    gateway.mqtt.publish(topics.readings(GATEWAY), b"x")
    says_so = any_broker.kind is BrokerKind.MOSQUITTO
    assert gateway.next(Published).delivered is not says_so, "iotcore cannot tell: only the hub's Ack counts"


def test_an_acknowledgement_of_an_earlier_connection_is_refused(
    connect: Callable[..., Client], any_broker: RunningBroker
) -> None:
    ingest = connect("ingest", topics.ALL_READINGS)
    ingest.next(Connected)
    gateway = connect("gw-1")
    gateway.next(Connected)
    gateway.mqtt.publish(topics.readings(GATEWAY), b"old")
    old = ingest.next(Message)
    any_broker.kill()
    any_broker.start()
    ingest.next(Connected, deadline_s=20)
    gateway.next(Connected, deadline_s=20)
    gateway.mqtt.publish(topics.readings(GATEWAY), b"new")
    new = ingest.next(Message)
    assert new.payload == b"new", "subscribed again by itself"
    assert new.mid == old.mid, "the trap: the broker that lost its session counts from one again"
    assert not ingest.mqtt.acknowledge(old)
    ingest.mqtt.stop()
    assert connect("ingest", topics.ALL_READINGS).next(Message).payload == b"new"


def test_the_last_will_is_published_when_the_connection_breaks_and_not_on_a_goodbye(
    connect: Callable[..., Client],
) -> None:
    ingest = connect("ingest", topics.ALL_STATUS)
    ingest.next(Connected)
    goodbye = connect("gw-2", will=Will(topic=topics.status(GatewayId("gw-2")), payload=b"gone"))
    goodbye.next(Connected)
    goodbye.mqtt.stop()
    broken = connect("gw-1", will=Will(topic=topics.status(GATEWAY), payload=b"gone"))
    broken.next(Connected)
    _break(broken.mqtt)
    will = ingest.next(Message)
    assert (will.topic, will.payload) == (topics.status(GATEWAY), b"gone")
    broken.next(Connected)


def test_publishing_without_a_connection_is_refused_at_once(
    connect: Callable[..., Client], any_broker: RunningBroker
) -> None:
    gateway = connect("gw-1")
    gateway.next(Connected)
    any_broker.kill()
    gateway.next(Disconnected)
    with pytest.raises(BrokerUnavailable):
        gateway.mqtt.publish(topics.readings(GATEWAY), b"x")
    assert not gateway.mqtt.connected
    assert gateway.mqtt.alive
    any_broker.start()


def test_a_wrong_password_is_a_reason_and_not_the_end(any_broker: RunningBroker, tmp_path: Path) -> None:
    wrong = tmp_path / "password"
    wrong.write_text("wrong")
    events: SimpleQueue[Event] = SimpleQueue()
    address = Broker(
        host=any_broker.host,
        port=any_broker.port,
        client_id="gw-1",
        username="gw-1",
        password_file=wrong,
        retry_first_s=0.01,
    )
    mqtt = MqttClient(address, sink=events.put, seed=1)
    mqtt.start()
    first, second = events.get(timeout=5), events.get(timeout=5)
    mqtt.stop()
    assert isinstance(first, Disconnected)
    assert isinstance(second, Disconnected)
    assert (first.generation, second.generation) == (1, 2)


def test_a_password_file_that_is_not_there_is_said_before_anything_starts(tmp_path: Path) -> None:
    missing = tmp_path / "nothing"
    address = Broker(host="127.0.0.1", port=1, client_id="x", username="x", password_file=missing)
    with pytest.raises(BrokerSettingsRefused) as refused:
        MqttClient(address, sink=lambda _event: None, seed=1)
    assert refused.value.path == missing


@pytest.mark.parametrize("said", [b"\x20\xff\xff\xff\xff\x7f", b"\x20\x01\x00", b"HTTP/1.1 400\r\n\r\n"])
def test_a_server_that_talks_nonsense_does_not_end_the_network_thread(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        events: SimpleQueue[Event] = SimpleQueue()
        address = Broker(host="127.0.0.1", port=server.getsockname()[1], client_id="gw-1", retry_first_s=0.01)
        mqtt = MqttClient(address, sink=events.put, seed=1)
        mqtt.start()
        for _ in range(2):
            talker, _address = server.accept()
            with talker:
                talker.recv(1000)
                talker.sendall(said)
                talker.shutdown(socket.SHUT_WR)
                assert isinstance(events.get(timeout=5), Disconnected)
        assert mqtt.alive
        stopped = threading.Thread(target=mqtt.stop)
        stopped.start()
        stopped.join(5)
        assert not mqtt.alive


def _break(mqtt: MqttClient) -> None:
    """Cut the TCP connection under the client, as a dead router would."""
    connection = mqtt._connection
    assert connection is not None
    wire = connection._paho.socket()
    assert isinstance(wire, socket.socket)
    wire.shutdown(socket.SHUT_RDWR)
