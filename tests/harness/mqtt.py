"""A real broker for one test, that the test may also kill and start again."""

import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hub import broker as embedded
from hub.accounts import service_account
from hub.child import spawn
from hub.places import own_directory
from tests.harness.waiting import wait_until

GATEWAYS = ("gw-1", "gw-2", "gw-3")


class RunningBroker:
    """A broker on loopback with the users `ingest` and one for each gateway."""

    host = embedded.HOST

    def __init__(self, broker: embedded.Broker, directory: Path, gateways: Sequence[str]) -> None:
        self.port = broker.port
        self.kind = broker.kind
        self._directory = directory
        self._child = embedded.child(broker, directory / "broker.log")
        self._process: subprocess.Popen[bytes] | None = None
        self._passwords = {user: secrets.token_urlsafe(12) for user in ("ingest", *gateways)}
        others = {user: word for user, word in self._passwords.items() if user != "ingest"}
        embedded.prepare(broker, self._passwords["ingest"], others)

    def password(self, username: str) -> str:
        """The password of `ingest` or of one of the gateways."""
        return self._passwords[username]

    def password_file(self, username: str) -> Path:
        """The same in a file, as the processes' settings want it."""
        path = self._directory / f"password-{username}"
        path.write_text(self._passwords[username])
        return path

    def environment(self, username: str) -> dict[str, str]:
        """The settings of a process that signs in as `username`."""
        return {
            "HEARTHWARD_MQTT_HOST": self.host,
            "HEARTHWARD_MQTT_PORT": str(self.port),
            "HEARTHWARD_MQTT_USERNAME": username,
            "HEARTHWARD_MQTT_PASSWORD_FILE": str(self.password_file(username)),
        }

    @property
    def argv(self) -> tuple[str, ...]:
        """Its command line."""
        return self._child.argv

    @property
    def log(self) -> str:
        return self._child.log.read_text(errors="replace")

    def start(self) -> None:
        """Start it (again, on the same port) and wait until it accepts connections."""
        self._process = spawn(self._child)
        wait_until(self._child.is_ready, deadline_s=20, what=f"{self.kind} accepts connections")

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None


@contextmanager
def running_broker(
    gateways: Sequence[str] = GATEWAYS, kind: embedded.BrokerKind | None = None
) -> Iterator[RunningBroker]:
    """A broker of the given kind (None: the one that `hearthward up` would take) on a free port."""
    account = service_account()
    directory = Path(tempfile.mkdtemp(prefix="hw-mqtt-"))
    directory.chmod(0o755)
    try:
        own_directory(directory / "broker", account)
        broker = embedded.Broker(
            kind=kind or embedded.kind_on_this_machine(),
            directory=directory / "broker",
            port=embedded.free_port(),
            account=account,
        )
        running = RunningBroker(broker, directory, gateways)
        try:
            running.start()
            yield running
        finally:
            running.kill()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
