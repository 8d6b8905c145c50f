"""What can go wrong with the outbox, and which error of SQLite means which."""

import sqlite3
from pathlib import Path

from vitals.errors import HubError

# What SQLite raises; the second comes of damaged text, even in its own messages.
SQLITE_ERRORS = (sqlite3.DatabaseError, UnicodeDecodeError)


class OutboxInUse(HubError):
    """Another gateway process has this outbox."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is in use by another gateway process: stop that one first")
        self.path = path


class OutboxTooNew(HubError):
    """A newer version of the gateway wrote this outbox."""

    def __init__(self, path: Path, version: int) -> None:
        super().__init__(f"{path} was written by a newer gateway (version {version}): install that one again")
        self.path = path
        self.version = version


class OutboxFull(HubError):
    """There is no room for another reading."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: the disk or the outbox's share of it is full")
        self.path = path


class OutboxDamaged(HubError):
    """The file is not as it was written."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} is damaged: {reason}")
        self.path = path
        self.reason = reason


class OutboxUnwritable(HubError):
    """The disk did not do what was asked."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be written: {reason}")
        self.path = path
        self.reason = reason


def translated(path: Path, error: sqlite3.DatabaseError | UnicodeDecodeError) -> HubError:
    """What an error of SQLite means for the outbox."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_FULL"):
        return OutboxFull(path)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return OutboxInUse(path)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or isinstance(error, UnicodeDecodeError):
        return OutboxDamaged(path, str(error))
    return OutboxUnwritable(path, f"{error} ({name})" if name else str(error))
