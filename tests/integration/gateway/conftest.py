"""A gateway process of its own beside a simulated home, a real broker and a hub that the test plays."""

import queue
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec
import pytest

from simulators.bluetooth.home import SimulatedHome
from simulators.ward import Device
from tests.harness.bluetooth import CUFF, OXIMETER, SCALE, running_home
from tests.harness.mqtt import RunningBroker
from tests.harness.processes import RunningCommand
from tests.harness.waiting import eventually
from vitals.ids import GatewayId
from wire import messages, topics
from wire.broker import Broker, Event, Message
from wire.mqtt import MqttClient

GATEWAY = GatewayId("gw-1")


@dataclass
class PlayedHub:
    """What the hub has heard; it answers as the test wants it to."""

    broker: RunningBroker
    readings: dict[str, messages.WireReading] = field(default_factory=dict[str, messages.WireReading])
    times_heard: dict[str, int] = field(default_factory=dict[str, int])
    statuses: list[messages.GatewayStatus] = field(default_factory=list[messages.GatewayStatus])
    refuses: Callable[[messages.WireReading], bool] = lambda _reading: False
    answers: bool = True

    def __post_init__(self) -> None:
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        address = Broker(
            host=self.broker.host,
            port=self.broker.port,
            client_id="ingest",
            username="ingest",
            password_file=self.broker.password_file("ingest"),
            retry_first_s=0.05,
            retry_cap_s=0.2,
        )
        self.mqtt = MqttClient(
            address, sink=self._events.put, subscriptions=(topics.ALL_READINGS, topics.ALL_STATUS), seed=1
        )
        self.mqtt.start()

    def listen(self) -> None:
        """Take in what has come, and answer it."""
        while not self._events.empty():
            event = self._events.get_nowait()
            if isinstance(event, Message) and event.topic == topics.status(GATEWAY):
                self.statuses.append(msgspec.json.decode(event.payload, type=messages.GatewayStatus))
                self.mqtt.acknowledge(event)
            elif isinstance(event, Message):
                self._batch(event)

    def _batch(self, message: Message) -> None:
        batch = msgspec.json.decode(message.payload, type=messages.ReadingBatch)
        assert topics.gateway_of(message.topic) == batch.gateway
        said = [msgspec.json.decode(raw, type=messages.WireReading) for raw in batch.readings]
        for reading in said:
            self.readings[reading.id] = reading
            self.times_heard[reading.id] = self.times_heard.get(reading.id, 0) + 1
        if self.answers:
            self.answer(said, batch)
        self.mqtt.acknowledge(message)

    def answer(self, said: list[messages.WireReading], batch: messages.ReadingBatch) -> None:
        refused = [reading.id for reading in said if self.refuses(reading)]
        ack = messages.Ack(
            v=1,
            at=batch.sent_at,
            stored=[reading.id for reading in said if reading.id not in refused],
            quarantined=[messages.Quarantined(id=each, reason="as the test wants it") for each in refused],
        )
        self.mqtt.publish(topics.ack(GATEWAY), msgspec.json.encode(ack))

    async def hears(self, count: int, *, deadline_s: float = 20.0) -> list[messages.WireReading]:
        """Wait until so many different readings have come."""

        def enough() -> bool:
            self.listen()
            return len(self.readings) >= count

        await until(enough, deadline_s=deadline_s, what=f"{count} readings at the hub")
        return list(self.readings.values())


# The home lives in the test's own event loop, so nothing here may block it.
until = partial(eventually, deadline_s=20.0)


@pytest.fixture
async def home() -> AsyncIterator[SimulatedHome]:
    """A cuff, a scale and an oximeter on the air."""
    async with running_home((CUFF, SCALE, OXIMETER)) as running:
        yield running


@pytest.fixture
def hub(broker: RunningBroker) -> Iterator[PlayedHub]:
    played = PlayedHub(broker)
    yield played
    played.mqtt.stop()


def roster_text(*devices: Device) -> str:
    """roster.toml with these devices."""
    return "\n".join(
        f'[[device]]\ndevice_id = "{device.device_id}"\naddress = "{device.address}"\n'
        f'profile = "{device.profile}"\ntime_zone = "Europe/London"\n'
        for device in devices
    )


@pytest.fixture
def gateway_directory(tmp_path: Path) -> Path:
    directory = tmp_path / "gateway"
    directory.mkdir()
    (directory / "roster.toml").write_text(roster_text(CUFF, SCALE, OXIMETER))
    return directory


@pytest.fixture
def start_gateway(
    home: SimulatedHome,
    broker: RunningBroker,
    gateway_directory: Path,
    start_command: Callable[..., RunningCommand],
) -> Callable[[], RunningCommand]:
    """Start `hearthward gateway` at home: only the bus address tells it that the home is simulated."""

    def start() -> RunningCommand:
        return start_command(
            "gateway",
            environment={
                **broker.environment(GATEWAY),
                "HEARTHWARD_GATEWAY_ID": GATEWAY,
                "HEARTHWARD_GATEWAY_DIRECTORY": str(gateway_directory),
                "HEARTHWARD_LOG_FORMAT": "json",
                "DBUS_SYSTEM_BUS_ADDRESS": home.bus_address,
            },
        )

    return start
