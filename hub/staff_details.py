"""What `hearthward staff` is told of somebody, checked as a whole before anything is written."""

from typing import TYPE_CHECKING

import typer

from hub.wards import chosen_ward
from vitals.errors import HubError

if TYPE_CHECKING:
    from alerts.notify.settings import NotifySettings
    from store.connection import Connection
    from store.staff_list import Details


class StaffRefused(HubError):
    """Nothing was written, and why."""


def details_of(
    connection: "Connection",
    settings: "NotifySettings",
    name: str | None,
    email: str | None,
    role: str | None,
    language: str | None,
    wards: list[str] | None,
    contacts: list[str] | None,
) -> "Details":
    """What was said, checked as a whole. Raises StaffRefused with the first mistake."""
    from alerts.book.texts import LANGUAGES
    from store.staff import Role
    from store.staff_list import Details

    if name is not None and not name.strip():
        raise StaffRefused("The name is empty.")
    if email is not None and not _is_address(email.strip()):
        raise StaffRefused(f"{email!r} is no e-mail address.")
    if role is not None and role not in list(Role):
        raise StaffRefused(f"{role!r} is no role: say {', '.join(Role)}.")
    if language is not None and language not in LANGUAGES:
        raise StaffRefused(f"{language!r} is no language of the screens: say {' or '.join(LANGUAGES)}.")
    chosen = None
    if wards is not None:
        chosen = list(dict.fromkeys(chosen_ward(connection, one or None) for one in wards))
    return Details(
        name=None if name is None else name.strip(),
        email=None if email is None else email.strip(),
        role=None if role is None else Role(role),
        language=language,
        wards=chosen,
        contacts=None if contacts is None else [_contact(one, settings) for one in contacts],
    )


def _is_address(text: str) -> bool:
    name, _, host = text.partition("@")
    return bool(name and host) and not any(one.isspace() for one in text) and "@" not in host


def _contact(said: str, settings: "NotifySettings") -> tuple[str, str]:
    """The channel and the address; checked against the channels file, if there is one."""
    from alerts.book.mistakes import near
    from alerts.notify import channels, worker

    channel, _, address = (part.strip() for part in said.partition("="))
    if not channel or not address:
        raise StaffRefused(f"{said!r} is no contact: say CHANNEL=ADDRESS, like mail=sara@example.org.")
    if settings.notify_channels_file is None:
        typer.echo(f"No channels file is set here, so nobody is told by {channel} yet.", err=True)
        return channel, address
    opened = worker.open_channels(channels.load(settings.notify_channels_file))
    if channel not in opened:
        close = near(channel, opened)
        hint = f" Did you mean {close!r}?" if close else f" There are: {', '.join(sorted(opened)) or 'none'}."
        raise StaffRefused(f"The channels file has no channel {channel!r}.{hint}")
    wrong = opened[channel].address_mistake(address)
    if wrong is not None:
        raise StaffRefused(f"The address of {said!r} {wrong}.")
    return channel, address
