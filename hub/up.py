"""`hearthward up`: a whole ward on one machine, each process the one that production runs, watched over."""

import shutil
import signal
import time
from collections.abc import Callable

from hub import broker as mqtt
from hub import postgres, ward
from hub.accounts import Account, service_account
from hub.alone import alone
from hub.child import Child
from hub.places import Places, check_space, make, own_directory, places, secret, start_over
from hub.progress import Progress
from hub.settings import UpSettings
from hub.supervise import ProcessStuck, ProcessWillNotStart, Supervisor
from hub.ward import Ward
from runtime.ready import say_ready
from runtime.stop import stop_on_signals
from simulators.seed import DEMO_EMAIL, DEMO_PASSWORD
from simulators.ward import load_ward
from store import provision
from vitals.errors import HubError

_HUB = ("ingest", "alerts", "notify", "dashboard")
_RECOVERY_S = 600.0
"""A database that was killed replays its log before it accepts anybody."""
_PATIENCE_S = 10.0
_START_S = 60.0
_STOP_S = (2.5, 2.5, 1.0, 3.0)
"""How long homes, hub, broker and database may take to end; together less than the ten seconds we promise."""


class PortBusy(HubError):
    """Somebody listens on the dashboard's port."""

    def __init__(self, host: str, port: int) -> None:
        self.port = port
        super().__init__(
            f"Port {port} on {host} is in use by another program: choose another with "
            f"`make demo PORT={port + 1}`, or `hearthward up --port {port + 1}`."
        )


class ProgramMissing(HubError):
    """A program that the ward needs is not installed."""

    def __init__(self, program: str, package: str) -> None:
        self.program = program
        super().__init__(
            f"{program} is not installed, and the simulated Bluetooth needs it: "
            f"`apt-get install {package}` as root, then start again."
        )


def run(settings: UpSettings, *, anew: bool = False) -> None:
    """Start the ward, keep it running until we are asked to stop, and stop it. `anew`: forget the old one.

    Raises a HubError, whose text is one sentence, where it cannot be started; nothing is left running then.
    """
    progress = Progress()
    stopping = stop_on_signals(signal.SIGHUP)
    account = service_account()
    where = places(settings.home, account)
    with alone(where):
        _check_machine(settings, where)
        if anew:
            start_over(where)
            progress.say(f"started over: {where.home} is empty")
        make(where, account)
        supervisor = Supervisor(progress.say)
        try:
            if _start(_plan(settings, where, account), supervisor, progress, stopping.is_set):
                while not stopping.wait(0.1):
                    supervisor.tick()
        finally:
            _stop(supervisor, progress)


def _check_machine(settings: UpSettings, where: Places) -> None:
    """What can be known beforehand is said beforehand. Raises PortBusy, ProgramMissing, NoSpace."""
    host, port = settings.dashboard_host, settings.dashboard_port
    if mqtt.free_port(port, host) != port:
        raise PortBusy(host, port)
    if shutil.which("dbus-daemon") is None:
        raise ProgramMissing("dbus-daemon", "dbus")
    check_space(where.home)
    check_space(where.database)


def _plan(settings: UpSettings, where: Places, account: Account | None) -> Ward:
    """Who will run where. Touches nothing but the broker's directory."""
    own_directory(where.broker, account)
    return Ward(
        places=where,
        settings=settings,
        cluster=postgres.cluster(where.database, where.database_socket, account),
        broker=mqtt.Broker(
            kind=mqtt.kind_on_this_machine(),
            directory=where.broker,
            port=mqtt.free_port(settings.mqtt_port),
            account=account,
        ),
        homes=load_ward().homes,
    )


def _start(plan: Ward, supervisor: Supervisor, progress: Progress, stopping: Callable[[], bool]) -> bool:
    """Start everything in order; false where we were asked to stop meanwhile."""
    if plan.places.moved:
        progress.say(f"the database is in {plan.places.database}: its account cannot reach the ward's home")
    supervisor.start(_broker(plan))
    is_new = _start_database(plan, supervisor, progress)
    if not _servers_ready(plan, supervisor, progress, stopping):
        return False
    progress.say(f"database and broker ({plan.broker.kind}, port {plan.broker.port}) are ready")
    _provision(plan)
    if not supervisor.run_once(ward.job(plan, "migrate"), stopping):
        return False
    if is_new:
        progress.say("filling the ward: patients, devices, 60 days of history")
    if not supervisor.run_once(ward.job(plan, "seed"), stopping):
        return False
    ward.furnish(plan)
    ward.write_environment(plan)
    children = [*ward.hub_processes(plan), *ward.home_processes(plan)]
    for child in children:
        supervisor.start(child)
    progress.say(
        f"starting ingest, alerts, notify, the dashboard, and {len(plan.homes)} homes with a gateway in each"
    )
    if not supervisor.wait_ready([child.name for child in children], _START_S, stopping):
        return False
    progress.now_running(_block(plan, progress.elapsed_s))
    say_ready()
    return True


def _broker(plan: Ward) -> Child:
    ingest, gateways = ward.mqtt_passwords(plan)
    mqtt.prepare(plan.broker, ingest, gateways)
    return mqtt.child(plan.broker, plan.log("broker"))


def _start_database(plan: Ward, supervisor: Supervisor, progress: Progress) -> bool:
    """True where the database is new."""
    password = secret(plan.places.secrets, "database-superuser-password")
    log = plan.log("database")
    is_new = postgres.prepare(plan.cluster, password, log)
    progress.say("database: made a new one" if is_new else "database: found the one of last time")
    supervisor.start(postgres.child(plan.cluster, log))
    return is_new


def _servers_ready(
    plan: Ward, supervisor: Supervisor, progress: Progress, stopping: Callable[[], bool]
) -> bool:
    """Wait for database and broker, saying so where it takes long; false where we were asked to stop."""
    began = time.monotonic()
    while True:
        try:
            return supervisor.wait_ready(["database", "broker"], _PATIENCE_S, stopping)
        except ProcessStuck as stuck:
            waited_s = time.monotonic() - began
            if waited_s > _RECOVERY_S:
                raise
            progress.say(f"{stuck.name}: not ready after {waited_s:.0f} s; a recovery takes its time")
        except ProcessWillNotStart as failure:
            if failure.name == "database":
                raise postgres.explain(failure.log) from failure
            raise


def _provision(plan: Ward) -> None:
    provision.provision(
        plan.cluster.url(postgres.SUPERUSER, "postgres"),
        secret(plan.places.secrets, "database-superuser-password"),
        role=ward.ROLE,
        password=secret(plan.places.secrets, "database-password"),
        database=ward.DATABASE,
    )


def _block(plan: Ward, elapsed_s: float) -> str:
    home = plan.places.home
    return f"""
  The ward is running; its start took {elapsed_s:.1f} s.

    Dashboard    {plan.dashboard_url}
    Sign in      {DEMO_EMAIL}   password: {DEMO_PASSWORD}
    Stop         Ctrl-C
    Start over   make demo RESET=1
    Logs         {home / "logs"}
"""


def _stop(supervisor: Supervisor, progress: Progress) -> None:
    """Stop whatever runs: homes, then the hub, then what both stand on."""
    running = supervisor.names()
    if not running:
        return
    began = time.monotonic()
    progress.say("stopping")
    hub = [name for name in running if name in _HUB]
    homes = [name for name in running if name not in (*_HUB, "broker", "database")]
    supervisor.stop([homes, hub, ["broker"], ["database"]], _STOP_S)
    progress.say(f"stopped in {time.monotonic() - began:.1f} s; nothing is left running")
