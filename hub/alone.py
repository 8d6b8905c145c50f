"""One home, one running ward: the lock that `hearthward up` holds as long as it lives."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import IO

from hub.places import Places, own_directory
from vitals.errors import HubError


class WardRunning(HubError):
    """Somebody runs this ward already."""

    def __init__(self, home: Path, process_id: str) -> None:
        self.home = home
        super().__init__(
            f"A ward is already running in {home} (process {process_id}): use it, stop it with Ctrl-C there, "
            "or choose another directory with HEARTHWARD_HOME."
        )


@contextlib.contextmanager
def alone(where: Places) -> Generator[None]:
    """Hold the ward's lock; the kernel lets go of it when we are gone, however we go.

    Raises WardRunning where somebody else holds it. Afterwards the ward's short-lived directories are gone.
    """
    own_directory(where.run, None)
    with _locked(where) as lock:
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        try:
            yield
        finally:
            for directory in (where.broker, where.database_socket, where.run):
                shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def _locked(where: Places) -> Generator[IO[str]]:
    path = where.run / "lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            raise WardRunning(where.home, lock.read().strip() or "unknown") from error
        # Between our opening and our locking its last holder may have ended and removed it.
        if not path.exists() or path.stat().st_ino != os.fstat(lock.fileno()).st_ino:
            raise WardRunning(where.home, "that is just ending")
        yield lock
