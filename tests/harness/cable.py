"""The network between a browser and the hub, which a test can cut and mend."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Cable:
    """Carries bytes between its own port on loopback and the hub's; `cut` and `mend` it at will."""

    def __init__(self, hub_url: str) -> None:
        hub = urlsplit(hub_url)
        self._hub = (str(hub.hostname), int(hub.port or 80))
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._whole, self._swallows = True, False
        self._silent: set[socket.socket] = set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._accept, name="cable", daemon=True).start()

    def cut(self) -> None:
        """Every connection breaks, and a new one breaks at once, until the cable is mended."""
        with self._lock:
            self._whole = False
            ends, self._ends = self._ends, set()
        for end in ends:
            _break(end)

    def swallow(self) -> None:
        """Connections stay and new ones are accepted, but nothing that is said arrives, until `mend`."""
        self._swallows = True

    def mend(self) -> None:
        """New connections are carried again; those that lost something stay silent for good."""
        self._whole, self._swallows = True, False

    def close(self) -> None:
        """Cut for good."""
        self.cut()
        self._door.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the door is closed
            while True:
                near, _ = self._door.accept()
                if not self._whole:
                    _break(near)
                    continue
                far = socket.create_connection(self._hub)
                with self._lock:
                    self._ends |= {near, far}
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):  # either end went
            while data := source.recv(65536):
                if self._swallows:
                    self._silent.add(source)
                if source not in self._silent:
                    sink.sendall(data)
        for end in (source, sink):
            _break(end)
        with self._lock:
            self._ends -= {source, sink}


def _break(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def cable_to(hub_url: str) -> Iterator[Cable]:
    """A cable to the hub, whole until the test cuts it."""
    cable = Cable(hub_url)
    try:
        yield cable
    finally:
        cable.close()
