"""The part of `--help` that lists what a command can be told: read from its settings class, never by hand."""

from typing import Protocol

from typer.core import TyperCommand, TyperGroup

from hub.configuration import settings_class, variables


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


def _list_settings(command: str, page: _Page) -> None:
    page.write("\nSettings (docs/settings.md explains them):\n")
    for name in variables(settings_class(command)):
        page.write(f"  {name}\n")
