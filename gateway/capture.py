"""`hearthward gateway capture`: records what a real device says, to prove its profile by bytes."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from zoneinfo import ZoneInfo

from device_profiles import capture as captures
from device_profiles import catalog
from device_profiles.handshake import Facts
from device_profiles.profile import Bond, Profile
from gateway.agent import Agent
from gateway.conversation import Conversation
from gateway.radio import DeviceUnreachable, Heard, Link, LinkLost, PairingRefused, Radio, RefusedByDevice
from gateway.recording import Recording, redacted
from gateway.roster import EnrolledDevice, Roster
from runtime.clock import utc_now
from vitals.errors import HubError
from vitals.ids import DeviceId

LOOK_FOR_S = 15.0
_CONNECT_WITHIN_S = 20.0


class NothingRecorded(HubError):
    """The device said nothing, or was not heard at all."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"Nothing was recorded of {address}: {reason}")
        self.address = address
        self.reason = reason


def run(
    *,
    address: str | None,
    model: str,
    out: Path,
    say: Callable[[str], None],
    ask: Callable[[str], bool],
    seconds: float = 60.0,
    adapter: str | None = None,
) -> None:
    """Record the device with that address, show what would be kept, and keep it in `out` if told to.

    Without an address, say which devices are near. Raises NothingRecorded or RadioUnavailable.
    """
    radio = Radio(adapter)
    if address is None:
        for line in asyncio.run(nearby(radio)):
            say(line)
        say("Choose one with --address. Its readings go into the recording, not to the hub.")
        return
    recording = asyncio.run(record(radio, address.upper(), seconds=seconds, say=say))
    text = captures.render(redacted(recording, model))
    say(text.decode())
    say(
        "Address, serial number and the end of the name are zeros now. "
        "Values and times are as the device said."
    )
    if ask(f"Keep this in {out}?"):
        out.write_bytes(text)
        say(f"Kept in {out}. Compare the values with the device's display, then remove `checked: false`.")
    else:
        say("Nothing was kept.")


async def nearby(radio: Radio, for_s: float = LOOK_FOR_S) -> list[str]:
    """One line for each device that advertises: its address, and what the catalogue takes it for."""
    found: dict[str, str] = {}

    def heard(one: Heard) -> None:
        known = catalog.identify(one.advertisement)
        if known is not None or one.address not in found:
            found[one.address] = known.name if known else "unknown"

    with suppress(TimeoutError):
        async with asyncio.timeout(for_s):
            await radio.listen(heard, None)
    return [f"{address}  {what}" for address, what in sorted(found.items(), key=lambda pair: pair[1])]


async def record(radio: Radio, address: str, *, seconds: float, say: Callable[[str], None]) -> Recording:
    """What the device advertises and says within the time. Raises NothingRecorded or RadioUnavailable."""
    recording = Recording(address=address)
    advertised: asyncio.Queue[Heard] = asyncio.Queue(maxsize=1)

    def heard(one: Heard) -> None:
        if one.address == address:
            recording.heard(one.advertisement)
            if advertised.empty():
                advertised.put_nowait(one)

    say(f"Listening for {address}: take a measurement now.")
    listening = asyncio.ensure_future(radio.listen(heard, None))
    talking = asyncio.ensure_future(_until_it_hung_up(radio, advertised, recording, say))
    try:
        await asyncio.wait({listening, talking}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if listening.done():
            listening.result()
        if talking.done():
            talking.result()
    finally:
        for task in (listening, talking):
            task.cancel()
        await asyncio.gather(listening, talking, return_exceptions=True)
    if not recording.advertisements:
        raise NothingRecorded(address, "it was not heard; is it near, switched on, and its address right?")
    return recording


async def _until_it_hung_up(
    radio: Radio, advertised: asyncio.Queue[Heard], recording: Recording, say: Callable[[str], None]
) -> None:
    """Connect on one advertisement after the other, until a session brought frames."""
    while not recording.frames:
        await _converse(radio, await advertised.get(), recording, say)


async def _converse(radio: Radio, heard: Heard, recording: Recording, say: Callable[[str], None]) -> None:
    """Connect where that makes sense, and take down what is said until the device hangs up."""
    known = catalog.identify(heard.advertisement)
    if known is not None and not known.connects:
        return
    say(f"Connecting: {known.name if known else 'a device that no profile knows'}.")
    pair = known is not None and known.bond is not Bond.NONE
    async with AsyncExitStack() as stack:
        if known is not None:
            await stack.enter_async_context(
                Agent(Roster([_guest(heard, known)]), lambda _address, _percent: None)
            )
        try:
            link = await stack.enter_async_context(
                radio.connect(heard, pair=pair, within_s=_CONNECT_WITHIN_S)
            )
            await _take_down(link, known, recording)
        except (DeviceUnreachable, PairingRefused, LinkLost) as error:
            say(f"No more than its advertisements: {error}")


async def _take_down(link: Link, known: Profile | None, recording: Recording) -> None:
    conversation = None
    if known is not None:
        facts = Facts(local=utc_now().astimezone())
        conversation = Conversation(link, known.handshake, facts, DeviceId("capture"))
    for uuid in link.notifying():

        def said(frame: bytes, uuid: str = uuid) -> None:
            recording.said(uuid, frame)
            if conversation is not None:
                conversation.heard(uuid, frame)

        with suppress(RefusedByDevice):
            await link.subscribe(uuid, said)
    talking = None if conversation is None else asyncio.ensure_future(conversation.run())
    try:
        await link.hung_up.wait()
    finally:
        if talking is not None:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)


def _guest(heard: Heard, known: Profile) -> EnrolledDevice:
    return EnrolledDevice(
        device_id=DeviceId("capture"), address=heard.address, profile=known, zone=ZoneInfo("UTC")
    )
