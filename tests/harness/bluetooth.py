"""A simulated home for a test, and the agent that a gateway would register there."""

import contextlib
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from dbus_fast import DBusError, Message, MessageType
from dbus_fast.aio.message_bus import MessageBus
from dbus_fast.service import ServiceInterface, dbus_method

from runtime.clock import utc_now
from simulators.bluetooth.home import SimulatedHome
from simulators.bluetooth.peripherals.instrument import Manners
from simulators.ward import Device, Family
from vitals.ids import DeviceId, GatewayId

GATEWAY = GatewayId("gw-1")
CUFF = Device(
    device_id=DeviceId("cuff-1"),
    family=Family.CUFF,
    address="D8:13:6E:2B:7F:16",
    name="HW Cuff 16",
    profile="standard_cuff",
)
SCALE = Device(
    device_id=DeviceId("scale-1"),
    family=Family.SCALE,
    address="F1:77:0D:E5:8A:30",
    name="HW Scale 30",
    profile="standard_scale",
)
OXIMETER = Device(
    device_id=DeviceId("oximeter-1"),
    family=Family.OXIMETER,
    address="EA:08:53:B0:6C:5E",
    name="HW Oximeter 5E",
    profile="standard_oximeter",
)


def quick_manners() -> Manners:
    """An instrument that loses no time, so that a test does not either."""
    return Manners(interval_ms=30, settle_s=0.01, hang_up_s=0.1, again_s=0.5)


@contextlib.asynccontextmanager
async def running_home(
    devices: Sequence[Device] = (CUFF,), directory: Path | None = None, *, temporary_s: float = 30.0
) -> AsyncIterator[SimulatedHome]:
    """A home with these devices, which ends with the test; a `directory` of the test's own outlives it."""
    with tempfile.TemporaryDirectory(prefix="hw-") as short:
        home = SimulatedHome(
            GATEWAY,
            directory or Path(short),
            time_zone="Europe/London",
            now=utc_now,
            temporary_s=temporary_s,
        )
        try:
            await home.start(devices, quick_manners)
            yield home
        finally:
            await home.stop()


class Agent(ServiceInterface):
    """An agent that answers as it is told, and writes down what it was asked."""

    def __init__(self, *, passkey: int = 0, accepts: bool = True) -> None:
        super().__init__("org.bluez.Agent1")
        self.asked: list[str] = []
        self._passkey = passkey
        self._accepts = accepts

    def _answer(self, question: str) -> None:
        self.asked.append(question)
        if not self._accepts:
            raise DBusError("org.bluez.Error.Rejected", "not today")

    @dbus_method()
    def RequestAuthorization(self, device: "o"):  # noqa: F821
        self._answer("authorization")

    @dbus_method()
    def RequestConfirmation(self, device: "o", passkey: "u"):  # noqa: F821
        self._answer("confirmation")

    @dbus_method()
    def RequestPasskey(self, device: "o") -> "u":  # noqa: F821
        self._answer("passkey")
        return self._passkey


@contextlib.asynccontextmanager
async def registered(
    agent: Agent, bus_address: str, capability: str = "NoInputNoOutput"
) -> AsyncIterator[Agent]:
    """The agent as the default one of the home, on a bus connection of its own."""
    bus = await MessageBus(bus_address=bus_address).connect()
    try:
        bus.export("/test/agent", agent)
        await _manage(bus, "RegisterAgent", "os", "/test/agent", capability)
        await _manage(bus, "RequestDefaultAgent", "o", "/test/agent")
        yield agent
    finally:
        bus.disconnect()
        with contextlib.suppress(EOFError):
            await bus.wait_for_disconnect()


async def _manage(bus: MessageBus, member: str, signature: str, *body: object) -> None:
    reply = await bus.call(
        Message(
            destination="org.bluez",
            path="/org/bluez",
            interface="org.bluez.AgentManager1",
            member=member,
            signature=signature,
            body=list(body),
        )
    )
    assert reply.message_type is MessageType.METHOD_RETURN, reply.body
