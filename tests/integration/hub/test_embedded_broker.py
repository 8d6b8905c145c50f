"""The embedded brokers, run as `hearthward up` runs them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from hub.broker import BrokerKind
from tests.harness.mqtt import RunningBroker, running_broker
from tests.harness.waiting import stays_so, wait_until


class Listener:
    """A plain MQTT 5 client that remembers what it was told."""

    def __init__(self, broker: RunningBroker, username: str, password: str) -> None:
        self.connected: list[ReasonCode] = []
        self.subscribed = threading.Event()
        self.received: list[tuple[str, bytes]] = []
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=f"test-{username}", protocol=MQTTv5)
        self.client.username_pw_set(username, password)
        self.client.on_connect = lambda _c, _u, _f, reason, _p: self.connected.append(reason)
        self.client.on_subscribe = lambda *_: self.subscribed.set()
        self.client.on_message = self._remember
        self.client.connect(broker.host, broker.port, keepalive=10)
        self.client.loop_start()

    def _remember(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.received.append((message.topic, message.payload))

    def subscribe(self, topic: str) -> None:
        wait_until(lambda: self.connected)
        self.client.subscribe(topic, qos=1)
        assert self.subscribed.wait(5)


@contextmanager
def signed_in(broker: RunningBroker, username: str, password: str | None = None) -> Iterator[Listener]:
    listener = Listener(broker, username, broker.password(username) if password is None else password)
    try:
        yield listener
    finally:
        listener.client.disconnect()
        listener.client.loop_stop()


def test_a_reading_goes_from_a_gateway_to_ingest_and_the_answer_back(any_broker: RunningBroker) -> None:
    with signed_in(any_broker, "ingest") as ingest, signed_in(any_broker, "gw-1") as gateway:
        ingest.subscribe("hearthward/v1/+/up/readings")
        gateway.subscribe("hearthward/v1/gw-1/down/ack")
        gateway.client.publish("hearthward/v1/gw-1/up/readings", b"reading", qos=1)
        wait_until(lambda: ingest.received == [("hearthward/v1/gw-1/up/readings", b"reading")])
        ingest.client.publish("hearthward/v1/gw-1/down/ack", b"stored", qos=1)
        wait_until(lambda: gateway.received == [("hearthward/v1/gw-1/down/ack", b"stored")])


def test_a_wrong_password_is_refused(any_broker: RunningBroker) -> None:
    with signed_in(any_broker, "gw-1", "wrong") as stranger:
        # rumqttd closes the connection without a word; mosquitto says why.
        stays_so(lambda: not any(not reason.is_failure for reason in stranger.connected), for_s=0.5)


def test_a_gateway_neither_hears_nor_speaks_for_another() -> None:
    with (
        running_broker(kind=BrokerKind.MOSQUITTO) as broker,
        signed_in(broker, "ingest") as ingest,
        signed_in(broker, "gw-1") as own,
        signed_in(broker, "gw-2") as other,
    ):
        ingest.subscribe("hearthward/v1/#")
        other.subscribe("hearthward/v1/#")
        own.client.publish("hearthward/v1/gw-2/up/readings", b"forged", qos=1)
        own.client.publish("hearthward/v1/gw-1/up/readings", b"own", qos=1)
        wait_until(lambda: ingest.received)
        assert ingest.received == [("hearthward/v1/gw-1/up/readings", b"own")]
        assert other.received == []


def test_only_this_machine_can_reach_it(any_broker: RunningBroker) -> None:
    address = f"{any_broker.port:04X}"
    with open("/proc/net/tcp") as table:  # noqa: PTH123  # no file of ours
        listening = [line.split()[1] for line in table if line.split()[3] == "0A" and f":{address} " in line]
    assert listening == [f"0100007F:{address}"]


def test_a_killed_broker_comes_back_on_its_port() -> None:
    with running_broker() as broker:
        broker.kill()
        broker.start()
        with signed_in(broker, "gw-1") as gateway:
            wait_until(lambda: gateway.connected)
            assert not gateway.connected[0].is_failure


@pytest.mark.parametrize("kind", list(BrokerKind))
def test_the_passwords_are_on_no_command_line(kind: BrokerKind) -> None:
    with running_broker(kind=kind) as broker:
        assert broker.password("gw-1") not in " ".join(broker.argv)
