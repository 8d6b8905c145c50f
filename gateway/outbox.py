"""The readings on this gateway's disk until the hub says that it has them."""

import sqlite3
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import structlog

from gateway import pack, record
from gateway.disk import Reserve, free_bytes
from gateway.outbox_errors import SQLITE_ERRORS, OutboxDamaged, OutboxFull, OutboxUnwritable, translated
from gateway.outbox_file import FILE_NAME, insert, open_file
from gateway.record import Entry
from vitals.reading import Reading
from wire.messages import Quarantined

log: structlog.types.FilteringBoundLogger = structlog.get_logger()

# Room kept beyond the quota, for the session that is under way when it fills up: a device's whole memory.
HEADROOM_BYTES = 2 << 20

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A reading that is safe on disk. `row` orders by arrival."""

    row: int
    epoch: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A row that waits for the hub."""

    row: int
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many readings wait for the hub, and how many it refused."""

    waiting: int
    quarantined: int


class Outbox:
    """Every method that changes something has committed to the disk when it returns.

    `incarnation` grows when a damaged file was replaced: rows that were read before mean nothing any more.
    """

    def __init__(
        self,
        directory: Path,
        *,
        new_epoch: Callable[[], str],
        now: Callable[[], datetime],
        quota_bytes: int = 256 << 20,
    ) -> None:
        """Open or create it; a damaged file is set aside and its good rows are carried over.

        Raises OutboxInUse, OutboxTooNew or OutboxUnwritable.
        """
        self._directory = directory
        self._path = directory / FILE_NAME
        self._new_epoch = new_epoch
        self._now = now
        self._quota_bytes = quota_bytes
        self._reserve = Reserve(directory / "reserve")
        self.incarnation = 0
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)  # the values in it are somebody's
        self._file = self._open()
        self._reserve.take()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def store(self, reading: Reading) -> Stored | None:
        """Commit the reading; None where its id is here already.

        A full or damaged file is helped once before it raises OutboxFull or OutboxUnwritable.
        """
        return self._insist(lambda: self._store(reading))

    def settle(self, stored: Sequence[str], quarantined: Sequence[Quarantined]) -> list[int]:
        """Forget what the hub has stored, set aside what it refused; the rows that no longer wait."""
        return self._insist(lambda: self._settle(stored, quarantined))

    def rows(self) -> list[int]:
        """The rows that wait, oldest first."""
        return self._insist(self._rows)

    def fetch(self, rows: Iterable[int]) -> list[Waiting]:
        """Those of the rows that still wait, in the order asked for; a damaged one is quarantined here."""
        before = self.incarnation
        found = self._insist(lambda: self._fetch(rows))
        return found if self.incarnation == before else []

    def counts(self) -> Counts:
        """What is in it."""
        return self._insist(self._counts)

    def has_room(self) -> bool:
        """Whether a session may start: asked first, for what a device has handed over it no longer keeps."""
        try:
            used_bytes = self._insist(self._used_bytes)
        except OutboxUnwritable as error:
            log.error("outbox unusable", reason=error.reason)
            return False
        if used_bytes >= self._quota_bytes or not self._reserve.take():
            return False
        return free_bytes(self._directory) > HEADROOM_BYTES

    def _store(self, reading: Reading) -> Stored | None:
        with self._transaction() as file:
            known = file.execute(
                "SELECT 1 FROM waiting WHERE id = :id UNION ALL SELECT 1 FROM quarantine WHERE id = :id",
                {"id": reading.reading_id},
            ).fetchone()
            if known is not None:
                return None
            epoch, seq = file.execute(
                "UPDATE numbering SET next_seq = next_seq + 1 RETURNING epoch, next_seq - 1"
            ).fetchone()
            body = pack.reading_bytes(reading, seq)
            row = insert(file, Entry(epoch=epoch, seq=seq, reading_id=reading.reading_id, body=body))
        return Stored(row=row, epoch=epoch, seq=seq)

    def _settle(self, stored: Sequence[str], quarantined: Sequence[Quarantined]) -> list[int]:
        at = self._now().isoformat()
        gone: list[int] = []
        with self._transaction() as file:
            for refused in quarantined:
                file.execute(
                    """
                    INSERT OR IGNORE INTO quarantine (id, record, reason, quarantined_at)
                    SELECT id, record, :reason, :at FROM waiting WHERE id = :id
                    """,
                    {"id": refused.id, "reason": refused.reason, "at": at},
                )
            for reading_id in (*stored, *(refused.id for refused in quarantined)):
                deleted = file.execute(
                    "DELETE FROM waiting WHERE id = :id RETURNING row", {"id": reading_id}
                ).fetchall()
                gone.extend(row for (row,) in deleted)
        return gone

    def _rows(self) -> list[int]:
        with self._translating() as file:
            return [row for (row,) in file.execute("SELECT row FROM waiting ORDER BY row")]

    def _fetch(self, rows: Iterable[int]) -> list[Waiting]:
        found: list[Waiting] = []
        damaged: list[Quarantined] = []
        with self._translating() as file:
            for row in rows:
                kept = file.execute(
                    "SELECT id, record FROM waiting WHERE row = :row", {"row": row}
                ).fetchone()
                if kept is None:
                    continue
                entry = record.unseal(kept[1])
                if entry is not None and entry.reading_id == kept[0]:
                    found.append(Waiting(row=row, entry=entry))
                else:
                    log.error("outbox row damaged", reading_id=kept[0], row=row)
                    damaged.append(Quarantined(id=kept[0], reason="damaged on the gateway's disk"))
        if damaged:
            self.settle([], damaged)
        return found

    def _counts(self) -> Counts:
        with self._translating() as file:
            waiting, quarantined = file.execute(
                "SELECT (SELECT count(*) FROM waiting), (SELECT count(*) FROM quarantine)"
            ).fetchone()
        return Counts(waiting=waiting, quarantined=quarantined)

    def _used_bytes(self) -> int:
        with self._translating() as file:
            pages, free, page_bytes = (
                file.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
        return (pages - free) * page_bytes

    @contextmanager
    def _translating(self) -> Generator[sqlite3.Connection]:
        try:
            yield self._file
        except SQLITE_ERRORS as error:
            raise translated(self._path, error) from error

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        with self._translating() as file:
            try:
                file.execute("BEGIN IMMEDIATE")
                yield file
                file.execute("COMMIT")
            finally:
                with suppress(*SQLITE_ERRORS):
                    if file.in_transaction:
                        file.execute("ROLLBACK")

    def _insist(self, action: Callable[[], Result]) -> Result:
        try:
            return action()
        except OutboxFull:
            if not self._reserve.give_up():
                raise
            log.error("outbox disk full", path=str(self._path))
        except OutboxDamaged as damaged:
            log.error("outbox damaged while open", reason=damaged.reason)
            with suppress(*SQLITE_ERRORS):
                self._file.close()
            self._file = self._open()
            self.incarnation += 1
        return action()

    def _open(self) -> sqlite3.Connection:
        return open_file(
            self._path,
            epoch=self._new_epoch(),
            now=self._now(),
            max_bytes=self._quota_bytes + HEADROOM_BYTES,
        )
