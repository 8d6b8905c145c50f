"""What a gateway says in these tests, and a hub that knows its devices."""

from datetime import UTC, datetime, timedelta
from typing import TypedDict

import msgspec

from ingest.admit import Known, Verdict, admit
from ingest.unpack import Unpacked, unpack
from store.devices import Device
from store.gateways import Gateway
from vitals.ids import DeviceId, GatewayId, PatientId, ReadingId
from vitals.patient import Assignment
from wire.messages import ReadingBatch, WireReading

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENROLLED = NOON - timedelta(days=60)
HOME, OTHER_HOME, CLOSED_HOME = GatewayId("gw-1"), GatewayId("gw-2"), GatewayId("gw-closed")
CUFF, SCALE, ELSEWHERE = DeviceId("cuff-1"), DeviceId("scale-1"), DeviceId("cuff-2")
ANNA, BERT = PatientId("p-anna"), PatientId("p-bert")


class Fields(TypedDict, total=False):
    """What a test changes about the cuff's reading."""

    id: str
    seq: int
    device: str
    measured_at: datetime
    received_at: datetime
    clock: str
    origin: str
    user_slot: int | None
    values: dict[str, float]
    quality: list[str]
    failure: str | None
    raw: str


def cuff_reading(fields: Fields | None = None) -> WireReading:
    """128/79 of slot 1 of the cuff, at noon, with some fields changed."""
    usual = WireReading(
        id="r1",
        seq=1,
        device=CUFF,
        profile="ble_blood_pressure",
        measured_at=NOON,
        received_at=NOON,
        user_slot=1,
        values={"systolic": 128.0, "diastolic": 79.0},
        raw="1680",
    )
    return msgspec.structs.replace(usual, **(fields or {}))


def message(
    *readings: WireReading | bytes, gateway: str = HOME, version: int = 1, sent_at: datetime = NOON
) -> bytes:
    """A message with these readings; bytes travel as they are."""
    parts = [one if isinstance(one, bytes) else msgspec.json.encode(one) for one in readings]
    return msgspec.json.encode(
        ReadingBatch(
            v=version,
            gateway=gateway,
            epoch="e1",
            sent_at=sent_at,
            readings=[msgspec.Raw(body) for body in parts],
        )
    )


def unpacked(*readings: WireReading | bytes, gateway: str = HOME, sent_at: datetime = NOON) -> Unpacked:
    """The same, taken apart again."""
    opened = unpack(message(*readings, gateway=gateway, sent_at=sent_at))
    assert isinstance(opened, Unpacked)
    return opened


def hub(stored: dict[ReadingId, DeviceId] | None = None, *more: Assignment) -> Known:
    """Slot 1 of the cuff is Anna's, slot 2 Bert's until noon; the whole scale is Anna's."""
    assigned = [
        assignment(CUFF, ANNA, user_slot=1),
        assignment(CUFF, BERT, user_slot=2, ends_at=NOON),
        assignment(SCALE, ANNA),
        *more,
    ]
    return Known(
        gateways={
            gateway_id: Gateway(
                gateway_id=gateway_id,
                label="",
                enrolled_at=ENROLLED,
                active=gateway_id != CLOSED_HOME,
                online=True,
                status_at=None,
                outbox_waiting=0,
                outbox_quarantined=0,
            )
            for gateway_id in (HOME, OTHER_HOME, CLOSED_HOME)
        },
        devices={
            device_id: Device(
                device_id=device_id,
                gateway_id=gateway_id,
                profile="ble_blood_pressure",
                label="",
                enrolled_at=ENROLLED,
                last_seen_at=None,
                battery_percent=None,
                clock_offset_s=None,
                needs_pairing=False,
            )
            for device_id, gateway_id in ((CUFF, HOME), (SCALE, HOME), (ELSEWHERE, OTHER_HOME))
        },
        assignments={
            device_id: [one for one in assigned if one.device_id == device_id]
            for device_id in (CUFF, SCALE, ELSEWHERE)
        },
        stored=stored or {},
    )


def assignment(
    device_id: DeviceId,
    patient_id: PatientId,
    *,
    user_slot: int | None = None,
    ends_at: datetime | None = None,
) -> Assignment:
    """The device, or a slot of it, is the patient's since it was enrolled."""
    return Assignment(
        device_id=device_id,
        patient_id=patient_id,
        user_slot=user_slot,
        starts_at=ENROLLED,
        ends_at=ends_at,
    )


def verdict(
    fields: Fields | None = None,
    *,
    sender: GatewayId = HOME,
    gateway: str | None = None,
    known: Known | None = None,
    sent_at: datetime | None = None,
    arrived_at: datetime = NOON + timedelta(seconds=2),
) -> Verdict:
    """The verdict on the cuff's reading with these fields changed."""
    one = unpacked(cuff_reading(fields), gateway=gateway or sender, sent_at=sent_at or NOON)
    return admit(one.parts[0], one, sender, known or hub(), arrived_at=arrived_at)
