"""`hearthward notify`: telling people of alerts, checking how, and putting contacts and rota in place."""

from pathlib import Path
from typing import Annotated

import typer

from hub import configuration
from hub.wards import chosen_ward
from runtime import logs
from runtime.clock import utc_now


def notify(
    check: Annotated[
        bool, typer.Option("--check", help="Only check the policy and the channels, and say every mistake.")
    ] = False,
    people: Annotated[
        Path | None, typer.Option(help="Make this file's contacts and shifts the ward's, and end.")
    ] = None,
    ward: Annotated[str | None, typer.Option(help="Whose, where the database has several wards.")] = None,
) -> None:
    """Tell people of alerts by mail, push, SMS, chat or webhook, and the next person where nobody answers.

    Without a channel and a contact nobody is told, and the log and the dashboard's heartbeat say so. No
    message names a patient. docs/notifications.md explains policy, channels, contacts and rota.

    \b
    Examples:
      HEARTHWARD_NOTIFY_CHANNELS_FILE=/run/secrets/channels.toml \\
      HEARTHWARD_DATABASE_URL=postgresql://hearthward@db/hearthward hearthward notify
      hearthward notify --check
      hearthward notify --people people.toml
    """
    from alerts.notify import worker
    from alerts.notify.settings import NotifySettings

    settings = configuration.load(NotifySettings)
    logs.configure("notify", settings.log_format)
    if check:
        _check(settings.notify_policy_file, settings.notify_channels_file)
    elif people is not None:
        _put_in_place(settings, people, ward)
    else:
        worker.run(settings)


def _check(policy_path: Path | None, channels_path: Path | None) -> None:
    """Say every mistake in both files, and end with code 1 where there is one."""
    from alerts.notify import channels, policy

    mistakes = policy.read(policy_path)[1] if policy_path is not None else []
    found, wrong = channels.read(channels_path) if channels_path is not None else ({}, [])
    mistakes += wrong
    if mistakes:
        raise policy.BrokenPolicy(mistakes)
    typer.echo(f"the policy is right; channels: {', '.join(sorted(found)) or 'none, so nobody is told'}")


def _put_in_place(settings: object, path: Path, ward: str | None) -> None:
    from alerts.notify import channels, people, worker
    from alerts.notify.settings import NotifySettings
    from store.connection import connect

    assert isinstance(settings, NotifySettings)
    opened = worker.open_channels(channels.load(settings.notify_channels_file))
    with connect(settings.conninfo(), application="notify-people") as connection:
        chosen = chosen_ward(connection, ward)
        done = people.put_in_place(connection, path, chosen, opened, author="command", now=utc_now())
    typer.echo(f"ward {chosen}: {len(done.contacts)} contacts and {len(done.shifts)} shifts are in place")
