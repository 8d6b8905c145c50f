"""The charts' callback: the selected patient's readings in the colours of the theme."""

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from dash import Dash, Input, Output, State, ctx, dcc, no_update
from dash.exceptions import PreventUpdate

from dashboard.components import ChartCard
from dashboard.desk import Desk, signed_in
from dashboard.figures.frame import palette
from dashboard.pages.selection import Selection, concerns, patient_of, selection
from dashboard.views.charts import BASELINE_DAYS, MEASURES, Card, Shown, cards
from dashboard.views.patient import newest_breach
from dashboard.views.targets import limits_in_force
from dashboard.views.wording import full_name
from store import alerts as stored_alerts
from store.connection import Connection
from store.population import chart_readings, own_limits, patient_file
from store.staff import Staff

_SIZE = {"height": "212px"}
_SPANS = frozenset({14, 30, 90})
_CONFIG: dcc.Graph.Config = {
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
}


def register(app: Dash, desk: Desk) -> None:
    """Add the callback to the application."""

    @app.callback(
        Output("charts", "children"),
        Output("charts", "title"),
        Input("url", "pathname"),
        Input("charts-head", "days"),
        Input("shell", "theme"),
        Input("live", "data"),
        Input("acted", "data"),
        State("charts", "title"),
    )
    async def show_charts(
        path: str | None,
        days: int,
        theme: str | None,
        live: Mapping[str, object] | None,
        acted: Mapping[str, object] | None,
        shown: str | None,
    ) -> tuple[object, object]:
        if theme is None:
            raise PreventUpdate
        if ctx.triggered_id == "live" and not concerns(live, shown):
            return no_update, no_update
        if ctx.triggered_id == "acted" and not (acted or {}).get("readings"):
            return no_update, no_update  # it was about an alert: the readings are as they were
        chosen = selection(path)
        if chosen is None:
            return [], None
        me = signed_in()
        found = await desk.store(
            lambda connection: _read(connection, desk, chosen, me, days if days in _SPANS else 14, theme)
        )
        if found is None:
            return [], None
        patient, drawn = found
        return [_card(card, patient) for card in drawn], patient["id"]

    def _card(card: Card, patient: Mapping[str, str]) -> ChartCard:
        return ChartCard(
            id=f"chart-{card.key}",
            data={**card.data, "patient": patient},
            children=dcc.Graph(figure=card.figure, config=_CONFIG, responsive=True, style=_SIZE),
        )


def _read(
    connection: Connection, desk: Desk, chosen: Selection, me: Staff, days: int, theme: str
) -> tuple[Mapping[str, str], list[Card]] | None:
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
        colours=palette(theme),
        fired_limits=breach.limits if breach else (),
    )
    patient = {"id": patient_id, "name": full_name(file.given_name, file.family_name)}
    return patient, cards(shown)
