"""How many readings a second ingest stores: in batches as it does, and one commit per message for comparison.

    python -m benchmarks.ingest [--seconds S]

All is real: an MQTT broker, ingest in a process of its own, a PostgreSQL that flushes each commit to the
disk, and one home that counts a reading when the hub's Ack of it has come back. Prints the rates and their
ratio, from one run, and the time from publish to Ack at a light load.
"""

import argparse
import itertools
import multiprocessing
import queue
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.synchronize import Event as MpEvent
from pathlib import Path

from ingest.consumer import BATCH_MESSAGES, Consumer
from runtime import logs
from store import completeness, migrate
from store.connection import connect
from tests.harness.database import TEMPLATE, running_server
from tests.harness.home import NOON, Home, cuff_reading
from tests.harness.mqtt import RunningBroker, running_broker
from tests.harness.small_ward import small_ward
from tests.harness.waiting import wait_until
from wire import topics
from wire.broker import Broker, Event
from wire.messages import WireReading
from wire.mqtt import MqttClient

# So many readings may be on their way, as in a gateway's outbox that drains.
ON_THE_WAY = 2_000
MESSAGES_ON_THE_WAY = 400
LIGHT_LOAD = 100


def _serve(
    host: str, port: int, password_file: Path, url: str, batch_messages: int, is_ready: MpEvent
) -> None:
    """Ingest, in this process, until it is terminated."""
    sys.stderr = Path("/dev/null").open("w", encoding="utf-8")  # noqa: SIM115  # for the life of the process
    logs.configure("ingest", "json")
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    client = MqttClient(
        Broker(host=host, port=port, client_id="ingest", username="ingest", password_file=password_file),
        sink=events.put,
        subscriptions=(topics.ALL_READINGS, topics.ALL_STATUS, topics.CANARY),
        seed=1,
    )
    client.start()
    wait_until(lambda: client.connected, what="ingest is connected")
    is_ready.set()
    Consumer(client, events, url, batch_messages=batch_messages).serve(threading.Event())


@contextmanager
def running_ingest(broker: RunningBroker, url: str, batch_messages: int) -> Iterator[None]:
    """Ingest, with at most so many messages in one commit."""
    spawn = multiprocessing.get_context("spawn")
    is_ready = spawn.Event()
    arguments = (broker.host, broker.port, broker.password_file("ingest"), url, batch_messages, is_ready)
    process = spawn.Process(target=_serve, args=arguments, daemon=True)
    process.start()
    try:
        assert is_ready.wait(30), "ingest does not connect"
        yield
    finally:
        process.terminate()
        process.join()


class Outbox:
    """New readings without end, and the count of those that are not acknowledged."""

    def __init__(self, home: Home, epoch: str) -> None:
        self.home = home
        self.epoch = epoch
        self._numbers = itertools.count(1)
        self.sent = 0

    def send(self, count: int) -> str:
        """One message with so many new readings; the id of the last."""
        readings: list[WireReading] = []
        for number in itertools.islice(self._numbers, count):
            at = NOON + timedelta(seconds=number)
            readings.append(cuff_reading(number, id=f"{self.epoch}-{number}", measured_at=at))
        self.home.send(*readings, epoch=self.epoch)
        self.sent += count
        return readings[-1].id

    def on_the_way(self) -> int:
        self.home.listen()
        return self.sent - len(self.home.stored)


def rate(home: Home, name: str, *, a_message: int, seconds: float) -> float:
    """Readings acknowledged per second, with so many in a message."""
    home.stored.clear()
    outbox = Outbox(home, name)
    outbox.send(1)
    wait_until(lambda: outbox.on_the_way() == 0, deadline_s=30, what="the first reading is stored")
    window = min(ON_THE_WAY, MESSAGES_ON_THE_WAY * a_message)
    start = time.perf_counter()
    while time.perf_counter() - start < seconds:
        if outbox.on_the_way() + a_message <= window:
            outbox.send(a_message)
        else:
            time.sleep(0.001)
    wait_until(lambda: outbox.on_the_way() == 0, deadline_s=60, what="everything is acknowledged")
    return outbox.sent / (time.perf_counter() - start)


def delays_ms(home: Home, *, count: int) -> list[float]:
    """From publish to Ack, for single readings at a light load, in milliseconds."""
    home.stored.clear()
    outbox = Outbox(home, "light")
    delays: list[float] = []
    for _ in range(count):
        start = time.perf_counter()
        reading_id = outbox.send(1)
        while reading_id not in home.stored:
            home.listen()
            time.sleep(0.0002)
        delays.append((time.perf_counter() - start) * 1000)
        time.sleep(1 / LIGHT_LOAD)
    return sorted(delays)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="Readings per second through ingest.")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each row is measured")
    seconds = parser.parse_args().seconds
    logs.configure("benchmark", level=40)
    with running_server(durable=True) as server, running_broker() as broker:
        server.make_template()
        url = server.url(TEMPLATE)
        migrate.migrate(url)
        with connect(url, application="benchmark") as connection:
            small_ward(connection)
        home = Home(broker)
        rows: list[tuple[str, float]] = []
        light: list[float] = []
        for label, name, batch_messages, a_message in (
            ("one commit per message, 1 reading each", "single", 1, 1),
            ("batched, 1 reading each", "batched", BATCH_MESSAGES, 1),
            ("batched, 20 readings each", "twenty", BATCH_MESSAGES, 20),
        ):
            with running_ingest(broker, url, batch_messages):
                rows.append((label, rate(home, name, a_message=a_message, seconds=seconds)))
                if name == "batched":
                    light = delays_ms(home, count=200)
        with connect(url, application="benchmark") as connection:
            assert completeness.gaps(connection) == []
        home.close()
    print(f"{broker.kind}, commits flushed to the disk; readings acknowledged per second:")
    for label, per_second in rows:
        print(f"  {label:<42}{per_second:>9.0f}/s   x{per_second / rows[0][1]:.1f}")
    print(
        f"publish to Ack at {LIGHT_LOAD} readings/s: p50 {statistics.median(light):.1f} ms, "
        f"p99 {light[int(len(light) * 0.99)]:.1f} ms"
    )


if __name__ == "__main__":
    main()
