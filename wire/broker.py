"""Where the broker is, what can happen on a connection to it, and what can go wrong: no library in sight."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vitals.errors import HubError


class BrokerUnavailable(HubError):
    """There is no usable connection to the broker now; the client goes on trying."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the broker is not available: {reason}")
        self.reason = reason


class BrokerSettingsRefused(HubError):
    """A file that the broker connection needs cannot be used; trying again will not help."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where the broker is and who we are there. The session outlives a lost connection by `session_expiry_s`.

    `receive_maximum` bounds the unacknowledged messages that the broker may send us: the back-pressure.
    """

    host: str
    port: int
    client_id: str
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    keepalive_s: int = 20
    session_expiry_s: int = 30 * 24 * 3600
    receive_maximum: int = 500
    retry_first_s: float = 1.0
    retry_cap_s: float = 60.0

    def password(self) -> str | None:
        """What the password file holds. Raises BrokerSettingsRefused."""
        if self.password_file is None:
            return None
        try:
            return self.password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = f"the password file cannot be read ({error})"
            raise BrokerSettingsRefused(self.password_file, reason) from error

    def tls_context(self) -> ssl.SSLContext | None:
        """What trusts the broker's certificate; None for a connection without TLS.

        Raises BrokerSettingsRefused.
        """
        if self.ca_file is None:
            return None
        try:
            return ssl.create_default_context(cafile=str(self.ca_file))
        except (OSError, ssl.SSLError) as error:
            raise BrokerSettingsRefused(self.ca_file, f"not a usable CA file ({error})") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Will:
    """What the broker publishes, retained, when this client falls silent."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The broker accepted us and every subscription of ours."""

    generation: int
    session_present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected:
    """A connection ended, or could not be made; no publication of it will be confirmed any more."""

    generation: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as it came; the broker keeps it until `MqttClient.acknowledge`."""

    topic: str
    payload: bytes
    retained: bool
    duplicate: bool
    generation: int
    mid: int
    qos: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """Names one publish call until its `Published` comes, or the `Disconnected` of its generation."""

    generation: int
    mid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The broker's answer to a publication; no promise of durability, which only the hub's Ack is."""

    publication: Publication
    delivered: bool
    reason: str


Event = Connected | Disconnected | Message | Published
Sink = Callable[[Event], None]
