"""The charts' callback: the selected patient's readings as figures."""

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from dash import Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from dashboard.components import Json
from dashboard.desk import Desk, signed_in
from dashboard.pages.selection import Selection, concerns, patient_of, selection
from dashboard.views.charts import BASELINE_DAYS, MEASURES, Shown, charts_props
from dashboard.views.patient import newest_breach
from dashboard.views.targets import limits_in_force
from store import alerts as stored_alerts
from store.connection import Connection
from store.population import chart_readings, own_limits, patient_file
from store.staff import Staff

_SPANS = frozenset({14, 30, 90})


def register(app: Dash, desk: Desk) -> None:
    """Add the callback to the application."""

    @app.callback(
        Output("charts-of", "data"),
        Input("url", "pathname"),
        Input("charts-head", "days"),
        Input("live", "data"),
        Input("acted", "data"),
        State("patient", "shown"),
    )
    async def show_charts(
        path: str | None,
        days: int,
        live: Mapping[str, object] | None,
        acted: Mapping[str, object] | None,
        shown: str | None,
    ) -> Json:
        if ctx.triggered_id == "live" and not concerns(live, shown):
            raise PreventUpdate
        if ctx.triggered_id == "acted" and not (acted or {}).get("readings"):
            raise PreventUpdate  # it was about an alert: the readings are as they were
        chosen = selection(path)
        if chosen is None:
            return None
        me = signed_in()
        return await desk.store(
            lambda connection: _read(connection, desk, chosen, me, path or "", days if days in _SPANS else 14)
        )


def _read(
    connection: Connection, desk: Desk, chosen: Selection, me: Staff, path: str, days: int
) -> dict[str, Json] | None:
    now = desk.clock()
    patient_id = patient_of(connection, chosen, me)
    file = patient_file(connection, patient_id, me.ward_id, now) if patient_id else None
    alert = stored_alerts.get(connection, chosen.alert_id) if chosen.alert_id is not None else None
    if patient_id is None or file is None:
        return None
    breach = newest_breach(stored_alerts.events(connection, alert.alert_id)) if alert else None
    since = now - timedelta(days=max(days, BASELINE_DAYS))
    shown = Shown(
        readings=chart_readings(connection, patient_id, MEASURES, since=since, until=now),
        limits=limits_in_force(
            file.programmes, own_limits(connection, [patient_id], now).get(patient_id, {})
        ),
        fired=alert.measure if alert else None,
        alert_at=alert.raised_at if alert else None,
        since=now - timedelta(days=days),
        until=now,
        zone=ZoneInfo(file.time_zone),
        fired_limits=breach.limits if breach else (),
    )
    return charts_props(shown, file, path)
