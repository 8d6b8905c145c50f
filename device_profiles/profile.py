"""The declaration of a device profile: everything a session needs to know of one model, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol, TypeAlias

from device_profiles.advertisement import Advertisement
from device_profiles.handshake import NO_HANDSHAKE, Handshake
from device_profiles.measurement import Decoded
from device_profiles.recognition import Recognition
from device_profiles.refusal import Refusal
from device_profiles.uuids import full_uuid
from vitals.measure import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a frame alone does not say: the key and address of an encrypting device, and values read before.

    `address` is in printed order; `read` holds characteristic values of this session by 128-bit UUID.
    """

    bind_key: bytes | None = None
    address: bytes | None = None
    read: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


NO_CONTEXT = Context()
Codec: TypeAlias = Callable[[bytes, Context], Decoded | Refusal]


def plain(decode: Callable[[bytes], Decoded | Refusal]) -> Codec:
    """The codec of a layout that needs no context."""

    def codec(frame: bytes, _context: Context) -> Decoded | Refusal:
        return decode(frame)

    return codec


class Assembler(Protocol):
    """Makes whole frames of chunks, where a protocol's frames span notifications; its buffer is bounded."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The frames that this chunk completes, checksums checked."""
        ...


class Delivery(StrEnum):
    """How a characteristic sends. Asking for the wrong one is answered with silence."""

    INDICATE = "indicate"
    NOTIFY = "notify"


class Evidence(StrEnum):
    """What proves a profile: bytes recorded from a device, published by others, or built from a layout.

    Bytes whose values no second decoder has confirmed count as the last.
    """

    CAPTURED = "captured"
    PUBLISHED = "published"
    CONSTRUCTED = "constructed"


class Bond(StrEnum):
    """Whether the link must be bonded."""

    NONE = "none"
    REQUIRED = "required"
    REQUIRED_THEN_DISCONNECT = "required, then disconnect once"


class Stored(StrEnum):
    """How readings leave the device's memory."""

    NONE = "none"
    DUMP = "sent by itself, oldest first"
    RACP = "asked for with the record access control point"
    VENDOR = "asked for with the vendor's commands"


class Users(StrEnum):
    """How the device tells its users apart."""

    NONE = "not at all"
    BYTE = "a user number in the frame"
    CONSENT = "user slots behind a consent code"
    ADVERTISED = "user slots with sequence numbers in the advertisement"
    SLOTS = "separate memory per user"


class Units(StrEnum):
    """Where the unit of a value comes from."""

    IN_FRAME = "in the frame"
    FIXED = "fixed"
    CONFIGURED = "configured: the frame does not say"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """How to set the device's clock: `encode` makes the bytes of a wall-clock time at home.

    Written in every session, or only where it is off by more than `tolerance`; `within` is how soon after
    connecting the device wants it.
    """

    characteristic: str
    encode: Callable[[datetime], bytes]
    service: str | None = None
    tolerance: timedelta = timedelta()
    within: timedelta | None = None


def clock(
    characteristic: str,
    encode: Callable[[datetime], bytes],
    *,
    service: str | None = None,
    tolerance: timedelta = timedelta(),
    within: timedelta | None = None,
) -> Clock:
    """A clock whose UUIDs may be given in any spelling."""
    return Clock(
        characteristic=full_uuid(characteristic),
        encode=encode,
        service=full_uuid(service) if service else None,
        tolerance=tolerance,
        within=within,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One characteristic to subscribe to. `optional` where not every model has it.

    `stream` marks a running measurement, of which a window makes one reading. `agreeing` is how many frames
    in a row must agree, within `tolerance`, before a device without a final frame is believed. `inherits`
    marks a second part that takes time and user of the frame before it. Channels that `shares` the same word
    have one assembler, where a protocol spreads a frame over several characteristics.
    """

    characteristic: str
    by: Delivery
    codec: Codec
    assembler: Callable[[], Assembler] | None = None
    optional: bool = False
    stream: bool = False
    agreeing: int = 1
    tolerance: float = 0.0
    inherits: bool = False
    shares: str | None = None


def indicated(
    characteristic: str,
    decode: Callable[[bytes], Decoded | Refusal],
    *,
    optional: bool = False,
    inherits: bool = False,
) -> Channel:
    """A channel whose frames the device wants confirmed."""
    return Channel(
        characteristic=full_uuid(characteristic),
        by=Delivery.INDICATE,
        codec=plain(decode),
        optional=optional,
        inherits=inherits,
    )


def notified(
    characteristic: str,
    decode: Callable[[bytes], Decoded | Refusal],
    *,
    optional: bool = False,
    stream: bool = False,
    assembler: Callable[[], Assembler] | None = None,
    agreeing: int = 1,
    tolerance: float = 0.0,
) -> Channel:
    """A channel whose frames come unconfirmed."""
    return Channel(
        characteristic=full_uuid(characteristic),
        by=Delivery.NOTIFY,
        codec=plain(decode),
        optional=optional,
        stream=stream,
        assembler=assembler,
        agreeing=agreeing,
        tolerance=tolerance,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """Where in an advertisement the measurement is: the service data of a UUID, or manufacturer data.

    Manufacturer data reach the codec with the company id in front, low byte first, as on the air.
    """

    codec: Codec
    service_data: str | None = None
    manufacturer_data: bool = False


def broadcast_data(broadcast: Broadcast, seen: Advertisement) -> list[bytes]:
    """The bytes in an advertisement that a broadcast's codec reads; empty where they are not in this one."""
    if broadcast.service_data is not None:
        data = seen.service_data.get(full_uuid(broadcast.service_data))
        return [] if data is None else [data]
    return [
        company.to_bytes(2, "little") + data
        for company, data in seen.manufacturer_data.items()
        if 0 <= company <= 0xFFFF
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Bytes that are no notification of their own: a record of memory or of a file, a command of the host.

    `words` is a regular expression for how captures call it, `on` where its bytes are seen: UUIDs, or
    "advertisement".
    """

    words: str
    codec: Codec
    on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnd:
    """When a session is over: after `idle` without a frame, when the device hangs up, or at a closing frame.

    `closing` tells from characteristic and frame that nothing more will come. `reconnect_after` keeps the
    same advertisement from starting a second session at once.
    """

    idle: timedelta = timedelta(seconds=4)
    device_hangs_up: bool = True
    reconnect_after: timedelta = timedelta(seconds=10)
    closing: Callable[[str, bytes], bool] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """One device model, or a family that cannot be told apart.

    `models` are the names people buy it under; `known_as` a regular expression for what captures call it.
    `enrolment` is the handshake of the first session, in pairing mode, where it differs. `news` gives a mark
    of what the device has to tell, out of its advertisement: while the mark is that of the last good session,
    there is no need to connect. `live_within` is how old a reading may be at its arrival and still count as
    measured just now. `zone` is what the device's clock shows, where that is not the time at home.
    `plausible` narrows what physiology allows to what the device can measure, in each measure's own unit.
    """

    name: str
    family: str
    models: tuple[str, ...]
    evidence: Evidence
    source: str
    recognition: Recognition
    known_as: str = ""
    services: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()
    broadcasts: tuple[Broadcast, ...] = ()
    layouts: tuple[Layout, ...] = ()
    handshake: Handshake = NO_HANDSHAKE
    enrolment: Handshake = NO_HANDSHAKE
    news: Callable[[Advertisement], bytes | None] | None = None
    bond: Bond = Bond.NONE
    clock: Clock | None = None
    stored: Stored = Stored.NONE
    users: Users = Users.NONE
    units: Units = Units.IN_FRAME
    session_end: SessionEnd = SessionEnd()
    live_within: timedelta = timedelta(minutes=15)
    zone: tzinfo | None = None
    sentinels: tuple[str, ...] = ()
    quirks: tuple[str, ...] = ()
    plausible: Mapping[Measure, tuple[float, float]] = field(
        default_factory=dict[Measure, tuple[float, float]]
    )

    @property
    def connects(self) -> bool:
        """Whether a session connects, or only listens to advertisements."""
        return bool(self.channels)

    @property
    def experimental(self) -> bool:
        """Whether nothing but constructed bytes stands behind it."""
        return self.evidence == Evidence.CONSTRUCTED
