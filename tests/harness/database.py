"""A real PostgreSQL for the test session, and cheap fresh databases in it."""

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from hub import postgres
from hub.accounts import service_account
from hub.child import spawn
from hub.places import own_directory
from store import provision
from tests.harness.waiting import wait_until

ROLE = "hearthward"
PASSWORD = "only-for-tests"
TEMPLATE = "migrated"
_MEMORY, _ROOM = Path("/dev/shm"), 4 * 2**30


class Server:
    """A running PostgreSQL. Its databases belong to the role that the hub works as, which is no superuser."""

    def __init__(self, cluster: postgres.Cluster, process: "subprocess.Popen[bytes]") -> None:
        self.cluster = cluster
        self.process = process
        self._numbers = itertools.count(1)

    @property
    def superuser_url(self) -> str:
        return self.cluster.url(postgres.SUPERUSER, "postgres")

    def url(self, database: str) -> str:
        """The address of one database for the hub's role, password included."""
        return f"postgresql://{ROLE}:{quote(PASSWORD)}@/{database}?host={self.cluster.socket}"

    def make_template(self) -> None:
        """The empty database that `fresh` without a template copies."""
        provision.provision(self.superuser_url, PASSWORD, role=ROLE, password=PASSWORD, database=TEMPLATE)

    @contextmanager
    def fresh(self, template: str = TEMPLATE) -> Iterator[str]:
        """The address of a database that nobody used before; removed afterwards."""
        name = f"test_{next(self._numbers)}"
        provision.clone(self.superuser_url, PASSWORD, template=template, database=name, owner=ROLE)
        try:
            yield self.url(name)
        finally:
            provision.drop(self.superuser_url, PASSWORD, database=name)


def _in_memory() -> Path | None:
    """Where files are in memory, if there is room: a fresh database takes a quarter of the time there."""
    room = shutil.disk_usage(_MEMORY).free if os.access(_MEMORY, os.W_OK) else 0
    return _MEMORY if room >= _ROOM else None


@contextmanager
def running_server(*, durable: bool = False) -> Iterator[Server]:
    """A PostgreSQL in a temporary directory; unless `durable` it does not flush to the disk, for speed."""
    account = service_account()
    directory = Path(tempfile.mkdtemp(prefix="hw-db-", dir=None if durable else _in_memory()))
    directory.chmod(0o755)  # nothing but the two directories below is in it, and they are private
    try:
        own_directory(directory / "database", account)
        own_directory(directory / "socket", account)
        cluster = postgres.cluster(directory / "database", directory / "socket", account, durable=durable)
        postgres.prepare(cluster, PASSWORD, directory / "initdb.log")
        child = postgres.child(cluster, directory / "database.log")
        server = Server(cluster, spawn(child))
        try:
            wait_until(child.is_ready, deadline_s=60, what="PostgreSQL accepts connections")
            yield server
        finally:
            server.process.send_signal(child.stop_signal)
            server.process.wait(timeout=30)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
