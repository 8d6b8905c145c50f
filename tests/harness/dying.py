"""A connection that dies at the n-th of its statements, as by a `kill -9` of its process."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.rows import TupleRow

from store.connection import Connection


class Died(BaseException):
    """What no `except Exception` catches, as no process catches its own kill -9."""


def dying(monkeypatch: pytest.MonkeyPatch) -> Callable[[Connection, int], None]:
    """`die(connection, n)`: the connection's n-th statement from now on breaks the line and does not run."""
    whole = psycopg.Cursor.execute
    doomed: list[tuple[Connection, int]] = []

    def execute(self: psycopg.Cursor[TupleRow], *arguments: Any, **named: Any) -> psycopg.Cursor[TupleRow]:
        connection, left = doomed[-1] if doomed else (None, 0)
        if connection is not None and self.connection is connection:
            doomed[-1] = (connection, left - 1)
            if left == 1:
                connection.close()
                raise Died
        return whole(self, *arguments, **named)

    monkeypatch.setattr(psycopg.Cursor, "execute", execute)
    return lambda connection, statement: doomed.append((connection, statement))
