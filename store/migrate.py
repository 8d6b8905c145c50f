"""The schema's one way forward: numbered .sql files, each applied once, in order, whoever starts first."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import psycopg
import structlog

from store.connection import Connection, connect, transaction
from store.errors import StoreUnavailable
from vitals.errors import HubError

_log = structlog.get_logger()

_LOCK = (
    0x68656172_74687764  # 'hearthwd': the same on every version, so that parallel starts wait for each other
)
_FILE_NAME = re.compile(r"(?P<number>\d{4})_[a-z0-9_]+\.sql")
_CREATES = re.compile(r"^CREATE EXTENSION IF NOT EXISTS (\w+);", re.MULTILINE)
_NEEDS_TIMESCALE = "-- requires timescaledb"

_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


class DatabaseNewer(HubError):
    """The database was migrated by a newer Hearthward than this one."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The database is newer than this program (it has migration {name}): "
            "install the version that made it, or a later one."
        )
        self.name = name


class DatabaseBehind(HubError):
    """The database lacks migrations that this program needs."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The database lacks migration {name}: run `hearthward migrate` first.")
        self.name = name


class MigrationChanged(HubError):
    """A migration file is not what was applied under its name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Migration {name} differs from what this database was made with: restore the file, "
            "or start over with an empty database."
        )
        self.name = name


class ExtensionsMissing(HubError):
    """The database lacks extensions that the tables need, and cannot have them as it is."""

    def __init__(self, names: Sequence[str], why: str) -> None:
        super().__init__(
            f"The database needs the PostgreSQL extension{'s' * (len(names) > 1)} {', '.join(names)}: {why}"
        )
        self.names = names


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file: its number, its name, its SQL and the digest of it."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Hex digest of the SQL."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def extensions(self) -> list[str]:
        """The extensions that it creates."""
        return _CREATES.findall(self.sql)

    @property
    def requires_timescaledb(self) -> bool:
        """Whether it is for databases with TimescaleDB only; the schema is correct without it."""
        return self.sql.startswith(_NEEDS_TIMESCALE)


def available() -> list[Migration]:
    """The migrations that come with this program, in order."""
    folder = files("store") / "migrations"
    found = [
        Migration(number=int(match["number"]), name=match.string, sql=entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if (match := _FILE_NAME.fullmatch(entry.name))
    ]
    return sorted(found, key=lambda migration: migration.number)


def migrate(conninfo: str) -> list[str]:
    """Bring the database up to this program; returns the names that were applied, in order.

    Safe to call from several processes at once. A migration that requires TimescaleDB is skipped, and logged,
    where the extension cannot be had; it is applied by the first call after the extension has come.
    Raises DatabaseNewer, MigrationChanged, ExtensionsMissing, StoreUnavailable.
    """
    ours = available()
    with connect(conninfo, application="migrate", statement_timeout=None) as connection:
        connection.execute("SELECT pg_advisory_lock(%(lock)s)", {"lock": _LOCK})
        with transaction(connection):
            connection.execute(_LEDGER)
        waiting = _waiting(connection, ours)
        if any(migration.requires_timescaledb for migration in waiting):
            why_not = _timescaledb_missing(connection, conninfo)
            if why_not is not None:
                waiting = _without_timescaledb(waiting, why_not)
        need_extensions(connection, ours)
        for migration in waiting:
            _apply(connection, migration)
    return [migration.name for migration in waiting]


def check(connection: Connection) -> None:
    """Whether this program and the database go together, for a process that starts.

    Raises DatabaseBehind, DatabaseNewer, MigrationChanged, ExtensionsMissing.
    """
    ours = available()
    row = connection.execute("SELECT to_regclass('schema_migrations') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        raise DatabaseBehind(ours[0].name)
    for migration in _waiting(connection, ours):
        if not migration.requires_timescaledb:
            raise DatabaseBehind(migration.name)
    missing = [name for name in _wanted(ours) if name not in _installed(connection)]
    if missing:
        raise ExtensionsMissing(missing, "they were dropped; run CREATE EXTENSION for each as its owner.")


def need_extensions(connection: Connection, migrations: Sequence[Migration]) -> None:
    """Whether this server and role can have what these migrations create. Raises ExtensionsMissing."""
    left = [name for name in _wanted(migrations) if name not in _installed(connection)]
    offered = {row[0] for row in connection.execute("SELECT name FROM pg_available_extensions").fetchall()}
    absent = [name for name in left if name not in offered]
    if absent:
        raise ExtensionsMissing(
            absent,
            "the server does not have them. They come with PostgreSQL's contrib modules "
            "(on Debian and Ubuntu with the server, on Red Hat in postgresql-contrib).",
        )
    row = connection.execute("SELECT has_database_privilege(current_database(), 'CREATE')").fetchone()
    if left and row is not None and not row[0]:
        raise ExtensionsMissing(
            left,
            "this role may not create them. Make it the database's owner, "
            "or have a superuser run CREATE EXTENSION for each.",
        )


def _wanted(migrations: Sequence[Migration]) -> list[str]:
    return [name for migration in migrations for name in migration.extensions]


def _installed(connection: Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT extname FROM pg_extension").fetchall()}


def _waiting(connection: Connection, ours: Sequence[Migration]) -> list[Migration]:
    rows = connection.execute("SELECT number, name, sha256 FROM schema_migrations ORDER BY number").fetchall()
    applied: dict[int, tuple[str, str]] = {number: (name, sha256) for number, name, sha256 in rows}
    known = {migration.number for migration in ours}
    for number, (name, _sha256) in applied.items():
        if number not in known:
            raise DatabaseNewer(name)
    for migration in ours:
        if migration.number in applied and applied[migration.number][1] != migration.sha256:
            raise MigrationChanged(migration.name)
    return [migration for migration in ours if migration.number not in applied]


def _apply(connection: Connection, migration: Migration) -> None:
    with transaction(connection):
        connection.execute(migration.sql.encode())
        connection.execute(
            "INSERT INTO schema_migrations (number, name, sha256) VALUES (%(number)s, %(name)s, %(sha256)s)",
            {"number": migration.number, "name": migration.name, "sha256": migration.sha256},
        )
    _log.info("migration applied", migration=migration.name)


def _timescaledb_missing(connection: Connection, conninfo: str) -> str | None:
    """None where TimescaleDB is there (now), else why not, in the server's words."""
    found = connection.execute(
        "SELECT installed_version IS NOT NULL FROM pg_available_extensions WHERE name = 'timescaledb'"
    ).fetchone()
    if found is None:
        return "the server does not have it"
    if found[0]:
        return None
    try:
        # On a connection of its own: a server that has not preloaded the library ends the whole session.
        with connect(conninfo, application="migrate") as trial, transaction(trial):
            trial.execute("CREATE EXTENSION timescaledb")
    except (StoreUnavailable, psycopg.Error) as error:
        return str(error)
    return None


def _without_timescaledb(waiting: Sequence[Migration], why: str) -> list[Migration]:
    for migration in waiting:
        if migration.requires_timescaledb:
            _log.info("migration skipped, no timescaledb", migration=migration.name, why=why)
    return [migration for migration in waiting if not migration.requires_timescaledb]
