"""How a process reaches the database: connections, transactions, the pool, and waiting for notifications."""

import select
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import psycopg
from psycopg import Copy, sql
from psycopg.abc import Params, Query, QueryNoTemplate
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.copy import Writer
from psycopg.rows import Row, TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from store.errors import StoreUnavailable, foreign_errors

Connection = psycopg.Connection[TupleRow]
Pool = ConnectionPool[Connection]

STATEMENT_TIMEOUT = timedelta(seconds=30)
IDLE_IN_TRANSACTION = timedelta(seconds=60)
"""A process that hangs with a transaction open is cut off: others wait for the rows that it holds."""
_CONNECT_TIMEOUT_S = 5
# A database host that vanishes without a word is noticed after about 20 s, not after TCP's 15 minutes.
_TCP = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 20_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One NOTIFY: a hint that something changed, never the change itself."""

    channel: str
    payload: str


def known_as(application: str) -> str:
    """What a process's connections are called in the server's list of sessions."""
    return f"hearthward-{application}"


def _session(
    conninfo: str,
    application: str,
    statement_timeout: timedelta | None,
    lock_timeout: timedelta | None = None,
    idle_in_transaction: timedelta = IDLE_IN_TRANSACTION,
) -> str:
    limits = {
        "statement_timeout": statement_timeout,
        "lock_timeout": lock_timeout,
        "idle_in_transaction_session_timeout": idle_in_transaction,
    }
    asked = [str(conninfo_to_dict(conninfo).get("options") or ""), "-c timezone=UTC"]
    asked += [f"-c {name}={_milliseconds(limit)}" for name, limit in limits.items()]
    options = " ".join(asked).strip()
    return make_conninfo(
        conninfo,
        application_name=known_as(application),
        connect_timeout=_CONNECT_TIMEOUT_S,
        options=options,
        **_TCP,
    )


def _milliseconds(limit: timedelta | None) -> int:
    return 0 if limit is None else int(limit.total_seconds() * 1000)


class _Cursor(psycopg.Cursor[Row]):
    """A cursor whose errors are ours wherever it is used, inside a transaction or not."""

    def execute(  # pyright: ignore[reportIncompatibleMethodOverride]  # templates come with Python 3.14
        self,
        query: QueryNoTemplate,
        params: Params | None = None,
        *,
        prepare: bool | None = None,
        binary: bool | None = None,
    ) -> Self:
        with foreign_errors():
            return super().execute(query, params, prepare=prepare, binary=binary)

    def executemany(self, query: Query, params_seq: Iterable[Params], *, returning: bool = False) -> None:
        with foreign_errors():
            super().executemany(query, params_seq, returning=returning)

    @contextmanager
    def copy(
        self, statement: Query, params: Params | None = None, *, writer: Writer | None = None
    ) -> Generator[Copy]:
        with foreign_errors(), super().copy(statement, params, writer=writer) as copy:
            yield copy


def connect(
    conninfo: str,
    *,
    application: str,
    statement_timeout: timedelta | None = STATEMENT_TIMEOUT,
    lock_timeout: timedelta | None = None,
    idle_in_transaction: timedelta = IDLE_IN_TRANSACTION,
) -> Connection:
    """A connection in autocommit, its session in UTC; changes go through `transaction`.

    `statement_timeout` None: statements may take for ever. `lock_timeout`: so long one waits for a row that
    somebody holds, before it raises StoreBusy. `idle_in_transaction`: a transaction in which nothing is asked
    for so long is undone, and the connection lost. Raises StoreUnavailable.
    """
    session = _session(conninfo, application, statement_timeout, lock_timeout, idle_in_transaction)
    with foreign_errors():
        return psycopg.connect(session, autocommit=True, cursor_factory=_Cursor)


def say_something(connection: Connection) -> None:
    """Let the server know that whoever has the transaction open is at work, and does not hang."""
    connection.execute("SELECT 1")


@contextmanager
def transaction(connection: Connection) -> Generator[Connection]:
    """Everything in the block is committed, or nothing. Raises StoreUnavailable and DataRefused.

    Within another transaction it is a savepoint. When the commit itself raises StoreUnavailable nobody can
    tell whether it happened: whoever retries must be idempotent.
    """
    with foreign_errors(), connection.transaction():
        yield connection


def pool(
    conninfo: str,
    *,
    application: str,
    min_size: int = 1,
    max_size: int = 8,
    timeout: timedelta = timedelta(seconds=5),
    statement_timeout: timedelta | None = STATEMENT_TIMEOUT,
) -> Pool:
    """A pool of such connections, opened without waiting for the first. Close it, or use it in a `with`.

    `timeout` bounds the wait in `borrow`.
    """
    return ConnectionPool(
        _session(conninfo, application, statement_timeout),
        connection_class=Connection,
        kwargs={"autocommit": True, "cursor_factory": _Cursor},
        min_size=min_size,
        max_size=max_size,
        timeout=timeout.total_seconds(),
        check=_check_connection,
        name=application,
        open=True,
    )


def _check_connection(connection: Connection) -> None:
    """After a restart of the database the dead ones go first. Raises psycopg.OperationalError.

    A connection at rest has nothing to read; one that was closed has its end, or the server's last words.
    Only then is the server asked: asking always would cost every request a round trip.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        ConnectionPool.check_connection(connection)


@contextmanager
def borrow(connections: Pool) -> Generator[Connection]:
    """A connection of the pool for the block, in one transaction. Raises StoreUnavailable, DataRefused."""
    try:
        with foreign_errors(), connections.connection() as connection, connection.transaction():
            yield connection
    except PoolTimeout as error:
        raise StoreUnavailable(None, str(error)) from error


@contextmanager
def borrow_for_one_read(connections: Pool) -> Generator[Connection]:
    """The same for a single statement that reads: alone it needs no transaction, nor its two round trips."""
    try:
        with foreign_errors(), connections.connection() as connection:
            yield connection
    except PoolTimeout as error:
        raise StoreUnavailable(None, str(error)) from error


def listen(connection: Connection, *channels: str, tick: timedelta) -> Iterator[tuple[Notification, ...]]:
    """Wait on channels for ever: yields what arrived, at once, or an empty tuple after each `tick`.

    The connection is the iterator's own as long as it runs. A notification is only a hint: the caller looks
    at the tables on every tick too. Raises StoreUnavailable when the connection is lost.
    """
    with foreign_errors():
        for channel in channels:
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
    while True:
        with foreign_errors():
            arrived = tuple(
                Notification(channel=notify.channel, payload=notify.payload)
                for notify in connection.notifies(timeout=tick.total_seconds(), stop_after=1)
            )
        yield arrived
