"""What the notifier is told from outside."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from alerts.settings import PatientContentSettings
from runtime.logs import LogFormat


class NotifySettings(PatientContentSettings):
    """The settings of `hearthward notify`."""

    model_config = SettingsConfigDict(env_prefix="HEARTHWARD_", extra="ignore")

    notify_channels_file: Path | None = Field(
        default=None,
        description="The secret file that names the channels: mail, push, webhooks; unset: nobody is told.",
    )
    notify_policy_file: Path | None = Field(
        default=None, description="Who is told, when, and who is next; unset: the policy that comes with us."
    )
    notify_hub_url: str = Field(
        default="http://127.0.0.1:8050",
        description="The dashboard's address as staff reach it: messages link to it.",
    )
    notify_patient_url: str | None = Field(
        default=None,
        description="The dashboard's address as patients reach their page; unset: the same as for staff.",
    )
    notify_tick_seconds: float = Field(
        default=1.0,
        gt=0,
        le=60,
        description="After how many seconds the notifier looks for work by itself.",
    )
    log_format: LogFormat = Field(default="console", description="How log lines look: console or json.")

    @property
    def tick(self) -> timedelta:
        """How long the notifier waits for a wake-up before it looks by itself."""
        return timedelta(seconds=self.notify_tick_seconds)
