"""Taking a message apart so that one bad reading spoils only itself."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import msgspec

from ingest.rejection import Reason, Rejection
from vitals.ids import DeviceId, GatewayId, ReadingId
from wire import messages
from wire.messages import ReadingBatch, WireReading

_ID = re.compile(r"[\x21-\x7e]{1,64}")
_MAX_SEQ = 2**63 - 1
_UPDATE_GATEWAY = "Update the gateway; then discard this."

# What the decoder says of bytes that are not the JSON that was asked for; too deep a nesting is one of them.
_UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _LooseBatch(msgspec.Struct, frozen=True, kw_only=True):
    v: int
    gateway: str | None = None
    epoch: str | None = None
    readings: list[msgspec.Raw] = []


class _LooseReading(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    seq: int | None = None
    device: str | None = None


class _OnlyId(msgspec.Struct, frozen=True, kw_only=True):
    id: str


_batch = msgspec.json.Decoder(ReadingBatch)
_loose_batch = msgspec.json.Decoder(_LooseBatch)
_reading = msgspec.json.Decoder(WireReading)
_loose_reading = msgspec.json.Decoder(_LooseReading)
_only_id = msgspec.json.Decoder(_OnlyId)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One reading of a message, as it came, with what can be made out of it; None what cannot.

    Without a `refusal`, `reading` is set and its ids are sound.
    """

    body: bytes
    reading: WireReading | None
    reading_id: ReadingId | None
    device_id: DeviceId | None
    seq: int | None
    refusal: Rejection | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """One message of a gateway. `gateway_id` is whom it claims to be from; None where it does not say."""

    version: int
    gateway_id: GatewayId | None
    epoch: str | None
    sent_at: datetime | None
    parts: Sequence[Part]


def unpack(payload: bytes) -> Unpacked | Rejection:
    """The message and its parts; a Rejection where no readings can be made out in it at all."""
    try:
        batch = _batch.decode(payload)
    except _UNDECODABLE as error:
        return _unpack_loosely(payload, str(error))
    if batch.v != messages.VERSION:
        return _unpack_loosely(payload, "")
    if not _ID.fullmatch(batch.epoch) or batch.sent_at.tzinfo is None:
        return _unpack_loosely(payload, "its epoch or sent_at is not sound")
    return Unpacked(
        version=batch.v,
        gateway_id=GatewayId(batch.gateway),
        epoch=batch.epoch,
        sent_at=batch.sent_at,
        parts=[part(bytes(raw)) for raw in batch.readings],
    )


def part(body: bytes) -> Part:
    """One reading by itself, as it came."""
    try:
        reading = _reading.decode(body)
    except _UNDECODABLE as error:
        return _refused(
            body,
            Rejection(
                reason=Reason.UNDECODABLE,
                detail=f"This is not a reading ({error}). {_UPDATE_GATEWAY}",
            ),
        )
    complaint = _unsound(reading)
    if complaint is not None:
        return _refused(body, Rejection(reason=Reason.UNDECODABLE, detail=complaint))
    return Part(
        body=body,
        reading=reading,
        reading_id=ReadingId(reading.id),
        device_id=DeviceId(reading.device),
        seq=reading.seq,
    )


def _unsound(reading: WireReading) -> str | None:
    if not _ID.fullmatch(reading.id) or not _ID.fullmatch(reading.device):
        return f"Its id or its device's is not an id. {_UPDATE_GATEWAY}"
    if not 1 <= reading.seq <= _MAX_SEQ:
        return f"Its outbox number is not one. {_UPDATE_GATEWAY}"
    if reading.measured_at.tzinfo is None or reading.received_at.tzinfo is None:
        return f"Its times do not say their offset from UTC. {_UPDATE_GATEWAY}"
    if reading.user_slot is not None and not 0 <= reading.user_slot <= 255:
        return f"Its user slot is not one byte. {_UPDATE_GATEWAY}"
    return None


def _refused(body: bytes, refusal: Rejection) -> Part:
    reading_id: str | None = None
    device_id: str | None = None
    seq: int | None = None
    try:
        loose = _loose_reading.decode(body)
        reading_id, device_id, seq = loose.id, loose.device, loose.seq
    except _UNDECODABLE:
        with suppress(*_UNDECODABLE):
            reading_id = _only_id.decode(body).id
    return Part(
        body=body,
        reading=None,
        reading_id=ReadingId(reading_id) if reading_id and _ID.fullmatch(reading_id) else None,
        device_id=DeviceId(device_id) if device_id and _ID.fullmatch(device_id) else None,
        seq=seq if seq is not None and 1 <= seq <= _MAX_SEQ else None,
        refusal=refusal,
    )


def _unpack_loosely(payload: bytes, why: str) -> Unpacked | Rejection:
    """What a message that is not ours can still tell: above all the ids, so that they can be acknowledged."""
    try:
        loose = _loose_batch.decode(payload)
    except _UNDECODABLE as error:
        return Rejection(
            reason=Reason.UNDECODABLE,
            detail=f"No readings can be made out in this message ({error}). {_UPDATE_GATEWAY}",
        )
    if loose.v == messages.VERSION:
        refusal = Rejection(
            reason=Reason.UNDECODABLE,
            detail=f"The message that it came in is not sound ({why}). {_UPDATE_GATEWAY}",
        )
    else:
        refusal = Rejection(
            reason=Reason.UNKNOWN_VERSION,
            detail=f"The gateway speaks version {loose.v}, this hub version {messages.VERSION}. "
            "Update the hub; then release this.",
        )
    if not loose.readings:
        return refusal
    return Unpacked(
        version=loose.v,
        gateway_id=None if loose.gateway is None else GatewayId(loose.gateway),
        epoch=loose.epoch if loose.epoch is not None and _ID.fullmatch(loose.epoch) else None,
        sent_at=None,
        parts=[_refused(bytes(raw), refusal) for raw in loose.readings],
    )
