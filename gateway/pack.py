"""How a reading is written down: in the outbox, and in the batches that travel to the hub."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from vitals.ids import GatewayId
from vitals.reading import Reading
from wire import messages


def reading_bytes(reading: Reading, seq: int) -> bytes:
    """The JSON of one reading with its place in the outbox: what waits on disk is what travels."""
    return msgspec.json.encode(
        messages.WireReading(
            id=reading.reading_id,
            seq=seq,
            device=reading.device_id,
            profile=reading.profile,
            measured_at=reading.measured_at,
            received_at=reading.received_at,
            device_time=reading.device_time,
            clock=reading.clock,
            origin=reading.origin,
            user_slot=reading.user_slot,
            values={measure.value: value for measure, value in reading.values.items()},
            quality=sorted(reading.quality),
            failure=reading.failure,
            raw=reading.raw.hex(),
        )
    )


def batch_bytes(
    gateway_id: GatewayId, epoch: str, bodies: Sequence[bytes], *, version: int, sent_at: datetime
) -> bytes:
    """The message that carries several readings of one epoch, each as it was written down."""
    return msgspec.json.encode(
        messages.ReadingBatch(
            v=version,
            gateway=gateway_id,
            epoch=epoch,
            sent_at=sent_at,
            readings=[msgspec.Raw(body) for body in bodies],
        )
    )
