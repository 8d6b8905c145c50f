"""The disk under the outbox: what is left of it, a reserve to give up, and names that survive a power cut."""

import os
import shutil
from pathlib import Path

RESERVE_BYTES = 1 << 20


def sync_directory(directory: Path) -> None:
    """Make the names in the directory durable; a file's own fsync does not."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def free_bytes(directory: Path) -> int:
    """What an ordinary process may still write there."""
    return shutil.disk_usage(directory).free


class Reserve:
    """A file that only takes up room: on a full disk even forgetting needs some, and this gives it up."""

    def __init__(self, path: Path, size_bytes: int = RESERVE_BYTES) -> None:
        self._path = path
        self._size_bytes = size_bytes

    def take(self) -> bool:
        """Occupy the room; False where there is none (any more)."""
        try:
            if self._path.exists() and self._path.stat().st_size >= self._size_bytes:
                return True
            with self._path.open("wb") as file:
                # Written, not seeked: a hole would reserve nothing.
                file.write(bytes(self._size_bytes))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            self.give_up()
            return False
        return True

    def give_up(self) -> bool:
        """Free the room; False where it was free already."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True
