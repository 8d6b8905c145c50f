"""The messages between gateway and hub: JSON, additive only, with a version in each.

Device ids and values only: no patient, no name. A gateway of the previous version must always be understood.
"""

from datetime import datetime

import msgspec

VERSION = 1


class WireReading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One reading as it travels. `seq` counts without a gap within the batch's `epoch`; `raw` is hex.

    Words and measures stay strings here: an unknown one must reach the hub's quarantine, not fail the batch.
    """

    id: str
    seq: int
    device: str
    profile: str
    measured_at: datetime
    received_at: datetime
    device_time: str | None = None
    clock: str = "fine"
    origin: str = "live"
    user_slot: int | None = None
    values: dict[str, float] = {}
    quality: list[str] = []
    failure: str | None = None
    raw: str = ""


class ReadingBatch(msgspec.Struct, frozen=True, kw_only=True):
    """Several readings of one gateway. `readings` stays raw so that one bad reading spoils only itself."""

    v: int
    gateway: str
    epoch: str
    sent_at: datetime
    readings: list[msgspec.Raw]


class DeviceStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the gateway knows of one enrolled device."""

    device: str
    profile: str | None = None
    last_seen_at: datetime | None = None
    battery_percent: int | None = None
    clock_offset_s: float | None = None
    needs_pairing: bool = False


class GatewayStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Retained. `online` false is the last will: the broker publishes it when the gateway falls silent."""

    v: int
    gateway: str
    online: bool
    at: datetime | None = None
    outbox_waiting: int = 0
    outbox_quarantined: int = 0
    devices: list[DeviceStatus] = []


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """A reading that the hub keeps for a person to look at, and why."""

    id: str
    reason: str


class Ack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the hub has committed: the only thing on which an outbox forgets."""

    v: int
    at: datetime
    stored: list[str] = []
    quarantined: list[Quarantined] = []
