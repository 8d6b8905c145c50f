"""How a session drains a device by its record access control point: what is new, and when it is done."""

from datetime import timedelta

from device_profiles.gatt import record_access
from device_profiles.gatt.record_access import Op, RecordAccess
from device_profiles.handshake import Facts, Handshake, Send
from device_profiles.uuids import full_uuid

# Under this word a session keeps the highest sequence number that it has seen, two bytes, low byte first.
LAST_SEQUENCE = "last_sequence"
DRAIN_TIMEOUT = timedelta(seconds=30)


def _ask(facts: Facts) -> bytes:
    last = facts.kept.get(LAST_SEQUENCE)
    if last is None:
        return record_access.report_all()
    return record_access.report_from(min(int.from_bytes(last, "little") + 1, 0xFFFF))


ALL_OR_NEW_RECORDS = Handshake(steps=(Send(characteristic=record_access.UUID, make=_ask),))


def procedure_ended(characteristic: str, frame: bytes) -> bool:
    """Whether the frame is the answer that ends a procedure, with records or without."""
    if full_uuid(characteristic) != full_uuid(record_access.UUID):
        return False
    answer = record_access.decode(frame)
    return isinstance(answer, RecordAccess) and answer.op == Op.RESPONSE
