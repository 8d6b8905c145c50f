"""The embedded MQTT broker: which one this machine has, its configuration, its passwords, its command.

mosquitto where it is installed, else `iotcore` (rumqttd in a wheel). Loopback only. Neither is trusted with
durability: a gateway forgets a reading on the hub's own acknowledgement, never on the broker's.
"""

import base64
import hashlib
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hub.accounts import Account
from hub.child import Child

HOST = "127.0.0.1"
SEARCH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
_HASH_ROUNDS = 1000
"""The passwords are random and as long as a key, so that the rounds protect nothing."""


class BrokerKind(StrEnum):
    """The brokers that we know how to run."""

    MOSQUITTO = "mosquitto"
    IOTCORE = "iotcore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """One embedded broker."""

    kind: BrokerKind
    directory: Path
    """Its configuration; only the account can enter."""
    port: int
    account: Account | None


def kind_on_this_machine() -> BrokerKind:
    """mosquitto where it is installed: it has access rules for each user; iotcore has passwords only."""
    return BrokerKind.MOSQUITTO if shutil.which("mosquitto", path=SEARCH) else BrokerKind.IOTCORE


def free_port(wanted: int = 0, host: str = HOST) -> int:
    """The wanted port, or where it is taken (or 0) one that is free now."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise AssertionError("the system has no free port")


def prepare(broker: Broker, ingest_password: str, gateway_passwords: Mapping[str, str]) -> None:
    """Write the configuration: who may sign in, and with mosquitto also which topics each may touch.

    The user `ingest` reads what every gateway sends and answers each; a gateway's user is its id, and it has
    its own topics only.
    """
    passwords = {"ingest": ingest_password, **gateway_passwords}
    if broker.kind is BrokerKind.MOSQUITTO:
        _write(broker, "passwords", "".join(f"{user}:{_hashed(word)}\n" for user, word in passwords.items()))
        _write(broker, "access", ACCESS)
        _write(broker, "mosquitto.conf", _mosquitto_configuration(broker))
    else:
        _write(broker, "rumqttd.toml", _rumqttd_configuration(broker, passwords))


def child(broker: Broker, log: Path) -> Child:
    """The broker in the foreground. Ready means that it accepts connections."""
    if broker.kind is BrokerKind.MOSQUITTO:
        program = shutil.which("mosquitto", path=SEARCH) or "mosquitto"
        argv = (program, "-c", str(broker.directory / "mosquitto.conf"))
    else:
        configuration = str(broker.directory / "rumqttd.toml")
        # Its log writes a line for every packet below CRITICAL.
        argv = (sys.executable, "-m", "iotcore", "--config", configuration, "--log-level", "CRITICAL")
    return Child(
        name="broker",
        argv=argv,
        log=log,
        directory=Path("/"),
        # iotcore needs our Python, which the account may not be able to reach.
        account=broker.account if broker.kind is BrokerKind.MOSQUITTO else None,
        is_ready=lambda: accepts(broker.port),
    )


def accepts(port: int, host: str = HOST) -> bool:
    """Whether something accepts TCP connections there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


ACCESS = """\
user ingest
topic read hearthward/v1/+/up/#
topic write hearthward/v1/+/down/#
topic readwrite hearthward/v1/ingest/canary
topic read $SYS/broker/version

pattern write hearthward/v1/%u/up/#
pattern read hearthward/v1/%u/down/#
"""


def _mosquitto_configuration(broker: Broker) -> str:
    return f"""\
per_listener_settings false
listener {broker.port} {HOST}
allow_anonymous false
allow_zero_length_clientid false
password_file {broker.directory}/passwords
acl_file {broker.directory}/access
persistence false
max_queued_messages 1000000
max_inflight_messages 500
max_packet_size 131072
max_keepalive 120
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
log_type notice
connection_messages true
{f"user {broker.account.name}" if broker.account else ""}
"""


def _rumqttd_configuration(broker: Broker, passwords: Mapping[str, str]) -> str:
    users = "".join(f'"{user}" = "{password}"\n' for user, password in passwords.items())
    return f"""\
id = 0

[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 200
max_segment_size = 104857600
max_segment_count = 10

[v5.1]
name = "v5-1"
listen = "{HOST}:{broker.port}"
next_connection_delay_ms = 1
[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 131072
max_inflight_count = 500
[v5.1.connections.auth]
{users}"""


def _hashed(password: str) -> str:
    """mosquitto's password format 7: PBKDF2 with SHA-512."""
    salt = os.urandom(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _HASH_ROUNDS)
    return f"$7${_HASH_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _write(broker: Broker, name: str, text: str) -> None:
    path = broker.directory / name
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    if broker.account and broker.kind is BrokerKind.MOSQUITTO:
        os.chown(path, broker.account.uid, broker.account.gid)
