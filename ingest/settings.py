"""What ingest is told from outside: the database and the broker."""

from pydantic import Field

from runtime.logs import LogFormat
from store.settings import DatabaseSettings
from wire.settings import MqttSettings


class IngestSettings(DatabaseSettings, MqttSettings):
    """The settings of `hearthward ingest`."""

    ingest_client_id: str = Field(
        default="ingest",
        description="Ingest's name at the broker: one ingest only may use it, and its session is kept by it.",
    )
    log_format: LogFormat = Field(default="console", description="How log lines look: console or json.")
