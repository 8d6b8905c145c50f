"""How a process gets its settings: from HEARTHWARD_ variables, once, with every mistake said at once."""

import difflib
import importlib
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from vitals.errors import HubError

PREFIX = "HEARTHWARD_"
SETTINGS_OF: Mapping[str, str] = {
    "up": "hub.settings:UpSettings",
    "gateway": "gateway.settings:GatewaySettings",
    "ingest": "ingest.settings:IngestSettings",
    "alerts": "alerts.settings:AlertsSettings",
    "notify": "alerts.notify.settings:NotifySettings",
    "dashboard": "dashboard.settings:DashboardSettings",
    "simulate": "simulators.settings:SimulatorSettings",
    "burden": "alerts.settings:RulebookSettings",
    "calibrate": "alerts.settings:RulebookSettings",
    "pause": "store.settings:DatabaseSettings",
    "staff": "alerts.notify.settings:NotifySettings",
    "weekly": "store.settings:DatabaseSettings",
    "pilot": "alerts.settings:RulebookSettings",
    "try": "alerts.settings:RulebookSettings",
    "seed": "store.settings:DatabaseSettings",
    "words": "alerts.settings:PatientContentSettings",
    "migrate": "store.settings:DatabaseSettings",
}
"""Which class each command reads. Named, not imported: a command loads only its own, and starts quickly."""

_PRIVATE = ("PASSWORD", "SECRET", "KEY", "URL", "TOKEN")
_SIMILAR = 0.75

Settings = TypeVar("Settings", bound=BaseSettings)


class ConfigurationMistakes(HubError):
    """The settings do not do; `mistakes` has one sentence for each."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        listed = "".join(f"\n  - {mistake}" for mistake in self.mistakes)
        super().__init__(f"These settings need a correction (docs/settings.md explains each):{listed}")


def variables(settings: type[BaseSettings]) -> tuple[str, ...]:
    """The environment variables that a settings class reads."""
    return tuple(f"{PREFIX}{field.upper()}" for field in settings.model_fields)


def settings_class(command: str) -> type[BaseSettings]:
    """The settings class of a command."""
    module, name = SETTINGS_OF[command].split(":")
    found: type[BaseSettings] = getattr(importlib.import_module(module), name)
    return found


def load(settings: type[Settings]) -> Settings:
    """The settings of this process from its environment. Raises ConfigurationMistakes."""
    given = {name.upper(): value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}
    mistakes = _unknown(given, variables(settings))
    try:
        loaded = settings()
    except ValidationError as error:
        raise ConfigurationMistakes([*_refused(error, given), *mistakes]) from error
    mistakes += _unreadable(loaded)
    if mistakes:
        raise ConfigurationMistakes(mistakes)
    return loaded


def _unknown(given: Mapping[str, str], own: Collection[str]) -> list[str]:
    """One sentence for each variable with our prefix that no process reads: it is misspelt.

    The other processes' settings are looked at only where there is a stranger.
    """
    strangers = [name for name in given if name not in own]
    if not strangers:
        return []
    known = set(own).union(*(variables(settings_class(command)) for command in SETTINGS_OF))
    mistakes: list[str] = []
    for name in strangers:
        if name in known:
            continue
        similar = difflib.get_close_matches(name, sorted(known), n=1, cutoff=_SIMILAR)
        hint = f": did you mean {similar[0]}?" if similar else "; unset it."
        mistakes.append(f"{name} is not a setting of Hearthward{hint}")
    return mistakes


def _refused(error: ValidationError, given: Mapping[str, str]) -> list[str]:
    mistakes: list[str] = []
    for problem in error.errors(include_url=False, include_input=False):
        name = f"{PREFIX}{str(problem['loc'][0]).upper()}" if problem["loc"] else "The settings"
        if problem["type"] == "missing":
            mistakes.append(f"{name} is missing.")
            continue
        value = given.get(name)
        shown = "" if value is None or any(word in name for word in _PRIVATE) else f" ({value!r})"
        mistakes.append(f"{name}{shown}: {problem['msg']}.")
    return mistakes


def _unreadable(loaded: BaseSettings) -> list[str]:
    """One sentence for each file that a setting names and that cannot be read."""
    mistakes: list[str] = []
    for field in type(loaded).model_fields:
        value = getattr(loaded, field)
        if field.endswith("_file") and isinstance(value, Path) and not os.access(value, os.R_OK):
            why = "cannot be read" if value.exists() else "does not exist"
            mistakes.append(f"{PREFIX}{field.upper()} names {value}, which {why}.")
    return mistakes
