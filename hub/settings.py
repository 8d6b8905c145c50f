"""What `hearthward up` can be told."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class UpSettings(BaseSettings):
    """Where a ward on one machine keeps its things, and where its dashboard listens."""

    model_config = SettingsConfigDict(env_prefix="HEARTHWARD_", extra="ignore")

    home: Path = Field(
        default=Path(".hearthward"),
        description="The directory of a ward on one machine: its database, its secrets, its logs.",
    )
    dashboard_host: str = Field(default="127.0.0.1", description="The address the dashboard listens on.")
    dashboard_port: int = Field(
        default=8050, ge=1, le=65535, description="The port the dashboard listens on."
    )
    mqtt_port: int = Field(
        default=1883,
        ge=1,
        le=65535,
        description="The broker's port. `up` takes another where this one is busy.",
    )
