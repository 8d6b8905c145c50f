"""A connection to a database with a small ward in it."""

from collections.abc import Callable, Iterator

import pytest

from store.connection import Connection, connect
from tests.harness.dying import dying
from tests.harness.small_ward import small_ward


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """A connection of this test's own; the ward of `tests.harness.small_ward` is there."""
    with connect(database_url, application="test") as ours:
        small_ward(ours)
        yield ours


@pytest.fixture
def die(monkeypatch: pytest.MonkeyPatch) -> Callable[[Connection, int], None]:
    """`die(connection, n)`: the connection breaks at its n-th statement from now on."""
    return dying(monkeypatch)
