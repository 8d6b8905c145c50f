"""`hearthward try`: what a change of a limit, or another rulebook, would have done on a ward's own past."""

import csv
import io
import json
import math
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub import configuration
from hub.counted import counted
from hub.table import in_columns
from hub.wards import chosen_ward
from runtime.clock import utc_now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alerts.book.rulebook import Rulebook
    from alerts.history.tryout import KnownEvent, LostAlert, TriedAlert, Tryout
    from alerts.history.tryout_ward import Asked
    from store.connection import Connection

_LIMIT = "Another number for a limit: for everyone, or in one programme."
_PROGRAMMES = "Or a directory of programme files to try."
_PATIENT = "One patient alone; --limit is then a limit of their own."
_CSV = "One row for each lost and gained alert and event."
_HEAD = ("rule", "before", "after", "/week before", "after")


def try_change(
    limit: Annotated[str | None, typer.Option(metavar="[PROGRAMME.]NAME=VALUE", help=_LIMIT)] = None,
    programmes: Annotated[Path | None, typer.Option(metavar="DIR", help=_PROGRAMMES)] = None,
    ward: Annotated[str | None, typer.Option(help="Whose, where the database has several wards.")] = None,
    patient: Annotated[str | None, typer.Option(metavar="ID", help=_PATIENT)] = None,
    weeks: Annotated[float, typer.Option(min=1, max=104, help="How many weeks back.")] = 8.0,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help=_CSV)] = False,
) -> None:
    """Try a change before you save it: the ward's own past under the rules as they are and as they would be.

    It shows alerts per week before and after, which alerts would be lost and gained, and which of the lost
    ones somebody really acted on. It reads the database and changes nothing. A patient's own limit stays in
    force when a programme's number is tried. Batteries, clocks and gateways have no past to replay.

    Alerts of the same patient and problem are the same where no more than 7 days lie between them.

    \b
    Examples:
      hearthward try --limit systolic_crisis=170
      hearthward try --limit copd.spo2_low=86 --weeks 12
      hearthward try --limit weight_gain_day=1.5 --patient p-2b7f16d3
      hearthward try --programmes /etc/hearthward/proposed --csv > changes.csv
    """
    from alerts.book.rulebook import in_force
    from alerts.history.tryout_ward import Asked
    from alerts.settings import RulebookSettings
    from store.connection import connect
    from vitals.ids import PatientId

    if (limit is None) == (programmes is None):
        raise typer.BadParameter("say what to try: either --limit NAME=VALUE or --programmes DIR")
    if as_json and as_csv:
        raise typer.BadParameter("either --json or --csv")
    proposed = None if limit is None else _read_limit(limit)
    settings = configuration.load(RulebookSettings)
    book, now = in_force(settings.alerts_programmes), utc_now()
    with connect(settings.conninfo(), application="try") as connection:
        asked = Asked(
            ward_id=chosen_ward(connection, ward),
            since=now - timedelta(weeks=weeks),
            until=now,
            patient_id=None if patient is None else PatientId(patient),
        )
        other = None if programmes is None else in_force(programmes)
        found = _tried(connection, book, proposed, other, asked)
    if as_json:
        typer.echo(json.dumps(as_data(found), indent=2))
    elif as_csv:
        typer.echo(_csv(found), nl=False)
    else:
        typer.echo(text(found))


_Proposed = tuple[str | None, str, float]


def _read_limit(said: str) -> _Proposed:
    """The programme, if one is named, the limit and the value."""
    where, equals, number = said.partition("=")
    programme, dot, name = where.strip().rpartition(".")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not equals or not name or not math.isfinite(value):
        raise typer.BadParameter(
            f"{said!r} is no limit and number: write NAME=VALUE, as in systolic_crisis=170",
            param_hint="'--limit'",
        )
    return programme if dot else None, name, value


def _tried(
    connection: "Connection",
    book: "Rulebook",
    proposed: _Proposed | None,
    other: "Rulebook | None",
    asked: "Asked",
) -> "Tryout":
    from alerts.book.changes import values_of, with_limit
    from alerts.history.tryout_ward import try_own_limit, try_rules

    if proposed is None:
        with counted("Replaying", "patients") as told:
            return try_rules(connection, book, other or book, asked, told)
    programme, name, value = proposed
    if asked.patient_id is not None and programme is None:
        return try_own_limit(connection, book, name, value, asked)
    changed = with_limit(book, name, value, programme)
    typer.echo(_what_changes(name, values_of(book, name), values_of(changed, name)), err=True)
    with counted("Replaying", "patients") as told:
        return try_rules(connection, book, changed, asked, told)


def _what_changes(name: str, before: "Mapping[str, float]", after: "Mapping[str, float]") -> str:
    said = [
        f"{key} {was:g} -> {after[key]:g}" if after[key] != was else f"{key} keeps {was:g}"
        for key, was in before.items()
    ]
    return f"{name}: {', '.join(said)}"


def text(found: "Tryout") -> str:
    """Alerts per week by rule, and below what would be lost and gained."""
    lines = [
        f"{found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}, {found.weeks:.1f} weeks, "
        f"{found.patients} patients; the change concerns {found.changed} of them",
        "",
        in_columns(
            _HEAD,
            [
                _cells(found, "all alerts", found.before, found.after),
                *(_cells(found, one.rule, one.before, one.after) for one in found.rules),
            ],
        ),
        "",
        f"Really raised in that time: {found.real} alerts, {found.per_week(found.real):.2f} a week; "
        f"{found.events} of them acted on",
        "",
        f"Lost, with what became of the ward's real alert: {len(found.lost)}",
        *(_lost_line(one) for one in found.lost),
        f"Gained: {len(found.gained)}",
        *(f"     {_alert_line(one)}" for one in found.gained),
        "",
        f"Known events (real alerts that were acted on) lost: {len(found.events_lost)}",
        *(_event_line(one) for one in found.events_lost),
        f"Known events gained: {len(found.events_gained)}",
        *(_event_line(one) for one in found.events_gained),
    ]
    return "\n".join(lines)


def _cells(found: "Tryout", name: str, before: int, after: int) -> tuple[str, ...]:
    rates = (f"{found.per_week(count):.2f}" for count in (before, after))
    return (name, str(before), str(after), *rates)


def _alert_line(one: "TriedAlert") -> str:
    return f"{one.raised_at:%Y-%m-%d %H:%M}  patient {one.patient_id}  {one.rule}: {one.reason}"


def _lost_line(one: "LostAlert") -> str:
    mark = "  !! " if one.acted_on else "     "
    return f"{mark}{_alert_line(one.alert)} [{outcome_of(one)}]"


def outcome_of(one: "LostAlert") -> str:
    """What became of the real alert, in a word."""
    if one.real is None:
        return "no such alert in the ward"
    became = f"alert {one.real}: {one.outcome.value.replace('_', ' ') if one.outcome else 'open still'}"
    return f"{became}, another alert remains" if one.still_reached else became


def _event_line(one: "KnownEvent") -> str:
    return f"     alert {one.alert_id}, patient {one.patient_id}, {one.rule}, {one.raised_at:%Y-%m-%d %H:%M}"


def as_data(found: "Tryout") -> dict[str, object]:
    """All of it, for a program."""
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "window_days": found.window / timedelta(days=1),
        "weeks": round(found.weeks, 3),
        "patients": found.patients,
        "changed": found.changed,
        "before": found.before,
        "after": found.after,
        "per_week_before": round(found.per_week(found.before), 3),
        "per_week_after": round(found.per_week(found.after), 3),
        "real": found.real,
        "rules": [
            {
                "rule": one.rule,
                "before": one.before,
                "after": one.after,
                "per_week_before": round(found.per_week(one.before), 3),
                "per_week_after": round(found.per_week(one.after), 3),
            }
            for one in found.rules
        ],
        "lost": [
            {
                **_alert_data(one.alert),
                "real_alert_id": one.real,
                "outcome": one.outcome,
                "still_reached": one.still_reached,
                "acted_on": one.acted_on,
            }
            for one in found.lost
        ],
        "gained": [_alert_data(one) for one in found.gained],
        "events": found.events,
        "events_lost": [_event_data(one) for one in found.events_lost],
        "events_gained": [_event_data(one) for one in found.events_gained],
    }


def _alert_data(one: "TriedAlert") -> dict[str, object]:
    return {
        "patient_id": one.patient_id,
        "rule": one.rule,
        "problem": one.problem,
        "priority": one.priority,
        "raised_at": one.raised_at.isoformat(),
        "reason": one.reason,
    }


def _event_data(one: "KnownEvent") -> dict[str, object]:
    return {
        "alert_id": one.alert_id,
        "patient_id": one.patient_id,
        "rule": one.rule,
        "problem": one.problem,
        "raised_at": one.raised_at.isoformat(),
    }


def _csv(found: "Tryout") -> str:
    """A row for each lost and gained alert, and for each known event lost and gained."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["what", "patient_id", "rule", "problem", "raised_at", "real_alert_id", "outcome"])
    for one in found.lost:
        what = "lost_acted_on" if one.acted_on else "lost"
        outcome = "" if one.real is None else one.outcome or "open"
        writer.writerow([what, *_places(one.alert), one.real or "", outcome])
    for one in found.gained:
        writer.writerow(["gained", *_places(one), "", ""])
    for what, events in (("event_lost", found.events_lost), ("event_gained", found.events_gained)):
        for one in events:
            writer.writerow([what, *_places(one), one.alert_id, "acted"])
    return out.getvalue()


def _places(one: "TriedAlert | KnownEvent") -> tuple[str, ...]:
    return one.patient_id, one.rule, one.problem, one.raised_at.isoformat()
