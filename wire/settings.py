"""Where the broker is: the settings that every process on the broker shares."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from wire.broker import Broker


class MqttSettings(BaseSettings):
    """How to reach the broker. A process's own settings inherit from this."""

    model_config = SettingsConfigDict(env_prefix="HEARTHWARD_", extra="ignore")

    mqtt_host: str = Field(default="127.0.0.1", description="The broker's address.")
    mqtt_port: int = Field(default=1883, ge=1, le=65535, description="The broker's port.")
    mqtt_username: str | None = Field(default=None, description="The user to sign in to the broker as.")
    mqtt_password_file: Path | None = Field(
        default=None, description="A file that holds the broker password, and nothing else."
    )
    mqtt_ca_file: Path | None = Field(
        default=None,
        description="The certificate authority that signed the broker's certificate; unset: no TLS.",
    )

    def broker(self, client_id: str) -> Broker:
        """The broker, and our session there under `client_id`."""
        return Broker(
            host=self.mqtt_host,
            port=self.mqtt_port,
            client_id=client_id,
            username=self.mqtt_username,
            password_file=self.mqtt_password_file,
            ca_file=self.mqtt_ca_file,
        )
