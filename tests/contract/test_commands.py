"""The command line and the settings page say what the code does."""

import re

import pytest
import typer.main
from typer.testing import CliRunner

from hub.cli import app
from hub.configuration import SETTINGS_OF, settings_class, variables
from hub.settings_page import page, undescribed
from tests.harness.processes import ROOT

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def help_of(command: str) -> str:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0, shown.output
    return shown.output


def test_the_commands_of_production_are_there() -> None:
    expected = {"up", "gateway", "ingest", "alerts", "dashboard", "simulate", "migrate"}
    assert expected <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_and_explains_itself(command: str) -> None:
    said = help_of(command)
    assert f"hearthward {command}" in said.replace("\\\n", "")
    assert re.search(r"Examples?[:,]", said)
    assert len(said.split()) > 25


@pytest.mark.parametrize("command", sorted(SETTINGS_OF))
def test_help_names_every_setting_of_the_command_and_no_other(command: str) -> None:
    listed = help_of(command).split("Settings (docs/settings.md explains them):")[1]
    assert set(re.findall(r"HEARTHWARD_\w+", listed)) == set(variables(settings_class(command)))


@pytest.mark.parametrize("command", sorted(SETTINGS_OF))
def test_every_setting_is_explained(command: str) -> None:
    assert undescribed(settings_class(command)) == []


def test_the_settings_page_is_what_the_code_says() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == page(), "run `make docs`"
