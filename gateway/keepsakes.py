"""What one session with a device leaves for the next: a password, a consent, the last sequence number."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

from gateway.disk import sync_directory
from vitals.ids import DeviceId

log: structlog.types.FilteringBoundLogger = structlog.get_logger()


class Keepsakes:
    """One small file for each device, readable by the gateway only."""

    def __init__(self, gateway_directory: Path) -> None:
        self._directory = gateway_directory / "kept"

    def read(self, device_id: DeviceId) -> dict[str, bytes]:
        """What is kept; empty where nothing is, or where the file is damaged."""
        try:
            found = msgspec.json.decode(self._path(device_id).read_bytes(), type=dict[str, str])
            return {word: bytes.fromhex(value) for word, value in found.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            # ValueError: no hexadecimal, or no JSON at all. The device is asked for everything again.
            log.warning("keepsakes unreadable", device_id=device_id, reason=type(error).__name__)
            return {}

    def write(self, device_id: DeviceId, kept: Mapping[str, bytes]) -> None:
        """Keep this instead, durably. Where the disk does not take it, the next session starts afresh."""
        try:
            self._write(self._path(device_id), kept)
        except OSError as error:
            log.error("keepsakes not written", device_id=device_id, reason=type(error).__name__)

    def _write(self, path: Path, kept: Mapping[str, bytes]) -> None:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(".fresh")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(msgspec.json.encode({word: value.hex() for word, value in kept.items()}))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync_directory(self._directory)

    def _path(self, device_id: DeviceId) -> Path:
        return self._directory / f"{device_id}.json"
