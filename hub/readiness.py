"""Hears a process say that it is ready (see runtime.ready)."""

import contextlib
import socket
from pathlib import Path


class ReadySocket:
    """The receiving end, for one process after another under the same name."""

    def __init__(self, path: Path) -> None:
        """Bind the socket; whatever an earlier ward left on the path is replaced."""
        path.unlink(missing_ok=True)
        self.path = path
        self._said = False
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))

    def heard(self) -> bool:
        """Whether the process has said that it is ready."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._said |= b"READY=1" in self._socket.recv(4096).split(b"\n")
        return self._said

    def forget(self) -> None:
        """A new process begins: what its predecessor said does not count."""
        self.heard()
        self._said = False

    def close(self) -> None:
        """Take the socket away."""
        self._socket.close()
        self.path.unlink(missing_ok=True)
