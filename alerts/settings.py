"""What the alert worker is told from outside."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from runtime.logs import LogFormat
from store.settings import DatabaseSettings


class RulebookSettings(DatabaseSettings):
    """Which rules are in force; for every process that reads them."""

    alerts_programmes: Path | None = Field(
        default=None,
        description="A directory with the clinic's own programme files; without it, those that come with us.",
    )


class PatientContentSettings(RulebookSettings):
    """Which words the clinic says to its patients; for every process that says them."""

    patient_content: Path | None = Field(
        default=None,
        description="The directory with the clinic's own words for its patients; unset: the words we ship.",
    )


class AlertsSettings(RulebookSettings):
    """The settings of `hearthward alerts`."""

    model_config = SettingsConfigDict(env_prefix="HEARTHWARD_", extra="ignore")

    log_format: LogFormat = Field(default="console", description="How log lines look: console or json.")
    alerts_tick_seconds: float = Field(
        default=1.0,
        gt=0,
        le=60,
        description="After how many seconds the alert worker looks for work by itself.",
    )
    alerts_batch: int = Field(
        default=64,
        ge=1,
        le=500,
        description="How many patients the alert worker evaluates in one transaction.",
    )

    alerts_remembered_readings: int = Field(
        default=400_000,
        ge=0,
        description="Of how many readings the alert worker keeps what it knows in memory (about 1 kB each).",
    )

    @property
    def tick(self) -> timedelta:
        """How long the worker waits for a wake-up before it looks by itself."""
        return timedelta(seconds=self.alerts_tick_seconds)
