"""`hearthward devices`: which devices the gateway can read, as the catalogue knows them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from device_profiles.profile import Profile

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def devices() -> None:
    """The devices that a gateway can read, each described by a device profile.

    A gateway reads the devices that its roster.toml names, each with the profile that knows its bytes.

    \b
    Example:
      hearthward devices list
    """


@app.command("list")
def list_devices() -> None:
    """List every device profile: its name (for roster.toml), the models it reads, and what proves it.

    \b
    Example:
      hearthward devices list
    """
    from device_profiles.catalog import PROFILES

    typer.echo(table(PROFILES))


def table(profiles: "Sequence[Profile]") -> str:
    """One line for each profile, in columns."""
    rows = [("profile", "evidence", "models")]
    rows += [(known.name, known.evidence.value, ", ".join(known.models)) for known in profiles]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    return "\n".join(
        f"{name:<{widths[0]}}  {evidence:<{widths[1]}}  {models}" for name, evidence, models in rows
    )
