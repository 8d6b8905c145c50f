"""The commands about rules: `hearthward rules check`, and `hearthward backtest`."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from alerts.backtest import Result

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def rules() -> None:
    """The rulebook: the programme files with their rules, limits and schedules.

    \b
    Example:
      hearthward rules check
    """


@app.command()
def check(
    directory: Annotated[
        Path | None, typer.Argument(help="A directory of programme files; default: those that come with us.")
    ] = None,
) -> None:
    """Report every mistake in the programme files at once, with what was probably meant.

    \b
    Examples:
      hearthward rules check
      hearthward rules check /etc/hearthward/programmes
    """
    from alerts.rulebook import check as mistakes_in

    mistakes = mistakes_in(directory)
    for mistake in mistakes:
        typer.echo(str(mistake))
    if mistakes:
        typer.echo(f"{len(mistakes)} mistakes", err=True)
        raise typer.Exit(1)
    typer.echo("no mistakes")


def backtest(
    observations: Annotated[
        Path, typer.Option(help="CSV or Parquet: patient_id, measured_at, measure, value, flags.")
    ],
    patients: Annotated[
        Path, typer.Option(help="CSV or Parquet: patient_id, programmes, birth_date, limits, time_zone.")
    ],
    out: Annotated[Path, typer.Option(help="Where to write the alerts: CSV, or Parquet by its ending.")],
    programmes: Annotated[
        Path | None, typer.Option(help="A directory of programme files to try; default: those that are live.")
    ] = None,
    answered_after_hours: Annotated[
        float, typer.Option(help="After how many hours the played nurse closes each alert.")
    ] = 24.0,
    calibrate: Annotated[
        bool, typer.Option(help="Let trend thresholds move to the alert budget, as a live ward's do.")
    ] = True,
    pilots: Annotated[
        Path | None, typer.Option(help="Also write what the silent pilots would have raised, to this file.")
    ] = None,
    weekly: Annotated[
        Path | None, typer.Option(help="Also write the lines of the weekly list, to this file.")
    ] = None,
) -> None:
    """Run recorded histories through the very rules that work live, and write the alerts they would raise.

    Times without an offset are UTC. What could not be used is counted and said on standard error.

    \b
    Example:
      hearthward backtest --observations observations.parquet --patients patients.csv --out alerts.csv
    """
    from alerts import backtest as engine

    result = engine.run(
        observations,
        patients,
        out,
        calibrate=calibrate,
        answered_after=timedelta(hours=answered_after_hours),
        programmes=programmes,
        pilots=pilots,
        weekly=weekly,
    )
    for what, count in sorted(result.oddities.counts.items()):
        typer.echo(f"{what}: {count} times", err=True)
    for move in result.moves:
        typer.echo(
            f"{move.at:%Y-%m-%d} {move.limit_name} moved from {move.was:g} to {move.value:g}: {move.reason}",
            err=True,
        )
    typer.echo(_count("alerts", len(result.calls), result, out))
    if pilots is not None:
        typer.echo(_count("would-be alerts of pilots", len(result.pilots), result, pilots))
    if weekly is not None:
        typer.echo(_count("lines of the weekly list", len(result.lines), result, weekly))


def _count(what: str, count: int, result: "Result", out: Path) -> str:
    rate = count / result.patient_months if result.patient_months else 0.0
    return f"{count} {what} for {result.patients} patients, {rate:.2f} per patient-month: {out}"


@app.command()
def page(
    directory: Annotated[
        Path | None, typer.Argument(help="A directory of programme files; default: those that come with us.")
    ] = None,
) -> None:
    """Print the rulebook as a page for clinicians: what docs/rules.md holds.

    \b
    Examples:
      hearthward rules page > docs/rules.md
      hearthward rules page /etc/hearthward/programmes
    """
    from alerts.reference import page as written
    from alerts.rulebook import in_force

    typer.echo(written(in_force(directory)), nl=False)


@app.command()
def copy(directory: Annotated[Path, typer.Argument(help="Where to; made if it is not there.")]) -> None:
    """Copy the shipped programme files to a directory, for a clinic's own rulebook to start from.

    Where there are programme files already nothing is copied. docs/rulebook.md tells how to go on.

    \b
    Example:
      hearthward rules copy /etc/hearthward/programmes
    """
    from alerts.rulebook import copy_shipped

    for path in copy_shipped(directory):
        typer.echo(path)
    typer.echo(f"To use them: HEARTHWARD_ALERTS_PROGRAMMES={directory}")
