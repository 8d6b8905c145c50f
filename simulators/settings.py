"""What `hearthward simulate` is told from outside: which ward, and where its homes listen."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.logs import LogFormat
from simulators.ward import DEMO_WARD


class SimulatorSettings(BaseSettings):
    """The settings of `hearthward simulate`."""

    model_config = SettingsConfigDict(env_prefix="HEARTHWARD_", extra="ignore")

    simulator_directory: Path = Field(
        description="Where the simulated homes keep their bus sockets and memories; a short path.",
    )
    simulator_ward: Path = Field(
        default=DEMO_WARD,
        description="The file that describes the simulated ward.",
    )
    simulator_seed: int = Field(
        default=1,
        description="The same seed gives the same measurements.",
    )
    log_format: LogFormat = Field(default="console", description="How log lines look: console or json.")
