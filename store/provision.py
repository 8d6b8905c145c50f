"""A fresh PostgreSQL's first hour: the role that the hub works as, and its database. Superuser's work."""

import psycopg
from psycopg import sql

from vitals.errors import HubError


class ProvisionRefused(HubError):
    """The server did not let its superuser in; the password on file is not the one it was made with."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"The database refuses its own administrator ({reason}): put back the secrets directory that was "
            "made with it, or start over with `make demo RESET=1`."
        )


def provision(
    superuser_url: str, superuser_password: str, *, role: str, password: str, database: str
) -> None:
    """Make the role (no superuser) and its database where they are missing, and set the role's password.

    Safe to repeat. Raises ProvisionRefused where the superuser cannot sign in.
    """
    try:
        connection = psycopg.connect(superuser_url, password=superuser_password, autocommit=True)
    except psycopg.OperationalError as error:
        raise ProvisionRefused(str(error).strip().splitlines()[-1]) from error
    with connection:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
        verb = sql.SQL("ALTER" if known else "CREATE")
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEROLE PASSWORD {}").format(
                verb, sql.Identifier(role), sql.Literal(password)
            )
        )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(role))
            )


def clone(superuser_url: str, superuser_password: str, *, template: str, database: str, owner: str) -> None:
    """Make a copy of a database that nobody is connected to. For tests: cheaper than migrating each time."""
    with psycopg.connect(superuser_url, password=superuser_password, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
                sql.Identifier(database), sql.Identifier(template), sql.Identifier(owner)
            )
        )


def drop(superuser_url: str, superuser_password: str, *, database: str) -> None:
    """Remove a database, ending the sessions that are still in it."""
    with psycopg.connect(superuser_url, password=superuser_password, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        )
