"""The migrations that come with the program can be told apart, and each says why it is there."""

import re
from collections import Counter

import pytest

from store.migrate import Migration, available

MIGRATIONS = available()


def test_no_two_migrations_have_one_number() -> None:
    numbers = Counter(migration.number for migration in MIGRATIONS)
    assert [number for number, count in numbers.items() if count > 1] == []


@pytest.mark.parametrize("migration", MIGRATIONS, ids=lambda migration: migration.name)
def test_a_migration_opens_with_its_why(migration: Migration) -> None:
    opening = migration.sql.removeprefix("-- requires timescaledb\n")
    assert opening.startswith("-- Why: ")


@pytest.mark.parametrize("migration", MIGRATIONS, ids=lambda migration: migration.name)
def test_only_a_migration_that_says_so_needs_timescaledb(migration: Migration) -> None:
    uses = re.search(r"create_hypertable|timescaledb\.|add_compression_policy|time_bucket", migration.sql)
    assert (uses is not None) is migration.requires_timescaledb
