"""The dashboard's settings, read once at its start from HEARTHWARD_ variables."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from alerts.settings import PatientContentSettings
from runtime.logs import LogFormat


class DashboardSettings(PatientContentSettings):
    """Where the dashboard listens, and how long a sign-in lasts."""

    dashboard_host: str = Field(default="127.0.0.1", description="The address the dashboard listens on.")
    dashboard_port: int = Field(default=8050, description="The port the dashboard listens on.")
    dashboard_idle_minutes: int = Field(
        default=15,
        ge=1,
        description="Minutes without a key, a click or a touch after which a nurse is signed out.",
    )
    dashboard_session_hours: int = Field(
        default=12, ge=1, description="Hours after which everybody signs in again, busy or not."
    )
    dashboard_https: bool = Field(
        default=False, description="Whether browsers reach the dashboard over HTTPS: cookies are then Secure."
    )
    dashboard_threads: int = Field(
        default=8, ge=2, description="Database connections, and threads that wait for them."
    )
    dashboard_emergency_number: str = Field(
        default="112", description="The number that the patient's page says to call in an emergency."
    )
    notify_channels_file: Path | None = Field(
        default=None,
        description="The notifier's channels: by those that a patient has, they get their sign-in codes.",
    )
    log_format: LogFormat = Field(
        default="console", description="How log lines are written: console or json."
    )

    @property
    def idle(self) -> timedelta:
        """How long a session lives without its person doing anything."""
        return timedelta(minutes=self.dashboard_idle_minutes)

    @property
    def absolute(self) -> timedelta:
        """How long a session lives at most."""
        return timedelta(hours=self.dashboard_session_hours)
