"""What a person decides about the quarantine: release, reassign, discard; and what an item says."""

from dataclasses import replace
from datetime import datetime

from ingest.admit import AlreadyStored, Decided, admit
from ingest.batch import known
from ingest.rejection import Reason, Rejection
from ingest.unpack import Unpacked, part
from store import quarantine, readings
from store.connection import Connection, transaction
from store.quarantine import QuarantineItem, Resolution, Scope
from store.readings import AdmittedReading
from vitals.ids import GatewayId, PatientId
from vitals.instants import LATE
from vitals.reading import Quality
from wire.messages import VERSION, WireReading


def said(item: QuarantineItem) -> WireReading | None:
    """The reading in the item, for a person to look at; None where none can be made out."""
    return part(item.body).reading if item.scope is Scope.READING else None


def release(
    connection: Connection, quarantine_id: int, *, by: str, why: str, now: datetime
) -> AdmittedReading | AlreadyStored | Rejection | None:
    """A person answers for the reading: store it for whoever the device belonged to when it measured.

    Implausible values, a foreign gateway or bond are then no reason; what still is one comes back as a
    Rejection, and the item stays open. None where the item was decided before. Raises DataRefused.
    """
    return _decide(connection, quarantine_id, Decided(patient_id=None), Resolution.RELEASED, by, why, now)


def reassign(
    connection: Connection, quarantine_id: int, patient_id: PatientId, *, by: str, why: str, now: datetime
) -> AdmittedReading | AlreadyStored | Rejection | None:
    """The same, and the reading is that patient's. Raises DataRefused where there is no such patient."""
    decided = Decided(patient_id=patient_id)
    return _decide(connection, quarantine_id, decided, Resolution.REASSIGNED, by, why, now)


def discard(connection: Connection, quarantine_id: int, *, by: str, why: str, now: datetime) -> bool:
    """The item is nothing: it stays in the table, out of the list. False where it was decided before."""
    with transaction(connection):
        return quarantine.resolve(connection, quarantine_id, Resolution.DISCARDED, by=by, why=why, at=now)


def _decide(
    connection: Connection,
    quarantine_id: int,
    decided: Decided,
    resolution: Resolution,
    by: str,
    why: str,
    now: datetime,
) -> AdmittedReading | AlreadyStored | Rejection | None:
    with transaction(connection):
        item = quarantine.get(connection, quarantine_id)
        if item is None or item.resolved_at is not None:
            return None
        verdict = _judged_again(connection, item, decided)
        if isinstance(verdict, Rejection):
            return verdict
        if isinstance(verdict, AdmittedReading):
            verdict = _as_of(verdict, now)
            readings.store(connection, [verdict], now=now)
        quarantine.resolve(connection, quarantine_id, resolution, by=by, why=why, at=now)
        return verdict


def _as_of(verdict: AdmittedReading, now: datetime) -> AdmittedReading:
    reading = verdict.reading
    if now - reading.measured_at > LATE:
        reading = replace(reading, quality=reading.quality | {Quality.LATE})
    # Its outbox number is accounted for already, and may be why it was refused.
    return replace(verdict, reading=reading, outbox_epoch=None, outbox_seq=None)


def _judged_again(
    connection: Connection, item: QuarantineItem, decided: Decided
) -> AdmittedReading | AlreadyStored | Rejection:
    if item.scope is Scope.MESSAGE:
        return Rejection(
            reason=Reason.UNDECODABLE, detail="No reading can be made out in it. It can only be discarded."
        )
    if item.wire_version != VERSION:
        return Rejection(reason=Reason.UNKNOWN_VERSION, detail=item.detail)
    one = part(item.body)
    sender = item.gateway_id or GatewayId("")
    message = Unpacked(
        version=VERSION,
        gateway_id=sender,
        epoch=item.outbox_epoch,
        # Its clock was judged when it came, and the answer depends on when that was.
        sent_at=None,
        parts=[one],
    )
    there_is = known(
        connection,
        [sender],
        [] if one.device_id is None else [one.device_id],
        [] if one.reading_id is None else [one.reading_id],
    )
    return admit(one, message, sender, there_is, arrived_at=item.arrived_at, decided=decided)
