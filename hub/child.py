"""One process of the ward: how it is started, how it is known to be ready, and how it is stopped."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hub.accounts import Account
from hub.readiness import ReadySocket
from runtime.children import die_with_parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """What it takes to run one process."""

    name: str
    argv: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """Added to our own environment."""
    directory: Path | None = None
    account: Account | None = None
    """Whom to become; None: stay who we are."""
    is_ready: Callable[[], bool] = lambda: True
    ready_socket: ReadySocket | None = None
    """Where it says so itself; then `is_ready` is not asked."""
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    """What the kernel sends it when we are gone without a word."""

    def said_ready(self) -> bool:
        """Whether it does its work now."""
        return self.ready_socket.heard() if self.ready_socket else self.is_ready()


def spawn(child: Child) -> subprocess.Popen[bytes]:
    """Start it in a session of its own (a Ctrl-C reaches us, and we stop it in order), output to its log."""
    child.log.parent.mkdir(parents=True, exist_ok=True)
    account = child.account
    environment = {**os.environ, **child.environment}
    if child.ready_socket:
        child.ready_socket.forget()
        environment["NOTIFY_SOCKET"] = str(child.ready_socket.path)
    with child.log.open("ab") as log:
        return subprocess.Popen(
            child.argv,
            cwd=child.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=die_with_parent(child.death_signal),
        )


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to the process and to all that it started; nothing happens where they are gone."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def tail(log: Path, lines: int = 12) -> list[str]:
    """The last lines of a log; none where there is no log."""
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 16_384))
            return file.read().decode(errors="replace").splitlines()[-lines:]
    except FileNotFoundError:
        return []
