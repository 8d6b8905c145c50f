"""What gateways say of themselves and their devices, kept for the stale rules and the screens."""

from datetime import datetime

import msgspec
import structlog

from store import devices, gateways
from store.connection import Connection, transaction
from store.devices import DeviceSaid
from store.errors import DataRefused
from store.gateways import GatewaySaid
from vitals.ids import DeviceId, GatewayId
from wire.broker import Message
from wire.messages import GatewayStatus
from wire.topics import gateway_of

log: structlog.types.FilteringBoundLogger = structlog.get_logger()

_status = msgspec.json.Decoder(GatewayStatus)


def note(connection: Connection, message: Message, *, now: datetime) -> bool:
    """Keep one status message; False where it is not one, or not from whom it says.

    A status is a snapshot that the gateway repeats: what cannot be used is logged and forgotten. Raises
    StoreUnavailable.
    """
    sender = gateway_of(message.topic)
    try:
        status = _status.decode(message.payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        log.warning("status refused", gateway_id=sender, reason="undecodable")
        return False
    if sender is None or status.gateway != sender or not _aware(status):
        log.warning("status refused", gateway_id=sender, reason="not its own, or without an offset from UTC")
        return False
    try:
        with transaction(connection):
            return _keep(connection, sender, status, now)
    except DataRefused as error:
        log.warning("status refused", gateway_id=sender, reason=str(error))
        return False


def _aware(status: GatewayStatus) -> bool:
    times = (status.at, *(device.last_seen_at for device in status.devices))
    return all(time is None or time.tzinfo is not None for time in times)


def _keep(connection: Connection, sender: GatewayId, status: GatewayStatus, now: datetime) -> bool:
    said = GatewaySaid(
        gateway_id=sender,
        online=status.online,
        said_at=status.at,
        # A last will was written before the gateway knew how full its outbox would be.
        outbox_waiting=status.outbox_waiting if status.online else None,
        outbox_quarantined=status.outbox_quarantined if status.online else None,
    )
    if not gateways.note(connection, said, now=now):
        log.warning("status refused", gateway_id=sender, reason="not enrolled or switched off")
        return False
    for device in status.devices:
        ours = devices.note(
            connection,
            DeviceSaid(
                device_id=DeviceId(device.device),
                gateway_id=sender,
                last_seen_at=device.last_seen_at,
                battery_percent=device.battery_percent,
                clock_offset_s=device.clock_offset_s,
                needs_pairing=device.needs_pairing,
            ),
            now=now,
        )
        if not ours:
            log.warning("status of a device refused", gateway_id=sender, device_id=device.device)
    return True
