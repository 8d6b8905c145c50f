"""A profile's handshake, played over a link that the test plays."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from device_profiles.handshake import Await, Facts, Handshake, Poll, Read, Reply, Send
from gateway.conversation import Conversation
from gateway.radio import LinkLost, RefusedByDevice
from tests.harness.waiting import eventually
from vitals.ids import DeviceId

FACTS = Facts(local=datetime(2026, 3, 1, tzinfo=UTC))
WRITES, NOTIFIES = "0000fff2-0000-1000-8000-00805f9b34fb", "0000fff1-0000-1000-8000-00805f9b34fb"


@dataclass
class PlayedLine:
    values: dict[str, bytes] = field(default_factory=dict[str, bytes])
    written: list[bytes] = field(default_factory=list[bytes])
    refuses: bool = False
    lost: bool = False
    on_write: Callable[[bytes], None] | None = None

    def has(self, characteristic: str, service: str | None = None) -> bool:
        return characteristic in self.values

    async def read(self, characteristic: str, service: str | None = None) -> bytes:
        return self.values[characteristic]

    async def write(
        self, characteristic: str, data: bytes, service: str | None = None, *, response: bool = True
    ) -> None:
        if self.lost:
            raise LinkLost("gone")
        self.written.append(data)
        if self.refuses:
            raise RefusedByDevice(characteristic, 0x80)
        if self.on_write is not None:
            self.on_write(data)


def awaiting(required: bool, timeout: timedelta = timedelta(seconds=5)) -> Await:
    return Await(
        characteristic="fff1",
        accepts=lambda frame: frame[:1] == b"\xa1",
        timeout=timeout,
        required=required,
        keep="random",
        part=slice(1, 3),
    )


def sending(value: bytes) -> Send:
    return Send(characteristic="fff2", make=lambda _facts: value)


async def play(line: PlayedLine, handshake: Handshake, until: Callable[[Conversation], bool]) -> Conversation:
    """Run the conversation until the condition holds, or it ends by itself."""
    conversation = Conversation(line, handshake, FACTS, DeviceId("d-1"))
    line.on_write = line.on_write or (lambda _data: None)
    running = asyncio.ensure_future(conversation.run())
    try:
        await eventually(lambda: until(conversation) or running.done(), deadline_s=5)
        if running.done():
            running.result()
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError, LinkLost):
            await running
    return conversation


async def test_steps_are_taken_in_order_and_what_is_awaited_is_answered_and_kept() -> None:
    handshake = Handshake(
        steps=(
            sending(b"\x01"),
            awaiting(required=True),
            Send(characteristic="fff2", make=lambda facts: bytes(reversed(facts.heard))),
        )
    )
    line = PlayedLine()
    conversation = Conversation(line, handshake, FACTS, DeviceId("d-1"))
    line.on_write = lambda data: conversation.heard(NOTIFIES, b"\xa1\x02\x03") if data == b"\x01" else None
    running = asyncio.ensure_future(conversation.run())
    await eventually(lambda: not conversation.under_way and len(line.written) == 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert line.written == [b"\x01", b"\x03\x02\xa1"]
    assert conversation.kept == {"random": b"\x02\x03"}


async def test_a_device_that_does_not_answer_what_is_required_ends_the_conversation() -> None:
    handshake = Handshake(steps=(awaiting(True, timedelta(milliseconds=20)), sending(b"\x02")))
    line = PlayedLine()
    conversation = Conversation(line, handshake, FACTS, DeviceId("d-1"))
    missing = await asyncio.wait_for(conversation.run(), 5)
    assert "fff1" in missing
    assert line.written == []


async def test_what_is_awaited_but_not_required_is_passed_over() -> None:
    handshake = Handshake(steps=(awaiting(False, timedelta(milliseconds=20)), sending(b"\x02")))
    line = PlayedLine()
    await play(line, handshake, lambda _: bool(line.written))
    assert line.written == [b"\x02"]


async def test_a_read_of_what_the_device_lacks_is_passed_over() -> None:
    steps = (
        Read(characteristic="2a85", keep="birth"),
        Read(characteristic="2a99", keep="count"),
        sending(b"\x03"),
    )
    line = PlayedLine(values={"00002a99-0000-1000-8000-00805f9b34fb": b"\x07"})
    conversation = await play(line, Handshake(steps=steps), lambda _: bool(line.written))
    assert conversation.kept == {"count": b"\x07"}


async def test_a_refused_write_is_no_end() -> None:
    line = PlayedLine(refuses=True)
    await play(line, Handshake(steps=(sending(b"\x01"), sending(b"\x02"))), lambda _: len(line.written) == 2)
    assert line.written == [b"\x01", b"\x02"]


async def test_every_frame_gets_its_reply_for_as_long_as_the_session_lasts() -> None:
    reply = Reply(characteristic="fff1", write_to="fff2", make=lambda frame, _facts: [frame + b"!"])
    line = PlayedLine()
    conversation = Conversation(line, Handshake(replies=(reply,)), FACTS, DeviceId("d-1"))
    running = asyncio.ensure_future(conversation.run())
    for number in range(3):
        conversation.heard(NOTIFIES, bytes((number,)))
    conversation.heard(WRITES, b"not for this reply")
    await eventually(lambda: len(line.written) == 3)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert line.written == [b"\x00!", b"\x01!", b"\x02!"]


async def test_a_device_that_only_answers_is_asked_again_and_again() -> None:
    poll = Poll(characteristic=WRITES, value=b"?", every=timedelta(milliseconds=1))
    line = PlayedLine()
    await play(line, Handshake(polls=(poll,)), lambda _: len(line.written) >= 3)
    assert set(line.written) == {b"?"}


@pytest.mark.parametrize(
    "handshake",
    [
        Handshake(steps=(sending(b"\x01"),)),
        Handshake(polls=(Poll(characteristic=WRITES, value=b"?", every=timedelta(seconds=1)),)),
    ],
)
async def test_a_lost_link_ends_the_conversation(handshake: Handshake) -> None:
    with pytest.raises(LinkLost):
        await play(PlayedLine(lost=True), handshake, lambda _: False)
