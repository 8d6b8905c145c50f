"""How a developer, a test or a demonstration tells a simulated device what to do: JSON lines on a socket."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from enum import StrEnum
from pathlib import Path

import msgspec

from simulators.bluetooth.bus import check_socket_path
from vitals.errors import HubError
from vitals.measure import SPECS, Measure

_ANSWER_S = 10.0


class Misbehaviour(StrEnum):
    """What can go wrong with a device on demand."""

    LOSE_BOND = "lose_bond"
    LOSE_LINK = "lose_link"
    """With the next reading on the air."""
    LOSE_CONFIRMATION = "lose_confirmation"
    """The next reading arrives, its confirmation does not."""
    LOSE_ADVERTS = "lose_adverts"
    """Three of four advertisements are not heard."""
    REFUSE_CLOCK = "refuse_clock"
    WRONG_CLOCK = "wrong_clock"
    UNSET_CLOCK = "unset_clock"
    NONE = "none"
    """From now on all is well again; a bond stays lost, and a clock stays as it is."""


class TakeMeasurement(msgspec.Struct, kw_only=True, frozen=True, tag_field="do", tag="measure"):
    """Take a measurement now; values by measure, in each measure's own unit."""

    device_id: str
    values: dict[str, float] = msgspec.field(default_factory=dict[str, float])
    failed: bool = False


class Misbehave(msgspec.Struct, kw_only=True, frozen=True, tag_field="do", tag="misbehave"):
    """Do something wrong from now on."""

    device_id: str
    how: Misbehaviour


class ListDevices(msgspec.Struct, kw_only=True, frozen=True, tag_field="do", tag="devices"):
    """Which devices are there."""


Request = TakeMeasurement | Misbehave | ListDevices


class DeviceState(msgspec.Struct, kw_only=True, frozen=True):
    """A device of the simulated ward as it is now; `remembers` counts readings that nobody fetched."""

    device_id: str
    gateway_id: str
    family: str
    remembers: int
    connected: bool


class Reply(msgspec.Struct, kw_only=True, frozen=True):
    """The answer; `refused` says in a sentence why nothing was done, and is empty otherwise."""

    refused: str = ""
    reading_id: str | None = None
    device_time: str | None = None
    devices: tuple[DeviceState, ...] = ()


class SimulatorUnreachable(HubError):
    """No simulator listens under this directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        super().__init__(
            f"No simulated ward runs under {directory}: start it with `hearthward simulate`, "
            "or name its directory in HEARTHWARD_SIMULATOR_DIRECTORY."
        )


class SimulatorRefused(HubError):
    """The simulator did not do what it was asked to; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def control_socket(directory: Path) -> Path:
    """Where the simulator under this directory listens."""
    return directory / "simulate.control"


def ask(directory: Path, request: Request) -> Reply:
    """Ask the simulator and wait for the answer. Raises SimulatorUnreachable or SimulatorRefused."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_ANSWER_S)
        try:
            connection.connect(str(control_socket(directory)))
            connection.sendall(msgspec.json.encode(request) + b"\n")
            said = connection.makefile("rb").readline()
            reply = msgspec.json.decode(said, type=Reply)
        except (OSError, msgspec.MsgspecError) as error:
            raise SimulatorUnreachable(directory) from error
    if reply.refused:
        raise SimulatorRefused(reply.refused)
    return reply


def read_values(words: list[str]) -> dict[str, float]:
    """The values of words like `systolic=182`. Raises SimulatorRefused for anything else."""
    values: dict[str, float] = {}
    for word in words:
        name, _, number = word.partition("=")
        try:
            values[name] = float(number)
        except ValueError as error:
            raise SimulatorRefused(f"{word!r} is not a value: write for example systolic=182.") from error
    by_measure(values)
    return values


def by_measure(values: dict[str, float]) -> dict[Measure, float]:
    """The values by measure. Raises SimulatorRefused where a name is no measure."""
    known = {measure.value: measure for measure in SPECS}
    for name in values:
        if name not in known:
            raise SimulatorRefused(f"{name!r} is no measure: choose from {', '.join(sorted(known))}.")
    return {known[name]: value for name, value in values.items()}


Answer = Callable[[Request], Awaitable[Reply]]


@contextlib.asynccontextmanager
async def listening(directory: Path, answer: Answer) -> AsyncGenerator[None]:
    """Answer requests while the context lasts."""
    path = control_socket(directory)
    check_socket_path(path)
    path.unlink(missing_ok=True)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                writer.write(msgspec.json.encode(await _answer(line, answer)) + b"\n")
                await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(serve, path)
    path.chmod(0o600)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def _answer(line: bytes, answer: Answer) -> Reply:
    try:
        return await answer(msgspec.json.decode(line, type=Request))
    except msgspec.MsgspecError as error:
        return Reply(refused=f"Not understood: {error}")
    except SimulatorRefused as refused:
        return Reply(refused=refused.reason)
