"""What the database's errors mean to the rest: try again later, or never."""

from collections.abc import Generator
from contextlib import contextmanager

import psycopg

from vitals.errors import HubError

# SQLSTATE classes that pass by themselves: connection, authorisation while starting, transaction rollback,
# resources, object in use (lock timeout), operator intervention (shutdown, timeout), system, internal.
_PASSING = ("08", "28", "40", "53", "55", "57", "58", "XX")
# Read-only is a standby that we are connected to; 25P03 ends the session of whoever hung in a transaction.
_PASSING_STATES = frozenset({"25006", "25P03"})
# Somebody else holds what the statement needs: deadlock, serialization, lock timeout, statement timeout.
_BUSY = frozenset({"40P01", "40001", "55P03", "57014"})
# What the data themselves are to blame for; 54 is a value too large for an index or a row.
_DATA = ("22", "23", "54")


class StoreUnavailable(HubError):
    """The database cannot do it now; the same work may succeed later."""

    def __init__(self, sqlstate: str | None, why: str) -> None:
        super().__init__(f"the database is not available: {why}")
        self.sqlstate = sqlstate


class StoreBusy(StoreUnavailable):
    """Only this work is held up, by whoever holds its rows; the connection is whole, and others go on."""


class DataRefused(HubError):
    """The database refuses these data, now and always; `constraint` says which rule of ours they break."""

    def __init__(self, sqlstate: str | None, constraint: str | None, why: str) -> None:
        super().__init__(f"the database refuses the data: {why}")
        self.sqlstate = sqlstate
        self.constraint = constraint


def translated(error: psycopg.Error) -> HubError | None:
    """Our error for psycopg's; None for a mistake in our own SQL, which must be seen as it is.

    Only the primary message is kept: the detail of a constraint quotes values.
    """
    state = error.sqlstate
    why = error.diag.message_primary or str(error).strip().splitlines()[0]
    if state is None:  # said by psycopg or libpq, not by the server
        if isinstance(error, psycopg.DataError):
            return DataRefused(None, None, why)
        connection_level = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        return StoreUnavailable(None, why) if connection_level else None
    if state.startswith(_DATA):
        return DataRefused(state, error.diag.constraint_name, why)
    if state in _BUSY:
        return StoreBusy(state, why)
    if state.startswith(_PASSING) or state in _PASSING_STATES:
        return StoreUnavailable(state, why)
    return None


@contextmanager
def foreign_errors() -> Generator[None]:
    """Turn psycopg's errors inside the block into StoreUnavailable or DataRefused."""
    try:
        yield
    except psycopg.Error as error:
        ours = translated(error)
        if ours is None:
            raise
        raise ours from error
