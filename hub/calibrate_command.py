"""`hearthward calibrate`: what the alert budget says of a ward's trend thresholds, and moving them to it."""

from typing import TYPE_CHECKING, Annotated

import typer

from hub import configuration
from hub.counted import counted
from hub.table import in_columns
from hub.wards import chosen_ward
from runtime.clock import utc_now

if TYPE_CHECKING:
    from alerts.review.budget import Verdict
    from alerts.review.calibration import Found

_HEAD = ("rule", "limit", "now", "then", "alerts/pt-month", "budget", "patients", "pt-months")
_WHY = {
    "too_little": "stays: fewer than {least} patient-months in the last 90 days",
    "near": "stays: within a tenth of the budget",
    "bound": "stays: it is at the bound of what may be",
    "too_many": "rises: more alerts than the budget",
    "too_few": "falls: fewer alerts than the budget",
}


def calibrate(
    ward: Annotated[str | None, typer.Option(help="Whose, where the database has several wards.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would move and why; change nothing.")
    ] = False,
) -> None:
    """Move a ward's trend thresholds towards their alert budget, by its own last 90 days, now.

    The alert worker does this by itself every 90 days. A threshold moves by a tenth at most, stays between
    0.7 and 1.5 times the programme's number, and needs 100 patient-months. Absolute limits never move. Every
    move is kept, and shown on the dashboard's page Rules.

    \b
    Examples:
      hearthward calibrate --dry-run
      hearthward calibrate --ward ward-1
    """
    from alerts.book.rulebook import in_force
    from alerts.review import calibration
    from alerts.settings import RulebookSettings
    from store.connection import connect

    settings = configuration.load(RulebookSettings)
    book = in_force(settings.alerts_programmes)
    now = utc_now()
    with connect(settings.conninfo(), application="calibrate") as connection:
        chosen = chosen_ward(connection, ward)
        jobs = calibration.whole(connection, book, chosen, now)
        job = next(jobs)
        with counted("Replaying", "patients") as told:
            for job in jobs:
                told(job.patients - len(job.left), job.patients)
        found = calibration.find(connection, book, job, now)
        kept = not dry_run and calibration.keep(connection, found, "command")
    typer.echo(text(found))
    moves = sum(verdict.move is not None for verdict in found.verdicts)
    if dry_run:
        typer.echo(f"\n{moves} thresholds would move; nothing was changed.")
    else:
        typer.echo(f"\n{moves if kept else 0} thresholds moved.")


def text(found: "Found") -> str:
    """What was found, in columns, and below it why each threshold moves or stays."""
    from alerts.review.budget import LEAST_PATIENT_MONTHS

    lines = [
        f"Ward {found.ward_id}, {found.patients} patients, "
        f"the 90 days up to {found.as_of:%Y-%m-%d %H:%M} UTC",
        "",
        in_columns(_HEAD, [_cells(verdict) for verdict in found.verdicts]),
        "",
    ]
    lines += [
        f"  {verdict.rule}: {_WHY[verdict.why].format(least=LEAST_PATIENT_MONTHS)}"
        for verdict in found.verdicts
    ]
    return "\n".join(lines)


def _cells(verdict: "Verdict") -> tuple[str, ...]:
    return (
        verdict.rule,
        verdict.limit_name,
        f"{verdict.value:g}",
        f"{verdict.value if verdict.move is None else verdict.move.value:g}",
        "-" if verdict.found is None else f"{verdict.found:.3f}",
        f"{verdict.budget:g}",
        str(verdict.patients),
        f"{verdict.patient_months:.1f}",
    )
