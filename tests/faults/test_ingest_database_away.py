"""The database goes away and comes back: ingest waits, acknowledges nothing, and then everything."""

from collections.abc import Callable, Iterator

import pytest

from hub import postgres
from hub.child import spawn
from store import heartbeats, migrate, readings
from store.connection import connect
from tests.harness.database import TEMPLATE, Server, running_server
from tests.harness.home import Home, cuff_reading
from tests.harness.mqtt import RunningBroker
from tests.harness.processes import RunningCommand
from tests.harness.small_ward import small_ward
from tests.harness.waiting import stays_so, wait_until
from vitals.ids import ReadingId


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A PostgreSQL of this test's own, that it may stop."""
    with running_server() as server:
        server.make_template()
        migrate.migrate(server.url(TEMPLATE))
        yield server


def test_what_comes_while_the_database_is_away_is_stored_and_acknowledged_when_it_is_back(
    own_server: Server, broker: RunningBroker, start_command: Callable[..., RunningCommand]
) -> None:
    url = own_server.url(TEMPLATE)
    with connect(url, application="test") as connection:
        small_ward(connection)
    environment = {**broker.environment("ingest"), "HEARTHWARD_DATABASE_URL": url}
    ingest = start_command("ingest", environment=environment)
    ingest.wait_for_log("broker connected")
    home = Home(broker)
    home.send(cuff_reading(1))
    home.wait_for("r1")

    own_server.process.kill()  # the postmaster only, as the kernel does when memory runs out
    own_server.process.wait(timeout=10)
    for number in range(2, 200):
        home.send(cuff_reading(number))
    ingest.wait_for_log("database away")
    stays_so(lambda: home.listen() or home.stored == {"r1"}, for_s=0.5, what="nothing acknowledged")
    assert ingest.is_running

    log = own_server.cluster.data.parent / "again.log"
    postgres.prepare(own_server.cluster, "unchanged", log)  # waits for what the killed one left behind
    child = postgres.child(own_server.cluster, log)
    own_server.process = spawn(child)
    wait_until(child.is_ready, deadline_s=60, what="PostgreSQL is back")
    everything = [f"r{number}" for number in range(1, 200)]
    home.wait_for(*everything, deadline_s=20)
    assert home.stored == set(everything)
    with connect(url, application="test") as connection:
        ids = [ReadingId(reading_id) for reading_id in everything]
        assert len(readings.known(connection, ids)) == len(everything)
        assert heartbeats.every(connection)[0].process == "ingest"
    home.close()
    assert ingest.stop(within_s=10) == 0
