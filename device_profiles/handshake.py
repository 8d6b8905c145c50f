"""What a session must say to a device: ordered steps as data, and the dialogue that plays them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from device_profiles.uuids import full_uuid


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a step may need: the wall clock, what earlier sessions kept, and what was last awaited.

    `local` is the time at home, or in the profile's `zone` where it has one.
    """

    local: datetime
    kept: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    heard: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Bytes for a characteristic, with or without the device's response."""

    characteristic: str
    value: bytes
    response: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """A step: write what `make` gives; nothing where that is empty."""

    characteristic: str
    make: Callable[[Facts], bytes]
    response: bool = True


def say(characteristic: str, *values: bytes, response: bool = True) -> tuple[Send, ...]:
    """Steps that write these bytes, one after the other."""

    def always(value: bytes) -> Callable[[Facts], bytes]:
        return lambda _facts: value

    return tuple(
        Send(characteristic=characteristic, make=always(value), response=response) for value in values
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Await:
    """A step: wait until the device sends what `accepts`; where it does not, go on unless `required`.

    `keep` names where `part` of the frame is kept for this and later sessions.
    """

    characteristic: str
    accepts: Callable[[bytes], bool]
    timeout: timedelta = timedelta(seconds=5)
    required: bool = True
    keep: str | None = None
    part: slice = field(default_factory=lambda: slice(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A step: read the characteristic, where the device has it, and keep its value under `keep`."""

    characteristic: str
    keep: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Whenever the device sends on `characteristic`: what to write back, on `write_to`; often nothing."""

    characteristic: str
    write_to: str
    make: Callable[[bytes, Facts], Sequence[bytes]]
    response: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """Ask again and again, for a device that only answers."""

    characteristic: str
    value: bytes
    every: timedelta
    response: bool = False


Step: TypeAlias = Send | Await | Read
Action: TypeAlias = Write | Read


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """The steps in their order, once all is subscribed to; replies and polls for the whole session."""

    steps: tuple[Step, ...] = ()
    replies: tuple[Reply, ...] = ()
    polls: tuple[Poll, ...] = ()


NO_HANDSHAKE = Handshake()


class Dialogue:
    """Plays a handshake without input or output: it is told what came, and says what to write.

    Call `begin` once, then `hear` for every notification, `answer` for every `Read` that was asked for, and
    `expire` when `deadline` has passed since the last of these. Each gives the actions that are due now.
    `failed` is set where the device did not send what was required.
    """

    def __init__(self, handshake: Handshake, facts: Facts) -> None:
        self._steps = handshake.steps
        self._replies = handshake.replies
        self._facts = facts
        self._next = 0
        self.kept: dict[str, bytes] = dict(facts.kept)
        self.failed: str | None = None

    def begin(self) -> Sequence[Action]:
        """The first actions."""
        return self._advance()

    @property
    def done(self) -> bool:
        """Whether all steps are taken; replies go on."""
        return self._next >= len(self._steps)

    @property
    def deadline(self) -> timedelta | None:
        """How long to wait for the step that is due; None where none is."""
        awaited = self._awaited()
        return awaited.timeout if awaited else None

    def hear(self, characteristic: str, frame: bytes) -> Sequence[Action]:
        """What to do, now that the device has sent this."""
        writes: list[Action] = [
            Write(characteristic=full_uuid(reply.write_to), value=value, response=reply.response)
            for reply in self._replies
            if full_uuid(reply.characteristic) == full_uuid(characteristic)
            for value in reply.make(frame, self._facts)
        ]
        awaited = self._awaited()
        if awaited is None or full_uuid(awaited.characteristic) != full_uuid(characteristic):
            return writes
        if not awaited.accepts(frame):
            return writes
        if awaited.keep is not None:
            self.kept[awaited.keep] = frame[awaited.part]
        self._facts = replace(self._facts, heard=frame, kept=dict(self.kept))
        self._next += 1
        return [*writes, *self._advance()]

    def answer(self, value: bytes | None) -> Sequence[Action]:
        """What to do, now that the last `Read` gave this value, or None where it could not be read."""
        step = None if self.done else self._steps[self._next]
        if not isinstance(step, Read):
            return []
        if value is not None:
            self.kept[step.keep] = value
            self._facts = replace(self._facts, kept=dict(self.kept))
        self._next += 1
        return self._advance()

    def expire(self) -> Sequence[Action]:
        """What to do, now that the awaited did not come."""
        awaited = self._awaited()
        if awaited is None:
            return []
        if awaited.required:
            self.failed = f"nothing came on {awaited.characteristic}"
            self._next = len(self._steps)
            return []
        self._next += 1
        return self._advance()

    def _awaited(self) -> Await | None:
        step = None if self.done else self._steps[self._next]
        return step if isinstance(step, Await) else None

    def _advance(self) -> list[Action]:
        actions: list[Action] = []
        while not self.done:
            step = self._steps[self._next]
            if isinstance(step, Await):
                break
            if isinstance(step, Read):
                actions.append(replace(step, characteristic=full_uuid(step.characteristic)))
                break
            value = step.make(self._facts)
            if value:
                actions.append(
                    Write(characteristic=full_uuid(step.characteristic), value=value, response=step.response)
                )
            self._next += 1
        return actions
