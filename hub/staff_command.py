"""`hearthward staff`: who works on which wards, how they are reached, and their first sign-in."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from hub import configuration
from hub.help import command_group
from hub.staff_details import StaffRefused, details_of
from hub.table import in_columns
from hub.wards import chosen_ward
from runtime.clock import utc_now

if TYPE_CHECKING:
    from alerts.notify.settings import NotifySettings
    from store.connection import Connection
    from store.staff_list import StaffRecord

app = command_group()

_Who = Annotated[str, typer.Argument(metavar="WHO", help="Their staff id, or the e-mail they sign in with.")]
_Name = Annotated[str | None, typer.Option(help="Given and family name, as colleagues see it.")]
_Role = Annotated[str | None, typer.Option(help="nurse, lead, clinician or admin.")]
_Language = Annotated[str | None, typer.Option(help="en or es: in which they are told of alerts.")]
_Ward = Annotated[
    list[str] | None, typer.Option(help="A ward of theirs; the first is their own. Repeat it for more.")
]
_Contact = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CHANNEL=ADDRESS", help="How they are told of alerts; repeat it, in the order to be tried."
    ),
]


@app.callback()
def staff() -> None:
    """Staff: who may sign in, with which role, on which wards, and how they are told of alerts.

    Nobody's password is on a command line: whoever is added gets a link, which works once and for three days,
    and chooses a password there. Hand it over yourself: whoever has it can sign in as them.

    \b
    Examples:
      hearthward staff add --name "Sara Lind" --email sara@example.org --role nurse \\
      --contact mail=sara@example.org --contact sms=+441632960960
      hearthward staff list
      hearthward staff change sara@example.org --ward ward-1 --ward ward-2
      hearthward staff end sara@example.org
    """


@app.command()
def add(
    name: Annotated[str, typer.Option(help="Given and family name, as colleagues see it.")],
    email: Annotated[str, typer.Option(help="The address that they sign in with.")],
    role: Annotated[str, typer.Option(help="nurse, lead, clinician or admin.")],
    ward: _Ward = None,
    contact: _Contact = None,
    language: Annotated[str, typer.Option(help="en or es: in which they are told of alerts.")] = "en",
) -> None:
    """Add somebody, and print the link of their first sign-in.

    \b
    Example:
      hearthward staff add --name "Tom Becker" --email tom@example.org --role lead --ward ward-1
    """
    from store import invitations, staff_list

    settings, now = _settings(), utc_now()
    with _connected(settings) as connection, connection.transaction():
        details = details_of(connection, settings, name, email, role, language, ward or [""], contact)
        _free(connection, email)
        staff_id = staff_list.add(connection, details, now)
        token = invitations.invite(connection, staff_id, now)
    typer.echo(f"{staff_id}  {name}, {role}, {', '.join(details.wards or ())}")
    _say_link(settings, token, now)


@app.command("list")
def list_staff(
    ward: Annotated[list[str] | None, typer.Option(help="Only of this ward; repeat it for more.")] = None,
    ended: Annotated[bool, typer.Option("--ended", help="Those whose time has ended, too.")] = False,
) -> None:
    """List staff by name: role, wards, contacts, and whether they have signed in yet.

    \b
    Example:
      hearthward staff list --ward ward-1
    """
    from store import staff_list

    with _connected(_settings()) as connection:
        wards = None if ward is None else [chosen_ward(connection, one) for one in ward]
        records = staff_list.listed(connection, utc_now(), ward_ids=wards, with_ended=ended)
    typer.echo(table(records) if records else "nobody yet")


@app.command()
def change(
    who: _Who,
    name: _Name = None,
    email: Annotated[str | None, typer.Option(help="The address that they sign in with.")] = None,
    role: _Role = None,
    language: _Language = None,
    ward: _Ward = None,
    contact: _Contact = None,
    no_contact: Annotated[bool, typer.Option("--no-contact", help="Nothing is sent to them.")] = False,
    new_link: Annotated[
        bool, typer.Option("--new-link", help="Print a link to choose a new password; also after their end.")
    ] = False,
) -> None:
    """Change what is named, and leave the rest. Wards and contacts are replaced as a whole.

    \b
    Examples:
      hearthward staff change sara@example.org --role lead --contact mail=sara@example.org
      hearthward staff change s-4ndq2v --new-link
    """
    from store import invitations, staff_list

    settings, now = _settings(), utc_now()
    if no_contact and contact:
        raise StaffRefused("Say --contact or --no-contact, not both.")
    token = None
    with _connected(settings) as connection, connection.transaction():
        person = _person(connection, who)
        contacts = [] if no_contact else contact
        details = details_of(connection, settings, name, email, role, language, ward, contacts)
        if email is not None and email.strip().lower() != person.email:
            _free(connection, email)
        if person.disabled_at is not None and not new_link:
            raise StaffRefused(f"{person.name}'s time has ended: --new-link brings them back.")
        staff_list.change(connection, person.staff_id, details, now)
        if new_link:
            if person.disabled_at is not None:
                staff_list.bring_back(connection, person.staff_id)
            token = invitations.invite(connection, person.staff_id, now)
        after = _person(connection, person.staff_id)
    typer.echo(table([after]))
    if token is not None:
        _say_link(settings, token, now)


@app.command()
def end(who: _Who) -> None:
    """End somebody's time: they are signed out at once, sign in no more, and nothing is sent to them.

    Their name stays on what they did. What they leave behind is said: their open alerts and coming shifts.

    \b
    Example:
      hearthward staff end sara@example.org
    """
    from store import invitations, staff_list
    from store import staff as stored

    now = utc_now()
    with _connected(_settings()) as connection, connection.transaction():
        person = _person(connection, who)
        if not stored.disable_staff(connection, person.staff_id, now):
            raise StaffRefused(f"{person.name}'s time has ended already.")
        invitations.withdraw(connection, person.staff_id)
        alerts, shifts = staff_list.left_behind(connection, person.staff_id, now)
    typer.echo(f"{person.staff_id}  {person.name}: ended")
    if alerts:
        typer.echo(f"{_count(alerts, 'open alert')} of theirs: a colleague must take over.")
    if shifts:
        typer.echo(f"{_count(shifts, 'shift')} of theirs to come: put a rota without them in place.")


def table(records: "list[StaffRecord]") -> str:
    """One line for each."""
    return in_columns(
        ("id", "name", "e-mail", "role", "language", "wards", "contacts", "signs in"),
        [
            (
                one.staff_id, one.name, one.email, one.role, one.language, ", ".join(one.wards),
                ", ".join(one.contacts) or "none", _signs_in(one),
            )
            for one in records
        ],
    )  # fmt: skip


def _signs_in(one: "StaffRecord") -> str:
    if one.disabled_at is not None:
        return f"ended {one.disabled_at:%Y-%m-%d}"
    if one.invited_until is not None:
        return f"link until {one.invited_until:%Y-%m-%d %H:%M} UTC"
    return "yes" if one.has_password else "not yet: the link is too old"


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def _settings() -> "NotifySettings":
    from alerts.notify.settings import NotifySettings

    return configuration.load(NotifySettings)


def _connected(settings: "NotifySettings") -> "Connection":
    from store.connection import connect

    return connect(settings.conninfo(), application="staff")


def _person(connection: "Connection", who: str) -> "StaffRecord":
    from store import staff_list

    every = staff_list.listed(connection, utc_now(), with_ended=True)
    asked = who.strip().lower()
    found = next((one for one in every if asked in (one.staff_id, one.email)), None)
    if found is None:
        from alerts.book.mistakes import near

        close = near(asked, [word for one in every for word in (one.staff_id, one.email)])
        hint = f" Did you mean {close}?" if close else " `hearthward staff list --ended` shows everybody."
        raise StaffRefused(f"There is no member of staff {who!r}.{hint}")
    return found


def _free(connection: "Connection", email: str) -> None:
    from store import staff_list

    every = staff_list.listed(connection, utc_now(), with_ended=True)
    known = next((one for one in every if one.email == email.strip().lower()), None)
    if known is not None:
        raise StaffRefused(
            f"{known.email} is {known.name}'s already ({known.staff_id}): "
            "`hearthward staff change` changes somebody, and brings back who had ended."
        )


def _say_link(settings: "NotifySettings", token: str, now: datetime) -> None:
    from store.invitations import LASTS

    typer.echo(f"First sign-in, once, until {now + LASTS:%Y-%m-%d %H:%M} UTC:")
    typer.echo(f"  {settings.notify_hub_url.rstrip('/')}/first-sign-in/{token}")
