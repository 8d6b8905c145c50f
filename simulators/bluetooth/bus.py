"""The private D-Bus of one home: a `dbus-daemon` that lives and dies with this process."""

import asyncio
import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from runtime.children import die_with_parent
from vitals.errors import HubError
from vitals.ids import GatewayId

# sockaddr_un holds 108 bytes, the last of which must be zero.
_LONGEST_SOCKET_PATH = 107
_START_SECONDS = 10.0
_STOP_SECONDS = 1.0

# Not the desktop's session bus, whose services would be started on demand: nothing but what we put on it.
_CONFIGURATION = """\
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class NoBusDaemon(HubError):
    """The program that the simulated Bluetooth needs is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "dbus-daemon is not installed, and simulated Bluetooth needs it: "
            "install it with `apt-get install dbus`, then start again."
        )


class SocketPathTooLong(HubError):
    """A socket cannot have this path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"The path of a socket may have {_LONGEST_SOCKET_PATH} bytes, and this one is longer: {path}. "
            "Choose a shorter directory with HEARTHWARD_SIMULATOR_DIRECTORY."
        )


class BusDidNotStart(HubError):
    """dbus-daemon ended, or said nothing, instead of listening."""

    def __init__(self, path: Path, said: str) -> None:
        self.path = path
        self.said = said
        super().__init__(f"dbus-daemon did not start on {path}: {said or 'it said nothing'}")


def check_socket_path(path: Path) -> None:
    """Raises SocketPathTooLong where the kernel would cut or refuse the path."""
    if len(str(path).encode()) > _LONGEST_SOCKET_PATH:
        raise SocketPathTooLong(path)


def bus_address(socket: Path) -> str:
    """What DBUS_SYSTEM_BUS_ADDRESS must be for a bus on this socket (D-Bus: server addresses)."""
    return "unix:path=" + quote(str(socket), safe="-_/.\\*")


def home_socket(directory: Path, gateway_id: GatewayId) -> Path:
    """Where the bus of a home listens: the same after every restart."""
    return directory / f"{gateway_id}.bus"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateBus:
    """A running bus."""

    socket: Path
    process: asyncio.subprocess.Process

    @property
    def address(self) -> str:
        """The bus address for clients."""
        return bus_address(self.socket)

    async def stop(self) -> None:
        """End the daemon; at once if it does not listen."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), _STOP_SECONDS)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()
        self.socket.unlink(missing_ok=True)


async def start_bus(socket: Path) -> PrivateBus:
    """Start a bus that listens on `socket`, whose directory is made where it is missing.

    Raises NoBusDaemon, SocketPathTooLong or BusDidNotStart. Call it from the main thread: the daemon dies
    with the thread that started it.
    """
    program = shutil.which("dbus-daemon")
    if program is None:
        raise NoBusDaemon()
    check_socket_path(socket)
    socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # What a killed predecessor left behind; its daemon died with it.
    socket.unlink(missing_ok=True)
    configuration = socket.with_suffix(".conf")
    configuration.write_text(_CONFIGURATION.format(address=escape(bus_address(socket))))
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config-file={configuration}",
        "--nofork",
        "--nopidfile",
        "--print-address=1",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=die_with_parent(),
    )
    bus = PrivateBus(socket=socket, process=process)
    if not await _listens(process):
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        _, said = await process.communicate()
        raise BusDidNotStart(socket, said.decode(errors="replace").strip())
    return bus


async def _listens(process: asyncio.subprocess.Process) -> bool:
    """Whether the daemon printed its address: it does so once it accepts clients."""
    if process.stdout is None:
        return False
    try:
        return bool(await asyncio.wait_for(process.stdout.readline(), _START_SECONDS))
    except TimeoutError:
        return False
