"""The fixtures that more than one area's tests use: a real database, a real broker, our own commands."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from structlog.dev import ConsoleRenderer, plain_traceback
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from hub.broker import BrokerKind
from store import migrate
from tests.harness.database import TEMPLATE, Server, running_server
from tests.harness.mqtt import RunningBroker, running_broker
from tests.harness.processes import RunningCommand
from tests.harness.ward import RunningWard, running_ward

# As in production, tracebacks are plain: with every local in them one takes seconds to write.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        ConsoleRenderer(exception_formatter=plain_traceback),
    ]
)

# A slow machine is no fault of the code: no test asserts a wall-clock time.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of our own."""
    parser.addoption(
        "--renew-pictures", action="store_true", help="take anew what the visual tests compare with"
    )


@pytest.fixture(scope="session")
def database_server() -> Iterator[Server]:
    """A PostgreSQL for the whole session, with a migrated template."""
    with running_server() as server:
        server.make_template()
        migrate.migrate(server.url(TEMPLATE))
        yield server


@pytest.fixture
def database_url(database_server: Server) -> Iterator[str]:
    """A fresh, migrated, empty database of this test's own: its address with the password in it."""
    with database_server.fresh() as url:
        yield url


@pytest.fixture
def unmigrated_database_url(database_server: Server) -> Iterator[str]:
    """A fresh database with nothing in it, for the tests of the migrations."""
    with database_server.fresh(template="template1") as url:
        yield url


@pytest.fixture
def broker() -> Iterator[RunningBroker]:
    """The broker that `hearthward up` would start here, with the users ingest, gw-1, gw-2 and gw-3."""
    with running_broker() as running:
        yield running


@pytest.fixture(params=list(BrokerKind), ids=str)
def any_broker(request: pytest.FixtureRequest) -> Iterator[RunningBroker]:
    """The test runs once with each kind of broker that a ward may have."""
    with running_broker(kind=request.param) as running:
        yield running


@pytest.fixture(scope="session")
def ward() -> Iterator[RunningWard]:
    """A whole ward, started once with `hearthward up`: what a newcomer sees after `make demo`."""
    with running_ward() as running:
        yield running


class OneWardOneWorker(LoadScopeScheduling):
    """A file's tests stay on one worker, and so do all that share the ward: it is started once."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return "ward" if Path(path).name.startswith("test_ward_") else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneWardOneWorker:
    """xdist's own groups (`loadgroup`, 3.8) do nothing with pytest 9.2, whose node ids cannot be changed."""
    return OneWardOneWorker(config, log)


@pytest.fixture
def start_command(tmp_path: Path) -> Iterator[Callable[..., RunningCommand]]:
    """`start_command("ingest", environment={...})` starts `hearthward ingest`; the test's end ends it."""
    started: list[RunningCommand] = []

    def start(*arguments: str, environment: dict[str, str] | None = None) -> RunningCommand:
        log = tmp_path / f"{len(started)}-{arguments[0]}.log"
        started.append(RunningCommand(arguments, environment or {}, log))
        return started[-1]

    yield start
    for command in reversed(started):
        if command.is_running:
            command.kill()
