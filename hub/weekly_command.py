"""`hearthward weekly`: a ward's weekly list, to read or as CSV."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from hub import configuration
from hub.wards import chosen_ward

if TYPE_CHECKING:
    from collections.abc import Sequence

    from store.weekly import ListedLine


def weekly(
    ward: Annotated[str | None, typer.Option(help="Whose, where the database has several wards.")] = None,
    week: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Any day of the week; default: the newest.")
    ] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only what nobody has looked at.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV, a row for each line.")] = False,
) -> None:
    """Show what is worth knowing of a ward's patients by the week and was no alert, by patient id.

    Each line says its newest evidence and on how many of the week's days it was so, and who has looked at it.

    \b
    Examples:
      hearthward weekly
      hearthward weekly --week 2026-03-02 --csv > weekly.csv
    """
    from alerts.review.weekly import week_of
    from store import weekly as stored
    from store.connection import connect
    from store.settings import DatabaseSettings

    settings = configuration.load(DatabaseSettings)
    with connect(settings.conninfo(), application="weekly") as connection:
        chosen = chosen_ward(connection, ward)
        newest = next((one.week for one in stored.weeks(connection, chosen, most=1)), None)
        monday = newest if week is None else week_of(week.date())
        lines = [] if monday is None else stored.listed(connection, chosen, monday)
    shown = [line for line in lines if line.open or not only_open]
    if as_csv:
        from dashboard.views.weekly import weekly_csv

        typer.echo(weekly_csv(shown), nl=False)
    else:
        typer.echo(text(monday, lines, shown))


def text(monday: date | None, lines: "Sequence[ListedLine]", shown: "Sequence[ListedLine]") -> str:
    """The list by patient."""
    from alerts.book import texts

    if monday is None:
        return "No rule has made a line for the weekly list yet."
    open_lines = sum(line.open for line in lines)
    said = [f"Week of {monday}: {len(lines)} lines, {open_lines} of them not looked at"]
    patient = None
    for line in shown:
        if line.patient_id != patient:
            patient = line.patient_id
            said += ["", f"patient {patient}"]
        days = "1 day" if line.days == 1 else f"{line.days} days"
        stands = "open" if line.open else f"{line.deed} by {line.marked_by}, {line.marked_at:%Y-%m-%d}"
        said.append(f"  {line.rule}: {texts.say(line.said)} ({days}; {stands})")
    return "\n".join(said)
