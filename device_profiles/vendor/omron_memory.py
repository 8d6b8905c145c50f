"""How a session reads an Omron's memory: unlock, start, block after block, end. Nothing is written to it.

Sources: omblepy and openScale, facts only. The key is programmed once, in pairing mode.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from device_profiles.assembly import StreamAssembler
from device_profiles.checksums import xor8
from device_profiles.fields import Field
from device_profiles.handshake import Await, Facts, Handshake, Send, Step
from device_profiles.measurement import Measurement
from device_profiles.profile import Channel, notified
from device_profiles.refusal import Refusal
from device_profiles.report import Report
from device_profiles.vendor import omron_wlp
from device_profiles.vendor.omron_wlp import READ_ANSWER, WlpFrame

SERVICES = ("ecbe3980-c9a2-11e1-b1bd-0002a5d5c51b", "fe4a")
UNLOCK = "b305b680-aee7-11e1-a730-0002a5d5c51b"
# Kept from the enrolment on: sixteen bytes of the gateway's choice.
KEY = "omron_key"
_KEY_LENGTH, _CHUNK, _OVERHEAD = 16, 16, 8
_WAIT = timedelta(seconds=5)
IDLE = timedelta(seconds=6)
NOTHING = Handshake()


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Where a model keeps its records: the start for each user, how many, how long, and the largest read."""

    users: tuple[int, ...]
    slots: int
    record: int
    block: int
    decode: Callable[[bytes], Report | Refusal]

    def reads(self) -> list[tuple[int, int]]:
        """Address and size of every read, each of whole records."""
        step = max(self.block // self.record, 1) * self.record
        total = self.slots * self.record
        return [
            (start + offset, min(step, total - offset))
            for start in self.users
            for offset in range(0, total, step)
        ]

    def user_of(self, address: int) -> int | None:
        """The user, counted from 1, whose record begins at the address."""
        for user, start in enumerate(self.users, start=1):
            if start <= address < start + self.slots * self.record:
                return user
        return None


def _whole(frame: bytes) -> bool:
    return xor8(frame) == 0


def _length_of(buffer: bytes) -> int | None:
    return buffer[0] if buffer[0] >= _OVERHEAD else None


def _assembler() -> StreamAssembler:
    return StreamAssembler(_length_of, _whole, largest=0xFF)


def _ignore(_frame: bytes) -> Report | Refusal:
    return Report(said={})


def decode_block(memory: Memory, frame: bytes) -> Report | WlpFrame | Refusal:
    """The records of one answer; empty slots are passed over. Any other frame as it is."""
    answer = omron_wlp.decode(frame)
    if isinstance(answer, Refusal) or answer.opcode != READ_ANSWER:
        return answer
    readings: list[Field] = []
    measured: list[Measurement] = []
    for offset in range(0, len(answer.data) - memory.record + 1, memory.record):
        record = answer.data[offset : offset + memory.record]
        decoded = memory.decode(record)
        if isinstance(decoded, Refusal):
            continue
        user = memory.user_of(answer.address + offset)
        readings.append({**decoded.said, "user_id": user})
        measured += [replace(one, raw=record, user=user) for one in decoded.measured]
    measured.sort(key=lambda one: one.device_time.text if one.device_time else "")
    return Report(said={"readings": readings}, measured=tuple(measured))


def channels(memory: Memory) -> tuple[Channel, ...]:
    """What to subscribe to: the answers, spread over four, and the unlocking."""
    answers = tuple(
        replace(
            notified(uuid, lambda frame: decode_block(memory, frame), assembler=_assembler), shares="memory"
        )
        for uuid in omron_wlp.FROM_DEVICE
    )
    return (*answers, notified(UNLOCK, _ignore))


def _key(command: int) -> Callable[[Facts], bytes]:
    def make(facts: Facts) -> bytes:
        key = facts.kept.get(KEY, b"")
        return bytes((command,)) + key if len(key) == _KEY_LENGTH else b""

    return make


def _unlocking(command: int, make: Callable[[Facts], bytes]) -> tuple[Step, ...]:
    """Writes to the lock, and waits for its yes: the command with the highest bit set, and zero."""
    yes = bytes((command | 0x80, 0))
    return (
        Send(characteristic=UNLOCK, make=make),
        Await(characteristic=UNLOCK, accepts=lambda frame: frame[:2] == yes, timeout=_WAIT),
    )


def _ask(frame: bytes, answer_bytes: int) -> tuple[Step, ...]:
    """A command, and the wait for the last chunk of its answer."""
    last = min((answer_bytes + _OVERHEAD - 1) // _CHUNK, len(omron_wlp.FROM_DEVICE) - 1)
    return (
        Send(characteristic=omron_wlp.TO_DEVICE[0], make=lambda _facts: frame, response=False),
        Await(characteristic=omron_wlp.FROM_DEVICE[last], accepts=lambda _frame: True, timeout=_WAIT),
    )


def session(memory: Memory) -> Handshake:
    """Reads every record of every user."""
    reads = [step for address, size in memory.reads() for step in _ask(omron_wlp.read(address, size), size)]
    return Handshake(
        steps=(
            *_unlocking(0x01, _key(0x01)),
            *_ask(omron_wlp.start(), 0),
            *reads,
            *_ask(omron_wlp.end(), 0),
        )
    )


# In pairing mode: opens the lock for programming, and gives it the key.
ENROLMENT = Handshake(
    steps=(
        *_unlocking(0x02, lambda _facts: b"\x02" + bytes(_KEY_LENGTH)),
        *_unlocking(0x00, _key(0x00)),
        *_ask(omron_wlp.start(), 0),
        *_ask(omron_wlp.end(), 0),
    )
)
