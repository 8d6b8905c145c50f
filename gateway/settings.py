"""What the gateway is told from outside: who it is, where it keeps its things, and where the broker is."""

import re
from pathlib import Path

from pydantic import Field, field_validator

from runtime.logs import LogFormat
from vitals.ids import GatewayId
from wire.settings import MqttSettings

ROSTER_FILE = "roster.toml"
_GATEWAY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class GatewaySettings(MqttSettings):
    """The settings of `hearthward gateway`."""

    gateway_id: GatewayId = Field(description="This gateway's id at the hub: letters, digits, - and _.")
    gateway_directory: Path = Field(
        default=Path("/var/lib/hearthward-gateway"),
        description="Where the gateway keeps roster.toml and the readings that the hub does not have yet.",
    )
    gateway_adapter: str | None = Field(
        default=None, description="The Bluetooth adapter, such as hci0; unset: the first one."
    )
    gateway_sessions: int = Field(
        default=3, ge=1, le=8, description="How many devices may be connected at the same time."
    )
    gateway_connect_seconds: float = Field(
        default=15.0,
        gt=0,
        description="How long a device that advertises may take to connect, pairing included.",
    )
    gateway_outbox_mb: int = Field(
        default=256, ge=1, description="How much disk the waiting readings may take, in MiB."
    )
    log_format: LogFormat = Field(
        default="console", description="How log lines are written: console or json."
    )

    @field_validator("gateway_id")
    @classmethod
    def _fits_into_a_topic(cls, value: str) -> str:
        if not _GATEWAY_ID.fullmatch(value):
            raise ValueError("1 to 64 letters, digits, - and _ only, for it is part of MQTT topics")
        return value

    @property
    def roster_file(self) -> Path:
        """The list of this home's devices."""
        return self.gateway_directory / ROSTER_FILE
