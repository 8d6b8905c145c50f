"""`hearthward pause`: plan, end and list the pauses of a patient's measurements, for a program or by hand."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer

from hub import configuration
from hub.help import command_group
from hub.table import in_columns
from runtime.clock import utc_now
from vitals.errors import HubError

if TYPE_CHECKING:
    from store.connection import Connection
    from store.pauses import PauseRecord
    from vitals.message import Message

app = command_group()

_Patient = Annotated[str, typer.Argument(metavar="PATIENT_ID", help="Whose.")]
_By = Annotated[str, typer.Option(help="The id of the member of staff who says so.")]
_DAY = ["%Y-%m-%d"]


class PauseRefused(HubError):
    """Nothing was written, and why."""


@app.callback()
def pause() -> None:
    """Planned pauses: a holiday, a stay in hospital, another reason for a patient not to measure.

    Until a pause ends nobody is told that readings are missing, and the patient is not reminded. Readings
    that come in still count and still raise alerts. Who planned, ended or took back a pause stays on record.

    \b
    Examples:
      hearthward pause add p-7hx2mc --kind hospital --first 2026-12-01 --last 2026-12-09 --by s-4ndq2v
      hearthward pause list p-7hx2mc
    """


@app.command()
def add(
    patient: _Patient,
    first: Annotated[datetime, typer.Option(formats=_DAY, help="The first day, the patient's.")],
    by: _By,
    last: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="The last day, which belongs to the pause.")
    ] = None,
    review: Annotated[
        datetime | None, typer.Option(formats=_DAY, help="Open-ended: the day on which it is reviewed.")
    ] = None,
    kind: Annotated[str, typer.Option(help="holiday, hospital or other.")] = "other",
    words: Annotated[str, typer.Option(help="Why, in words; needed for another reason.")] = "",
) -> None:
    """Plan a pause, until its last day or open-ended until a review. Prints its id.

    \b
    Examples:
      hearthward pause add p-7hx2mc --kind holiday --first 2026-12-20 --last 2027-01-03 --by s-4ndq2v
      hearthward pause add p-7hx2mc --words "Scale broke" --first 2026-12-01 \\
      --review 2026-12-08 --by s-4ndq2v
    """
    from alerts import pausing
    from store.pauses import PauseKind
    from vitals.ids import PatientId
    from vitals.message import Message

    if kind not in list(PauseKind):
        raise PauseRefused(f"{kind!r} is no kind of pause: say {', '.join(PauseKind)}.")
    if last is not None and review is not None:
        raise PauseRefused("Say --last or --review, not both.")
    wanted = pausing.Wanted(
        kind=PauseKind(kind),
        words=words,
        first_day=first.date(),
        last_day=_day(last),
        review_on=_day(review),
    )
    with _connected() as connection, connection.transaction():
        done = pausing.plan(connection, PatientId(patient), wanted, _author(connection, by), utc_now())
    if isinstance(done, Message):
        _refuse(done)
    typer.echo(done)


@app.command()
def end(
    patient: _Patient,
    pause_id: Annotated[int, typer.Argument(help="The pause's id, as list shows it.")],
    by: _By,
    why: Annotated[str, typer.Option(help="Why, in words.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Let one that was ended run again instead.")] = False,
    take_back: Annotated[
        bool, typer.Option("--take-back", help="It was a mistake: as if it had never been.")
    ] = False,
) -> None:
    """End a running pause now; or take it back, or let it run again.

    \b
    Examples:
      hearthward pause end p-7hx2mc 12 --by s-4ndq2v --why "Home since this morning"
      hearthward pause end p-7hx2mc 12 --by s-4ndq2v --undo
    """
    from alerts import pausing
    from store.pauses import PauseEvent
    from vitals.ids import PatientId

    if undo and take_back:
        raise PauseRefused("Say --undo or --take-back, not both.")
    what = PauseEvent.RESUMED if undo else PauseEvent.TAKEN_BACK if take_back else PauseEvent.ENDED
    with _connected() as connection, connection.transaction():
        author = _author(connection, by)
        refused = pausing.change(
            connection, PatientId(patient), pause_id, what, author=author, reason=why, now=utc_now()
        )
    if refused is not None:
        _refuse(refused)
    typer.echo(f"pause {pause_id}: {what.replace('_', ' ')}")


@app.command("list")
def list_pauses(patient: _Patient) -> None:
    """List a patient's pauses, the latest first: their local days, who set each, and what became of it.

    \b
    Example:
      hearthward pause list p-7hx2mc
    """
    from store import pauses
    from vitals.ids import PatientId

    with _connected() as connection, connection.transaction():
        zone = pauses.lock(connection, PatientId(patient))
        records = pauses.listed(connection, PatientId(patient))
    if zone is None:
        raise PauseRefused(f"There is no patient {patient}.")
    typer.echo(table(records, ZoneInfo(zone)) if records else "no pause so far")


def table(records: "list[PauseRecord]", zone: ZoneInfo) -> str:
    """One line for each pause."""
    head = ("pause", "kind", "first", "last", "review", "set by", "then", "words")
    return in_columns(head, [_cells(one, zone) for one in records])


def _cells(one: "PauseRecord", zone: ZoneInfo) -> tuple[str, ...]:
    last = (one.ends_at - datetime.resolution).astimezone(zone).date()
    review = one.planned_until.astimezone(zone).date()
    then = f"{one.last_what} by {one.last_author}".replace("_", " ") if one.last_what else ""
    return (
        str(one.pause_id),
        one.kind,
        one.starts_at.astimezone(zone).date().isoformat(),
        last.isoformat() if one.ends_at > one.starts_at else "never",
        review.isoformat() if one.open_ended else "",
        one.author,
        then,
        one.reason,
    )


def _day(at: datetime | None) -> date | None:
    return None if at is None else at.date()


def _connected() -> "Connection":
    from store.connection import connect
    from store.settings import DatabaseSettings

    return connect(configuration.load(DatabaseSettings).conninfo(), application="pause")


def _author(connection: "Connection", by: str) -> str:
    from store.staff import staff_names
    from vitals.ids import StaffId

    if StaffId(by) not in staff_names(connection):
        raise PauseRefused(f"There is no member of staff {by}: --by takes a staff id.")
    return by


def _refuse(why: "Message") -> NoReturn:
    from alerts.book import texts

    raise PauseRefused(texts.say(why))
