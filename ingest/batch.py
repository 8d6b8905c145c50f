"""One batch: messages in, one commit, and for each gateway what it may forget."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from ingest.admit import Known, Verdict, admit
from ingest.rejection import Reason, Rejection
from ingest.unpack import Part, Unpacked, unpack
from store import completeness, devices, gateways, quarantine, readings
from store.completeness import Receipt
from store.connection import Connection, transaction
from store.errors import DataRefused
from store.quarantine import Refused, Scope
from store.readings import AdmittedReading
from vitals.ids import DeviceId, GatewayId, ReadingId
from vitals.patient import Assignment
from wire.broker import Message
from wire.topics import gateway_of

log: structlog.types.FilteringBoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One reading with its verdict, and where it came from; a whole message where `part` is None."""

    sender: GatewayId | None
    message: Unpacked | None
    part: Part | None
    body: bytes
    verdict: Verdict

    @property
    def reading_id(self) -> ReadingId | None:
        """The id to acknowledge; None where none could be made out."""
        return None if self.part is None else self.part.reading_id


@dataclass(slots=True)
class Committed:
    """What one gateway may be told: these ids are stored, and these are quarantined, with the reason."""

    stored: list[ReadingId] = field(default_factory=list[ReadingId])
    quarantined: list[tuple[ReadingId, Reason]] = field(default_factory=list[tuple[ReadingId, Reason]])


def commit(
    connection: Connection, messages: Sequence[Message], *, now: datetime
) -> dict[GatewayId, Committed]:
    """Judge and store everything in the messages; returns, for each sender, what is committed.

    Everything ends in a table: a reading that the database refuses is found by halving, and quarantined.
    Safe to repeat after StoreUnavailable, which it raises: what was committed is known then.
    """
    judged = _judge(connection, messages, now)
    told: dict[GatewayId, Committed] = {}
    for one in _keep(connection, judged, now):
        if one.sender is None or one.reading_id is None:
            continue
        committed = told.setdefault(one.sender, Committed())
        if isinstance(one.verdict, Rejection):
            committed.quarantined.append((one.reading_id, one.verdict.reason))
        else:
            committed.stored.append(one.reading_id)
    return told


def known(
    connection: Connection,
    gateway_ids: Sequence[GatewayId],
    device_ids: Sequence[DeviceId],
    reading_ids: Sequence[ReadingId],
) -> Known:
    """What the hub knows, at this moment, of these gateways, devices and readings."""
    assigned: dict[DeviceId, list[Assignment]] = {}
    for assignment in devices.assignments(connection, device_ids=device_ids):
        assigned.setdefault(assignment.device_id, []).append(assignment)
    return Known(
        gateways={gateway.gateway_id: gateway for gateway in gateways.listed(connection, gateway_ids)},
        devices={device.device_id: device for device in devices.listed(connection, device_ids=device_ids)},
        assignments=assigned,
        stored=readings.known(connection, reading_ids),
    )


def _judge(connection: Connection, messages: Sequence[Message], now: datetime) -> list[Judged]:
    opened = [(gateway_of(message.topic), message.payload, unpack(message.payload)) for message in messages]
    parts = [part for _s, _b, message in opened if isinstance(message, Unpacked) for part in message.parts]
    there_is = known(
        connection,
        sorted({sender for sender, _body, _message in opened if sender is not None}),
        sorted({part.device_id for part in parts if part.device_id is not None}),
        sorted({part.reading_id for part in parts if part.reading_id is not None}),
    )
    judged: list[Judged] = []
    for sender, body, message in opened:
        if isinstance(message, Rejection) or sender is None:
            verdict = message if isinstance(message, Rejection) else _no_sender()
            judged.append(Judged(sender=sender, message=None, part=None, body=body, verdict=verdict))
            continue
        for part in message.parts:
            verdict = admit(part, message, sender, there_is, arrived_at=now)
            judged.append(Judged(sender=sender, message=message, part=part, body=part.body, verdict=verdict))
    return judged


def _verdict(part: Part, message: Unpacked, sender: GatewayId, there_is: Known, now: datetime) -> Verdict:
    try:
        return admit(part, message, sender, there_is, arrived_at=now)
    except Exception as error:  # the item's outermost frame: a mistake of ours must not stop the ward
        log.exception("reading set aside", reading_id=part.reading_id, gateway_id=sender)
        return Rejection(
            reason=Reason.HUB_MISTAKE,
            detail=f"This hub could not judge it ({type(error).__name__}). Update the hub; then release it.",
        )


def _no_sender() -> Rejection:
    return Rejection(
        reason=Reason.UNKNOWN_GATEWAY, detail="It came by a topic that is no gateway's. Discard this."
    )


def _keep(connection: Connection, judged: Sequence[Judged], now: datetime) -> list[Judged]:
    """Store what was judged, in one transaction or, where the database refuses one, in several."""
    if not judged:
        return []
    try:
        _store(connection, judged, now)
    except DataRefused as error:
        if len(judged) > 1:
            middle = len(judged) // 2
            return _keep(connection, judged[:middle], now) + _keep(connection, judged[middle:], now)
        return [_set_aside(connection, judged[0], error, now)]
    return list(judged)


def _set_aside(connection: Connection, culprit: Judged, error: DataRefused, now: datetime) -> Judged:
    if not isinstance(culprit.verdict, AdmittedReading):  # it cannot be quarantined under its own names
        bare = replace(culprit, sender=None, message=None, part=None)
        _store(connection, [bare], now)
        return bare
    why = f" (constraint {error.constraint})" if error.constraint else ""
    verdict = Rejection(
        reason=Reason.REFUSED_BY_STORE, detail=f"The database refused it{why}: {error}. Tell the developers."
    )
    refused = replace(culprit, verdict=verdict)
    return _keep(connection, [refused], now)[0]


def _store(connection: Connection, judged: Sequence[Judged], now: datetime) -> None:
    admitted = [one.verdict for one in judged if isinstance(one.verdict, AdmittedReading)]
    refused = [refusal for one in judged if (refusal := _refused(one, now)) is not None]
    with transaction(connection):
        fresh = readings.store(connection, admitted, now=now)
        quarantine.add(connection, refused)
        completeness.note_arrived(connection, _receipts(judged), now=now)
    for one in admitted:
        reading = one.reading
        if reading.reading_id in fresh:
            log.info(
                "reading committed",
                reading_id=reading.reading_id,
                device_id=reading.device_id,
                gateway_id=one.gateway_id,
            )
    for refusal in refused:
        log.warning(
            "reading quarantined" if refusal.scope is Scope.READING else "message quarantined",
            reason=refusal.reason,
            gateway_id=refusal.gateway_id,
            reading_id=refusal.reading_id,
            device_id=refusal.device_id,
        )


def _refused(one: Judged, now: datetime) -> Refused | None:
    if not isinstance(one.verdict, Rejection):
        return None
    message, part = one.message, one.part
    return Refused(
        scope=Scope.MESSAGE if part is None else Scope.READING,
        body=one.body,
        reason=one.verdict.reason.value,
        detail=one.verdict.detail,
        arrived_at=now,
        wire_version=None if message is None else message.version,
        gateway_id=one.sender,
        outbox_epoch=None if message is None else message.epoch,
        outbox_seq=None if part is None else part.seq,
        device_id=None if part is None else part.device_id,
        reading_id=None if part is None else part.reading_id,
    )


def _receipts(judged: Sequence[Judged]) -> list[Receipt]:
    """The outbox numbers that arrived; a gateway that speaks for another does not count for either."""
    return [
        Receipt(gateway_id=one.sender, outbox_epoch=one.message.epoch, outbox_seq=one.part.seq)
        for one in judged
        if one.sender is not None
        and one.message is not None
        and one.message.gateway_id == one.sender
        and one.message.epoch is not None
        and one.part is not None
        and one.part.seq is not None
    ]
