"""Where the database is: the settings that every process with a store shares."""

from pathlib import Path

from psycopg.conninfo import make_conninfo
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DatabaseSettings(BaseSettings):
    """How to reach the database. A process's own settings inherit from this."""

    model_config = SettingsConfigDict(env_prefix="HEARTHWARD_", extra="ignore")

    database_url: str = Field(
        default="postgresql:///hearthward",
        description="PostgreSQL connection URL, without the password.",
    )
    database_password_file: Path | None = Field(
        default=None, description="A file that holds the database password, and nothing else."
    )

    def conninfo(self) -> str:
        """What `store.connection` connects with, the password included: never log it.

        Raises OSError where the password file cannot be read.
        """
        if self.database_password_file is None:
            return make_conninfo(self.database_url)
        password = self.database_password_file.read_text(encoding="utf-8").rstrip("\r\n")
        return make_conninfo(self.database_url, password=password)
