"""How a process says that it is ready: in systemd's words, which `hearthward up` understands too.

sd_notify(3): a datagram to the socket that NOTIFY_SOCKET names.
"""

import contextlib
import os
import socket


def say_ready() -> None:
    """Tell whoever started us that we do our work now. Nothing happens where nobody asked."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # Linux's abstract names
        address = "\0" + address[1:]
    # Whoever asked may be gone: no reason for us to go, too.
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asker:
        asker.sendto(b"READY=1", address)
