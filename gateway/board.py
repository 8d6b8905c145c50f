"""What this gateway knows of its devices beside their readings; it becomes the status that the hub keeps."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.outbox import Counts
from gateway.roster import EnrolledDevice, Roster
from gateway.visits import Visits
from vitals.ids import DeviceId, GatewayId
from wire import messages


@dataclass(slots=True, kw_only=True)
class DeviceNotes:
    """What is known of one device; None: not yet."""

    visits: Visits = field(default_factory=Visits)
    last_seen_at: datetime | None = None
    battery_percent: int | None = None
    clock_offset_s: float | None = None
    information_logged: bool = False
    frames: int = 0


class Board:
    """The notes on every enrolled device. `changed` is called when the hub should hear of it."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._roster = Roster(())
        self._notes: dict[DeviceId, DeviceNotes] = {}
        self._changed = changed

    def enrol(self, roster: Roster) -> None:
        """These are the devices from now on; what is known of those that stay is kept."""
        self._roster = roster
        self._notes = {
            device.device_id: self._notes.get(device.device_id, DeviceNotes()) for device in roster.devices
        }
        self._changed()

    def notes(self, device: EnrolledDevice) -> DeviceNotes:
        """The notes on one device, to read and to write."""
        return self._notes[device.device_id]

    def changed(self) -> None:
        """Something was written that the hub should hear of soon."""
        self._changed()

    def battery(self, address: str, percent: int) -> None:
        """BlueZ has read a battery."""
        device = self._roster.enrolled(address)
        if device is not None and self.notes(device).battery_percent != percent:
            self.notes(device).battery_percent = percent
            self._changed()

    def status(
        self, gateway_id: GatewayId, counts: Counts, *, online: bool, at: datetime
    ) -> messages.GatewayStatus:
        """The gateway's status as it is published."""
        return messages.GatewayStatus(
            v=messages.VERSION,
            gateway=gateway_id,
            online=online,
            at=at,
            outbox_waiting=counts.waiting,
            outbox_quarantined=counts.quarantined,
            devices=[self._device_status(device) for device in self._roster.devices],
        )

    def _device_status(self, device: EnrolledDevice) -> messages.DeviceStatus:
        notes = self.notes(device)
        return messages.DeviceStatus(
            device=device.device_id,
            profile=device.profile.name,
            last_seen_at=notes.last_seen_at,
            battery_percent=notes.battery_percent,
            clock_offset_s=notes.clock_offset_s,
            needs_pairing=notes.visits.needs_pairing,
        )
