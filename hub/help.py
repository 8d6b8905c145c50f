"""The part of `--help` that lists what a command can be told: read from its settings class, never by hand."""

from typing import Any, Protocol

import typer
from typer.core import TyperCommand, TyperGroup

from hub.configuration import settings_class, variables

HELP_PAGE: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""How every command is asked for its help page, and how wide that is."""


class _Page(Protocol):
    """What typer writes a help page on."""

    def write(self, string: str) -> None: ...


class WithSettings(TyperCommand):
    """A command of `hub.configuration.SETTINGS_OF`; its settings class is imported for `--help` only."""

    def format_epilog(self, ctx: object, formatter: _Page) -> None:
        """The environment variables, under a heading of their own."""
        _list_settings(self.name or "", formatter)


class GroupWithSettings(TyperGroup):
    """The same for a command that has commands of its own."""

    def format_epilog(self, ctx: object, formatter: _Page) -> None:
        """The environment variables, under a heading of their own."""
        _list_settings(self.name or "", formatter)


def command_group() -> typer.Typer:
    """A command with settings that only has commands of its own."""
    return typer.Typer(
        cls=GroupWithSettings, no_args_is_help=True, rich_markup_mode=None, context_settings=HELP_PAGE
    )


def _list_settings(command: str, page: _Page) -> None:
    page.write("\nSettings (docs/settings.md explains them):\n")
    for name in variables(settings_class(command)):
        page.write(f"  {name}\n")
