"""The one command, `hearthward`: each process of the hub, and `up`, which runs them all on one machine.

Each command imports what it runs when it runs: `--help` is quick, and a gateway box needs no dashboard.
"""

import sys
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from pydantic_settings import BaseSettings

from hub import (
    burden_command,
    calibrate_command,
    configuration,
    devices_command,
    gateway_command,
    notify_command,
    pause_command,
    pilot_command,
    rules_commands,
    staff_command,
    try_command,
    weekly_command,
    words_command,
)
from hub.help import HELP_PAGE, WithSettings
from runtime import logs
from vitals.errors import HubError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings=HELP_PAGE,
)

Settings = TypeVar("Settings", bound=BaseSettings)


app.add_typer(devices_command.app, name="devices")
app.add_typer(gateway_command.app, name="gateway")
app.add_typer(rules_commands.app, name="rules")
app.add_typer(pause_command.app, name="pause")
app.add_typer(staff_command.app, name="staff")
app.command(help=rules_commands.BACKTEST)(rules_commands.backtest)
app.command(cls=WithSettings)(notify_command.notify)
app.command(cls=WithSettings)(burden_command.burden)
app.command(cls=WithSettings)(pilot_command.pilot)
app.command("try", cls=WithSettings)(try_command.try_change)
app.command(cls=WithSettings)(calibrate_command.calibrate)
app.command(cls=WithSettings)(weekly_command.weekly)
app.command(cls=WithSettings)(words_command.words)


@app.callback()
def hearthward() -> None:
    """Hearthward: remote patient monitoring, from the cuff at home to the nurse's screen.

    To see a ward with simulated patients on this machine: hearthward up

    Every other command is one process of the hub; settings come from HEARTHWARD_ environment variables, which
    docs/settings.md explains.
    """


@app.command(cls=WithSettings)
def up(
    home: Annotated[
        Path | None, typer.Option(help="The ward's directory; default: .hearthward in this directory.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="The dashboard's port; default: 8050.")] = None,
    start_over: Annotated[
        bool, typer.Option("--start-over", help="Forget the ward of last time and begin with a fresh one.")
    ] = False,
) -> None:
    """Run a whole ward on this machine, with simulated patients; Ctrl-C stops it.

    It starts a PostgreSQL and an MQTT broker of its own, ingest, alerts, the dashboard, the simulated homes
    and a gateway in each, and prints the dashboard's address and a sign-in. A process that dies is started
    again. The ward is kept: the next `up` continues it.

    \b
    Examples:
      hearthward up
      hearthward up --port 8060 --home /srv/ward
      hearthward up --start-over

    """
    from hub import up as ward
    from hub.settings import UpSettings

    settings = configuration.load(UpSettings)
    chosen = {name: value for name, value in (("home", home), ("dashboard_port", port)) if value is not None}
    ward.run(settings.model_copy(update=chosen), anew=start_over)


@app.command(cls=WithSettings)
def ingest() -> None:
    """Store what the gateways send: each reading is admitted or set aside, committed, then acknowledged.

    \b
    Example:
      HEARTHWARD_DATABASE_URL=postgresql://hearthward@db/hearthward HEARTHWARD_MQTT_HOST=broker \\
      hearthward ingest

    """
    from ingest.consumer import run
    from ingest.settings import IngestSettings

    run(_settings("ingest", IngestSettings))


@app.command(cls=WithSettings)
def alerts() -> None:
    """Ask the rules of new observations and of missing ones, and raise, escalate and clear alerts.

    \b
    Example:
      HEARTHWARD_DATABASE_URL=postgresql://hearthward@db/hearthward hearthward alerts

    """
    from alerts.settings import AlertsSettings
    from alerts.worker import run

    run(_settings("alerts", AlertsSettings))


@app.command(cls=WithSettings)
def dashboard() -> None:
    """Serve the nurses' pages, the API and the live events.

    \b
    Example:
      HEARTHWARD_DATABASE_URL=postgresql://hearthward@db/hearthward hearthward dashboard

    """
    from dashboard.server import run
    from dashboard.settings import DashboardSettings

    run(_settings("dashboard", DashboardSettings))


@app.command(cls=WithSettings)
def simulate(
    values: Annotated[
        list[str] | None, typer.Argument(metavar="[MEASURE=VALUE]...", help="What --measure measures.")
    ] = None,
    measure: Annotated[
        str | None,
        typer.Option(metavar="DEVICE_ID", help="Let a device of the running ward measure now, and end."),
    ] = None,
) -> None:
    """Run the simulated homes: Bluetooth devices in software that a real gateway connects to.

    Each home has a private D-Bus under the directory; a gateway reaches the home's devices when its
    DBUS_SYSTEM_BUS_ADDRESS names that bus. `hearthward up` does all of this by itself.

    With --measure it prints the id of the reading, by which it can be followed to the hub.

    \b
    Examples:
      HEARTHWARD_SIMULATOR_DIRECTORY=/run/ward hearthward simulate
      HEARTHWARD_SIMULATOR_DIRECTORY=/run/ward \\
      hearthward simulate --measure d-2b7f16d3 systolic=182 diastolic=104

    """
    from simulators.settings import SimulatorSettings

    settings = _settings("simulate", SimulatorSettings)
    if measure is not None:
        from simulators.control import TakeMeasurement, ask, read_values

        wanted = TakeMeasurement(device_id=measure, values=read_values(values or []))
        typer.echo(ask(settings.simulator_directory, wanted).reading_id)
        return
    from simulators.fleet import run

    run(settings)


@app.command(cls=WithSettings)
def seed() -> None:
    """Fill an empty database with the simulated ward: patients, devices, 60 days of history, staff.

    A database that has a ward already is left as it is. For demonstrations only: it makes a sign-in whose
    password everybody knows.

    \b
    Example:
      HEARTHWARD_DATABASE_URL=postgresql:///hearthward hearthward seed

    """
    from simulators.seed import run
    from store.settings import DatabaseSettings

    run(_settings("seed", DatabaseSettings))


@app.command(cls=WithSettings)
def migrate() -> None:
    """Bring the database's tables up to this release. Safe to repeat, and to run from several places at once.

    \b
    Example:
      HEARTHWARD_DATABASE_URL=postgresql://hearthward@db/hearthward hearthward migrate

    """
    from store.migrate import migrate as bring_up
    from store.settings import DatabaseSettings

    applied = bring_up(_settings("migrate", DatabaseSettings).conninfo())
    typer.echo(f"applied: {', '.join(applied)}" if applied else "nothing to do: the tables are up to date")


def _settings(process: str, wanted: type[Settings]) -> Settings:
    """This process's settings, with its logging set up."""
    settings = configuration.load(wanted)
    logs.configure(process, getattr(settings, "log_format", "console"))
    return settings


def main() -> None:
    """The console script. What we foresaw ends with one sentence on standard error, never a traceback."""
    try:
        app()
    except configuration.ConfigurationMistakes as mistakes:
        _give_up(str(mistakes), code=2)
    except HubError as error:
        _give_up(str(error), code=1)
    except KeyboardInterrupt:
        sys.exit(130)


def _give_up(sentence: str, code: int) -> None:
    typer.echo(f"hearthward: {sentence}", err=True)
    sys.exit(code)
