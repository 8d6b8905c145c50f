"""The commands about rules: `hearthward rules check`, and `hearthward backtest`."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.counted import counted

if TYPE_CHECKING:
    from alerts.history.backtest import Result

_OBSERVATIONS = "CSV or Parquet: patient_id, measured_at, measure, value, flags."
_PATIENTS = "CSV or Parquet: patient_id, programmes, birth_date, limits, time_zone."
_PILOTS = "Also write what the silent pilots would have raised, to this file."
_WEEKLY = "Also write the lines of the weekly list, to this file."
_MOST_HOURS = 24 * 366
_REFUSED = "Where to write every refused row: file, line, reason."
_PROCESSES = "Over how many processes the patients are spread; default: one for each core."

BACKTEST = """Run recorded histories through the very rules that work live, and write the alerts raised.

\b
Observations, a row per value; these columns are needed, others may follow:
  patient_id   as in the file of patients
  measured_at  ISO 8601 (without an offset it is UTC), or a count since 1970
  measure      systolic, diastolic, heart_rate, spo2, weight, glucose, ... (also sbp, hr, weight_lb)
  value        in mmHg, bpm, %, kg, mg/dL, degrees Celsius, or in the unit of a column `unit`
May follow: flags (motion;low_perfusion, excluded), unit, received_at, device_id. A check-in's answer is
the measure symptom:breathless with the value 1 or 0.

\b
Patients, a row each; only patient_id is needed:
  programmes   heart_failure;copd or Heart failure, COPD (parted by ; , | or a list)
  birth_date, time_zone (Europe/Madrid; else UTC), enrolled_at, ended_at
  limits       systolic_crisis=170;spo2_low=90, or the same as a JSON object
Without ended_at a patient is followed until 14 days after their own last observation, but no later than
a day after the last one of the whole file: a recording that merely ends is no silence.

\b
Example:
  hearthward backtest --observations observations.parquet --patients patients.csv --out alerts.csv

Every row that cannot be used is counted on standard error with its reason and line. See docs/backtest.md.
"""

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
    from alerts.book.rulebook import check as mistakes_in

    mistakes = mistakes_in(directory)
    for mistake in mistakes:
        typer.echo(str(mistake))
    if mistakes:
        files = len({mistake.file for mistake in mistakes})
        typer.echo(
            f"{len(mistakes)} mistake{'s' * (len(mistakes) > 1)} in {files} file{'s' * (files > 1)}", err=True
        )
        raise typer.Exit(1)
    typer.echo("no mistakes")


def backtest(
    observations: Annotated[Path, typer.Option(help=_OBSERVATIONS)],
    patients: Annotated[Path, typer.Option(help=_PATIENTS)],
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
    pilots: Annotated[Path | None, typer.Option(help=_PILOTS)] = None,
    weekly: Annotated[Path | None, typer.Option(help=_WEEKLY)] = None,
    refused: Annotated[Path | None, typer.Option(help=_REFUSED)] = None,
    processes: Annotated[int | None, typer.Option(min=1, help=_PROCESSES)] = None,
) -> None:
    """Run recorded histories through the very rules that work live; `BACKTEST` is its help."""
    from alerts.history import backtest as engine
    from alerts.history.result_files import check_writable

    if not 0 <= answered_after_hours <= _MOST_HOURS:
        raise typer.BadParameter(f"--answered-after-hours is a number from 0 to {_MOST_HOURS}")
    results = [path for path in (out, pilots, weekly, refused) if path is not None]
    check_writable(results, read=(observations, patients))
    typer.echo(f"reading {observations.name} and {patients.name}", err=True)
    with counted("Replaying", "steps") as told:
        result = engine.run(
            observations,
            patients,
            out,
            calibrate=calibrate,
            answered_after=timedelta(hours=answered_after_hours),
            programmes=programmes,
            pilots=pilots,
            weekly=weekly,
            progress=told,
            processes=processes,
        )
    _say_oddities(result, refused)
    typer.echo(_count("alerts", len(result.calls), result, out))
    if pilots is not None:
        typer.echo(_count("would-be alerts of pilots", len(result.pilots), result, pilots))
    if weekly is not None:
        typer.echo(_count("lines of the weekly list", len(result.lines), result, weekly))


def _say_oddities(result: "Result", refused: Path | None) -> None:
    """What could not be used, what the checks held and which thresholds moved, on standard error."""
    for line in result.oddities.lines():
        typer.echo(line, err=True)
    if refused is not None:
        result.oddities.write_refused(refused)
    for why, count in result.held.most_common():
        typer.echo(
            f"held by the checks for a person, {why.value.replace('_', ' ')}: {count} readings", err=True
        )
    for move in result.moves:
        typer.echo(
            f"{move.at:%Y-%m-%d} {move.limit_name} moved from {move.was:g} to {move.value:g}: {move.reason}",
            err=True,
        )


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
    from alerts.book.reference import page as written
    from alerts.book.rulebook import in_force

    typer.echo(written(in_force(directory)), nl=False)


@app.command()
def copy(directory: Annotated[Path, typer.Argument(help="Where to; made if it is not there.")]) -> None:
    """Copy the shipped programme files to a directory, for a clinic's own rulebook to start from.

    Where there are programme files already nothing is copied. docs/rulebook.md tells how to go on.

    \b
    Example:
      hearthward rules copy /etc/hearthward/programmes
    """
    from alerts.book.rulebook import copy_shipped

    for path in copy_shipped(directory):
        typer.echo(path)
    typer.echo(f"To use them: HEARTHWARD_ALERTS_PROGRAMMES={directory}")
