"""Whether somebody at home has just asked to pair a device anew: a file per device, good for a few minutes.

A lost bond is never renewed by the gateway alone: whoever stood outside with a device of the same address
would be let in.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.roster import read_roster
from gateway.settings import GatewaySettings
from vitals.errors import HubError
from vitals.ids import DeviceId

WINDOW = timedelta(minutes=5)


class NotEnrolled(HubError):
    """The roster has no such device."""

    def __init__(self, device_id: str, known: Sequence[str]) -> None:
        super().__init__(f"The roster has no device {device_id!r}: there are {', '.join(known) or 'none'}.")
        self.device_id = device_id


class PairingDesk:
    """The requests in one directory."""

    def __init__(self, gateway_directory: Path) -> None:
        self._directory = gateway_directory / "pair"

    def open(self, device_id: DeviceId) -> None:
        """Allow a new bond with the device for as long as the window is. Raises OSError."""
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / device_id).touch()

    def is_open(self, device_id: DeviceId, now: datetime) -> bool:
        """Whether a new bond with the device is allowed now."""
        try:
            asked_s = (self._directory / device_id).stat().st_mtime
        except OSError:
            return False
        return abs(now - datetime.fromtimestamp(asked_s, tz=UTC)) <= WINDOW

    def close(self, device_id: DeviceId) -> None:
        """It has been paired."""
        (self._directory / device_id).unlink(missing_ok=True)


def allow(settings: GatewaySettings, device_id: str) -> None:
    """Allow a new bond with a device of this home. Raises NotEnrolled, RosterUnusable or OSError."""
    known = [device.device_id for device in read_roster(settings.roster_file).devices]
    if device_id not in known:
        raise NotEnrolled(device_id, known)
    PairingDesk(settings.gateway_directory).open(DeviceId(device_id))
