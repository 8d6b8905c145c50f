"""kill -9 of ingest, under load, again and again: nothing is lost and nothing is there twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from store import completeness
from store.connection import Connection, connect
from tests.harness.home import NOON, Home, cuff_reading
from tests.harness.mqtt import RunningBroker
from tests.harness.processes import RunningCommand
from tests.harness.small_ward import small_ward
from tests.harness.waiting import wait_until
from wire.messages import WireReading

READINGS = 3_200
A_MESSAGE = 2
KILLS = 4


class Outbox:
    """Sends until acknowledged, as a gateway does: everything that is not, again and again."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.measured = 0
        self.waiting: dict[str, WireReading] = {}

    def measure(self, count: int) -> None:
        """So many new readings, a second apart."""
        for number in range(self.measured + 1, self.measured + count + 1):
            measured_at = NOON + timedelta(seconds=number)
            self.waiting[f"r{number}"] = cuff_reading(number, measured_at=measured_at)
        self.measured += count

    def forget_acknowledged(self) -> int:
        """How many still wait."""
        self.home.listen()
        assert not self.home.quarantined
        for reading_id in self.home.stored & self.waiting.keys():
            del self.waiting[reading_id]
        return len(self.waiting)

    def forget_some(self) -> bool:
        """Whether there was anything new to forget."""
        before = len(self.waiting)
        return self.forget_acknowledged() < before

    def send_all(self) -> None:
        """Every waiting reading once, in messages of some readings."""
        everything = list(self.waiting.values())
        for start in range(0, len(everything), A_MESSAGE):
            self.home.send(*everything[start : start + A_MESSAGE])


@pytest.fixture
def ward(database_url: str) -> Connection:
    connection = connect(database_url, application="test")
    small_ward(connection)
    return connection


def test_ingest_that_is_killed_under_load_loses_nothing_and_doubles_nothing(
    ward: Connection,
    database_url: str,
    broker: RunningBroker,
    start_command: Callable[..., RunningCommand],
) -> None:
    environment = {**broker.environment("ingest"), "HEARTHWARD_DATABASE_URL": database_url}
    ingest = start_command("ingest", environment=environment)
    ingest.wait_for_log("broker connected")
    outbox = Outbox(Home(broker))
    for kill in range(1, KILLS + 1):
        outbox.measure(READINGS // KILLS)
        outbox.send_all()
        wait_until(outbox.forget_some, what="the work has begun")
        ingest.kill()
        assert outbox.waiting, f"kill {kill} came after the work, and proves nothing"
        ingest = start_command("ingest", environment=environment)
        ingest.wait_for_log("broker connected")
    outbox.send_all()  # a gateway does not know what came of what it sent: all of it again
    wait_until(lambda: outbox.forget_acknowledged() == 0, deadline_s=20, what="everything is acknowledged")
    wait_until(lambda: completeness.gaps(ward) == [], what="no gap")
    row = ward.execute(
        "SELECT (SELECT count(*) FROM readings), (SELECT count(DISTINCT outbox_seq) FROM readings),"
        " (SELECT count(*) FROM observations), (SELECT count(*) FROM quarantine)"
    ).fetchone()
    assert row == (READINGS, READINGS, 2 * READINGS, 0)
    (epoch,) = completeness.counts(ward)
    assert (epoch.arrived, epoch.newest_seq) == (READINGS, READINGS)
    outbox.home.close()
    ward.close()
    assert ingest.stop(within_s=10) == 0
