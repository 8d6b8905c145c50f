"""`hearthward burden`: the alert-burden ledger of a ward, as a table to read."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from hub import configuration
from hub.table import in_columns
from hub.wards import chosen_ward
from runtime.clock import utc_now

if TYPE_CHECKING:
    from alerts.review.ledger import Ledger, Line

_HEAD = (
    "rule",
    "alerts",
    "/pt-month",
    "acted",
    "no action",
    "mistaken",
    "seen: median",
    "p90",
    "acted: median",
    "p90",
)


def burden(
    days: Annotated[int, typer.Option(min=1, max=3660, help="How many days back.")] = 90,
    ward: Annotated[str | None, typer.Option(help="Whose, where the database has several wards.")] = None,
) -> None:
    """Show what alerts cost and yield: per patient-month and rule, how fast, and which limits to review.

    Shares are of the alerts that were closed. A rule that opened three times within 30 days for one patient,
    each time without need of action, is listed with the limits that may want another value for them.

    \b
    Examples:
      hearthward burden
      hearthward burden --days 30
    """
    from alerts.book.rulebook import in_force
    from alerts.review.ledger import ledger_of
    from alerts.settings import RulebookSettings
    from store.connection import connect

    settings = configuration.load(RulebookSettings)
    until = utc_now()
    with connect(settings.conninfo(), application="burden") as connection:
        since = until - timedelta(days=days)
        found = ledger_of(
            connection, chosen_ward(connection, ward), since, until, in_force(settings.alerts_programmes)
        )
    typer.echo(table(found))


def table(ledger: "Ledger") -> str:
    """The ledger in columns, and below them what flaps."""
    lines = [_cells("all rules", ledger.whole), *(_cells(line.rule, line) for line in ledger.rules)]
    text = [
        f"{ledger.since:%Y-%m-%d} to {ledger.until:%Y-%m-%d}: {ledger.whole.alerts} alerts in "
        f"{ledger.patient_months:.1f} patient-months, {ledger.whole.closed} of them closed",
        "",
    ]
    text.append(in_columns(_HEAD, lines))
    text += ["", "Limits to review (opened again and again, no action needed):"]
    text += [
        f"  patient {one.patient_id}: {one.rule} opened {one.opens} times from {one.first_at:%Y-%m-%d} to "
        f"{one.last_at:%Y-%m-%d}: {', '.join(one.limits) or 'the rule has no limit of its own'}"
        for one in ledger.flapping
    ] or ["  none"]
    return "\n".join(text)


def _cells(name: str, line: "Line") -> tuple[str, ...]:
    return (
        name,
        str(line.alerts),
        "-" if line.per_patient_month is None else f"{line.per_patient_month:.2f}",
        _share(line.yield_share),
        _share(line.no_action_share),
        _share(line.mistaken / line.closed if line.closed else None),
        _span(line.to_acknowledge.median),
        _span(line.to_acknowledge.p90),
        _span(line.to_act.median),
        _span(line.to_act.p90),
    )


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _span(span: timedelta | None) -> str:
    if span is None:
        return "-"
    minutes = span.total_seconds() / 60
    if minutes < 90:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h" if minutes < 48 * 60 else f"{minutes / 1440:.1f} d"
