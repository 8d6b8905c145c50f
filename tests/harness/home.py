"""A home without a gateway process: it says what the test wants said, and remembers what the hub answers."""

import queue
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from tests.harness.mqtt import RunningBroker
from tests.harness.small_ward import CUFF, HOME
from tests.harness.waiting import wait_until
from vitals.ids import GatewayId
from wire import topics
from wire.broker import Broker, Connected, Event, Message
from wire.messages import Ack, GatewayStatus, ReadingBatch, WireReading
from wire.mqtt import MqttClient

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def cuff_reading(number: int, **changed: object) -> WireReading:
    """Reading number so-and-so of slot 1 of the cuff, at noon, with some fields changed."""
    usual = WireReading(
        id=f"r{number}",
        seq=number,
        device=CUFF,
        profile="ble_blood_pressure",
        measured_at=NOON,
        received_at=NOON,
        device_time="2026-03-01T12:00:00",
        user_slot=1,
        values={"systolic": 128.0, "diastolic": 79.0},
        raw="1680",
    )
    return msgspec.structs.replace(usual, **changed)


def message(
    readings: Sequence[WireReading | bytes], *, gateway: str = HOME, version: int = 1, epoch: str = "e1"
) -> bytes:
    """A message with these readings; bytes travel as they are."""
    bodies = [one if isinstance(one, bytes) else msgspec.json.encode(one) for one in readings]
    batch = ReadingBatch(
        v=version,
        gateway=gateway,
        epoch=epoch,
        sent_at=NOON,
        readings=[msgspec.Raw(body) for body in bodies],
    )
    return msgspec.json.encode(batch)


class Home:
    """A connection to the broker as one gateway; `stored` and `quarantined` fill as the hub acknowledges."""

    def __init__(self, broker: RunningBroker, gateway_id: GatewayId = HOME) -> None:
        self.gateway_id = gateway_id
        self.stored: set[str] = set()
        self.quarantined: dict[str, str] = {}
        self.acks = 0
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._client = MqttClient(
            Broker(
                host=broker.host,
                port=broker.port,
                client_id=gateway_id,
                username=gateway_id,
                password_file=broker.password_file(gateway_id),
                retry_first_s=0.05,
                retry_cap_s=0.2,
            ),
            sink=self._events.put,
            subscriptions=(topics.ack(gateway_id),),
            seed=1,
        )
        self._client.start()
        wait_until(self.is_connected, what=f"{gateway_id} is connected")

    def is_connected(self) -> bool:
        return self._client.connected

    def say(self, payload: bytes) -> None:
        """Publish a message of readings as it is."""
        self._client.publish(topics.readings(self.gateway_id), payload)

    def send(self, *readings: WireReading | bytes, epoch: str = "e1") -> None:
        """Publish readings in one message of this gateway's own."""
        self.say(message(readings, gateway=self.gateway_id, epoch=epoch))

    def say_status(self, status: GatewayStatus) -> None:
        """Publish a retained status."""
        self._client.publish(topics.status(self.gateway_id), msgspec.json.encode(status), retain=True)

    def listen(self) -> None:
        """Take in the acknowledgements that have come."""
        while True:
            try:
                event = self._events.get_nowait()
            except queue.Empty:
                return
            if isinstance(event, Message):
                ack = msgspec.json.decode(event.payload, type=Ack)
                self.acks += 1
                self.stored.update(ack.stored)
                self.quarantined.update({one.id: one.reason for one in ack.quarantined})
                self._client.acknowledge(event)
            elif isinstance(event, Connected):
                pass

    def wait_for(self, *ids: str, deadline_s: float = 10.0) -> None:
        """Until each of these readings is acknowledged, as stored or as quarantined."""

        def all_there() -> bool:
            self.listen()
            return set(ids) <= self.stored | self.quarantined.keys()

        wait_until(all_there, deadline_s=deadline_s, what=f"{ids} are acknowledged")

    def close(self) -> None:
        self._client.stop()
