"""The schema goes one way, once, whoever starts first, and says plainly when it cannot."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from store.connection import connect
from store.migrate import (
    DatabaseBehind,
    DatabaseNewer,
    ExtensionsMissing,
    Migration,
    MigrationChanged,
    available,
    check,
    migrate,
    need_extensions,
)

PLAIN = [migration.name for migration in available() if not migration.requires_timescaledb]


def test_an_empty_database_gets_every_plain_migration_and_the_second_run_does_nothing(
    unmigrated_database_url: str,
) -> None:
    assert migrate(unmigrated_database_url) == PLAIN
    assert migrate(unmigrated_database_url) == []
    with connect(unmigrated_database_url, application="test") as connection:
        check(connection)


def test_parallel_starts_apply_each_migration_once(unmigrated_database_url: str) -> None:
    with ThreadPoolExecutor(4) as four:
        applied = list(four.map(migrate, [unmigrated_database_url] * 4))
    assert sorted(applied) == [[], [], [], PLAIN]


def test_a_database_of_a_newer_version_is_refused_in_one_sentence(database_url: str) -> None:
    with connect(database_url, application="test") as connection:
        connection.execute(
            "INSERT INTO schema_migrations (number, name, sha256) VALUES (9999, '9999_future.sql', 'x')"
        )
        with pytest.raises(DatabaseNewer, match=r"9999_future\.sql"):
            check(connection)
    with pytest.raises(DatabaseNewer, match="install the version"):
        migrate(database_url)


def test_a_migration_that_was_edited_after_it_was_applied_is_refused(database_url: str) -> None:
    with connect(database_url, application="test") as connection:
        connection.execute("UPDATE schema_migrations SET sha256 = 'edited' WHERE number = 1")
    with pytest.raises(MigrationChanged, match="0001_the_ward"):
        migrate(database_url)


def test_an_extension_that_the_server_does_not_have_is_named_with_what_to_install(database_url: str) -> None:
    ours = [
        Migration(number=1, name="0001_a.sql", sql="CREATE EXTENSION IF NOT EXISTS pg_trgm;\n"),
        Migration(number=2, name="0002_b.sql", sql="CREATE EXTENSION IF NOT EXISTS no_such_thing;\n"),
    ]
    with connect(database_url, application="test") as connection:
        need_extensions(connection, ours[:1])
        with pytest.raises(ExtensionsMissing, match=r"extension no_such_thing: .* contrib"):
            need_extensions(connection, ours)


def test_a_role_that_may_not_create_extensions_says_so_before_anything_is_made(
    unmigrated_database_url: str,
) -> None:
    with connect(unmigrated_database_url, application="test") as connection:
        database = connection.info.dbname
        connection.execute(f"REVOKE CREATE ON DATABASE {database} FROM PUBLIC, CURRENT_USER".encode())
        with pytest.raises(ExtensionsMissing, match="btree_gist, pg_trgm, unaccent: this role may not"):
            need_extensions(connection, available())


def test_a_process_whose_database_lost_an_extension_says_which(database_url: str) -> None:
    with connect(database_url, application="test") as connection:
        check(connection)
        connection.execute("DROP EXTENSION unaccent CASCADE")
        with pytest.raises(ExtensionsMissing, match="unaccent"):
            check(connection)


def test_a_process_that_starts_before_the_migrations_says_what_to_run(unmigrated_database_url: str) -> None:
    with (
        connect(unmigrated_database_url, application="test") as connection,
        pytest.raises(DatabaseBehind, match="hearthward migrate"),
    ):
        check(connection)
