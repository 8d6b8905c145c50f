"""The outbox's SQLite file: its shape, its checks, and what is carried over from a damaged one."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog

from gateway import record
from gateway.disk import sync_directory
from gateway.outbox_errors import (
    SQLITE_ERRORS,
    OutboxDamaged,
    OutboxTooNew,
    OutboxUnwritable,
    translated,
)
from gateway.record import Entry

log: structlog.types.FilteringBoundLogger = structlog.get_logger()

FILE_NAME = "outbox.sqlite"
VERSION = 1
PAGE_BYTES = 4096
# A second gateway on the same directory is refused after this; a killed one's lock is gone at once.
LOCK_WAIT_S = 2.0

# No version that will ever be; a number like this is damage.
_IMPOSSIBLE_VERSION = 1000

_SCHEMA = (
    """
    CREATE TABLE waiting (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        epoch TEXT NOT NULL,
        seq INTEGER NOT NULL,
        id TEXT NOT NULL UNIQUE,
        record BLOB NOT NULL,
        UNIQUE (epoch, seq)
    ) STRICT
    """,
    """
    CREATE TABLE quarantine (
        id TEXT PRIMARY KEY,
        record BLOB NOT NULL,
        reason TEXT NOT NULL,
        quarantined_at TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE numbering (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        epoch TEXT NOT NULL,
        next_seq INTEGER NOT NULL
    ) STRICT
    """,
)


@dataclass(slots=True)
class _Salvaged:
    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])
    quarantine: list[tuple[str, bytes, str, str]] = field(default_factory=list[tuple[str, bytes, str, str]])


def open_file(path: Path, *, epoch: str, now: datetime, max_bytes: int) -> sqlite3.Connection:
    """The file, locked, durable and sound; `epoch` is for a new one.

    A damaged file is set aside as it is, and a new one holds its good rows under their old numbers.
    Raises OutboxInUse, OutboxTooNew, OutboxFull or OutboxUnwritable.
    """
    _finish_swap(path, now)
    # SQLite empties the log when it opens and closes the file, so what lies in it is read first.
    log_bytes = _bytes(_log(path))
    emptied = path.exists() and path.stat().st_size == 0 and any(record.scan(log_bytes))
    try:
        file = _connect(path, epoch, max_bytes)
        damage = "the file is empty, its log is not" if emptied else _damage(file)
        if damage is None:
            _recover_torn_log(file, log_bytes)
            return file
        file.close()
    except OutboxDamaged as damaged:
        damage = damaged.reason
    salvaged = _salvage(path, log_bytes)
    ready = _ready(path)
    with closing(_connect(ready.with_suffix(".building"), epoch, max_bytes)) as built:
        _carry_over(built, salvaged)
    ready.with_suffix(".building").replace(ready)
    aside = _finish_swap(path, now)
    log.error("outbox damaged", reason=damage, salvaged=len(salvaged.entries), aside=str(aside))
    return _connect(path, epoch, max_bytes)


def insert(file: sqlite3.Connection, entry: Entry) -> int:
    """Put the entry in, and return its row; the transaction is the caller's."""
    cursor = file.execute(
        "INSERT INTO waiting (epoch, seq, id, record) VALUES (:epoch, :seq, :id, :record)",
        {"epoch": entry.epoch, "seq": entry.seq, "id": entry.reading_id, "record": record.seal(entry)},
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def _connect(path: Path, epoch: str, max_bytes: int) -> sqlite3.Connection:
    file = sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None)
    try:
        # Exclusive first, so that the log needs no shared memory file.
        file.execute("PRAGMA locking_mode = EXCLUSIVE")
        mode = file.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        file.execute("PRAGMA synchronous = FULL")
        file.execute("PRAGMA secure_delete = ON")
        file.execute(f"PRAGMA max_page_count = {max_bytes // PAGE_BYTES}")
        synchronous = file.execute("PRAGMA synchronous").fetchone()[0]
        if (mode, synchronous) != ("wal", 2):
            unsafe = f"journal {mode} with synchronous {synchronous} does not survive a power cut"
            raise OutboxUnwritable(path, unsafe)
        file.execute("BEGIN EXCLUSIVE")
        _shape(file, path, epoch)
        file.execute("COMMIT")
        sync_directory(path.parent)
    except SQLITE_ERRORS as error:
        file.close()
        raise translated(path, error) from error
    except BaseException:
        file.close()
        raise
    return file


def _shape(file: sqlite3.Connection, path: Path, epoch: str) -> None:
    version = file.execute("PRAGMA user_version").fetchone()[0]
    if not 0 <= version < _IMPOSSIBLE_VERSION:
        raise OutboxDamaged(path, f"version {version}")
    if version > VERSION:
        raise OutboxTooNew(path, version)
    if file.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").fetchone()[0]:
        return
    for statement in _SCHEMA:
        file.execute(statement)
    file.execute("INSERT INTO numbering (only, epoch, next_seq) VALUES (1, :epoch, 1)", {"epoch": epoch})
    file.execute(f"PRAGMA user_version = {VERSION}")


def _damage(file: sqlite3.Connection) -> str | None:
    """What is wrong with the file; None where every page and every row is as it was written."""
    try:
        found = file.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            return str(found).splitlines()[-1]
        for reading_id, sealed in file.execute(
            "SELECT id, record FROM waiting UNION ALL SELECT id, record FROM quarantine"
        ):
            entry = record.unseal(sealed)
            if entry is None or entry.reading_id != reading_id:
                return "a row's checksum does not match"
        if file.execute("SELECT count(*) FROM numbering").fetchone()[0] != 1:
            return "the numbering is gone"
    except SQLITE_ERRORS as error:
        return str(error)
    return None


def _recover_torn_log(file: sqlite3.Connection, log_bytes: bytes) -> None:
    """Put back the rows that SQLite dropped with the end of a damaged log: their numbers are free yet."""
    epoch, next_seq = file.execute("SELECT epoch, next_seq FROM numbering").fetchone()
    torn = {
        entry.seq: entry for entry in record.scan(log_bytes) if entry.epoch == epoch and entry.seq >= next_seq
    }
    if not torn:
        return
    file.execute("BEGIN")
    for _seq, entry in sorted(torn.items()):
        insert(file, entry)
    file.execute("UPDATE numbering SET next_seq = :next_seq", {"next_seq": max(torn) + 1})
    file.execute("COMMIT")
    log.error("outbox log torn", recovered=len(torn))


def _salvage(path: Path, log_bytes: bytes) -> _Salvaged:
    """All that can be had: what SQLite still reads, and every sealed row in the bytes, whole pages or not."""
    salvaged = _Salvaged()
    with suppress(*SQLITE_ERRORS), closing(sqlite3.connect(path, isolation_level=None)) as file:
        for direction in ("ASC", "DESC"):
            with suppress(*SQLITE_ERRORS):
                for (sealed,) in file.execute(f"SELECT record FROM waiting ORDER BY row {direction}"):
                    _keep(salvaged, record.unseal(sealed))
        with suppress(*SQLITE_ERRORS):
            for row in file.execute("SELECT id, record, reason, quarantined_at FROM quarantine"):
                entry = record.unseal(row[1])
                if entry is not None and (entry.reading_id, str, str) == (row[0], type(row[2]), type(row[3])):
                    salvaged.quarantine.append(row)
    for entry in (*record.scan(_bytes(path)), *record.scan(log_bytes)):
        _keep(salvaged, entry)
    for reading_id, *_ in salvaged.quarantine:
        salvaged.entries.pop(reading_id, None)
    return salvaged


def _keep(salvaged: _Salvaged, entry: Entry | None) -> None:
    if entry is not None:
        salvaged.entries.setdefault(entry.reading_id, entry)


def _carry_over(built: sqlite3.Connection, salvaged: _Salvaged) -> None:
    built.execute("BEGIN")
    taken: set[tuple[str, int]] = set()
    for entry in _by_age(salvaged.entries.values()):
        if (entry.epoch, entry.seq) not in taken:
            insert(built, entry)
            taken.add((entry.epoch, entry.seq))
    built.executemany(
        "INSERT OR IGNORE INTO quarantine (id, record, reason, quarantined_at) VALUES (?, ?, ?, ?)",
        salvaged.quarantine,
    )
    built.execute("COMMIT")


def _by_age(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.epoch, entry.seq))


def _finish_swap(path: Path, now: datetime) -> Path | None:
    """Put a salvaged file that stands ready in place; where the damaged one went. Repeatable."""
    ready = _ready(path)
    for leftover in (ready.with_suffix(".building"), _log(ready.with_suffix(".building"))):
        leftover.unlink(missing_ok=True)
    if not ready.exists():
        return None
    stem = f"outbox-damaged-{now:%Y%m%dT%H%M%SZ}"
    taken = len(list(path.parent.glob(f"{stem}*.sqlite")))
    aside = path.with_name(f"{stem}{f'-{taken}' if taken else ''}.sqlite")
    for old, new in ((_log(path), _log(aside)), (path, aside)):
        if old.exists():
            old.replace(new)
    ready.replace(path)
    sync_directory(path.parent)
    return aside


def _ready(path: Path) -> Path:
    return path.with_name(f"{path.name}.ready")


def _log(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise OutboxUnwritable(path, str(error)) from error
