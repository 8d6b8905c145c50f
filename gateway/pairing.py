"""Whether somebody at home has just asked to pair a device anew: a file per device, good for a few minutes.

A lost bond is never renewed by the gateway alone: whoever stood outside with a device of the same address
would be let in.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from vitals.ids import DeviceId

WINDOW = timedelta(minutes=5)


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
