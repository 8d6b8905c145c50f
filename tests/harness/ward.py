"""A whole ward under test: `hearthward up` as a person starts it, and its processes to kill."""

import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.broker import free_port
from tests.harness.processes import RunningCommand
from tests.harness.waiting import wait_until


class RunningWard:
    """A ward that somebody started with `hearthward up`."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.url = f"http://127.0.0.1:{port}"
        self._environment = {
            "HEARTHWARD_HOME": str(home),
            "HEARTHWARD_DASHBOARD_PORT": str(port),
            "HEARTHWARD_MQTT_PORT": str(free_port()),
        }
        self._starts = 0
        self._said_before = 0
        self.started_at_s = 0.0
        self.up = self.start()

    def start(self) -> RunningCommand:
        """Start it (again); returns once the closing block is printed."""
        self.up = self.start_another()
        self.up.wait_for_log("Logs  ", deadline_s=90)
        self.started_at_s = time.monotonic()
        return self.up

    def command(self, *arguments: str, environment: dict[str, str]) -> RunningCommand:
        """Another of our commands beside the ward."""
        self._starts += 1
        return RunningCommand(
            arguments, environment, self.home.with_name(f"{arguments[0]}-{self._starts}.log")
        )

    def measure(self, device_id: str, *values: str) -> str:
        """Let a simulated device measure now (`systolic=182`); the id of the reading."""
        directory = _environment_of(self.process_id("simulate"))["HEARTHWARD_SIMULATOR_DIRECTORY"]
        environment = {"HEARTHWARD_SIMULATOR_DIRECTORY": directory}
        command = self.command("simulate", "--measure", device_id, *values, environment=environment)
        assert command.process.wait(timeout=30) == 0, command.log
        return command.log.split()[-1]

    def start_another(self) -> RunningCommand:
        """`hearthward up` on the same home, whatever comes of it."""
        self._starts += 1
        log = self.home.with_name(f"{self.home.name}-up-{self._starts}.log")
        return RunningCommand(("up",), self._environment, log)

    @property
    def email(self) -> str:
        return self._printed(r"Sign in +(\S+)")

    @property
    def password(self) -> str:
        return self._printed(r"password: (\S+)")

    @property
    def start_s(self) -> float:
        """How long it says that its start took."""
        return float(self._printed(r"start took ([0-9.]+) s"))

    @property
    def database_url(self) -> str:
        """The ward's database, with the password in it, for a test that looks."""
        environment = _environment_of(self.process_id("dashboard"))
        password = Path(environment["HEARTHWARD_DATABASE_PASSWORD_FILE"]).read_text().strip()
        return environment["HEARTHWARD_DATABASE_URL"].replace("@", f":{password}@", 1)

    def log_of(self, name: str) -> str:
        """What one of its processes wrote."""
        return (self.home / "logs" / f"{name}.log").read_text(errors="replace")

    @property
    def gateways(self) -> list[str]:
        """The ids of its simulated homes' gateways."""
        return [name for name in self.process_ids() if name.startswith("gw-")]

    def process_ids(self) -> dict[str, int]:
        """Its processes by name, as the kernel sees them: those that `up` itself started."""
        found: dict[str, int] = {}
        for process_id in children_of(self.up.process.pid):
            if name := _name_of(process_id):
                found[name] = process_id
        return found

    def process_id(self, name: str) -> int:
        """One of them. AssertionError where it does not run."""
        running = self.process_ids()
        assert name in running, f"{name} is not among {sorted(running)}"
        return running[name]

    def kill(self, name: str) -> int:
        """kill -9 one of them; returns who it was."""
        process_id = self.process_id(name)
        self._said_before = len(self.up.log)
        os.kill(process_id, signal.SIGKILL)
        return process_id

    def wait_until_back(self, name: str, killed: int, *, deadline_s: float = 30.0) -> None:
        """Wait until another process does the work of the one that was killed, and `up` said so."""
        wait_until(
            lambda: (
                self.process_ids().get(name, killed) != killed
                and f"{name} is back" in self.up.log[self._said_before :]
            ),
            deadline_s=deadline_s,
            what=f"{name} is back",
        )

    def _printed(self, pattern: str) -> str:
        match = re.search(pattern, self.up.log)
        assert match, f"{pattern} is not in:\n{self.up.log}"
        return match[1]


@contextmanager
def running_ward() -> Iterator[RunningWard]:
    """A fresh ward in a temporary directory that the database's account can reach, too."""
    directory = Path(tempfile.mkdtemp(prefix="hw-ward-"))
    directory.chmod(0o755)
    ward: RunningWard | None = None
    try:
        ward = RunningWard(directory / "ward", free_port())
        yield ward
    finally:
        if ward is not None:
            ward.up.stop()
        shutil.rmtree(directory, ignore_errors=True)


def children_of(process_id: int) -> list[int]:
    """The processes that it started and that still run."""
    found: list[int] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process_id and fields[0] != "Z":
            found.append(int(entry.name))
    return found


def descendants_of(process_id: int) -> list[int]:
    """Its children, their children, and so on."""
    children = children_of(process_id)
    return [*children, *(below for child in children for below in descendants_of(child))]


def is_alive(process_id: int) -> bool:
    """Whether the process is there and no mere zombie."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _name_of(process_id: int) -> str:
    try:
        argv = Path(f"/proc/{process_id}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    words = [word.decode() for word in argv]
    if words[0].endswith("/postgres"):
        return "database"
    if words[0].endswith("/mosquitto") or "iotcore" in words:
        return "broker"
    if "hub" not in words:
        return ""
    command = words[words.index("hub") + 1]
    return _environment_of(process_id)["HEARTHWARD_GATEWAY_ID"] if command == "gateway" else command


def _environment_of(process_id: int) -> dict[str, str]:
    words = Path(f"/proc/{process_id}/environ").read_bytes().decode().split("\0")
    return dict(word.split("=", 1) for word in words if "=" in word)
