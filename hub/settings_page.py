"""docs/settings.md, written from the settings classes: `python -m hub.settings_page`."""

import sys
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from hub.configuration import PREFIX, SETTINGS_OF, settings_class

_ROOT = Path(__file__).parents[1]
_OPENING = """\
# Settings

<!-- Written by `make docs` from the code; a test fails where it is stale. -->

Every process reads its settings from environment variables, once, when it starts. All mistakes are said at
once, and a misspelt variable gets a suggestion. Secrets come from files that hold the secret
and nothing else. `hearthward up` sets them for the processes that it starts; its own are in its table.
"""


def page() -> str:
    """The whole page, in Markdown."""
    return _OPENING + "".join(_section(command) for command in SETTINGS_OF)


def _section(command: str) -> str:
    settings = settings_class(command)
    rows = "".join(_row(name, field) for name, field in settings.model_fields.items())
    about = (settings.__doc__ or "").strip().splitlines()[0]
    # The heading says as much.
    about = "" if about.startswith("The settings of") else f"{about}\n\n"
    return f"\n## hearthward {command}\n\n{about}| variable | default | |\n|---|---|---|\n{rows}"


def _row(name: str, field: FieldInfo) -> str:
    return f"| `{PREFIX}{name.upper()}` | {_default(field)} | {field.description or ''} |\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default is None or field.default == "":
        return "none"
    return f"`{_plain(field.default)}`"


def _plain(value: object) -> str:
    if isinstance(value, Path) and value.is_relative_to(_ROOT):
        return str(value.relative_to(_ROOT))
    return str(value).lower() if isinstance(value, bool) else str(value)


def undescribed(settings: type[BaseSettings]) -> list[str]:
    """The settings that nobody explained."""
    return [name for name, field in settings.model_fields.items() if not field.description]


if __name__ == "__main__":
    sys.stdout.write(page())
    sys.stdout.flush()
