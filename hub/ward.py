"""Which processes a ward on one machine consists of, and what each is told."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from hub import broker as mqtt
from hub import postgres
from hub.child import Child
from hub.places import Places, secret
from hub.readiness import ReadySocket
from hub.settings import UpSettings
from simulators.bluetooth.bus import bus_address, home_socket
from simulators.ward import Home, write_roster
from vitals.ids import GatewayId

DATABASE = "hearthward"
ROLE = "hearthward"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ward:
    """Everything that the processes need to know of each other."""

    places: Places
    settings: UpSettings
    cluster: postgres.Cluster
    broker: mqtt.Broker
    homes: Sequence[Home]

    @property
    def dashboard_url(self) -> str:
        """Where a browser on this machine finds it."""
        everywhere = self.settings.dashboard_host in {"0.0.0.0", "::"}
        host = "127.0.0.1" if everywhere else self.settings.dashboard_host
        return f"http://{host}:{self.settings.dashboard_port}"

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.places.logs / f"{name}.log"

    def bus_address(self, gateway_id: GatewayId) -> str:
        """The private D-Bus of one home: `simulate` makes it, the home's gateway uses it."""
        return bus_address(home_socket(self.simulated, gateway_id))

    @property
    def simulated(self) -> Path:
        """What the simulated devices remember, kept in the home; by a path short enough for their sockets."""
        return self.places.run / "homes"

    def gateway_directory(self, gateway_id: GatewayId) -> Path:
        """Where one home's gateway keeps its roster and its outbox."""
        return self.places.home / "gateways" / gateway_id


def mqtt_passwords(ward: Ward) -> tuple[str, Mapping[str, str]]:
    """The password of ingest, and those of the gateways by their ids; made on first use."""
    gateways = {str(home.gateway_id): _mqtt_password(ward, str(home.gateway_id)) for home in ward.homes}
    return _mqtt_password(ward, "ingest"), gateways


def furnish(ward: Ward) -> None:
    """Make what the homes need before their processes start: the devices' memory, each gateway's roster."""
    kept = ward.places.home / "simulated"
    kept.mkdir(mode=0o700, exist_ok=True)
    ward.simulated.unlink(missing_ok=True)
    ward.simulated.symlink_to(kept)
    for home in ward.homes:
        write_roster(home, ward.gateway_directory(home.gateway_id))


def write_environment(ward: Ward) -> None:
    """Leave the settings of this ward in its home, for a person's own commands to read."""
    settings = {
        **on_database(ward),
        **_on_broker(ward, "ingest"),
        "HEARTHWARD_SIMULATOR_DIRECTORY": str(ward.simulated),
        "HEARTHWARD_NOTIFY_HUB_URL": ward.dashboard_url,
    }
    path = ward.places.home / "environment"
    path.touch(mode=0o600)
    path.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items()))


def job(ward: Ward, name: str) -> Child:
    """`hearthward <name>` on the database, as a process that comes to an end by itself."""
    return Child(name=name, argv=_argv(name), log=ward.log(name), environment=on_database(ward))


def _command(ward: Ward, command: str, environment: Mapping[str, str], name: str = "") -> Child:
    """`hearthward <command>` as a process of this ward, under a `name` where the command's will not do."""
    name = name or command
    return Child(
        name=name,
        argv=_argv(command),
        log=ward.log(name),
        environment=environment,
        ready_socket=ReadySocket(ward.places.run / f"{name}.ready"),
    )


def _argv(command: str) -> tuple[str, ...]:
    """`-P`: whatever lies in the directory that we were started from is not imported."""
    return (sys.executable, "-P", "-m", "hub", command)


def on_database(ward: Ward) -> dict[str, str]:
    """What a process must be told to find the database."""
    return {
        "HEARTHWARD_DATABASE_URL": ward.cluster.url(ROLE, DATABASE),
        "HEARTHWARD_DATABASE_PASSWORD_FILE": str(ward.places.secrets / "database-password"),
    }


def hub_processes(ward: Ward) -> list[Child]:
    """Ingest, alerts, the notifier and the dashboard."""
    database = on_database(ward)
    return [
        _command(ward, "ingest", {**database, **_on_broker(ward, "ingest")}),
        _command(ward, "alerts", database),
        _command(ward, "notify", {**database, "HEARTHWARD_NOTIFY_HUB_URL": ward.dashboard_url}),
        _dashboard(ward),
    ]


def home_processes(ward: Ward) -> list[Child]:
    """The simulated devices of all homes, and each home's gateway."""
    simulate = _command(
        ward,
        "simulate",
        {"HEARTHWARD_SIMULATOR_DIRECTORY": str(ward.simulated)},
    )
    return [simulate, *(_gateway(ward, home) for home in ward.homes)]


def _gateway(ward: Ward, home: Home) -> Child:
    return _command(
        ward,
        "gateway",
        {
            **_on_broker(ward, str(home.gateway_id)),
            "HEARTHWARD_GATEWAY_ID": str(home.gateway_id),
            "HEARTHWARD_GATEWAY_DIRECTORY": str(ward.gateway_directory(home.gateway_id)),
            "DBUS_SYSTEM_BUS_ADDRESS": ward.bus_address(home.gateway_id),
        },
        name=str(home.gateway_id),
    )


def _dashboard(ward: Ward) -> Child:
    """Ready when its address answers: that is what a person is then told to open."""
    return Child(
        name="dashboard",
        argv=_argv("dashboard"),
        log=ward.log("dashboard"),
        environment={
            **on_database(ward),
            "HEARTHWARD_DASHBOARD_HOST": ward.settings.dashboard_host,
            "HEARTHWARD_DASHBOARD_PORT": str(ward.settings.dashboard_port),
        },
        is_ready=lambda: _answers(f"{ward.dashboard_url}/healthz"),
    )


def _answers(url: str) -> bool:
    """Whether an HTTP server answers there that all is well; no proxy is asked."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def _on_broker(ward: Ward, username: str) -> dict[str, str]:
    return {
        "HEARTHWARD_MQTT_HOST": mqtt.HOST,
        "HEARTHWARD_MQTT_PORT": str(ward.broker.port),
        "HEARTHWARD_MQTT_USERNAME": username,
        "HEARTHWARD_MQTT_PASSWORD_FILE": str(ward.places.secrets / f"mqtt-{username}"),
    }


def _mqtt_password(ward: Ward, username: str) -> str:
    return secret(ward.places.secrets, f"mqtt-{username}")
