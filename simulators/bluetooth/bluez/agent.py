"""AgentManager1 and the agents registered with it: who answers for the person while two devices pair."""

from collections.abc import Callable
from dataclasses import dataclass

from bumble.pairing import PairingDelegate
from dbus_fast import Message, MessageType
from dbus_fast.aio.message_bus import MessageBus

from simulators.bluetooth.bluez.errors import BluezError, invalid_arguments
from simulators.bluetooth.bluez.tree import Call, Interface, Method, Result
from simulators.bluetooth.radio import KEYS_TO_SHARE

INTERFACE = "org.bluez.AgentManager1"
PATH = "/org/bluez"
_Io = PairingDelegate.IoCapability
_CAPABILITIES = {
    "": _Io.DISPLAY_OUTPUT_AND_KEYBOARD_INPUT,
    "NoInputNoOutput": _Io.NO_OUTPUT_NO_INPUT,
    "DisplayOnly": _Io.DISPLAY_OUTPUT_ONLY,
    "DisplayYesNo": _Io.DISPLAY_OUTPUT_AND_YES_NO_INPUT,
    "KeyboardOnly": _Io.KEYBOARD_INPUT_ONLY,
    "KeyboardDisplay": _Io.DISPLAY_OUTPUT_AND_KEYBOARD_INPUT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An agent: the client that registered it, and where it is."""

    client: str
    path: str
    capability: PairingDelegate.IoCapability


class Agents:
    """Every registered agent; a client has at most one, and one may be everybody's default."""

    def __init__(self, bus: Callable[[], MessageBus | None]) -> None:
        self._bus = bus
        self._agents: dict[str, Agent] = {}
        self._default: str | None = None

    def interface(self) -> Interface:
        """What is exported at `/org/bluez`."""
        return Interface(
            name=INTERFACE,
            methods={
                "RegisterAgent": Method(do=self._register, takes="os"),
                "UnregisterAgent": Method(do=self._unregister, takes="o"),
                "RequestDefaultAgent": Method(do=self._request_default, takes="o"),
            },
        )

    @property
    def clients(self) -> set[str]:
        """Who has registered one."""
        return set(self._agents)

    @property
    def default(self) -> Agent | None:
        """Whoever asked last to be asked when the client itself has no agent."""
        return self._agents.get(self._default) if self._default is not None else None

    def for_client(self, client: str) -> Agent | None:
        """The client's own agent, or the default one."""
        return self._agents.get(client) or self.default

    def drop(self, client: str) -> None:
        """A client is gone, and its agent with it."""
        self._agents.pop(client, None)
        if self._default == client:
            self._default = None

    async def _register(self, call: Call) -> Result:
        path, capability = (str(argument) for argument in call.arguments)
        if call.sender in self._agents:
            raise BluezError("AlreadyExists", "Already Exists")
        if capability not in _CAPABILITIES:
            raise invalid_arguments()
        self._agents[call.sender] = Agent(client=call.sender, path=path, capability=_CAPABILITIES[capability])
        return ()

    async def _unregister(self, call: Call) -> Result:
        self._own(call)
        self.drop(call.sender)
        return ()

    async def _request_default(self, call: Call) -> Result:
        self._own(call)
        self._default = call.sender
        return ()

    def _own(self, call: Call) -> Agent:
        agent = self._agents.get(call.sender)
        if agent is None or agent.path != call.arguments[0]:
            raise BluezError("DoesNotExist", "Does Not Exist")
        return agent

    async def ask(self, agent: Agent, member: str, signature: str, *arguments: object) -> Message | None:
        """The agent's reply; None where it said no, is gone, or does not know the question."""
        bus = self._bus()
        if bus is None or not bus.connected:
            return None
        reply = await bus.call(
            Message(
                destination=agent.client,
                path=agent.path,
                interface="org.bluez.Agent1",
                member=member,
                signature=signature,
                body=list(arguments),
            )
        )
        return reply if reply.message_type is MessageType.METHOD_RETURN else None


class AgentDelegate(PairingDelegate):
    """What SMP asks of a person, put to an agent as the kernel and bluetoothd put it.

    `asked_for` is whether a client called Pair. Then an agent must exist but is not asked about a pairing
    without a passkey; where the link needed security on its own, the agent must authorise it (seen with
    bluetoothd 5.66).
    """

    def __init__(self, agents: Agents, agent: Agent | None, device_path: str, *, asked_for: bool) -> None:
        super().__init__(
            io_capability=agent.capability if agent is not None else _Io.NO_OUTPUT_NO_INPUT,
            local_initiator_key_distribution=KEYS_TO_SHARE,
            local_responder_key_distribution=KEYS_TO_SHARE,
        )
        self._agents = agents
        self._agent = agent
        self._device_path = device_path
        self._asked_for = asked_for

    async def _yes(self, member: str, signature: str, *arguments: object) -> Message | None:
        if self._agent is None:
            return None
        return await self._agents.ask(self._agent, member, signature, self._device_path, *arguments)

    async def confirm(self, auto: bool = False) -> bool:
        """Whether to pair without any check by a person."""
        if self._asked_for:
            return self._agent is not None
        return await self._yes("RequestAuthorization", "o") is not None

    async def compare_numbers(self, number: int, digits: int) -> bool:
        """Whether the device shows the same number."""
        return await self._yes("RequestConfirmation", "ou", number) is not None

    async def get_number(self) -> int | None:
        """The passkey that the device shows."""
        reply = await self._yes("RequestPasskey", "o")
        return int(reply.body[0]) if reply is not None else None

    async def display_number(self, number: int, digits: int) -> None:
        """Show the passkey that must be typed on the device."""
        await self._yes("DisplayPasskey", "ouq", number, 0)
