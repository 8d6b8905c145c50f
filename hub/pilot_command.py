"""`hearthward pilot`: the silent pilots beside what is live, to read, or for a program."""

import csv
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from hub import configuration
from hub.table import in_columns
from hub.wards import chosen_ward
from runtime.clock import utc_now

if TYPE_CHECKING:
    from alerts.review.comparison import Comparison

_HEAD = (
    "pilot", "since", "ended", "patients", "pt-months", "would be", "/pt-month", "live", "/pt-month", "both",
    "of these acted", "first: pilot", "live", "median lead", "missed acted", "extra",
)  # fmt: skip


def pilot(
    ward: Annotated[str | None, typer.Option(help="Whose, where the database has several wards.")] = None,
    window_days: Annotated[
        float, typer.Option(min=0, max=90, help="Alerts so many days apart speak of the same.")
    ] = 7.0,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="One row for each would-be and missed alert.")
    ] = False,
) -> None:
    """Compare the rules in their silent pilot with what is live: what they would have raised, added, missed.

    A pilot that was taken out of the rulebook, or defined anew, is listed as ended, with what it found.

    A pilot's would-be alert goes with a live one of the same patient and problem where no more than the
    window lies between them, or the live one was still open. "Acted": somebody acted on the live alert.
    docs/rulebook.md explains how to pilot a rule.

    \b
    Examples:
      hearthward pilot
      hearthward pilot --window-days 3 --csv > pilots.csv
    """
    from alerts.book.rulebook import in_force
    from alerts.review.comparison import comparisons
    from alerts.settings import RulebookSettings
    from store.connection import connect

    settings = configuration.load(RulebookSettings)
    book = in_force(settings.alerts_programmes)
    with connect(settings.conninfo(), application="pilot") as connection:
        chosen = chosen_ward(connection, ward)
        found = comparisons(connection, chosen, book, utc_now(), timedelta(days=window_days))
    if as_json:
        typer.echo(json.dumps([_json(one) for one in found], indent=2))
    elif as_csv:
        typer.echo(_csv(found), nl=False)
    else:
        typer.echo(text(found))


def text(found: "list[Comparison]") -> str:
    """The pilots in columns, and below them what each would have missed and added."""
    if not found:
        return (
            "No rule is in a silent pilot. docs/rulebook.md explains how to pilot one: "
            "`pilot = true` on a rule, or a [[pilots]] table."
        )
    lines = [in_columns(_HEAD, [_cells(one) for one in found])]
    for one in found:
        ended = f", ended {one.until:%Y-%m-%d}" if one.ended else ""
        lines += ["", f"{one.rule} (version {one.rule_version}, problem {one.problem}{ended})"]
        lines += [
            f"  would have missed alert {miss.alert_id}, patient {miss.patient_id}, {miss.rule}, "
            f"{miss.raised_at:%Y-%m-%d %H:%M}: acted on"
            for miss in one.missed_acted
        ] or ["  would have missed nothing that was acted on"]
        lines += [
            f"  extra: patient {more.patient_id}, {more.raised_at:%Y-%m-%d %H:%M}, {more.priority}: "
            f"{more.reason}"
            for more in one.extra
        ] or ["  nothing extra"]
    return "\n".join(lines)


def _cells(one: "Comparison") -> tuple[str, ...]:
    from vitals.alert import Outcome

    return (
        one.rule,
        "not yet" if one.since is None else f"{one.since:%Y-%m-%d}",
        f"{one.until:%Y-%m-%d}" if one.ended else "",
        str(one.patients),
        f"{one.patient_months:.1f}",
        str(len(one.would_be)),
        _rate(one.per_month(len(one.would_be))),
        str(len(one.live)),
        _rate(one.per_month(len(one.live))),
        str(one.coinciding),
        str(one.outcomes.get(Outcome.ACTED, 0)),
        str(one.earlier),
        str(one.later),
        "-" if one.median_lead is None else _signed(one.median_lead),
        str(len(one.missed_acted)),
        str(len(one.extra)),
    )


def _rate(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.2f}"


def _signed(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:+.1f} h" if abs(hours) < 48 else f"{hours / 24:+.1f} d"


def _json(one: "Comparison") -> dict[str, object]:
    return {
        "rule": one.rule,
        "rule_version": one.rule_version,
        "problem": one.problem,
        "since": None if one.since is None else one.since.isoformat(),
        "until": one.until.isoformat(),
        "ended": one.ended,
        "window_days": one.window / timedelta(days=1),
        "patients": one.patients,
        "patient_months": round(one.patient_months, 3),
        "would_be": [
            {
                "patient_id": alert.patient_id,
                "raised_at": alert.raised_at.isoformat(),
                "priority": alert.priority,
                "reason": alert.reason,
                "live_alert_id": alert.live,
            }
            for alert in one.would_be
        ],
        "live": [
            {
                "alert_id": alert.alert_id,
                "patient_id": alert.patient_id,
                "rule": alert.rule,
                "raised_at": alert.raised_at.isoformat(),
                "outcome": alert.outcome,
                "lead_hours": None if alert.lead is None else alert.lead / timedelta(hours=1),
            }
            for alert in one.live
        ],
    }


def _csv(found: "list[Comparison]") -> str:
    """One row for each would-be alert, and one for each live alert that the pilot would have missed."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["pilot", "event", "patient_id", "at", "priority_or_rule", "live_alert_id", "outcome", "lead_hours"]
    )
    for one in found:
        live = {alert.alert_id: alert for alert in one.live}
        for alert in one.would_be:
            event, beside = ("extra", None) if alert.live is None else ("both", live[alert.live])
            writer.writerow([
                one.rule, event, alert.patient_id, alert.raised_at.isoformat(), alert.priority,
                alert.live or "",
                "" if beside is None else beside.outcome or "open",
                "" if beside is None else round((beside.raised_at - alert.raised_at) / timedelta(hours=1), 2),
            ])  # fmt: skip
        for miss in one.missed:
            writer.writerow([
                one.rule, "missed", miss.patient_id, miss.raised_at.isoformat(), miss.rule, miss.alert_id,
                miss.outcome or "open", "",
            ])  # fmt: skip
    return out.getvalue()
