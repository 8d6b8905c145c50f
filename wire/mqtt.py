"""The one MQTT 5 client of both ends: a network thread that reconnects for ever and hands over events."""

import socket
import ssl
import threading
import time
from collections.abc import Sequence
from random import Random

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from wire.backoff import full_jitter_s
from wire.broker import (
    Broker,
    BrokerUnavailable,
    Connected,
    Disconnected,
    Message,
    Publication,
    Published,
    Sink,
    Will,
)

log: structlog.types.FilteringBoundLogger = structlog.get_logger()

# No more than the smallest Receive Maximum that common brokers announce; paho queues the rest.
MAX_IN_FLIGHT = 10
MAX_QUEUED = 2_000
# A connection that lived this long was a good one: the next loss starts the back-off afresh.
STEADY_AFTER_S = 10.0
# "No matching subscribers": the broker took the message and threw it away, so it was not delivered.
NO_MATCHING_SUBSCRIBERS = 0x10


class MqttClient:
    """Keeps a session with the broker alive and hands every event to `sink`, from its own thread.

    `sink` must only pass the event on and must not block: `queue.SimpleQueue().put` for a synchronous loop,
    `functools.partial(loop.call_soon_threadsafe, handle)` for asyncio. Each connection has a generation;
    messages are acknowledged only on the connection that they came by, for on the next one their number
    belongs to another message.
    """

    def __init__(
        self,
        broker: Broker,
        *,
        sink: Sink,
        subscriptions: Sequence[str] = (),
        will: Will | None = None,
        seed: int,
    ) -> None:
        self._broker = broker
        self._sink = sink
        self._subscriptions = tuple(subscriptions)
        self._will = will
        self._chance = Random(seed)
        self._stopping = threading.Event()
        self._connection: _Connection | None = None
        self._password = broker.password()
        self._tls = broker.tls_context()
        self._thread = threading.Thread(target=self._run, name=f"mqtt {broker.client_id}", daemon=True)

    def start(self) -> None:
        """Begin to connect, in the background, for ever."""
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Say goodbye to the broker (no last will), flush what was published, end the thread."""
        self._stopping.set()
        connection = self._connection
        if connection is not None:
            connection.close()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    @property
    def alive(self) -> bool:
        """Whether the network thread runs; a watchdog looks here, for a dead thread looks connected."""
        return self._thread.is_alive()

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us and our subscriptions on the present connection."""
        connection = self._connection
        return connection is not None and connection.ready

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> Publication:
        """Send at QoS 1 on the present connection; what a lost connection leaves is not sent again.

        Raises BrokerUnavailable where there is no connection or too much waits on it.
        """
        connection = self._connection
        if connection is None or not connection.ready:
            raise BrokerUnavailable("not connected")
        return connection.publish(topic, payload, retain)

    def acknowledge(self, message: Message) -> bool:
        """Release a message at the broker; False where its connection is gone and it will come again."""
        connection = self._connection
        if connection is None or connection.generation != message.generation:
            return False
        connection.acknowledge(message)
        return True

    def _run(self) -> None:
        generation = attempt = 0
        while not self._stopping.is_set():
            generation += 1
            started_s = time.monotonic()
            reason = self._one_connection(generation)
            self._sink(Disconnected(generation=generation, reason=reason))
            if self._stopping.is_set():
                break
            if time.monotonic() - started_s > STEADY_AFTER_S:
                attempt = 0
            wait_s = full_jitter_s(
                attempt, self._chance, self._broker.retry_first_s, self._broker.retry_cap_s
            )
            attempt += 1
            log.warning("broker connection lost", reason=reason, attempt=attempt, next_try_s=round(wait_s, 1))
            self._stopping.wait(wait_s)

    def _one_connection(self, generation: int) -> str:
        connection = _Connection(self._broker, generation, self._subscriptions, self._sink)
        connection.prepare(self._password, self._tls, self._will)
        self._connection = connection
        if self._stopping.is_set():
            return "stopped"
        try:
            return connection.run()
        except Exception as error:  # noqa: BLE001  # the thread's outermost loop: hostile bytes must not end it
            return f"{type(error).__name__}: {error}"
        finally:
            self._connection = None


class _Connection:
    """One connection with a paho client of its own, so that nothing of it leaks into the next."""

    def __init__(self, broker: Broker, generation: int, subscriptions: Sequence[str], sink: Sink) -> None:
        self.generation = generation
        self.ready = False
        self._broker = broker
        self._subscriptions = subscriptions
        self._sink = sink
        self._reason = "connection lost"
        self._session_present = False
        self._closing = False
        self._paho = Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
            reconnect_on_failure=False,
        )

    def prepare(self, password: str | None, tls: ssl.SSLContext | None, will: Will | None) -> None:
        """Set the credentials, the last will and the callbacks."""
        paho = self._paho
        if self._broker.username is not None:
            paho.username_pw_set(self._broker.username, password)
        if tls is not None:
            paho.tls_set_context(tls)
        if will is not None:
            paho.will_set(will.topic, will.payload, qos=1, retain=True)
        paho.max_inflight_messages = MAX_IN_FLIGHT
        paho.max_queued_messages = MAX_QUEUED
        paho.on_connect = self._on_connect
        paho.on_subscribe = self._on_subscribe
        paho.on_disconnect = self._on_disconnect
        paho.on_message = self._on_message
        paho.on_publish = self._on_publish
        paho.on_socket_open = _send_at_once
        # With this set, paho leaves all writing to the thread that runs `loop`; callers queue and wake it.
        paho.on_socket_register_write = _leave_to_the_loop

    def run(self) -> str:
        """Connect and serve until the connection is over; the reason why it ended."""
        properties = Properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = self._broker.session_expiry_s
        properties.ReceiveMaximum = self._broker.receive_maximum
        try:
            self._paho.connect(
                self._broker.host,
                self._broker.port,
                keepalive=self._broker.keepalive_s,
                clean_start=False,
                properties=properties,
            )
        except OSError as error:
            return f"{type(error).__name__}: {error}"
        try:
            while self._paho.loop(timeout=1.0) == MQTTErrorCode.MQTT_ERR_SUCCESS:
                pass
        finally:
            self.ready = False
        return self._reason

    def close(self) -> None:
        self._closing = True
        self._reason = "stopped"
        self._paho.disconnect()

    def publish(self, topic: str, payload: bytes, retain: bool) -> Publication:
        info = self._paho.publish(topic, payload, qos=1, retain=retain)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerUnavailable(MQTTErrorCode(info.rc).name)
        return Publication(generation=self.generation, mid=info.mid)

    def acknowledge(self, message: Message) -> None:
        if message.qos:
            self._paho.ack(message.mid, message.qos)

    # The callbacks only pass on and never raise: what escapes them would end paho's loop.

    def _on_connect(
        self, _c: Client, _u: object, flags: ConnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        if reason.is_failure:
            self._end(f"refused: {reason}")
            return
        self._session_present = flags.session_present
        if self._subscriptions:
            self._paho.subscribe([(topic, 1) for topic in self._subscriptions])
        else:
            self._accepted()

    def _on_subscribe(
        self, _c: Client, _u: object, _mid: int, reasons: list[ReasonCode], _p: Properties | None
    ) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        if refused:
            self._end(f"subscription refused: {refused[0]}")
        else:
            self._accepted()

    def _accepted(self) -> None:
        self.ready = True
        log.info("broker connected", generation=self.generation, session_present=self._session_present)
        self._sink(Connected(generation=self.generation, session_present=self._session_present))

    def _on_disconnect(
        self, _c: Client, _u: object, flags: DisconnectFlags, reason: ReasonCode, _p: Properties | None
    ) -> None:
        self.ready = False
        if flags.is_disconnect_packet_from_server and not self._closing:
            self._reason = f"ended by the broker: {reason}"

    def _on_message(self, _c: Client, _u: object, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        self._sink(
            Message(
                topic=topic,
                payload=bytes(message.payload),
                retained=message.retain,
                duplicate=message.dup,
                generation=self.generation,
                mid=message.mid,
                qos=message.qos,
            )
        )

    def _on_publish(self, _c: Client, _u: object, mid: int, reason: ReasonCode, _p: Properties) -> None:
        delivered = not reason.is_failure and reason.value != NO_MATCHING_SUBSCRIBERS
        publication = Publication(generation=self.generation, mid=mid)
        self._sink(Published(publication=publication, delivered=delivered, reason=str(reason)))

    def _end(self, reason: str) -> None:
        self._closing = True
        self._reason = reason
        self._paho.disconnect()


def _send_at_once(_client: Client, _userdata: object, connected: object) -> None:
    """Without it a small packet waits up to 40 ms for the answer to the one before."""
    if isinstance(connected, socket.socket):
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _leave_to_the_loop(_client: Client, _userdata: object, _socket: object) -> None:
    """Nothing: `Client.loop` looks at its queue itself."""
