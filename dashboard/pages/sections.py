"""The pages beside the alerts: which there are, and what each reads from the store."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dash import Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from alerts.review.comparison import comparisons
from dashboard import book
from dashboard.components import Json
from dashboard.desk import Desk, signed_in
from dashboard.views.equipment import Homes, equipment_props
from dashboard.views.equipment import asked_from as homes_asked
from dashboard.views.pilots import calibrations_props, named_in, pilots_props
from dashboard.views.population import asked_from, population_props
from dashboard.views.quarantine import (
    Show,
    Waiting,
    held_after,
    held_item,
    quarantine_props,
    refused_after,
    refused_item,
)
from dashboard.views.reports import busiest_props, reports_props
from dashboard.views.rules import rules_props
from dashboard.views.staff import staff_props
from dashboard.views.watch import channel_props, given_up_props
from dashboard.views.weekly import weekly_props
from dashboard.ward import quarantine_seen
from device_profiles.catalog import PROFILES
from store import (
    calibration,
    completeness,
    equipment,
    held,
    limits,
    quarantine,
    reports,
    roster,
    staff_list,
    troubles,
    weekly,
)
from store.connection import Connection
from store.population import names_of
from store.staff import Role, Staff, staff_names

Props = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who looks at a page, when, and what they asked of it."""

    me: Staff
    now: datetime
    query: Mapping[str, object]


def _patients(connection: Connection, visit: Visit) -> Props:
    asked = asked_from(visit.query, visit.me.ward_id)
    rows = roster.roster_page(connection, asked, visit.now)
    count = roster.roster_count(connection, visit.me.ward_id, search=asked.search)
    return population_props(rows, count, asked, visit.now)


def _quarantine(connection: Connection, visit: Visit) -> Props:
    seen = quarantine_seen(visit.me)
    waiting = Waiting(
        held=held.held_count(connection, visit.me.ward_id, visit.now),
        refused=quarantine.count_open(connection, seen),
    )
    show = waiting.opened(visit.query.get("show"))
    if show is Show.HELD:
        return _held(connection, visit, waiting)
    reason, size = visit.query.get("reason"), held.PAGE
    reason = reason if isinstance(reason, str) and reason in waiting.refused else None
    after = refused_after(visit.query.get("after"))
    rows = quarantine.open_items(connection, seen=seen, reason=reason, after=after, limit=size + 1)
    last = rows[size - 1] if len(rows) > size else None
    then: Json = [last.arrived_at.isoformat(), last.quarantine_id] if last else None
    labels = equipment.labels(connection, {one.gateway_id for one in rows} | {one.device_id for one in rows})
    items = [refused_item(one, labels) for one in rows[:size]]
    return quarantine_props(show, items, waiting, reason, then, visit.now)


def _held(connection: Connection, visit: Visit, waiting: Waiting) -> Props:
    after, size = held_after(visit.query.get("after")), held.PAGE
    rows = held.held_page(connection, visit.me.ward_id, visit.now, after=after, limit=size + 1)
    names = staff_names(connection)
    place = rows[size - 1].place if len(rows) > size else None
    then: Json = [place.measured_at.isoformat(), place.reading_id] if place else None
    labels = equipment.labels(connection, {one.device_id for one in rows})
    items = [held_item(one, names, labels) for one in rows[:size]]
    return quarantine_props(Show.HELD, items, waiting, None, then, visit.now)


def _devices(connection: Connection, visit: Visit) -> Props:
    ward, asked = visit.me.ward_id, homes_asked(visit.query, visit.me.ward_id)
    found = equipment.homes(connection, asked, visit.now)
    theirs = equipment.devices_of(
        connection, found, loose=len(found) < asked.limit and not asked.search and asked.state is None
    )
    page = Homes(
        gateways=found,
        devices=theirs,
        holders=equipment.holders(connection, theirs, ward, visit.now),
        gaps=completeness.gaps(connection),
        counts=equipment.counts(connection, ward, visit.now),
    )
    profiles = sorted((profile.name, ", ".join(profile.models) or profile.name) for profile in PROFILES)
    return equipment_props(page, asked, profiles, visit.now)


def _rules(connection: Connection, visit: Visit) -> Props:
    rules, ward = book.in_force(), visit.me.ward_id
    pilots = comparisons(connection, ward, rules, visit.now)
    asked = visit.query.get("programme")
    return {
        **rules_props(rules, asked if isinstance(asked, str) else None),
        "pilots": pilots_props(pilots, names_of(connection, named_in(pilots), ward)),
        "calibrations": calibrations_props(
            limits.calibration_history(connection, ward), calibration.runs(connection, ward, most=1)
        ),
    }


def _reports(connection: Connection, visit: Visit) -> Props:
    asked = visit.query.get("days")
    days = asked if isinstance(asked, int) and asked in (7, 30, 90) else 30
    ward, since, until = visit.me.ward_id, visit.now - timedelta(days=days), visit.now
    told = channel_props(troubles.by_channel(connection, ward, since, until))
    busiest = busiest_props(reports.by_patient(connection, ward, since, until))
    return {"channels": told, "busiest": busiest} | reports_props(
        days,
        reports.by_rule(connection, ward, since, until),
        reports.by_priority(connection, ward, since, until, now=visit.now),
        reports.outcomes(connection, ward, since, until),
        reports.adherence(connection, ward, since, until),
        roster.roster_count(connection, ward),
    )


def _settings(connection: Connection, visit: Visit) -> Props:
    failed = troubles.given_up(connection, visit.me.ward_id, since=visit.now - timedelta(days=7))
    mine: Props = {"name": visit.me.name, "email": visit.me.email, "failed": given_up_props(failed)}
    if visit.me.role is not Role.ADMIN:
        return mine
    records = staff_list.listed(connection, visit.now, ward_ids=sorted(visit.me.ward_ids))
    return mine | {"staff": staff_props(records)}


def _weekly(connection: Connection, visit: Visit) -> Props:
    weeks = weekly.weeks(connection, visit.me.ward_id)
    asked = visit.query.get("week")
    chosen = next((week.week for week in weeks if week.week.isoformat() == asked), None)
    if chosen is None and weeks:
        chosen = weeks[0].week
    lines = [] if chosen is None else weekly.listed(connection, visit.me.ward_id, chosen)
    return weekly_props(weeks, chosen, lines, only_open=visit.query.get("only_open") is True)


SECTIONS: dict[str, Callable[[Connection, Visit], Props]] = {
    "patients": _patients,
    "quarantine": _quarantine,
    "devices": _devices,
    "rules": _rules,
    "reports": _reports,
    "weekly": _weekly,
    "settings": _settings,
}


def register(app: Dash, desk: Desk) -> None:
    """Add the callback to the application."""

    @app.callback(
        Output("page", "data"),
        Input("page", "query"),
        Input("live-page", "data"),
        Input("acted", "data"),
        State("url", "pathname"),
    )
    async def show_page(
        query: Mapping[str, object] | None, _live: object, _acted: object, path: str | None
    ) -> Json:
        name = str((query or {}).get("section"))
        section = SECTIONS.get(name)
        if query is None or section is None:
            raise PreventUpdate
        # Of two requests Dash takes the later one's answer alone: news of the page that is shown are always
        # answered, or a question that they overtook never is. Which pages hear of news, live.js knows.
        if ctx.triggered_id in ("live-page", "acted") and path != f"/app/{name}":
            raise PreventUpdate
        visit = Visit(me=signed_in(), now=desk.clock(), query=query)
        return {"section": name, **await desk.store(lambda connection: section(connection, visit))}
